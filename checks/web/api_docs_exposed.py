"""The documentation of interfaces can be read from outside.

How it is seen: one GET each of /swagger-ui.html, /v2/api-docs and /v3/api-docs, a few kilobytes.
How it is judged: only by the shape of the body, never by the status, since many sites answer 200 to anything;
a path that gave no answer is inconclusive. What it cannot show: documentation under other names; whether it
is meant for the public.
"""

from __future__ import annotations

from collections.abc import Iterable

from checks.model import Basis, Impact, Outcome, Rule, Settings, Severity, Status, Text
from checks.web.paths import WSTG_ADMIN, judge_paths, path_outcomes
from scanner.facts import HttpFacts, ServiceFacts


def evaluate(service: ServiceFacts, settings: Settings) -> Iterable[Outcome]:
    """Judge by the body's shape."""
    return judge_paths(service, "/swagger-ui.html", "/v2/api-docs", "/v3/api-docs")


RULE = Rule(
    id="web/api-docs-exposed",
    title=Text("接口文档可被直接读取", "The API documentation can be read by anyone"),
    rationale=Text(
        "文档列出全部接口和参数，便于攻击者寻找薄弱处。",
        "It lists every interface and parameter, for an attacker to try.",
    ),
    remediation=Text(
        "不对公众开放的接口，生产环境应关闭文档，或者只允许内网访问。Spring Boot：springdoc.api-docs.enabled=false、"
        "springdoc.swagger-ui.enabled=false（springfox 为 springfox.documentation.enabled=false）　nginx：location ~ "
        "^/(swagger|v[23]/api-docs) { allow 10.0.0.0/8; deny all; }　Apache：<LocationMatch "
        '"^/(swagger|v[23]/api-docs)"> Require ip 10.0.0.0/8 </LocationMatch>　IIS：requestFiltering 的 '
        "denyUrlSequences 加入 swagger、api-docs　Tomcat：应用的 context.xml 中用 RemoteAddrValve 限制来源，"
        "或者打包时去掉 swagger-ui。",
        "Where the interfaces are not for the public, switch it off in production, or let inner addresses in only. "
        "Spring Boot: springdoc.api-docs.enabled=false and springdoc.swagger-ui.enabled=false "
        "(springfox.documentation.enabled=false for springfox). nginx: location ~ ^/(swagger|v[23]/api-docs) { allow "
        '10.0.0.0/8; deny all; } Apache: <LocationMatch "^/(swagger|v[23]/api-docs)"> Require ip 10.0.0.0/8 '
        "</LocationMatch> IIS: add swagger and api-docs to denyUrlSequences of requestFiltering. Tomcat: a "
        "RemoteAddrValve in the application's context.xml, or leave swagger-ui out of the archive.",
    ),
    severity=Severity.LOW,
    duties=("intrusion_protection",),
    needs=(HttpFacts,),
    basis=Basis.HTTP,
    impact=Impact.ONE_READ,
    outcomes=path_outcomes(Text("接口文档", "the API documentation"), Status.WARN, Severity.LOW),
    evaluate=evaluate,
    references=(WSTG_ADMIN,),
)
