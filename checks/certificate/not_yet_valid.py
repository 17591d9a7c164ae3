"""The certificate is not valid yet.

How it is judged: notBefore against the moment the certificate was seen; often a wrong clock.
"""

from __future__ import annotations

from collections.abc import Iterable

from checks.certificate.leaf import day, has_dates, validity
from checks.model import Basis, Declared, Evidence, Outcome, Reference, Rule, Settings, Severity, Status, Text
from scanner.facts import ServiceFacts, TlsFacts


def evaluate(service: ServiceFacts, settings: Settings) -> Iterable[Outcome]:
    """Compare notBefore with the moment of the look."""
    start, _ = validity(service)
    evidence = (Evidence("tls.certificates[0].not_before", str(start)),)
    yield Outcome("early" if start > settings.at else "begun", {"day": day(start)}, evidence)


RULE = Rule(
    id="certificate/not-yet-valid",
    title=Text("证书尚未生效", "The certificate is not valid yet"),
    rationale=Text(
        "浏览器会拒绝；也可能是签发时的时钟错误。",
        "Browsers refuse it; the clock of the issuer may have been wrong.",
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
        "early": Declared(
            status=Status.FAIL,
            severity=Severity.MEDIUM,
            detail=Text("证书自 {day} 起有效。", "The certificate is valid from {day}."),
        ),
        "begun": Declared(status=Status.PASS, detail=Text("证书自 {day} 起有效。", "Valid since {day}.")),
    },
    evaluate=evaluate,
    applies=has_dates,
    references=(Reference("RFC 5280 §4.1.2.5", "https://www.rfc-editor.org/rfc/rfc5280#section-4.1.2.5"),),
)
