"""Logins are taken in clear text although TLS is offered: somebody on the path can strip STARTTLS away.

How it is seen: what the server lists before TLS. How it is judged: a password that is let through in clear text
(USER, PLAIN, LOGIN) is a weakness, since a client whose STARTTLS was taken out on the way sends it; hashing
mechanisms alone (CRAM-MD5, SCRAM) leave the contents open, a lesser weakness. Loopback traffic crosses no
network. What it cannot show: LDAP and RDP do not say before a login what they let through; whether clients insist on
TLS themselves.
"""

from __future__ import annotations

from collections.abc import Iterable

from checks.model import Basis, Declared, Evidence, Outcome, Reference, Rule, Settings, Severity, Status, Text
from checks.tls.starttls import protocol_name
from checks.vantage import LOOPBACK_ONLY, LOOPBACK_OUTCOME, on_loopback
from scanner.facts import ServiceFacts, StarttlsFacts

_PASSWORD_IN_CLEAR = frozenset({"USER", "PLAIN", "LOGIN", "XOAUTH2", "OAUTHBEARER"})
"""Mechanisms that send what lets one in as it is (RFC 4616, RFC 7628)."""


def evaluate(service: ServiceFacts, settings: Settings) -> Iterable[Outcome]:
    """Judge by the logins that are offered before TLS."""
    facts = service.need(StarttlsFacts)
    if facts.logins is None:
        yield Outcome("undecided", {"protocol": protocol_name(facts)}, ())
        return
    bare = [name for name in facts.logins if name in _PASSWORD_IN_CLEAR]
    values = {
        "service": service.endpoint.label,
        "protocol": protocol_name(facts),
        "logins": ", ".join(bare or facts.logins),
    }
    evidence = (
        Evidence("starttls.logins", ", ".join(facts.logins)),
        Evidence("starttls.required", str(facts.required)),
    )
    if not facts.logins or facts.required:
        yield Outcome("after_tls", values, evidence)
    elif on_loopback(service):
        yield Outcome(LOOPBACK_ONLY, values, evidence)
    else:
        yield Outcome("passwords_in_clear" if bare else "hashed_in_clear", values, evidence)


def _offers_tls(service: ServiceFacts) -> bool:
    """Where there is no TLS at all, tls/starttls-missing tells it."""
    facts = service.get(StarttlsFacts)
    return facts is not None and facts.offered is True and facts.protocol not in ("ldap", "rdp")


RULE = Rule(
    id="tls/starttls-strippable",
    title=Text("未转入 TLS 就接受口令登录", "Passwords are taken before TLS"),
    rationale=Text(
        "STARTTLS 的协商本身是明文，中间人可以把它删去。服务器若在 TLS 之前就接受口令，客户端会把口令以明文发出。",
        "STARTTLS is negotiated in clear text, and somebody on the path can take it out. If the server takes passwords before "
        "TLS, the client then sends them in clear text.",
    ),
    remediation=Text(
        "Dovecot：ssl = required、disable_plaintext_auth = yes（2.4：auth_allow_cleartext = no）；　"
        "Postfix：smtpd_tls_auth_only = yes；　Exchange：接收连接器启用“仅在启动 TLS 之后提供基本身份验证”；　Prosody：c2s_require_encryption = true、"
        "allow_unencrypted_plain_auth = false。客户端改用直接 TLS 端口（RFC 8314）。",
        "Dovecot: ssl = required, disable_plaintext_auth = yes (2.4: auth_allow_cleartext = no); Postfix: smtpd_tls_auth_only = "
        "yes; Exchange: offer basic authentication only after starting TLS; Prosody: c2s_require_encryption = true, "
        "allow_unencrypted_plain_auth = false. Let clients use ports with TLS from the first byte (RFC 8314).",
    ),
    severity=Severity.MEDIUM,
    duties=("data_protection", "personal_information", "mlps"),
    needs=(StarttlsFacts,),
    basis=Basis.PROTOCOL_REPLY,
    outcomes={
        "passwords_in_clear": Declared(
            status=Status.FAIL,
            severity=Severity.MEDIUM,
            detail=Text(
                "{service} 上的 {protocol} 在转入 TLS 之前就接受口令登录（{logins}）；应只在 TLS 之后接受。",
                "{protocol} at {service} takes passwords ({logins}) before TLS; wanted: logins after TLS alone.",
            ),
        ),
        "hashed_in_clear": Declared(
            status=Status.WARN,
            severity=Severity.LOW,
            detail=Text(
                "{service} 上的 {protocol} 在转入 TLS 之前接受登录（{logins}），口令经过散列，但内容是明文；应只在 TLS 之后接受。",
                "{protocol} at {service} takes logins ({logins}) before TLS: the password is hashed, but the contents are in "
                "clear text; wanted: logins after TLS alone.",
            ),
        ),
        "after_tls": Declared(
            status=Status.PASS,
            detail=Text(
                "{service} 上的 {protocol} 在转入 TLS 之前不接受登录。",
                "{protocol} at {service} takes no login before TLS.",
            ),
        ),
        "undecided": Declared(
            status=Status.INCONCLUSIVE,
            detail=Text(
                "{protocol} 服务器没有列出转入 TLS 之前的登录方式，不能判断。",
                "The {protocol} server did not list its logins before TLS; nothing is concluded.",
            ),
        ),
        LOOPBACK_ONLY: LOOPBACK_OUTCOME,
    },
    evaluate=evaluate,
    applies=_offers_tls,
    references=(
        Reference("RFC 3207 §6", "https://www.rfc-editor.org/rfc/rfc3207#section-6"),
        Reference("RFC 9051 §11.1", "https://www.rfc-editor.org/rfc/rfc9051#section-11.1"),
        Reference("RFC 8314", "https://www.rfc-editor.org/rfc/rfc8314"),
    ),
)
