"""MX records that lead nowhere, or not as they must.

How it is seen: the domain's MX records and the addresses of their hosts. How it is judged: a host must be a name with an address, not
an alias (RFC 2181 §10.3) and not an address itself (RFC 5321 §5.1). What it cannot show: whether the hosts take mail.
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
    """Judge the hosts that the records name."""
    facts = service.need(MailPolicyFacts)
    values = {"domain": service.endpoint.label, "hosts": "-"}
    if facts.mx is None:
        yield Outcome("undecided", values)
        return
    if not facts.mx and not facts.null_mx:
        raise NotApplicable("the domain has no MX records")
    unread = {error.step.partition(":")[2] for error in facts.errors if error.step.startswith("mx:")}
    broken = [mx for mx in facts.mx if mx.alias or (not mx.addresses and mx.host not in unread)]
    values["hosts"] = ", ".join(mx.host for mx in (broken or facts.mx)) or "-"
    evidence = tuple(
        Evidence(f"mail_policy.mx.{mx.host}", f"{', '.join(mx.addresses) or '-'} (alias: {mx.alias})")
        for mx in facts.mx
    )
    if facts.null_mx:
        yield Outcome("takes_no_mail", values, evidence)
    elif broken:
        yield Outcome("broken", values, evidence)
    else:
        yield Outcome("undecided" if unread else "good", values, evidence)


RULE = Rule(
    id="mail/mx-invalid",
    title=Text("MX 记录有误", "MX records are faulty"),
    rationale=Text(
        "指向别名、地址或者不存在的主机的 MX 记录会使邮件丢失或者退回；不存在的主机名还可能被他人注册后截"
        "收邮件。",
        "MX records that lead to an alias, an address or a host that does not exist lose mail; and a "
        "name that does not exist may be registered by somebody who then takes the mail.",
    ),
    remediation=Text(
        f"MX 只写有 A 或 AAAA 记录的主机名；删除失效的记录；不收信的域名写 MX 0 .（RFC 7505）。{WHERE.zh}",
        "Name hosts with A or AAAA records in MX records; delete what no longer works; a domain that "
        "takes no mail has MX 0 . (RFC 7505)."
        f"{WHERE.en}",
    ),
    severity=Severity.LOW,
    duties=("intrusion_protection",),
    needs=(MailPolicyFacts,),
    basis=Basis.DNS,
    outcomes={
        "broken": Declared(
            status=Status.WARN,
            severity=Severity.LOW,
            detail=Text(
                "{domain} 的 MX 记录指向别名、地址或者没有地址的主机：{hosts}。",
                "MX records of {domain} lead to an alias, an address, or a host without one: {hosts}.",
            ),
        ),
        "good": Declared(
            status=Status.PASS,
            detail=Text(
                "{domain} 的 MX 记录（{hosts}）都有地址。",
                "The MX records of {domain} ({hosts}) lead to addresses.",
            ),
        ),
        "takes_no_mail": Declared(
            status=Status.PASS,
            detail=Text(
                "{domain} 声明不收邮件（RFC 7505）。",
                "{domain} says that it takes no mail (RFC 7505).",
            ),
        ),
        "undecided": Declared(
            status=Status.INCONCLUSIVE,
            detail=Text(
                "未能得知 {domain} 的 MX 记录及其地址。",
                "Could not tell the MX records of {domain} and their addresses.",
            ),
        ),
    },
    evaluate=evaluate,
    references=(
        Reference("RFC 2181 §10.3", "https://www.rfc-editor.org/rfc/rfc2181"),
        Reference("RFC 5321 §5.1", "https://www.rfc-editor.org/rfc/rfc5321"),
        Reference("RFC 7505", "https://www.rfc-editor.org/rfc/rfc7505"),
    ),
)
