"""A mail server passes strangers' mail on to other domains.

How it is seen: without login, the server is told a recipient in another domain (example.com, where there are no mailboxes) and
takes it; no mail is sent, for the exchange ends before DATA. How it is judged: servers let their own networks do so, so that it
counts only against an address that the public can use, seen from elsewhere. What it cannot show: a server that takes every recipient and
refuses, or drops, the mail later; the queue and the log on site tell.
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
from checks.vantage import inside
from scanner.facts import ServiceFacts, SmtpFacts


def evaluate(service: ServiceFacts, settings: Settings) -> Iterable[Outcome]:
    """Judge by the reply to RCPT."""
    facts = service.need(SmtpFacts)
    values = {
        "service": service.endpoint.label,
        "recipient": facts.recipient or "-",
        "reply": facts.reply or "-",
    }
    evidence = (
        Evidence("smtp.recipient", values["recipient"]),
        Evidence("smtp.relay", facts.relay or "-"),
        Evidence("smtp.reply", values["reply"]),
    )
    if facts.relay is None:
        yield Outcome("undecided", values, evidence)
    elif facts.relay == "accepted":
        yield Outcome("own_network" if inside(service) or service.own_address else "open", values, evidence)
    else:
        yield Outcome(facts.relay, values, evidence)


RULE = Rule(
    id="mail/open-relay",
    title=Text("邮件服务器为陌生人转发邮件（开放转发）", "A mail server relays for strangers (open relay)"),
    rationale=Text(
        "开放转发的服务器会被用来发送垃圾邮件、诈骗邮件，服务器很快被各地列入黑名单，正常邮件也发不出去。",
        "An open relay is used for spam and fraud; it soon stands on everybody's blacklist, and its "
        "honest mail no longer arrives.",
    ),
    remediation=Text(
        "只为本机构的网络和登录用户转发。Postfix（main.cf）：mynetworks 只写内部网段，"
        "smtpd_relay_restrictions = permit_mynetworks, permit_sasl_authenticated, "
        "reject_unauth_destination;　Exim：acl_check_rcpt 中只对 relay_from_hosts 和已认证用户 accept，"
        "hostlist relay_from_hosts 只写内部网段；　Sendmail：access 表只列允许 RELAY 的网段；　Exchange："
        "接收连接器不得授予匿名用户 Ms-Exch-SMTP-Accept-Any-Recipient;　Coremail 等：关闭匿名转发。",
        "Relay for the own network and for users who logged in. Postfix (main.cf): mynetworks with "
        "internal networks alone, smtpd_relay_restrictions = permit_mynetworks, "
        "permit_sasl_authenticated, reject_unauth_destination. Exim: accept in acl_check_rcpt for "
        "relay_from_hosts and authenticated users only, with internal networks alone in hostlist "
        "relay_from_hosts. Sendmail: RELAY in the access table for internal networks only. Exchange: no "
        "receive connector that grants anonymous users Ms-Exch-SMTP-Accept-Any-Recipient.",
    ),
    severity=Severity.HIGH,
    duties=(
        "intrusion_protection",
        "content_control",
        "mlps",
    ),
    needs=(SmtpFacts,),
    basis=Basis.PROTOCOL_REPLY,
    outcomes={
        "open": Declared(
            status=Status.FAIL,
            severity=Severity.HIGH,
            detail=Text(
                "{service} 未经认证就接受了发往外域的收件人 {recipient}（应答：{reply}）；应当拒绝。未发"
                "送邮件，是否最终投递请查看该服务器的队列和日志。",
                "{service} took a recipient in another domain, {recipient}, without a login ({reply}); "
                "wanted: refused. No mail was sent; the server's queue and log tell whether it would be "
                "delivered.",
            ),
        ),
        "own_network": Declared(
            status=Status.INFO,
            detail=Text(
                "{service} 接受了发往外域的收件人 {recipient}（{reply}）；检测来自本机或者内部地址，服务"
                "器通常对内部网络放行，请从外部复核。",
                "{service} took a recipient in another domain, {recipient} ({reply}); the address is "
                "this machine's or an internal one, for which servers usually relay: check from outside.",
            ),
        ),
        "refused": Declared(
            status=Status.PASS,
            detail=Text(
                "{service} 拒绝为陌生人转发（{reply}）。",
                "{service} refused to relay for a stranger ({reply}).",
            ),
        ),
        "deferred": Declared(
            status=Status.INCONCLUSIVE,
            detail=Text(
                "{service} 暂缓应答（{reply}，可能是灰名单），无法判断是否开放转发。",
                "{service} put the answer off ({reply}; it may be greylisting), so that it could not be "
                "told whether it relays.",
            ),
        ),
        "undecided": Declared(
            status=Status.INCONCLUSIVE,
            detail=Text(
                "未能得知 {service} 是否为陌生人转发邮件。",
                "Could not tell whether {service} relays for strangers.",
            ),
        ),
    },
    evaluate=evaluate,
    references=(
        Reference("RFC 5321 §3.6.2", "https://www.rfc-editor.org/rfc/rfc5321"),
        Reference("RFC 2505 §2.1", "https://www.rfc-editor.org/rfc/rfc2505"),
        Reference(
            "Postfix SMTP relay and access control", "https://www.postfix.org/SMTPD_ACCESS_README.html"
        ),
    ),
    impact=Impact.ONE_READ,
)
