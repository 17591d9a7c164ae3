"""The certificate was revoked, by the word of its authority.

How it is seen: the answer that the server staples; with --revocation online also what the scan is told by the OCSP
responder that the certificate names, or by its revocation list. Without that option no third party is asked. How it is judged: one answer that says revoked, and holds, is
enough. A server that staples none, and about which nobody was asked, is not judged; an answer that could not be
checked, or is missing, gives no judgement.

Source: RFC 6960; RFC 6066 section 8; RFC 5280 section 5.
"""

from __future__ import annotations

from collections.abc import Iterable

from checks.certificate.leaf import has_leaf
from checks.model import Basis, Declared, Evidence, Outcome, Reference, Rule, Settings, Severity, Status, Text
from scanner.facts import ServiceFacts, TlsFacts


def _may_be_told(service: ServiceFacts) -> bool:
    facts = service.need(TlsFacts)
    told = facts.ocsp_status is not None or facts.ocsp_stapled is not False or facts.revocation is not None
    return has_leaf(service) and told


def evaluate(service: ServiceFacts, settings: Settings) -> Iterable[Outcome]:
    """Read both verdicts."""
    facts = service.need(TlsFacts)
    asked = facts.revocation
    said = {"tls.ocsp_status": facts.ocsp_status, "tls.revocation.status": asked.status if asked else None}
    evidence = tuple(Evidence(fact, status) for fact, status in said.items() if status is not None)
    statuses = [status for status in said.values() if status is not None]
    if asked is not None and asked.why:
        evidence += (Evidence("tls.revocation.why", asked.why),)
    name = "unclear" if statuses else "undecided"
    name = next((sure for sure in ("revoked", "good") if sure in statuses), name)
    yield Outcome(name, {"status": ", ".join(dict.fromkeys(statuses)) or "-"}, evidence)


RULE = Rule(
    id="certificate/revoked-staple",
    title=Text("证书已被吊销", "The certificate was revoked"),
    rationale=Text(
        "签发机构已宣布该证书作废，通常因为私钥泄露或者信息不实；继续使用，访问者可能正被冒充的站点欺骗。",
        "The authority has declared the certificate void, mostly because its key was lost or its "
        "content was wrong; visitors may be talking to an impostor.",
    ),
    remediation=Text(
        "查明吊销原因；怀疑私钥泄露的，换新密钥后重新申请。向电子认证服务机构申请新证书，或者用 ACME 客"
        "户端（certbot、acme.sh）自动签发和续期。安装：nginx：ssl_certificate 指向证书加中间证书的文件；　"
        "Apache：SSLCertificateFile　Tomcat：更新 keystore　IIS：导入后重新绑定站点。重新加载服务后复测。",
        "Find out why it was revoked; where the key may be lost, make a new one. Get a new certificate "
        "from a certification authority, or have an ACME client (certbot, acme.sh) issue and renew it. "
        "To install: nginx: ssl_certificate with a file of the certificate and its intermediates; "
        "Apache: SSLCertificateFile; Tomcat: update the keystore; IIS: import it and bind the site "
        "again. Reload and test again.",
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
            detail=Text("签发机构的答复：已吊销。", "Its authority says: revoked."),
        ),
        "good": Declared(
            status=Status.PASS, detail=Text("签发机构的答复：正常。", "Its authority says: good.")
        ),
        "undecided": Declared(
            status=Status.INCONCLUSIVE,
            detail=Text(
                "未取得可核验的 OCSP 应答或吊销列表，不知证书是否已被吊销。",
                "No answer of its authority that could be checked, so it is not known whether the certificate was revoked.",
            ),
        ),
        "unclear": Declared(
            status=Status.INCONCLUSIVE,
            detail=Text("签发机构的答复：{status}。", "Its authority says: {status}."),
        ),
    },
    evaluate=evaluate,
    applies=_may_be_told,
    references=(Reference("RFC 6960", "https://www.rfc-editor.org/rfc/rfc6960"),),
)
