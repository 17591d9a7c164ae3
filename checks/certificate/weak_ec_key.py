"""An elliptic curve key of the chain is too short, or its curve is written out instead of named.

How it is judged: the bits of the server's key and of the intermediates' against the threshold ec_min_bits (NIST SP
800-131A): a medium weakness from 160 bits up, a high one below. Curve parameters that are written out are forbidden (RFC 5480 section 2.1.1): whoever writes the curve may choose one on which signatures are forged (CVE-2020-0601).
"""

from __future__ import annotations

from collections.abc import Iterable

from checks.certificate.keys import SIZES, judge_sizes, keys_of, leaf_key
from checks.model import Basis, Declared, Evidence, Outcome, Reference, Rule, Settings, Severity, Status, Text
from scanner.facts import ServiceFacts, TlsFacts

_TYPES = ("EC", "SM2")
_BROKEN = 160
"""Logarithms of 117 bits have been found in public (2016); 160 bits are the strength of RSA with 1024."""


def _concerned(service: ServiceFacts) -> bool:
    return bool(keys_of(service, _TYPES))


def evaluate(service: ServiceFacts, settings: Settings) -> Iterable[Outcome]:
    """See how the curve is told, and compare the sizes with the threshold."""
    key = leaf_key(service)
    if key is not None and key.curve == "explicit":
        yield Outcome("explicit", {}, (Evidence("tls.certificates[0].key.curve", key.curve),))
    else:
        yield from judge_sizes(service, _TYPES, wanted=settings.threshold("ec_min_bits"), broken=_BROKEN)


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
        **SIZES,
        "explicit": Declared(
            status=Status.WARN,
            severity=Severity.MEDIUM,
            detail=Text(
                "密钥的曲线没有用名称指明，而是写出全部参数，标准禁止这样做，多数客户端拒绝连接。",
                "The key's curve is not named: all its parameters are written out, which the standard forbids and most "
                "clients refuse.",
            ),
        ),
    },
    evaluate=evaluate,
    applies=_concerned,
    references=(
        Reference("NIST SP 800-131A"),
        Reference("RFC 5480 §2.1.1", "https://www.rfc-editor.org/rfc/rfc5480#section-2.1.1"),
    ),
)
