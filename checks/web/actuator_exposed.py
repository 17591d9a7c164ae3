"""The index of the Spring Boot Actuator can be read from outside.

How it is seen: one GET of /actuator, a few kilobytes; its endpoints are not asked for.
How it is judged: only by the shape of the body, never by the status, since many sites answer 200 to anything;
an index that lists health and info alone is as Spring Boot makes it, and passes. A path that gave no answer is
inconclusive. What it cannot show: whether the endpoints that are listed answer a stranger.
"""

from __future__ import annotations

from collections.abc import Iterable

from checks.model import Basis, Impact, Outcome, Rule, Settings, Severity, Status, Text
from checks.web.paths import WSTG_ADMIN, judge_paths, path_outcomes
from scanner.facts import HttpFacts, ServiceFacts


def evaluate(service: ServiceFacts, settings: Settings) -> Iterable[Outcome]:
    """Judge by the body's shape."""
    return judge_paths(service, "/actuator")


RULE = Rule(
    id="web/actuator-exposed",
    title=Text("Spring Boot Actuator 可被直接访问", "The Spring Boot Actuator can be reached by anyone"),
    rationale=Text(
        "监控端点可能泄露配置、环境变量和内存内容，个别端点可以改变系统运行。",
        "Its endpoints may give away configuration, environment variables and memory; some change how "
        "the system runs.",
    ),
    remediation=Text(
        "只开放 health，或者只允许内网访问。Spring Boot：management.endpoints.web.exposure.include=health；把管理端口"
        "改到内网（management.server.port、management.server.address=127.0.0.1），或者用 Spring Security 要求登录。　"
        "nginx：location /actuator { deny all; }　Apache：<Location /actuator> Require ip 10.0.0.0/8 </Location>　"
        'Tomcat：war 部署的，在 context.xml 中加 <Valve className="org.apache.catalina.valves.RemoteAddrValve" '
        'allow="127\\.0\\.0\\.1|10\\..*" />（整个应用）　IIS：requestFiltering 的 hiddenSegments 加入 actuator。'
        "heapdump、env 曾经可读的，更换其中的口令和密钥。",
        "Open health alone, or let inner addresses in only. Spring Boot: "
        "management.endpoints.web.exposure.include=health; move management to an inner port (management.server.port,"
        " management.server.address=127.0.0.1), or ask for a login with Spring Security. nginx: location /actuator { "
        "deny all; } Apache: <Location /actuator> Require ip 10.0.0.0/8 </Location> Tomcat: for a war, <Valve "
        'className="org.apache.catalina.valves.RemoteAddrValve" allow="127\\.0\\.0\\.1|10\\..*" /> in context.xml (all '
        "of the application). IIS: add actuator to hiddenSegments of requestFiltering. Change passwords and keys "
        "where heapdump or env could be read.",
    ),
    severity=Severity.MEDIUM,
    duties=(
        "intrusion_protection",
        "vulnerability_handling",
    ),
    needs=(HttpFacts,),
    basis=Basis.HTTP,
    impact=Impact.ONE_READ,
    outcomes=path_outcomes(
        Text("Spring Boot Actuator 的端点目录", "the index of the Spring Boot Actuator"),
        Status.WARN,
        Severity.MEDIUM,
    ),
    evaluate=evaluate,
    references=(WSTG_ADMIN,),
)
