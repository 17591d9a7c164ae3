"""The certificate covers every name below a domain: information only."""

from __future__ import annotations

from collections.abc import Iterable

from checks.certificate.leaf import has_leaf, leaf
from checks.model import Basis, Declared, Evidence, Outcome, Rule, Settings, Severity, Status, Text
from scanner.facts import ServiceFacts, TlsFacts


def evaluate(service: ServiceFacts, settings: Settings) -> Iterable[Outcome]:
    """Look for a wildcard."""
    names = ", ".join(name for name in leaf(service).san if name.startswith("*."))
    yield Outcome(
        "wildcard" if names else "exact",
        {"names": names},
        (Evidence("tls.certificates[0].san", names),) if names else (),
    )


RULE = Rule(
    id="certificate/wildcard",
    title=Text("使用通配符证书", "A wildcard certificate"),
    rationale=Text(
        "私钥一旦泄露，影响全部子域名。", "If its key is lost, every name below the domain is affected."
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
        "wildcard": Declared(
            status=Status.INFO, detail=Text("证书适用于 {names}。", "The certificate is for {names}.")
        ),
        "exact": Declared(
            status=Status.PASS, detail=Text("证书没有通配符。", "The certificate has no wildcard.")
        ),
    },
    evaluate=evaluate,
    applies=has_leaf,
)
