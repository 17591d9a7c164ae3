"""Secure renegotiation (RFC 5746) is not supported.

How it is seen: the renegotiation_info extension in the ServerHello. TLS 1.3 has no renegotiation. How it is
judged: its lack is a weakness, not a failure.
What it cannot show: whether the server renegotiates at all; no renegotiation is tried.

Source: RFC 5746; RFC 9325 section 3.5.
"""

from __future__ import annotations

from collections.abc import Iterable

from checks.model import Basis, Declared, Evidence, Outcome, Reference, Rule, Settings, Severity, Status, Text
from checks.tls.suites import older_versions
from scanner.facts import ServiceFacts, TlsFacts


def _concerned(service: ServiceFacts) -> bool:
    return bool(older_versions(service))


def evaluate(service: ServiceFacts, settings: Settings) -> Iterable[Outcome]:
    """Judge what the handshake showed; not determined is not judged."""
    value = service.need(TlsFacts).secure_renegotiation
    evidence = (Evidence("tls.secure_renegotiation", str(value)),)
    if value is None:
        yield Outcome("undecided", {}, evidence)
    else:
        yield Outcome("weak" if value is False else "good", {}, evidence)


RULE = Rule(
    id="tls/insecure-renegotiation",
    title=Text("不支持安全重新协商", "Secure renegotiation is not supported"),
    rationale=Text(
        "不支持 RFC 5746 的服务器，在重新协商时分不清前后是不是同一个客户端，攻击者可以把自己的内容插到"
        "用户会话的开头（CVE-2009-3555）。",
        "A server without RFC 5746 cannot tell at renegotiation whether the client is still the same "
        "one: an attacker can put content of their own in front of a user's session (CVE-2009-3555).",
    ),
    remediation=Text(
        "升级 TLS 库：OpenSSL 0.9.8m、GnuTLS 2.10、Java 6u22、Windows 的 MS10-049 补丁起即支持。暂时无法升级的，"
        "关闭重新协商。Apache：SSLInsecureRenegotiation off（默认）　nginx 0.8.23 以上不接受客户端发起的重新协商　"
        "Tomcat/Java：不要设置 -Dsun.security.ssl.allowUnsafeRenegotiation=true　IIS：注册表 SCHANNEL 下 "
        "DisableRenegoOnServer 设为 1。",
        "Upgrade the TLS library: supported since OpenSSL 0.9.8m, GnuTLS 2.10, Java 6u22, and on Windows with "
        "MS10-049. Until then, switch renegotiation off. Apache: SSLInsecureRenegotiation off (the default); nginx "
        "0.8.23 and later take none from clients; Tomcat and Java: without "
        "-Dsun.security.ssl.allowUnsafeRenegotiation=true; IIS: DisableRenegoOnServer 1 under SCHANNEL in the "
        "registry.",
    ),
    severity=Severity.MEDIUM,
    duties=(
        "intrusion_protection",
        "data_protection",
    ),
    needs=(TlsFacts,),
    basis=Basis.HANDSHAKE,
    outcomes={
        "weak": Declared(
            status=Status.WARN,
            severity=Severity.MEDIUM,
            detail=Text(
                "服务器不支持 RFC 5746；是否允许重新协商未作尝试。",
                "RFC 5746 is not supported; whether the server renegotiates was not tried.",
            ),
        ),
        "undecided": Declared(
            status=Status.INCONCLUSIVE, detail=Text("未能判断。", "Could not be determined.")
        ),
        "good": Declared(status=Status.PASS, detail=Text("支持 RFC 5746。", "RFC 5746 is supported.")),
    },
    evaluate=evaluate,
    applies=_concerned,
    references=(Reference("RFC 5746", "https://www.rfc-editor.org/rfc/rfc5746"),),
)
