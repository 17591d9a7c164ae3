"""The environment file (.env) can be read from outside.

How it is seen: one GET of /.env, at most a few kilobytes. How it is judged: only by the shape of the body, never by the
status, since many sites answer 200 to anything. What it cannot show: copies under other names.
"""

from __future__ import annotations

from collections.abc import Iterable

from checks.model import Basis, Impact, Outcome, Reference, Rule, Settings, Severity, Status, Text
from checks.web.page import exposed_path, path_outcomes
from scanner.facts import HttpFacts, ServiceFacts


def evaluate(service: ServiceFacts, settings: Settings) -> Iterable[Outcome]:
    """Judge by the body's shape."""
    return exposed_path(service, "/.env")


RULE = Rule(
    id="web/env-exposed",
    title=Text("可从外部读取环境配置文件（.env）", "The environment file (.env) can be read from outside"),
    rationale=Text(
        "其中通常有数据库口令和密钥，可被直接用于侵入。",
        "It usually holds database passwords and keys that open the way in.",
    ),
    remediation=Text(
        "移出网站目录并拒绝访问；立即更换其中的全部口令和密钥。nginx：location ~ /\\.env { deny all; }",
        "Move it out of the web root and deny it; change all its passwords and keys at once. "
        "nginx: location ~ /\\.env { deny all; }",
    ),
    severity=Severity.CRITICAL,
    duties=(
        "intrusion_protection",
        "data_protection",
        "personal_information",
    ),
    needs=(HttpFacts,),
    basis=Basis.HTTP,
    impact=Impact.ONE_READ,
    outcomes=path_outcomes(
        Text("环境配置文件（.env）", "the environment file (.env)"), Status.FAIL, Severity.CRITICAL
    ),
    evaluate=evaluate,
    references=(
        Reference("OWASP WSTG-CONF-04", "https://owasp.org/www-project-web-security-testing-guide/"),
    ),
)
