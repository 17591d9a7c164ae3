"""The certificate asks for a stapled OCSP answer, and none came.

How it is judged: must-staple (RFC 7633) without a staple; clients that honour it refuse the connection.

Source: RFC 7633.
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
    rationale=Text(
        "证书中写明必须附带 OCSP 装订（RFC 7633），服务器却没有提供；遵守这一要求的客户端会拒绝连接。",
        "The certificate says that a stapled OCSP answer must come with it (RFC 7633), and the server "
        "sends none; clients that honour this refuse to connect.",
    ),
    remediation=Text(
        "开启装订：nginx：ssl_stapling on; ssl_stapling_verify on; 并设置 resolver；　Apache：SSLUseStapling on 和 "
        "SSLStaplingCache　IIS：默认开启，检查能否访问 OCSP 地址　Tomcat：JVM 参数 "
        "-Djdk.tls.server.enableStatusRequestExtension=true。或者换用不带该要求的证书。",
        "Switch stapling on. nginx: ssl_stapling on; ssl_stapling_verify on; with a resolver; Apache: SSLUseStapling "
        "on and SSLStaplingCache; IIS: on by default, check that it reaches the OCSP address. Tomcat: "
        "-Djdk.tls.server.enableStatusRequestExtension=true for the JVM. Or use a certificate without that demand.",
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
