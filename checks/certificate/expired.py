"""The certificate has expired.

How it is judged: notAfter against the moment the certificate was seen (RFC 5280 section 4.1.2.5). As with every
certificate that clients refuse, harm needs somebody on the path and a user who passes over the warning. That the trust stores refuse it for
this, and that few days are left, is not told again by certificate/untrusted-chain and
certificate/expires-soon.
"""

from __future__ import annotations

from collections.abc import Iterable

from checks.certificate.leaf import day, has_leaf, leaf
from checks.model import Basis, Declared, Evidence, Outcome, Reference, Rule, Settings, Severity, Status, Text
from scanner.facts import ServiceFacts, TlsFacts


def evaluate(service: ServiceFacts, settings: Settings) -> Iterable[Outcome]:
    """Compare notAfter with the moment of the look."""
    end = leaf(service).not_after
    if end is None:
        yield Outcome("undecided")
        return
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
        "向电子认证服务机构申请新证书，或者用 ACME 客户端（certbot、acme.sh）自动签发和续期。安装："
        "nginx：ssl_certificate 指向证书加中间证书的文件；　Apache：SSLCertificateFile　Tomcat：更新 "
        "keystore　IIS：导入后重新绑定站点。重新加载服务后复测。",
        "Get a new certificate from a certification authority, or have an ACME client (certbot, "
        "acme.sh) issue and renew it. To install: nginx: ssl_certificate with a file of the "
        "certificate and its intermediates; Apache: SSLCertificateFile; Tomcat: update the keystore; "
        "IIS: import it and bind the site again. Reload and test again.",
    ),
    severity=Severity.MEDIUM,
    duties=(
        "intrusion_protection",
        "data_protection",
    ),
    needs=(TlsFacts,),
    basis=Basis.HANDSHAKE,
    outcomes={
        "expired": Declared(
            status=Status.FAIL,
            severity=Severity.MEDIUM,
            detail=Text(
                "证书已于 {day} 过期（检测时已过 {days} 天）。",
                "The certificate expired on {day}, {days} days before it was seen.",
            ),
        ),
        "undecided": Declared(
            status=Status.INCONCLUSIVE,
            detail=Text("未能读出证书的有效期。", "The validity of the certificate could not be read."),
        ),
        "valid": Declared(status=Status.PASS, detail=Text("有效期至 {day}。", "Valid until {day}.")),
    },
    evaluate=evaluate,
    applies=has_leaf,
    references=(Reference("RFC 5280 §4.1.2.5", "https://www.rfc-editor.org/rfc/rfc5280#section-4.1.2.5"),),
)
