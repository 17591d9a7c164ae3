"""The certificate asks for a stapled OCSP answer, and none came.

How it is judged: must-staple (RFC 7633) without a staple; clients that honour it refuse the connection.
"""

from __future__ import annotations

from collections.abc import Iterable

from checks.certificate.leaf import has_leaf, leaf
from checks.model import Basis, Declared, Evidence, Outcome, Reference, Rule, Settings, Severity, Status, Text
from scanner.facts import ServiceFacts, TlsFacts


def _must_staple(service: ServiceFacts) -> bool:
    return has_leaf(service) and leaf(service).must_staple


def evaluate(service: ServiceFacts, settings: Settings) -> Iterable[Outcome]:
    """See whether a staple came."""
    stapled = service.need(TlsFacts).ocsp_stapled
    evidence = (Evidence("tls.ocsp_stapled", str(stapled)),)
    yield Outcome("undecided" if stapled is None else "stapled" if stapled else "missing", {}, evidence)


RULE = Rule(
    id="certificate/must-staple-missing",
    title=Text("证书要求 OCSP 装订但未提供", "The certificate must be stapled and is not"),
    rationale=Text("遵守该要求的客户端会拒绝连接。", "Clients that honour it refuse to connect."),
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
        "missing": Declared(
            status=Status.WARN,
            severity=Severity.LOW,
            detail=Text(
                "证书要求装订，服务器没有提供。", "The certificate asks for a staple; the server sends none."
            ),
        ),
        "stapled": Declared(status=Status.PASS, detail=Text("已提供 OCSP 装订。", "A staple is sent.")),
        "undecided": Declared(
            status=Status.INCONCLUSIVE,
            detail=Text("未能判断是否装订。", "Could not tell whether it is stapled."),
        ),
    },
    evaluate=evaluate,
    applies=_must_staple,
    references=(Reference("RFC 7633", "https://www.rfc-editor.org/rfc/rfc7633"),),
)
