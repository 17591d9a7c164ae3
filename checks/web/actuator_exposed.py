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
        "只开放 health：management.endpoints.web.exposure.include=health；"
        "或者把管理端口改到内网（management.server.port、management.server.address），"
        "或者用 Spring Security 要求登录。"
        "nginx 可加 location /actuator { deny all; }",
        "Open health alone: management.endpoints.web.exposure.include=health; or move management to an "
        "inner port (management.server.port, management.server.address); or ask for a login with Spring "
        "Security. nginx in front: location /actuator { deny all; }",
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
