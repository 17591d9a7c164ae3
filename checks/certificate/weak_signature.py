"""A certificate of the chain is signed with MD5 or SHA-1.

How it is judged: every certificate sent but self-signed ones, whose signature proves nothing. Certificates were
forged with MD5 (RFC 6151), which is a high weakness; with SHA-1 (RFC 6194, Baseline Requirements 7.1.3.2) it takes an
authority that still signs so, which is a medium one. A weak one that is sent along although the chain verifies without it is a low weakness. An algorithm without a known name
gives no judgement. That the trust stores refuse the chain for this is not told again by
certificate/untrusted-chain.
"""

from __future__ import annotations

from collections.abc import Iterable

from checks.certificate.leaf import has_leaf, leaf, trusted
from checks.certificate.signatures import (
    algorithm_known,
    signed_by_others,
    uses_broken_hash,
    uses_weak_hash,
    weakly_signed,
)
from checks.model import Basis, Declared, Evidence, Outcome, Reference, Rule, Settings, Severity, Status, Text
from scanner.facts import ServiceFacts, TlsFacts


def _signed(service: ServiceFacts) -> bool:
    return has_leaf(service) and bool(signed_by_others(service))


def evaluate(service: ServiceFacts, settings: Settings) -> Iterable[Outcome]:
    """Look at the names of the signature algorithms."""
    sent, weak = signed_by_others(service), weakly_signed(service)
    unsure = [one for one in sent if one not in weak and (uses_weak_hash(one) or not algorithm_known(one))]
    shown = ", ".join(dict.fromkeys(one.signature_algorithm or "-" for one in weak or unsure or sent))
    evidence = (Evidence("tls.certificates.signature_algorithm", shown),)
    if weak:
        used = leaf(service) in weak or not trusted(service)
        broken = any(uses_broken_hash(one) for one in weak)
        name = ("broken" if broken else "weak") if used else "unused"
    else:
        name = "undecided" if unsure else "strong"
    yield Outcome(name, {"algorithms": shown}, evidence)


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
        "broken": Declared(
            status=Status.FAIL,
            severity=Severity.HIGH,
            detail=Text(
                "使用 {algorithms}，已有人据此伪造过证书。",
                "Signed with {algorithms}, by which certificates have been forged.",
            ),
        ),
        "weak": Declared(
            status=Status.FAIL,
            severity=Severity.MEDIUM,
            detail=Text("使用 {algorithms}。", "Signed with {algorithms}."),
        ),
        "unused": Declared(
            status=Status.WARN,
            severity=Severity.LOW,
            detail=Text(
                "多发送了使用 {algorithms} 签名的证书；核验证书链并不需要它，应从证书文件中删去。",
                "A certificate signed with {algorithms} is sent although the chain verifies without it; take it out "
                "of the certificate file.",
            ),
        ),
        "undecided": Declared(
            status=Status.INCONCLUSIVE,
            detail=Text(
                "未能判断签名算法（{algorithms}）。", "Could not judge the algorithm ({algorithms})."
            ),
        ),
        "strong": Declared(
            status=Status.PASS, detail=Text("签名算法：{algorithms}。", "Signed with {algorithms}.")
        ),
    },
    evaluate=evaluate,
    applies=_signed,
    references=(
        Reference("RFC 6151", "https://www.rfc-editor.org/rfc/rfc6151"),
        Reference("RFC 6194", "https://www.rfc-editor.org/rfc/rfc6194"),
        Reference("CA/Browser Forum Baseline Requirements §7.1.3.2"),
    ),
)
