"""Mail, directory, messaging, news or remote desktop service that does not go into TLS.

How it is seen: the capabilities listed in clear text, and where they leave it open, the answer to the protocol's
own request for TLS (STARTTLS, STLS, StartTLS, RDP negotiation). How it is judged: no TLS is a failure where logins
are offered in clear text, and for RDP, whose own encryption proves no identity; elsewhere a weakness. Loopback
traffic crosses no network. What it cannot show: whether the same service is offered with TLS on another port.
FTP, MySQL and PostgreSQL have rules of their own (exposure/…-clear-text).
"""

from __future__ import annotations

from collections.abc import Iterable

from checks.model import Basis, Declared, Evidence, Outcome, Reference, Rule, Settings, Severity, Status, Text
from checks.tls.starttls import protocol_name
from checks.vantage import LOOPBACK_ONLY, LOOPBACK_OUTCOME, on_loopback
from scanner.facts import ServiceFacts, StarttlsFacts


def evaluate(service: ServiceFacts, settings: Settings) -> Iterable[Outcome]:
    """Judge by whether TLS is offered, and what is let through without it."""
    facts = service.need(StarttlsFacts)
    logins = facts.logins or ()
    values = {
        "service": service.endpoint.label,
        "protocol": protocol_name(facts),
        "logins": ", ".join(logins),
    }
    evidence = (
        Evidence("starttls.offered", str(facts.offered)),
        Evidence("starttls.capabilities", ", ".join(facts.capabilities)),
    )
    if facts.offered:
        yield Outcome("offered", values, evidence)
    elif facts.offered is None:
        yield Outcome("undecided", values, evidence)
    elif on_loopback(service):
        yield Outcome(LOOPBACK_ONLY, values, evidence)
    elif facts.protocol == "rdp":
        yield Outcome("rdp_without_tls", values, evidence)
    else:
        yield Outcome("logins_in_clear" if logins else "missing", values, evidence)


RULE = Rule(
    id="tls/starttls-missing",
    title=Text("不支持 STARTTLS，只能明文通信", "No STARTTLS: clear text only"),
    rationale=Text(
        "邮件、目录、即时通讯等协议先以明文连接，再用 STARTTLS 转入 TLS。不支持时，口令和内容以明文经过网络，线路上的任何人都能"
        "读取、篡改。",
        "Mail, directory and messaging protocols begin in clear text and go into TLS by STARTTLS. Without it passwords and "
        "contents cross the network in clear text, and anyone on the path can read and change them.",
    ),
    remediation=Text(
        "Postfix：smtpd_tls_security_level = may（提交端口 587 用 encrypt），并配置 smtpd_tls_chain_files；　Dovecot：ssl = required、"
        "ssl_cert、ssl_key；　OpenLDAP：olcTLSCertificateFile、olcTLSCertificateKeyFile；　Prosody/ejabberd：配置证书并要求加密；　"
        "Windows 远程桌面：组策略“要求使用网络级别身份验证”，安全层选 SSL。能使用直接 TLS 端口（465、993、995、636）的，优先使用"
        "（RFC 8314）。",
        "Postfix: smtpd_tls_security_level = may (encrypt on 587) with smtpd_tls_chain_files; Dovecot: ssl = required, ssl_cert, "
        "ssl_key; OpenLDAP: olcTLSCertificateFile, olcTLSCertificateKeyFile; Prosody and ejabberd: set the certificate and "
        "require encryption; Windows Remote Desktop: require Network Level Authentication and the security layer SSL by group "
        "policy. Prefer ports with TLS from the first byte (465, 993, 995, 636; RFC 8314).",
    ),
    severity=Severity.HIGH,
    duties=("data_protection", "personal_information", "mlps"),
    needs=(StarttlsFacts,),
    basis=Basis.PROTOCOL_REPLY,
    outcomes={
        "logins_in_clear": Declared(
            status=Status.FAIL,
            severity=Severity.HIGH,
            detail=Text(
                "{service} 上的 {protocol} 不提供 TLS，却接受登录（{logins}），口令和内容以明文传输；应提供并要求 TLS。",
                "{protocol} at {service} offers no TLS and yet takes logins ({logins}): passwords and contents travel in clear "
                "text; wanted: TLS offered and required.",
            ),
        ),
        "rdp_without_tls": Declared(
            status=Status.FAIL,
            severity=Severity.HIGH,
            detail=Text(
                "{service} 上的远程桌面只用 RDP 自带的加密，不能证明服务器身份；应启用 TLS 和网络级别身份验证。",
                "Remote Desktop at {service} has only RDP's own encryption, which proves no identity; wanted: TLS with Network "
                "Level Authentication.",
            ),
        ),
        "missing": Declared(
            status=Status.WARN,
            severity=Severity.MEDIUM,
            detail=Text(
                "{service} 上的 {protocol} 不提供 TLS，内容以明文传输；应提供 TLS。",
                "{protocol} at {service} offers no TLS, so contents travel in clear text; wanted: TLS offered.",
            ),
        ),
        "offered": Declared(
            status=Status.PASS,
            detail=Text("{service} 上的 {protocol} 提供 TLS。", "{protocol} at {service} offers TLS."),
        ),
        "undecided": Declared(
            status=Status.INCONCLUSIVE,
            detail=Text(
                "未能判断 {service} 上的 {protocol} 是否提供 TLS。",
                "Could not tell whether {protocol} at {service} offers TLS.",
            ),
        ),
        LOOPBACK_ONLY: LOOPBACK_OUTCOME,
    },
    evaluate=evaluate,
    references=(
        Reference("RFC 3207 (SMTP)", "https://www.rfc-editor.org/rfc/rfc3207"),
        Reference("RFC 8314 (IMAP, POP3, submission)", "https://www.rfc-editor.org/rfc/rfc8314"),
        Reference("RFC 4511 §4.14 (LDAP)", "https://www.rfc-editor.org/rfc/rfc4511#section-4.14"),
        Reference("RFC 6120 §5 (XMPP)", "https://www.rfc-editor.org/rfc/rfc6120#section-5"),
    ),
)
