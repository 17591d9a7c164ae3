"""The server does not accept TLS 1.3: information only.

How it is seen: TLS 1.3 offered by itself. A service that speaks TLCP (GB/T 38636) and no TLS at all is not
judged. A server that breaks off, or keeps silent, whenever TLS 1.3 is named beside older versions is told apart: it does
not refuse TLS 1.3, it cannot bear the question, and a modern client may fail to reach it at all.
"""

from __future__ import annotations

from collections.abc import Iterable

from checks.model import Basis, Declared, Evidence, Outcome, Reference, Rule, Settings, Severity, Status, Text
from checks.tls.suites import speaks_tls
from scanner.facts import ServiceFacts, TlsFacts


def evaluate(service: ServiceFacts, settings: Settings) -> Iterable[Outcome]:
    """See whether TLS 1.3 is accepted."""
    facts = service.need(TlsFacts)
    evidence = (Evidence("tls.protocols", ", ".join(facts.protocols)),)
    if "TLSv1.3" in facts.protocols:
        yield Outcome("accepted", {}, evidence)
    elif "TLSv1.3" in facts.refused_protocols:
        yield Outcome("missing", {}, evidence)
    elif (shown := facts.intolerance.get("version")) is not None:
        yield Outcome("intolerant", {}, (*evidence, Evidence("tls.intolerance.version", shown)))
    else:
        yield Outcome("undecided", {}, evidence)


RULE = Rule(
    id="tls/no-tls13",
    title=Text("不支持 TLS 1.3", "TLS 1.3 is not accepted"),
    rationale=Text(
        "TLS 1.3 更安全也更快；TLS 1.2 配置得当时仍然可用。",
        "TLS 1.3 is safer and faster; TLS 1.2 well set up is still good.",
    ),
    remediation=Text(
        "nginx：ssl_protocols TLSv1.2 TLSv1.3;　Apache：SSLProtocol -all +TLSv1.2 +TLSv1.3　"
        'Tomcat：protocols="TLSv1.2+TLSv1.3"　IIS：在 SCHANNEL 注册表项中启用。',
        "nginx: ssl_protocols TLSv1.2 TLSv1.3; Apache: SSLProtocol -all +TLSv1.2 +TLSv1.3; "
        'Tomcat: protocols="TLSv1.2+TLSv1.3"; IIS: enable them under SCHANNEL in the registry.',
    ),
    severity=Severity.INFO,
    duties=(
        "intrusion_protection",
        "data_protection",
    ),
    needs=(TlsFacts,),
    basis=Basis.HANDSHAKE,
    outcomes={
        "missing": Declared(status=Status.INFO, detail=Text("不接受 TLS 1.3。", "TLS 1.3 is not accepted.")),
        "intolerant": Declared(
            status=Status.INFO,
            detail=Text(
                "客户端只要提出 TLS 1.3，服务器就中断握手或不予应答，而不是协商较低的版本：新版客户端可能无法连接。",
                "The server breaks off, or does not answer, whenever a client names TLS 1.3, instead of agreeing on an "
                "older version: modern clients may fail to connect.",
            ),
        ),
        "undecided": Declared(
            status=Status.INCONCLUSIVE,
            detail=Text("未能判断是否接受 TLS 1.3。", "Could not tell whether TLS 1.3 is accepted."),
        ),
        "accepted": Declared(status=Status.PASS, detail=Text("接受 TLS 1.3。", "TLS 1.3 is accepted.")),
    },
    evaluate=evaluate,
    applies=speaks_tls,
    references=(Reference("RFC 8446", "https://www.rfc-editor.org/rfc/rfc8446"),),
)
