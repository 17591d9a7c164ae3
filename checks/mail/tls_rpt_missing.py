"""A domain asks for no reports on failed encryption of its mail.

How it is seen: the TXT record at ``_smtp._tls`` (RFC 8460 §3). How it is judged: information. What it cannot show: whether anybody
reads the reports.
"""

from __future__ import annotations

from collections.abc import Iterable

from checks.domain_records import WHERE
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
    """Judge a domain that takes mail by the record."""
    facts = service.need(MailPolicyFacts)
    if facts.takes_mail is False:
        raise NotApplicable("the domain takes no mail")
    values = {"domain": service.endpoint.label, "record": "; ".join(facts.tls_reporting or ()) or "-"}
    evidence = (Evidence("mail_policy.tls_reporting", values["record"]),)
    if facts.tls_reporting is None:
        yield Outcome("undecided", values, evidence)
    else:
        yield Outcome("present" if facts.tls_reporting else "none", values, evidence)


RULE = Rule(
    id="mail/tls-rpt-missing",
    title=Text("未设置 TLS 投递报告（TLS-RPT）", "No TLS reporting (TLS-RPT)"),
    rationale=Text(
        "没有 TLS-RPT，加密投递失败或者被降级时运营者无从得知。",
        "Without TLS-RPT nobody tells the operator when encrypted delivery fails or is stripped.",
    ),
    remediation=Text(
        f"添加 TXT 记录 _smtp._tls.域名：v=TLSRPTv1; rua=mailto:tlsrpt@域名。{WHERE.zh}",
        f"Add a TXT record at _smtp._tls.DOMAIN: v=TLSRPTv1; rua=mailto:tlsrpt@DOMAIN.{WHERE.en}",
    ),
    severity=Severity.INFO,
    duties=("data_protection",),
    needs=(MailPolicyFacts,),
    basis=Basis.DNS,
    outcomes={
        "none": Declared(
            status=Status.INFO,
            detail=Text(
                "{domain} 没有 TLS-RPT 记录。",
                "{domain} has no TLS-RPT record.",
            ),
        ),
        "present": Declared(
            status=Status.PASS,
            detail=Text(
                "{domain} 有 TLS-RPT 记录：{record}。",
                "{domain} has a TLS-RPT record: {record}.",
            ),
        ),
        "undecided": Declared(
            status=Status.INCONCLUSIVE,
            detail=Text(
                "未能得知 {domain} 是否有 TLS-RPT 记录。",
                "Could not tell whether {domain} has a TLS-RPT record.",
            ),
        ),
    },
    evaluate=evaluate,
    references=(Reference("RFC 8460", "https://www.rfc-editor.org/rfc/rfc8460"),),
)
