"""There is no security.txt to tell where weaknesses may be reported.

How it is seen: one GET of /.well-known/security.txt. How it is judged: information only.
"""

from __future__ import annotations

from collections.abc import Iterable

from checks.model import (
    Basis,
    Declared,
    Evidence,
    Impact,
    Outcome,
    Reference,
    Rule,
    Settings,
    Severity,
    Status,
    Text,
)
from scanner.facts import HttpFacts, ServiceFacts

_PATH = "/.well-known/security.txt"


def _asked(service: ServiceFacts) -> bool:
    return _PATH in service.need(HttpFacts).paths


def evaluate(service: ServiceFacts, settings: Settings) -> Iterable[Outcome]:
    """See whether the file is there."""
    found = service.need(HttpFacts).paths[_PATH]
    yield Outcome(
        "present" if found.matched else "missing", {}, (Evidence(f"http.paths.{_PATH}", str(found.status)),)
    )


RULE = Rule(
    id="web/security-txt-missing",
    title=Text("未提供 security.txt", "There is no security.txt"),
    rationale=Text("发现漏洞的人不知道向谁报告。", "Whoever finds a weakness does not know whom to tell."),
    remediation=Text(
        "在 /.well-known/security.txt 写明联系方式（Contact）和有效期（Expires）。",
        "Put Contact and Expires into /.well-known/security.txt.",
    ),
    severity=Severity.INFO,
    duties=("vulnerability_handling",),
    needs=(HttpFacts,),
    basis=Basis.HTTP,
    impact=Impact.ONE_READ,
    outcomes={
        "missing": Declared(
            status=Status.INFO, detail=Text("没有 security.txt。", "There is no security.txt.")
        ),
        "present": Declared(
            status=Status.PASS, detail=Text("提供了 security.txt。", "There is a security.txt.")
        ),
    },
    evaluate=evaluate,
    applies=_asked,
    references=(Reference("RFC 9116", "https://www.rfc-editor.org/rfc/rfc9116"),),
)
