"""The Druid monitor can be read from outside.

How it is seen: one GET of /druid/index.html, at most a few kilobytes. How it is judged: only by the shape of the body, never by the
status, since many sites answer 200 to anything. What it cannot show: copies under other names.
"""

from __future__ import annotations

from collections.abc import Iterable

from checks.model import Basis, Impact, Outcome, Rule, Settings, Severity, Status, Text
from checks.web.page import exposed_path, path_outcomes
from scanner.facts import HttpFacts, ServiceFacts


def evaluate(service: ServiceFacts, settings: Settings) -> Iterable[Outcome]:
    """Judge by the body's shape."""
    return exposed_path(service, "/druid/index.html")


RULE = Rule(
    id="web/druid-exposed",
    title=Text("可从外部读取Druid 监控页", "The Druid monitor can be read from outside"),
    rationale=Text("可看到 SQL、会话和访问地址。", "It shows SQL, sessions and addresses."),
    remediation=Text(
        "设置 spring.datasource.druid.stat-view-servlet.enabled=false，或设置登录口令和 allow 地址。",
        "Set spring.datasource.druid.stat-view-servlet.enabled=false, or a login and an allow list.",
    ),
    severity=Severity.MEDIUM,
    duties=(
        "intrusion_protection",
        "vulnerability_handling",
    ),
    needs=(HttpFacts,),
    basis=Basis.HTTP,
    impact=Impact.ONE_READ,
    outcomes=path_outcomes(Text("Druid 监控页", "the Druid monitor"), Status.WARN, Severity.MEDIUM),
    evaluate=evaluate,
)
