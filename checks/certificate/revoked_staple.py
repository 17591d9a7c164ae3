"""The stapled OCSP answer says that the certificate was revoked.

How it is seen: the staple alone; no third party is asked, so silence says nothing.
"""

from __future__ import annotations

from collections.abc import Iterable

from checks.model import Basis, Declared, Evidence, Outcome, Reference, Rule, Settings, Severity, Status, Text
from scanner.facts import ServiceFacts, TlsFacts


def _stapled(service: ServiceFacts) -> bool:
    return service.need(TlsFacts).ocsp_status is not None


def evaluate(service: ServiceFacts, settings: Settings) -> Iterable[Outcome]:
    """Read the staple's verdict."""
    status = service.need(TlsFacts).ocsp_status or ""
    name = {"revoked": "revoked", "good": "good"}.get(status, "unclear")
    yield Outcome(name, {"status": status}, (Evidence("tls.ocsp_status", status),))


RULE = Rule(
    id="certificate/revoked-staple",
    title=Text("证书已被吊销", "The certificate was revoked"),
    rationale=Text("吊销的证书不应继续使用。", "A revoked certificate must not stay in use."),
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
        "revoked": Declared(
            status=Status.FAIL,
            severity=Severity.HIGH,
            detail=Text("OCSP 装订结果：已吊销。", "The staple says: revoked."),
        ),
        "good": Declared(status=Status.PASS, detail=Text("OCSP 装订结果：正常。", "The staple says: good.")),
        "unclear": Declared(
            status=Status.INCONCLUSIVE, detail=Text("OCSP 装订结果：{status}。", "The staple says: {status}.")
        ),
    },
    evaluate=evaluate,
    applies=_stapled,
    references=(Reference("RFC 6960", "https://www.rfc-editor.org/rfc/rfc6960"),),
)
