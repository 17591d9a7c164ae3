"""The access log can be read from outside.

How it is seen: one GET of /access.log, at most a few kilobytes. How it is judged: only by the shape of the body, never by the
status, since many sites answer 200 to anything. What it cannot show: copies under other names.
"""

from __future__ import annotations

from collections.abc import Iterable

from checks.model import Basis, Impact, Outcome, Rule, Settings, Severity, Status, Text
from checks.web.page import exposed_path, path_outcomes
from scanner.facts import HttpFacts, ServiceFacts


def evaluate(service: ServiceFacts, settings: Settings) -> Iterable[Outcome]:
    """Judge by the body's shape."""
    return exposed_path(service, "/access.log")


RULE = Rule(
    id="web/access-log-exposed",
    title=Text("可从外部读取访问日志", "The access log can be read from outside"),
    rationale=Text(
        "访问日志含有用户的网络地址和行为，属于应当留存并保护的记录。",
        "Access logs hold users' addresses and doings: records to be kept, and kept safe.",
    ),
    remediation=Text(
        "把日志移出网站目录，按规定留存不少于六个月并限制读取权限。",
        "Move the log out of the web root; keep it no less than six months as required, readable to few.",
    ),
    severity=Severity.HIGH,
    duties=(
        "data_protection",
        "personal_information",
    ),
    needs=(HttpFacts,),
    basis=Basis.HTTP,
    impact=Impact.ONE_READ,
    outcomes=path_outcomes(Text("访问日志", "the access log"), Status.FAIL, Severity.HIGH),
    evaluate=evaluate,
)
