"""The elliptic curve key of the certificate is too short.

How it is judged: its bits against the threshold ec_min_bits.
"""

from __future__ import annotations

from collections.abc import Iterable

from checks.certificate.leaf import has_leaf, leaf
from checks.model import Basis, Declared, Evidence, Outcome, Reference, Rule, Settings, Severity, Status, Text
from scanner.facts import ServiceFacts, TlsFacts


def _concerned(service: ServiceFacts) -> bool:
    key = leaf(service).key if has_leaf(service) else None
    return key is not None and key.type in ("EC", "SM2")


def evaluate(service: ServiceFacts, settings: Settings) -> Iterable[Outcome]:
    """Compare the key's size with the threshold."""
    key = leaf(service).key
    assert key is not None
    bits, wanted = key.bits, settings.threshold("ec_min_bits")
    values = {"type": key.type, "bits": str(bits), "wanted": str(wanted)}
    evidence = (Evidence("tls.certificates[0].key", f"{key.type} {bits} {key.curve or ''}".strip()),)
    if bits is None:
        yield Outcome("undecided", values, evidence)
    else:
        yield Outcome("enough" if bits >= wanted else "short", values, evidence)


RULE = Rule(
    id="certificate/weak-ec-key",
    title=Text("椭圆曲线密钥过短", "The elliptic curve key is too short"),
    rationale=Text(
        "过短的密钥可能被破解，从而冒充服务器。", "A short key may be broken, and the server impersonated."
    ),
    remediation=Text(
        "先生成 P-256 以上的密钥，向电子认证服务机构申请新证书，或者用 ACME 客户端（certbot、acme.sh）"
        "自动签发和续期。安装：nginx：ssl_certificate 指向证书加中间证书的文件；　Apache："
        "SSLCertificateFile　Tomcat：更新 keystore　IIS：导入后重新绑定站点。重新加载服务后复测。",
        "Make a key on P-256 or a larger curve first. Get a new certificate from a certification "
        "authority, or have an ACME client (certbot, acme.sh) issue and renew it. To install: nginx: "
        "ssl_certificate with a file of the certificate and its intermediates; Apache: "
        "SSLCertificateFile; Tomcat: update the keystore; IIS: import it and bind the site again. "
        "Reload and test again.",
    ),
    severity=Severity.HIGH,
    duties=(
        "intrusion_protection",
        "data_protection",
    ),
    needs=(TlsFacts,),
    basis=Basis.HANDSHAKE,
    outcomes={
        "short": Declared(
            status=Status.FAIL,
            severity=Severity.HIGH,
            detail=Text(
                "{type} 密钥为 {bits} 位，应不少于 {wanted} 位。",
                "The {type} key has {bits} bits; wanted: {wanted} or more.",
            ),
        ),
        "undecided": Declared(
            status=Status.INCONCLUSIVE,
            detail=Text("未能读出 {type} 密钥的长度。", "The size of the {type} key could not be read."),
        ),
        "enough": Declared(
            status=Status.PASS,
            detail=Text("{type} 密钥为 {bits} 位。", "The {type} key has {bits} bits."),
        ),
    },
    evaluate=evaluate,
    applies=_concerned,
    references=(Reference("NIST SP 800-131A"),),
)
