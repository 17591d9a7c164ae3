"""A forced downgrade is not noticed (RFC 7507).

How it is seen: one hello with TLS_FALLBACK_SCSV below the best version. It matters only where a deprecated
version is offered beside a newer one.

Source: RFC 7507; RFC 9325 section 3.1.3.
"""

from __future__ import annotations

from collections.abc import Iterable

from checks.model import Basis, Declared, Evidence, Outcome, Reference, Rule, Settings, Severity, Status, Text
from scanner.facts import ServiceFacts, TlsFacts


def _concerned(service: ServiceFacts) -> bool:
    protocols = service.need(TlsFacts).protocols
    return len(protocols) > 1 and any(version in ("SSLv3", "TLSv1.0", "TLSv1.1") for version in protocols)


def evaluate(service: ServiceFacts, settings: Settings) -> Iterable[Outcome]:
    """Judge what the handshake showed; not determined is not judged."""
    value = service.need(TlsFacts).fallback_scsv
    evidence = (Evidence("tls.fallback_scsv", str(value)),)
    if value is None:
        yield Outcome("undecided", {}, evidence)
    else:
        yield Outcome("weak" if value is False else "good", {}, evidence)


RULE = Rule(
    id="tls/no-fallback-scsv",
    title=Text("不能识别强制降级", "A forced downgrade is not noticed"),
    rationale=Text(
        "线路上的攻击者可以让新版本的握手失败，迫使客户端退到旧版本重试；支持 TLS_FALLBACK_SCSV（RFC "
        "7507）的服务器能识破并拒绝。",
        "An attacker on the path can make handshakes of a newer version fail, so that clients try "
        "again with an old one; a server that knows TLS_FALLBACK_SCSV (RFC 7507) notices and refuses.",
    ),
    remediation=Text(
        "首选停用旧版本：nginx：ssl_protocols TLSv1.2 TLSv1.3;　Apache：SSLProtocol -all +TLSv1.2 +TLSv1.3　Tomcat："
        'SSLHostConfig 的 protocols="TLSv1.2+TLSv1.3"　IIS：注册表 SCHANNEL\\Protocols 下 TLS 1.0、TLS 1.1 的 Server '
        "设 Enabled=0。同时升级 TLS 库（OpenSSL 1.0.1j 起支持）。",
        "Best: switch old versions off. nginx: ssl_protocols TLSv1.2 TLSv1.3; Apache: SSLProtocol -all +TLSv1.2 "
        '+TLSv1.3; Tomcat: protocols="TLSv1.2+TLSv1.3" of SSLHostConfig; IIS: Enabled=0 for Server of TLS 1.0 and '
        "TLS 1.1 under SCHANNEL\\Protocols in the registry. Upgrade the TLS library as well (OpenSSL supports it "
        "since 1.0.1j).",
    ),
    severity=Severity.LOW,
    duties=(
        "intrusion_protection",
        "data_protection",
    ),
    needs=(TlsFacts,),
    basis=Basis.HANDSHAKE,
    outcomes={
        "weak": Declared(
            status=Status.WARN,
            severity=Severity.LOW,
            detail=Text("服务器不识别 TLS_FALLBACK_SCSV。", "TLS_FALLBACK_SCSV is not honoured."),
        ),
        "undecided": Declared(
            status=Status.INCONCLUSIVE, detail=Text("未能判断。", "Could not be determined.")
        ),
        "good": Declared(
            status=Status.PASS, detail=Text("识别 TLS_FALLBACK_SCSV。", "TLS_FALLBACK_SCSV is honoured.")
        ),
    },
    evaluate=evaluate,
    applies=_concerned,
    references=(Reference("RFC 7507", "https://www.rfc-editor.org/rfc/rfc7507"),),
)
