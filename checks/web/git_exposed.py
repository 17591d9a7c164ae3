"""The version repository (.git) can be read from outside.

How it is seen: one GET of /.git/HEAD, at most a few kilobytes. How it is judged: only by the shape of the body, never by the
status, since many sites answer 200 to anything. What it cannot show: copies under other names.
"""

from __future__ import annotations

from collections.abc import Iterable

from checks.model import Basis, Impact, Outcome, Reference, Rule, Settings, Severity, Status, Text
from checks.web.page import exposed_path, path_outcomes
from scanner.facts import HttpFacts, ServiceFacts


def evaluate(service: ServiceFacts, settings: Settings) -> Iterable[Outcome]:
    """Judge by the body's shape."""
    return exposed_path(service, "/.git/HEAD")


RULE = Rule(
    id="web/git-exposed",
    title=Text("可从外部读取版本库（.git）", "The version repository (.git) can be read from outside"),
    rationale=Text(
        "可据此还原全部源代码，其中常有口令和密钥。",
        "All source code can be rebuilt from it, often with passwords and keys.",
    ),
    remediation=Text(
        "从网站目录移走 .git，并拒绝访问。nginx：location ~ /\\.git { deny all; }　Apache："
        "RedirectMatch 404 /\\.git　IIS：requestFiltering 的 hiddenSegments 加入 .git。更换其中"
        "出现过的口令。",
        "Move .git out of the web root and deny it. nginx: location ~ /\\.git { deny all; } "
        "Apache: RedirectMatch 404 /\\.git IIS: add .git to hiddenSegments. Change every "
        "password that was in it.",
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
        Text("版本库（.git）", "the version repository (.git)"), Status.FAIL, Severity.HIGH
    ),
    evaluate=evaluate,
    references=(
        Reference("OWASP WSTG-CONF-04", "https://owasp.org/www-project-web-security-testing-guide/"),
    ),
)
