"""The Spring Boot Actuator can be read from outside.

How it is seen: one GET of /actuator, at most a few kilobytes. How it is judged: only by the shape of the body, never by the
status, since many sites answer 200 to anything. What it cannot show: copies under other names.
"""

from __future__ import annotations

from collections.abc import Iterable

from checks.model import Basis, Impact, Outcome, Rule, Settings, Severity, Status, Text
from checks.web.page import exposed_path, path_outcomes
from scanner.facts import HttpFacts, ServiceFacts


def evaluate(service: ServiceFacts, settings: Settings) -> Iterable[Outcome]:
    """Judge by the body's shape."""
    return exposed_path(service, "/actuator")


RULE = Rule(
    id="web/actuator-exposed",
    title=Text("可从外部读取Spring Boot Actuator 端点", "The Spring Boot Actuator can be read from outside"),
    rationale=Text(
        "可能泄露配置、环境变量和内存内容。", "It may give away configuration, environment and memory."
    ),
    remediation=Text(
        "management.endpoints.web.exposure.include=health，并把管理端口改为内网（"
        "management.server.port、management.server.address），或要求登录。",
        "management.endpoints.web.exposure.include=health, and move management to an inner "
        "port (management.server.port, management.server.address) or require a login.",
    ),
    severity=Severity.HIGH,
    duties=(
        "intrusion_protection",
        "vulnerability_handling",
    ),
    needs=(HttpFacts,),
    basis=Basis.HTTP,
    impact=Impact.ONE_READ,
    outcomes=path_outcomes(
        Text("Spring Boot Actuator 端点", "the Spring Boot Actuator"), Status.FAIL, Severity.HIGH
    ),
    evaluate=evaluate,
)
