"""The chain is trusted by the chosen store (--ca-file) and by no public one: information only."""

from __future__ import annotations

from collections.abc import Iterable

from checks.certificate.leaf import has_leaf, publicly_trusted, trust_evidence
from checks.model import Basis, Declared, Outcome, Rule, Settings, Severity, Status, Text
from scanner.facts import ServiceFacts, TlsFacts


def evaluate(service: ServiceFacts, settings: Settings) -> Iterable[Outcome]:
    """Tell private from public."""
    custom = service.need(TlsFacts).trust.get("custom")
    name = "public" if publicly_trusted(service) else "private" if custom == "ok" else "neither"
    yield Outcome(name, {}, trust_evidence(service))


RULE = Rule(
    id="certificate/private-ca",
    title=Text("证书由私有机构签发", "A private authority"),
    rationale=Text(
        "只有安装了该机构根证书的客户端才信任。", "Only clients with that authority installed trust it."
    ),
    remediation=Text(
        "更换证书：向可信的电子认证机构申请，或用 ACME 自动签发；nginx：ssl_certificate 指向含"
        "中间证书的完整链文件；Apache：SSLCertificateFile；Tomcat：更新 keystore；IIS：重新绑定"
        "证书。",
        "Replace the certificate, from a trusted authority or automatically by ACME. nginx: "
        "ssl_certificate with the whole chain; Apache: SSLCertificateFile; Tomcat: update the "
        "keystore; IIS: bind it again.",
    ),
    severity=Severity.INFO,
    duties=(
        "intrusion_protection",
        "data_protection",
    ),
    needs=(TlsFacts,),
    basis=Basis.HANDSHAKE,
    outcomes={
        "private": Declared(
            status=Status.INFO, detail=Text("仅受指定的信任库信任。", "Trusted by the chosen store alone.")
        ),
        "public": Declared(
            status=Status.PASS, detail=Text("受公共信任库信任。", "Trusted by a public store.")
        ),
        "neither": Declared(
            status=Status.INFO,
            detail=Text("不受任何信任库信任，见其他检查。", "Trusted by no store; see the other rules."),
        ),
    },
    evaluate=evaluate,
    applies=has_leaf,
)
