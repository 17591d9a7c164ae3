"""The version repository (.svn) can be read from outside.

How it is seen: one GET of /.svn/entries, at most a few kilobytes. How it is judged: only by the shape of the body, never by the
status, since many sites answer 200 to anything. What it cannot show: copies under other names.
"""

from __future__ import annotations

from collections.abc import Iterable

from checks.model import Basis, Impact, Outcome, Reference, Rule, Settings, Severity, Status, Text
from checks.web.page import exposed_path, path_outcomes
from scanner.facts import HttpFacts, ServiceFacts


def evaluate(service: ServiceFacts, settings: Settings) -> Iterable[Outcome]:
    """Judge by the body's shape."""
    return exposed_path(service, "/.svn/entries")


RULE = Rule(
    id="web/svn-exposed",
    title=Text("可从外部读取版本库（.svn）", "The version repository (.svn) can be read from outside"),
    rationale=Text("可据此还原源代码。", "Source code can be rebuilt from it."),
    remediation=Text(
        "从网站目录移走 .svn，并拒绝访问。nginx：location ~ /\\.svn { deny all; }　Apache："
        "RedirectMatch 404 /\\.svn",
        "Move .svn out of the web root and deny it. nginx: location ~ /\\.svn { deny all; } "
        "Apache: RedirectMatch 404 /\\.svn",
    ),
    severity=Severity.HIGH,
    duties=(
        "intrusion_protection",
        "data_protection",
    ),
    needs=(HttpFacts,),
    basis=Basis.HTTP,
    impact=Impact.ONE_READ,
    outcomes=path_outcomes(
        Text("版本库（.svn）", "the version repository (.svn)"), Status.FAIL, Severity.HIGH
    ),
    evaluate=evaluate,
    references=(
        Reference("OWASP WSTG-CONF-04", "https://owasp.org/www-project-web-security-testing-guide/"),
    ),
)
