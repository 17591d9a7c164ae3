"""The certificate is for another name.

How it is judged: the name asked for against the subject alternative names (RFC 9525). A site asked by bare address is not judged.
"""

from __future__ import annotations

from collections.abc import Iterable

from checks.certificate.leaf import has_leaf, leaf
from checks.model import Basis, Declared, Evidence, Outcome, Reference, Rule, Settings, Severity, Status, Text
from scanner.facts import ServiceFacts, TlsFacts


def _asked_by_name(service: ServiceFacts) -> bool:
    return (
        has_leaf(service)
        and service.need(TlsFacts).hostname_match is not None
        and service.endpoint.name is not None
    )


def evaluate(service: ServiceFacts, settings: Settings) -> Iterable[Outcome]:
    """Judge the match."""
    names = ", ".join(leaf(service).san) or leaf(service).subject
    values = {"names": names, "asked": service.endpoint.name or ""}
    evidence = (Evidence("tls.certificates[0].san", names),)
    yield Outcome("match" if service.need(TlsFacts).hostname_match else "mismatch", values, evidence)


RULE = Rule(
    id="certificate/name-mismatch",
    title=Text("证书与域名不符", "The certificate is for another name"),
    rationale=Text(
        "浏览器会警告，用户无法确认站点真伪。",
        "Browsers warn, and users cannot tell whether the site is the right one.",
    ),
    remediation=Text(
        "更换证书：向可信的电子认证机构申请，或用 ACME 自动签发；nginx：ssl_certificate 指向含"
        "中间证书的完整链文件；Apache：SSLCertificateFile；Tomcat：更新 keystore；IIS：重新绑定"
        "证书。",
        "Replace the certificate, from a trusted authority or automatically by ACME. nginx: "
        "ssl_certificate with the whole chain; Apache: SSLCertificateFile; Tomcat: update the "
        "keystore; IIS: bind it again.",
    ),
    severity=Severity.MEDIUM,
    duties=(
        "intrusion_protection",
        "data_protection",
    ),
    needs=(TlsFacts,),
    basis=Basis.HANDSHAKE,
    outcomes={
        "mismatch": Declared(
            status=Status.FAIL,
            severity=Severity.MEDIUM,
            detail=Text("证书适用于 {names}，不含 {asked}。", "The certificate is for {names}, not {asked}."),
        ),
        "match": Declared(
            status=Status.PASS, detail=Text("证书适用于 {asked}。", "The certificate is for {asked}.")
        ),
    },
    evaluate=evaluate,
    applies=_asked_by_name,
    references=(Reference("RFC 9525", "https://www.rfc-editor.org/rfc/rfc9525"),),
)
