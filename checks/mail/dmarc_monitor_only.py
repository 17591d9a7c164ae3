"""A DMARC policy that only watches.

How it is seen: the policy (``p``, or ``sp`` of a parent) and the share of mail that it is for (``pct``). How it is judged: ``none``, or a
part of the mail only, lets impostors' mail through. What it cannot show: whether this is the first step of a plan.
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
    """Judge by policy and percentage."""
    facts = service.need(MailPolicyFacts)
    if facts.dmarc_policy is None or facts.dmarc_errors:
        raise NotApplicable("no DMARC record without faults was seen")
    percent = 100 if facts.dmarc_percent is None else facts.dmarc_percent
    values = {"domain": service.endpoint.label, "policy": facts.dmarc_policy, "percent": str(percent)}
    evidence = (
        Evidence("mail_policy.dmarc_policy", facts.dmarc_policy),
        Evidence("mail_policy.dmarc_percent", str(percent)),
    )
    if facts.dmarc_policy == "none":
        yield Outcome("watches", values, evidence)
    else:
        yield Outcome("acts" if percent == 100 else "in_part", values, evidence)


RULE = Rule(
    id="mail/dmarc-monitor-only",
    title=Text("DMARC 只观察不处置", "DMARC only watches"),
    rationale=Text(
        "p=none 只收报告，冒名邮件照样送达；pct 小于 100 时部分冒名邮件照样送达。",
        "With p=none reports come, and so does impostors' mail; with pct below 100, a part of it.",
    ),
    remediation=Text(
        "根据报告确认正常邮件都能通过 SPF 或者 DKIM 校验后，改为 p=quarantine，再改为 p=reject，pct=100。"
        "　发信端签名：Postfix 经 smtpd_milters 使用 OpenDKIM 或者 rspamd；Exim：dkim_domain、dkim_selector、dkim_pri"
        "vate_key；Exchange Online：Set-DkimSigningConfig -Enabled $true；企业邮箱在管理后台开启 DKIM。"
        f"{WHERE.zh}",
        "When reports show that honest mail passes SPF or DKIM, change to p=quarantine, then to "
        "p=reject, with pct=100."
        " Signing where mail is sent: Postfix, OpenDKIM or rspamd by smtpd_milters; Exim: dkim_domain, dkim_selector,"
        " dkim_private_key; Exchange Online: Set-DkimSigningConfig -Enabled $true; hosted mail: DKIM in the console."
        f"{WHERE.en}",
    ),
    severity=Severity.LOW,
    duties=("intrusion_protection",),
    needs=(MailPolicyFacts,),
    basis=Basis.DNS,
    outcomes={
        "watches": Declared(
            status=Status.WARN,
            severity=Severity.LOW,
            detail=Text(
                "{domain} 的 DMARC 策略为 none，不处置冒名邮件；应逐步改为 quarantine、reject。",
                "The DMARC policy of {domain} is none, and does nothing about impostors' mail; wanted, "
                "step by step: quarantine, reject.",
            ),
        ),
        "in_part": Declared(
            status=Status.WARN,
            severity=Severity.LOW,
            detail=Text(
                "{domain} 的 DMARC 策略（{policy}）只用于 {percent}% 的邮件；应为全部。",
                "The DMARC policy of {domain} ({policy}) is for {percent}% of the mail; wanted: all.",
            ),
        ),
        "acts": Declared(
            status=Status.PASS,
            detail=Text(
                "{domain} 的 DMARC 策略为 {policy}。",
                "The DMARC policy of {domain} is {policy}.",
            ),
        ),
    },
    evaluate=evaluate,
    references=(Reference("RFC 7489 §6.3", "https://www.rfc-editor.org/rfc/rfc7489"),),
)
