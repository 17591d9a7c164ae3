"""An RSA key of the chain is too short, or its exponent breaks it.

How it is judged: the bits of the server's key and of the intermediates' against the threshold rsa_min_bits (RFC
9325 section 4.5; CA/Browser Forum Baseline Requirements 6.1.5): a medium weakness from 1024 bits up, which nobody is
known to have factored, a high one below. A DSA key is held to the same. A public exponent
below 3, or an even one, is no RSA (Baseline Requirements 6.1.6): with an exponent of 1 anybody signs.
"""

from __future__ import annotations

from collections.abc import Iterable

from checks.certificate.keys import SIZES, judge_sizes, keys_of, leaf_key
from checks.model import Basis, Declared, Evidence, Outcome, Reference, Rule, Settings, Severity, Status, Text
from scanner.facts import ServiceFacts, TlsFacts

_TYPES = ("RSA", "DSA")
_BROKEN = 1024
"""Keys of 829 bits have been factored in public (RSA-250, 2020)."""


def _concerned(service: ServiceFacts) -> bool:
    return bool(keys_of(service, _TYPES))


def evaluate(service: ServiceFacts, settings: Settings) -> Iterable[Outcome]:
    """Look at the exponent, and compare the sizes with the threshold."""
    key = leaf_key(service)
    exponent = key.exponent if key is not None else None
    if exponent is not None and (exponent < 3 or exponent % 2 == 0):
        evidence = Evidence("tls.certificates[0].key.exponent", str(exponent))
        yield Outcome("exponent", {"exponent": str(exponent)}, (evidence,))
    else:
        yield from judge_sizes(service, _TYPES, wanted=settings.threshold("rsa_min_bits"), broken=_BROKEN)


RULE = Rule(
    id="certificate/weak-rsa-key",
    title=Text("证书的 RSA（DSA）密钥过短", "The RSA (or DSA) key is too short"),
    rationale=Text(
        "过短的密钥可能被破解，从而冒充服务器。", "A short key may be broken, and the server impersonated."
    ),
    remediation=Text(
        "先生成 2048 位以上的 RSA 密钥（或 P-256 的 EC 密钥），向电子认证服务机构申请新证书，或者用 "
        "ACME 客户端（certbot、acme.sh）自动签发和续期。安装：nginx：ssl_certificate 指向证书加中间证书"
        "的文件；　Apache：SSLCertificateFile　Tomcat：更新 keystore　IIS：导入后重新绑定站点。重新加载"
        "服务后复测。",
        "Make an RSA key of 2048 bits or more first (or an EC key on P-256). Get a new certificate "
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
        **SIZES,
        "exponent": Declared(
            status=Status.FAIL,
            severity=Severity.HIGH,
            detail=Text(
                "RSA 公开指数为 {exponent}，不成其为 RSA：应为不小于 3 的奇数，通常为 65537。",
                "The public exponent is {exponent}, which is no RSA: it must be odd and 3 or more, and mostly is 65537.",
            ),
        ),
    },
    evaluate=evaluate,
    applies=_concerned,
    references=(
        Reference("RFC 9325 §4.5", "https://www.rfc-editor.org/rfc/rfc9325#section-4.5"),
        Reference("NIST SP 800-131A"),
        Reference("CA/Browser Forum Baseline Requirements §6.1.5, §6.1.6"),
    ),
)
