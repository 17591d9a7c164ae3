"""A domain does not say what to do with mail that only claims to be its own.

How it is seen: the TXT record at ``_dmarc`` of the domain, or of the nearest parent that has one (RFC 7489 §6.6.3). How it is judged:
SPF and DKIM alone do not protect the sender's address that people see. What it cannot show: how receivers act on it.
"""

from __future__ import annotations

from collections.abc import Iterable

from checks.domain_records import WHERE
from checks.model import Basis, Declared, Evidence, Outcome, Reference, Rule, Settings, Severity, Status, Text
from scanner.facts import MailPolicyFacts, ServiceFacts


def evaluate(service: ServiceFacts, settings: Settings) -> Iterable[Outcome]:
    """Judge by the DMARC records."""
    facts = service.need(MailPolicyFacts)
    values = {
        "domain": service.endpoint.label,
        "record": "; ".join(facts.dmarc or ()) or "-",
        "at": facts.dmarc_at or "-",
    }
    evidence = (
        Evidence("mail_policy.dmarc", values["record"]),
        Evidence("mail_policy.dmarc_at", values["at"]),
    )
    if facts.dmarc is None:
        yield Outcome("undecided", values, evidence)
    elif facts.dmarc:
        yield Outcome("present", values, evidence)
    else:
        yield Outcome("missing" if facts.takes_mail else "missing_without_mail", values, evidence)


RULE = Rule(
    id="mail/dmarc-missing",
    title=Text("域名没有 DMARC 记录", "The domain has no DMARC record"),
    rationale=Text(
        "没有 DMARC，收信方看不到对冒名邮件的处理要求，信头中的发件人地址得不到保护，也收不到被冒用的报告。",
        "Without DMARC receivers are not told what to do with impostors' mail; the sender's address that "
        "people see is not protected, and nobody reports its abuse.",
    ),
    remediation=Text(
        "在 _dmarc.域名 添加 TXT 记录：先 v=DMARC1; p=none; rua=mailto:dmarc@域名 观察，确认正常邮件都能"
        "通过后改为 p=quarantine，再改为 p=reject。不发信的域名直接使用 v=DMARC1; p=reject。"
        f"{WHERE.zh}",
        "Add a TXT record at _dmarc.DOMAIN: v=DMARC1; p=none; rua=mailto:dmarc@DOMAIN first, then, when "
        "honest mail passes, p=quarantine and p=reject. A domain that sends no mail: v=DMARC1; p=reject "
        "at once."
        f"{WHERE.en}",
    ),
    severity=Severity.LOW,
    duties=("intrusion_protection",),
    needs=(MailPolicyFacts,),
    basis=Basis.DNS,
    outcomes={
        "missing": Declared(
            status=Status.WARN,
            severity=Severity.LOW,
            detail=Text(
                "{domain} 收发邮件，但没有 DMARC 记录；应当添加。",
                "{domain} has mail servers and no DMARC record; wanted: one.",
            ),
        ),
        "missing_without_mail": Declared(
            status=Status.WARN,
            severity=Severity.LOW,
            detail=Text(
                "{domain} 没有邮件服务器，也没有 DMARC 记录；应添加 v=DMARC1; p=reject。",
                "{domain} has no mail servers and no DMARC record; wanted: v=DMARC1; p=reject.",
            ),
        ),
        "present": Declared(
            status=Status.PASS,
            detail=Text(
                "{at} 有 DMARC 记录：{record}。",
                "{at} has a DMARC record: {record}.",
            ),
        ),
        "undecided": Declared(
            status=Status.INCONCLUSIVE,
            detail=Text(
                "未能得知 {domain} 是否有 DMARC 记录。",
                "Could not tell whether {domain} has a DMARC record.",
            ),
        ),
    },
    evaluate=evaluate,
    references=(Reference("RFC 7489", "https://www.rfc-editor.org/rfc/rfc7489"),),
)
