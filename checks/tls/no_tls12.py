"""The server accepts neither TLS 1.2 nor TLS 1.3.

How it is seen: each version offered by itself. How it is judged: neither accepted and both clearly refused is
a failure. A service that speaks TLCP (GB/T 38636) and no TLS at all is not judged. That old versions are
accepted is told by tls/legacy-protocol; this rule tells that clients have nothing better to choose.

Source: RFC 8996; RFC 9325 section 3.1.1.
"""

from __future__ import annotations

from collections.abc import Iterable

from checks.model import Basis, Declared, Evidence, Outcome, Reference, Rule, Settings, Severity, Status, Text
from checks.tls.suites import speaks_tls
from scanner.facts import ServiceFacts, TlsFacts

_MODERN = ("TLSv1.2", "TLSv1.3")


def evaluate(service: ServiceFacts, settings: Settings) -> Iterable[Outcome]:
    """See whether a modern version is accepted."""
    facts = service.need(TlsFacts)
    evidence = (Evidence("tls.protocols", ", ".join(facts.protocols)),)
    accepted = [version for version in _MODERN if version in facts.protocols]
    unsure = [version for version in _MODERN if version not in facts.protocols + facts.refused_protocols]
    if accepted:
        yield Outcome("accepted", {"versions": ", ".join(accepted)}, evidence)
    elif unsure:
        yield Outcome("undecided", {"versions": ", ".join(unsure)}, evidence)
    else:
        yield Outcome("missing", {"versions": ", ".join(facts.protocols)}, evidence)


RULE = Rule(
    id="tls/no-tls12",
    title=Text("不支持 TLS 1.2 及以上版本", "Neither TLS 1.2 nor TLS 1.3 is accepted"),
    rationale=Text(
        "TLS 1.1 及更早的协议均已废止（RFC 8996），主流浏览器已经不再连接；仍在使用的客户端得不到可靠的"
        "保护。",
        "TLS 1.1 and everything older is deprecated (RFC 8996), and common browsers no longer connect; "
        "clients that still do are not well protected.",
    ),
    remediation=Text(
        "nginx：ssl_protocols TLSv1.2 TLSv1.3;　Apache：SSLProtocol -all +TLSv1.2 +TLSv1.3　"
        'Tomcat：protocols="TLSv1.2+TLSv1.3"　IIS：在 SCHANNEL 注册表项中启用。',
        "nginx: ssl_protocols TLSv1.2 TLSv1.3; Apache: SSLProtocol -all +TLSv1.2 +TLSv1.3; "
        'Tomcat: protocols="TLSv1.2+TLSv1.3"; IIS: enable them under SCHANNEL in the registry.',
    ),
    severity=Severity.HIGH,
    duties=(
        "intrusion_protection",
        "data_protection",
    ),
    needs=(TlsFacts,),
    basis=Basis.HANDSHAKE,
    outcomes={
        "missing": Declared(
            status=Status.FAIL,
            severity=Severity.HIGH,
            detail=Text("只接受 {versions}。", "Only {versions} is accepted."),
        ),
        "undecided": Declared(
            status=Status.INCONCLUSIVE,
            detail=Text("未能判断是否接受 {versions}。", "Could not tell whether {versions} is accepted."),
        ),
        "accepted": Declared(status=Status.PASS, detail=Text("接受 {versions}。", "{versions} is accepted.")),
    },
    evaluate=evaluate,
    applies=speaks_tls,
    references=(Reference("RFC 8996", "https://www.rfc-editor.org/rfc/rfc8996"),),
)
