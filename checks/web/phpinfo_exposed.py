"""A phpinfo page can be read from outside.

How it is seen: one GET of /phpinfo.php, at most a few kilobytes. How it is judged: only by the shape of the body, never by the
status, since many sites answer 200 to anything. What it cannot show: copies under other names.
"""

from __future__ import annotations

from collections.abc import Iterable

from checks.model import Basis, Impact, Outcome, Rule, Settings, Severity, Status, Text
from checks.web.page import exposed_path, path_outcomes
from scanner.facts import HttpFacts, ServiceFacts


def evaluate(service: ServiceFacts, settings: Settings) -> Iterable[Outcome]:
    """Judge by the body's shape."""
    return exposed_path(service, "/phpinfo.php")


RULE = Rule(
    id="web/phpinfo-exposed",
    title=Text("可从外部读取phpinfo 页面", "A phpinfo page can be read from outside"),
    rationale=Text(
        "泄露版本、路径、环境变量，便于攻击。", "It gives away versions, paths and environment variables."
    ),
    remediation=Text("删除 phpinfo.php。", "Delete phpinfo.php."),
    severity=Severity.MEDIUM,
    duties=("intrusion_protection",),
    needs=(HttpFacts,),
    basis=Basis.HTTP,
    impact=Impact.ONE_READ,
    outcomes=path_outcomes(Text("phpinfo 页面", "a phpinfo page"), Status.FAIL, Severity.MEDIUM),
    evaluate=evaluate,
)
