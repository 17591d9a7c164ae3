"""The certificate is not valid yet.

How it is judged: notBefore against the moment the certificate was seen; often a wrong clock. That the trust
stores refuse it for this is not told again by certificate/untrusted-chain.

Source: RFC 5280 section 4.1.2.5.
"""

from __future__ import annotations

from collections.abc import Iterable

from checks.certificate.leaf import day, has_leaf, leaf
from checks.model import Basis, Declared, Evidence, Outcome, Reference, Rule, Settings, Severity, Status, Text
from scanner.facts import ServiceFacts, TlsFacts


def evaluate(service: ServiceFacts, settings: Settings) -> Iterable[Outcome]:
    """Compare notBefore with the moment of the look."""
    start = leaf(service).not_before
    if start is None:
        yield Outcome("undecided")
        return
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
        "先核对服务器和签发机构的时钟；时钟无误的，换回有效的证书。向电子认证服务机构申请新证书，或者用"
        " ACME 客户端（certbot、acme.sh）自动签发和续期。安装：nginx：ssl_certificate 指向证书加中间证"
        "书的文件；　Apache：SSLCertificateFile　Tomcat：更新 keystore　IIS：导入后重新绑定站点。重新加"
        "载服务后复测。",
        "Check the clocks of the server and the authority first; if they are right, put a valid "
        "certificate back. Get a new certificate from a certification authority, or have an ACME "
        "client (certbot, acme.sh) issue and renew it. To install: nginx: ssl_certificate with a file "
        "of the certificate and its intermediates; Apache: SSLCertificateFile; Tomcat: update the "
        "keystore; IIS: import it and bind the site again. Reload and test again.",
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
        "undecided": Declared(
            status=Status.INCONCLUSIVE,
            detail=Text("未能读出证书的有效期。", "The validity of the certificate could not be read."),
        ),
        "begun": Declared(status=Status.PASS, detail=Text("证书自 {day} 起有效。", "Valid since {day}.")),
    },
    evaluate=evaluate,
    applies=has_leaf,
    references=(Reference("RFC 5280 §4.1.2.5", "https://www.rfc-editor.org/rfc/rfc5280#section-4.1.2.5"),),
)
