"""A certificate of the chain is signed with MD5 or SHA-1.

How it is judged: every certificate sent but self-signed roots, whose signature proves nothing.
"""

from __future__ import annotations

from collections.abc import Iterable

from checks.certificate.leaf import has_leaf, leaf
from checks.model import Basis, Declared, Evidence, Outcome, Reference, Rule, Settings, Severity, Status, Text
from scanner.facts import ServiceFacts, TlsFacts

_WEAK = ("md2", "md4", "md5", "sha1", "sha-1")


def evaluate(service: ServiceFacts, settings: Settings) -> Iterable[Outcome]:
    """Look at the names of the signature algorithms."""
    sent = [
        one for one in service.need(TlsFacts).certificates if one.signature_algorithm and not one.self_signed
    ]
    sent = sent or [leaf(service)]
    weak = [
        one.signature_algorithm
        for one in sent
        if any(mark in one.signature_algorithm.lower() for mark in _WEAK)
    ]
    shown = ", ".join(dict.fromkeys(weak or [one.signature_algorithm for one in sent]))
    yield Outcome(
        "weak" if weak else "strong",
        {"algorithms": shown},
        (Evidence("tls.certificates.signature_algorithm", shown),),
    )


RULE = Rule(
    id="certificate/weak-signature",
    title=Text("证书使用弱签名算法", "The chain is signed with a weak algorithm"),
    rationale=Text(
        "MD5、SHA-1 已可构造碰撞，证书可能被伪造。",
        "MD5 and SHA-1 collide on purpose; certificates may be forged.",
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
    severity=Severity.HIGH,
    duties=(
        "intrusion_protection",
        "data_protection",
    ),
    needs=(TlsFacts,),
    basis=Basis.HANDSHAKE,
    outcomes={
        "weak": Declared(
            status=Status.FAIL,
            severity=Severity.HIGH,
            detail=Text("使用 {algorithms}。", "Signed with {algorithms}."),
        ),
        "strong": Declared(
            status=Status.PASS, detail=Text("签名算法：{algorithms}。", "Signed with {algorithms}.")
        ),
    },
    evaluate=evaluate,
    applies=has_leaf,
    references=(Reference("RFC 9155", "https://www.rfc-editor.org/rfc/rfc9155"),),
)
