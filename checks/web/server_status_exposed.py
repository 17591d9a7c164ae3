"""The server status page can be read from outside.

How it is seen: one GET of /server-status, /nginx_status, at most a few kilobytes. How it is judged: only by the shape of the body, never by the
status, since many sites answer 200 to anything. What it cannot show: copies under other names.
"""

from __future__ import annotations

from collections.abc import Iterable

from checks.model import Basis, Impact, Outcome, Rule, Settings, Severity, Status, Text
from checks.web.page import exposed_path, path_outcomes
from scanner.facts import HttpFacts, ServiceFacts


def evaluate(service: ServiceFacts, settings: Settings) -> Iterable[Outcome]:
    """Judge by the body's shape."""
    return exposed_path(service, "/server-status", "/nginx_status")


RULE = Rule(
    id="web/server-status-exposed",
    title=Text("可从外部读取服务器状态页", "The server status page can be read from outside"),
    rationale=Text(
        "泄露正在访问的地址和来访者，其中可能有个人信息。",
        "It shows what is being asked for and by whom, which may be personal information.",
    ),
    remediation=Text(
        "只允许本机访问。Apache：<Location /server-status> Require local　nginx：location "
        "/nginx_status { allow 127.0.0.1; deny all; }",
        "Allow this machine only. Apache: <Location /server-status> Require local; nginx: "
        "location /nginx_status { allow 127.0.0.1; deny all; }",
    ),
    severity=Severity.MEDIUM,
    duties=("intrusion_protection",),
    needs=(HttpFacts,),
    basis=Basis.HTTP,
    impact=Impact.ONE_READ,
    outcomes=path_outcomes(Text("服务器状态页", "the server status page"), Status.WARN, Severity.MEDIUM),
    evaluate=evaluate,
)
