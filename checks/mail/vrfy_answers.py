"""A mail server tells strangers which mailboxes exist.

How it is seen: VRFY (RFC 5321 §3.5) for ``postmaster``, which every domain has; 250 or 251 in answer shows that the command works, while
252 tells nothing. How it is judged: a small weakness, for names to guess passwords for. What it cannot show: other mailboxes, which
are never asked for.
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
from scanner.facts import ServiceFacts, SmtpFacts


def evaluate(service: ServiceFacts, settings: Settings) -> Iterable[Outcome]:
    """Judge by the reply to VRFY."""
    facts = service.need(SmtpFacts)
    values = {"service": service.endpoint.label}
    evidence = (Evidence("smtp.verifies", str(facts.verifies)),)
    if facts.verifies is None:
        yield Outcome("undecided", values, evidence)
    else:
        yield Outcome("tells" if facts.verifies else "silent", values, evidence)


RULE = Rule(
    id="mail/vrfy-answers",
    title=Text("邮件服务器可被用来探测邮箱（VRFY）", "A mail server tells which mailboxes exist (VRFY)"),
    rationale=Text(
        "VRFY 让任何人逐个核对邮箱是否存在，为猜口令和定向钓鱼提供名单。",
        "VRFY lets anybody check which mailboxes exist: a list for password guessing and phishing.",
    ),
    remediation=Text(
        "关闭 VRFY。Postfix（main.cf）：disable_vrfy_command = yes;　Exim：acl_smtp_vrfy = deny;　"
        "Sendmail：PrivacyOptions 加 novrfy,noexpn;　Exchange 默认不答。",
        "Switch VRFY off. Postfix (main.cf): disable_vrfy_command = yes. Exim: acl_smtp_vrfy = deny. "
        "Sendmail: PrivacyOptions with novrfy,noexpn. Exchange does not answer by default.",
    ),
    severity=Severity.LOW,
    duties=(
        "vulnerability_handling",
        "personal_information",
    ),
    needs=(SmtpFacts,),
    basis=Basis.PROTOCOL_REPLY,
    outcomes={
        "tells": Declared(
            status=Status.WARN,
            severity=Severity.LOW,
            detail=Text(
                "{service} 应答 VRFY，可被用来核对邮箱是否存在；应当关闭。",
                "{service} answers VRFY, which tells whether a mailbox exists; wanted: switched off.",
            ),
        ),
        "silent": Declared(
            status=Status.PASS,
            detail=Text(
                "{service} 不通过 VRFY 透露邮箱是否存在。",
                "{service} does not tell by VRFY whether a mailbox exists.",
            ),
        ),
        "undecided": Declared(
            status=Status.INCONCLUSIVE,
            detail=Text(
                "未能得知 {service} 是否应答 VRFY。",
                "Could not tell whether {service} answers VRFY.",
            ),
        ),
    },
    evaluate=evaluate,
    references=(Reference("RFC 5321 §3.5, §7.3", "https://www.rfc-editor.org/rfc/rfc5321"),),
    impact=Impact.ONE_READ,
)
