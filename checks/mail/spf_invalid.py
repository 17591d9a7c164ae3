"""An SPF record that receivers cannot use.

How it is seen: the record is read by the grammar of RFC 7208 §12, and what it includes is followed and counted. How it is judged: a
second record, a term that is none, an included domain without a record, or more than ten terms that ask DNS make receivers stop with
an error (§4.6), as if there were no record. What it cannot show: terms with macros, which depend on each message.
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
    if not facts.spf:
        raise NotApplicable("no SPF record was seen")
    values = {
        "domain": service.endpoint.label,
        **all_said(facts.spf_errors),
        "lookups": str(facts.spf_lookups if facts.spf_lookups is not None else "-"),
    }
    evidence = (
        Evidence("mail_policy.spf", "; ".join(facts.spf)),
        Evidence("mail_policy.spf_errors", "; ".join(facts.spf_errors) or "-"),
        Evidence("mail_policy.spf_lookups", values["lookups"]),
    )
    if facts.spf_errors:
        yield Outcome("invalid", values, evidence)
    else:
        yield Outcome("valid" if facts.spf_lookups is not None else "undecided", values, evidence)


RULE = Rule(
    id="mail/spf-invalid",
    title=Text("SPF 记录有错误", "The SPF record is faulty"),
    rationale=Text(
        "SPF 记录有语法错误、存在多条，或者查询次数超过十次时，收信方按出错处理，等于没有 SPF，正常邮件还"
        "可能被拒收。",
        "Where an SPF record breaks the grammar, stands twice or asks for more than ten look-ups, "
        "receivers stop with an error: it protects nothing, and honest mail may be refused.",
    ),
    remediation=Text(
        "只保留一条以 v=spf1 开头的 TXT 记录；逐项核对写法；合并或删除不再使用的 include，把固定服务器改"
        "写成 ip4:、ip6:，使查询不超过十次。"
        f"{WHERE.zh}",
        "Keep one TXT record that begins with v=spf1; check each term; merge or drop includes that are "
        "no longer used and write fixed servers as ip4: and ip6:, so that no more than ten look-ups are "
        "left."
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
        "invalid": Declared(
            status=Status.WARN,
            severity=Severity.MEDIUM,
            detail=Text(
                "{domain} 的 SPF 记录有错误：{zh}。",
                "The SPF record of {domain} is faulty: {en}.",
            ),
        ),
        "valid": Declared(
            status=Status.PASS,
            detail=Text(
                "{domain} 的 SPF 记录写法正确，查询 {lookups} 次（上限十次）。",
                "The SPF record of {domain} is well formed and asks for {lookups} look-ups (ten are "
                "allowed).",
            ),
        ),
        "undecided": Declared(
            status=Status.INCONCLUSIVE,
            detail=Text(
                "{domain} 的 SPF 记录引用的内容未能全部取得，无法判断。",
                "Not all that the SPF record of {domain} includes could be had, so that it was not judged.",
            ),
        ),
    },
    evaluate=evaluate,
    references=(Reference("RFC 7208 §4.5, §4.6, §12", "https://www.rfc-editor.org/rfc/rfc7208"),),
)
