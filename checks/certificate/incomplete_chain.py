"""An intermediate certificate is missing from what the server sends.

How it is judged: the stores' reason incomplete_chain, or a single certificate from an authority that no store knows by itself.
"""

from __future__ import annotations

from collections.abc import Iterable

from checks.certificate.leaf import has_leaf, leaf, reasons, trust_evidence, trusted
from checks.model import Basis, Declared, Outcome, Rule, Settings, Severity, Status, Text
from scanner.facts import ServiceFacts, TlsFacts


def _chain_to_judge(service: ServiceFacts) -> bool:
    return has_leaf(service) and leaf(service).self_signed is not True and bool(reasons(service))


def evaluate(service: ServiceFacts, settings: Settings) -> Iterable[Outcome]:
    """Look for the stores' reason."""
    count = len(service.need(TlsFacts).certificates)
    incomplete = "incomplete_chain" in reasons(service) and not trusted(service)
    evidence = trust_evidence(service)
    yield Outcome("incomplete" if incomplete else "complete", {"count": str(count)}, evidence)


RULE = Rule(
    id="certificate/incomplete-chain",
    title=Text("证书链不完整", "The chain is incomplete"),
    rationale=Text("部分客户端因缺少中间证书而报错。", "Some clients fail for want of the intermediate."),
    remediation=Text(
        "更换证书：向可信的电子认证机构申请，或用 ACME 自动签发；nginx：ssl_certificate 指向含"
        "中间证书的完整链文件；Apache：SSLCertificateFile；Tomcat：更新 keystore；IIS：重新绑定"
        "证书。",
        "Replace the certificate, from a trusted authority or automatically by ACME. nginx: "
        "ssl_certificate with the whole chain; Apache: SSLCertificateFile; Tomcat: update the "
        "keystore; IIS: bind it again.",
    ),
    severity=Severity.LOW,
    duties=(
        "intrusion_protection",
        "data_protection",
    ),
    needs=(TlsFacts,),
    basis=Basis.HANDSHAKE,
    outcomes={
        "incomplete": Declared(
            status=Status.WARN,
            severity=Severity.LOW,
            detail=Text("服务器没有发送中间证书。", "The server does not send the intermediate certificate."),
        ),
        "complete": Declared(
            status=Status.PASS,
            detail=Text("服务器发送了 {count} 张证书。", "The server sends {count} certificates."),
        ),
    },
    evaluate=evaluate,
    applies=_chain_to_judge,
)
