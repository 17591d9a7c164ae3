"""The certificate has expired.

How it is judged: notAfter against the moment the certificate was seen.
"""

from __future__ import annotations

from collections.abc import Iterable

from checks.certificate.leaf import day, has_dates, validity
from checks.model import Basis, Declared, Evidence, Outcome, Reference, Rule, Settings, Severity, Status, Text
from scanner.facts import ServiceFacts, TlsFacts


def evaluate(service: ServiceFacts, settings: Settings) -> Iterable[Outcome]:
    """Compare notAfter with the moment of the look."""
    _, end = validity(service)
    values = {"day": day(end), "days": str((settings.at - end).days)}
    yield Outcome(
        "expired" if end < settings.at else "valid",
        values,
        (Evidence("tls.certificates[0].not_after", str(end)),),
    )


RULE = Rule(
    id="certificate/expired",
    title=Text("证书已过期", "The certificate has expired"),
    rationale=Text(
        "浏览器会警告，用户习惯忽略警告后，假冒站点也能得逞。",
        "Browsers warn; users who learn to ignore that are easily deceived.",
    ),
    remediation=Text(
        "更换证书：向可信的电子认证机构申请，或用 ACME 自动签发；nginx：ssl_certificate 指向含"
        "中间证书的完整链文件；Apache：SSLCertificateFile；Tomcat：更新 keystore；IIS：重新绑定"
        "证书。",
        "Replace the certificate, from a trusted authority or automatically by ACME. nginx: "
        "ssl_certificate with the whole chain; Apache: SSLCertificateFile; Tomcat: update the "
        "keystore; IIS: bind it again.",
    ),
    severity=Severity.HIGH,
    duties=(
        "intrusion_protection",
        "data_protection",
    ),
    needs=(TlsFacts,),
    basis=Basis.HANDSHAKE,
    outcomes={
        "expired": Declared(
            status=Status.FAIL,
            severity=Severity.HIGH,
            detail=Text(
                "证书已于 {day} 过期（检测时已过 {days} 天）。",
                "The certificate expired on {day}, {days} days before it was seen.",
            ),
        ),
        "valid": Declared(status=Status.PASS, detail=Text("有效期至 {day}。", "Valid until {day}.")),
    },
    evaluate=evaluate,
    applies=has_dates,
    references=(Reference("RFC 5280 §4.1.2.5", "https://www.rfc-editor.org/rfc/rfc5280#section-4.1.2.5"),),
)
