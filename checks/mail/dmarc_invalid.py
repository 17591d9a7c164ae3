"""A DMARC record that receivers cannot use.

How it is seen: the record's list of tags (RFC 7489 §6.3). How it is judged: a second record, a policy that is none, or tags that
break the grammar make receivers pass the record over. What it cannot show: whether the addresses for reports take them.
"""

from __future__ import annotations

from collections.abc import Iterable

from checks.domain_records import WHERE
from checks.faults import all_said
from checks.model import (
    Basis,
    Declared,
    Evidence,
    NotApplicable,
    Outcome,
    Reference,
    Rule,
    Settings,
    Severity,
    Status,
    Text,
)
from scanner.facts import MailPolicyFacts, ServiceFacts


def evaluate(service: ServiceFacts, settings: Settings) -> Iterable[Outcome]:
    """Judge by the errors that reading met."""
    facts = service.need(MailPolicyFacts)
    if not facts.dmarc:
        raise NotApplicable("no DMARC record was seen")
    values = {"domain": service.endpoint.label, **all_said(facts.dmarc_errors)}
    evidence = (
        Evidence("mail_policy.dmarc", "; ".join(facts.dmarc)),
        Evidence("mail_policy.dmarc_errors", "; ".join(facts.dmarc_errors) or "-"),
    )
    yield Outcome("invalid" if facts.dmarc_errors else "valid", values, evidence)


RULE = Rule(
    id="mail/dmarc-invalid",
    title=Text("DMARC 记录有错误", "The DMARC record is faulty"),
    rationale=Text(
        "有错误的 DMARC 记录会被收信方忽略，等于没有设置。",
        "Receivers pass a faulty DMARC record over, as if there were none.",
    ),
    remediation=Text(
        "只保留一条记录，以 v=DMARC1 开头，随后是 p=none、p=quarantine 或者 p=reject；各标签以分号分隔；"
        "rua 写成 mailto: 地址。"
        f"{WHERE.zh}",
        "Keep one record that begins with v=DMARC1, then p=none, p=quarantine or p=reject; part the tags "
        "by semicolons; write rua as a mailto: address."
        f"{WHERE.en}",
    ),
    severity=Severity.LOW,
    duties=("intrusion_protection",),
    needs=(MailPolicyFacts,),
    basis=Basis.DNS,
    outcomes={
        "invalid": Declared(
            status=Status.WARN,
            severity=Severity.LOW,
            detail=Text(
                "{domain} 的 DMARC 记录有错误：{zh}。",
                "The DMARC record of {domain} is faulty: {en}.",
            ),
        ),
        "valid": Declared(
            status=Status.PASS,
            detail=Text(
                "{domain} 的 DMARC 记录写法正确。",
                "The DMARC record of {domain} is well formed.",
            ),
        ),
    },
    evaluate=evaluate,
    references=(Reference("RFC 7489 §6.3", "https://www.rfc-editor.org/rfc/rfc7489"),),
)
