"""The API documentation can be read from outside.

How it is seen: one GET of /swagger-ui.html, /v2/api-docs, at most a few kilobytes. How it is judged: only by the shape of the body, never by the
status, since many sites answer 200 to anything. What it cannot show: copies under other names.
"""

from __future__ import annotations

from collections.abc import Iterable

from checks.model import Basis, Impact, Outcome, Rule, Settings, Severity, Status, Text
from checks.web.page import exposed_path, path_outcomes
from scanner.facts import HttpFacts, ServiceFacts


def evaluate(service: ServiceFacts, settings: Settings) -> Iterable[Outcome]:
    """Judge by the body's shape."""
    return exposed_path(service, "/swagger-ui.html", "/v2/api-docs")


RULE = Rule(
    id="web/api-docs-exposed",
    title=Text("可从外部读取接口文档", "The API documentation can be read from outside"),
    rationale=Text(
        "暴露全部接口，便于攻击者寻找薄弱处。", "It lists every interface for an attacker to try."
    ),
    remediation=Text(
        "生产环境关闭：springdoc.api-docs.enabled=false、springdoc.swagger-ui.enabled=false，或"
        "只允许内网访问。",
        "Switch it off in production: springdoc.api-docs.enabled=false, "
        "springdoc.swagger-ui.enabled=false, or allow inner addresses only.",
    ),
    severity=Severity.LOW,
    duties=("intrusion_protection",),
    needs=(HttpFacts,),
    basis=Basis.HTTP,
    impact=Impact.ONE_READ,
    outcomes=path_outcomes(Text("接口文档", "the API documentation"), Status.WARN, Severity.LOW),
    evaluate=evaluate,
)
