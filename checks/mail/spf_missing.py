"""A domain does not say who may send mail in its name.

How it is seen: TXT records of the domain that begin with ``v=spf1`` (RFC 7208). How it is judged: without one, anybody's mail in this
name looks as good as the owner's; a domain that takes no mail is abused less often, and one record that allows nobody mends it.
What it cannot show: which servers do send.
"""

from __future__ import annotations

from collections.abc import Iterable

from checks.domain_records import WHERE
from checks.model import Basis, Declared, Evidence, Outcome, Reference, Rule, Settings, Severity, Status, Text
from scanner.facts import MailPolicyFacts, ServiceFacts


def evaluate(service: ServiceFacts, settings: Settings) -> Iterable[Outcome]:
    """Judge by the SPF records."""
    facts = service.need(MailPolicyFacts)
    values = {"domain": service.endpoint.label, "record": "; ".join(facts.spf or ()) or "-"}
    evidence = (
        Evidence("mail_policy.spf", values["record"]),
        Evidence("mail_policy.mx", ", ".join(mx.host for mx in facts.mx or ()) or "-"),
    )
    if facts.spf is None:
        yield Outcome("undecided", values, evidence)
    elif facts.spf:
        yield Outcome("present", values, evidence)
    else:
        yield Outcome("missing" if facts.takes_mail else "missing_without_mail", values, evidence)


RULE = Rule(
    id="mail/spf-missing",
    title=Text("域名没有 SPF 记录", "The domain has no SPF record"),
    rationale=Text(
        "没有 SPF 记录，收信方无法辨别哪些服务器有权以本域名发信，容易被冒名发送钓鱼邮件。",
        "Without an SPF record receivers cannot tell which servers may send in this name; it is easily "
        "used for phishing.",
    ),
    remediation=Text(
        "在域名解析中添加一条 TXT 记录，列出实际发信的服务器，以 -all 结尾，例如：v=spf1 mx "
        "ip4:203.0.113.5 -all。腾讯企业邮：include:spf.mail.qq.com；阿里企业邮箱："
        "include:spf.mxhichina.com；网易企业邮：include:spf.163.com；Microsoft 365："
        "include:spf.protection.outlook.com（以服务商最新文档为准）。不发信的域名：v=spf1 -all。"
        f"{WHERE.zh}",
        "Add one TXT record that names the servers that send, and ends with -all, such as: v=spf1 mx "
        "ip4:203.0.113.5 -all. Tencent Exmail: include:spf.mail.qq.com; Alibaba Mail: "
        "include:spf.mxhichina.com; NetEase: include:spf.163.com; Microsoft 365: "
        "include:spf.protection.outlook.com (as the provider's current manual has it). A domain that "
        "sends no mail: v=spf1 -all."
        f"{WHERE.en}",
    ),
    severity=Severity.MEDIUM,
    duties=(
        "intrusion_protection",
        "data_protection",
    ),
    needs=(MailPolicyFacts,),
    basis=Basis.DNS,
    outcomes={
        "missing": Declared(
            status=Status.WARN,
            severity=Severity.MEDIUM,
            detail=Text(
                "{domain} 收发邮件，但没有 SPF 记录，他人可以冒用该域名发信；应当添加。",
                "{domain} has mail servers and no SPF record, so that others can send in its name; "
                "wanted: one.",
            ),
        ),
        "missing_without_mail": Declared(
            status=Status.WARN,
            severity=Severity.LOW,
            detail=Text(
                "{domain} 没有邮件服务器，也没有 SPF 记录；应添加 v=spf1 -all，声明不发信。",
                "{domain} has no mail servers and no SPF record; wanted: v=spf1 -all, which says that it "
                "sends none.",
            ),
        ),
        "present": Declared(
            status=Status.PASS,
            detail=Text(
                "{domain} 有 SPF 记录：{record}。",
                "{domain} has an SPF record: {record}.",
            ),
        ),
        "undecided": Declared(
            status=Status.INCONCLUSIVE,
            detail=Text(
                "未能得知 {domain} 是否有 SPF 记录。",
                "Could not tell whether {domain} has an SPF record.",
            ),
        ),
    },
    evaluate=evaluate,
    references=(
        Reference("RFC 7208", "https://www.rfc-editor.org/rfc/rfc7208"),
        Reference("M3AAWG: Protecting Parked Domains", "https://www.m3aawg.org/documents"),
    ),
)
