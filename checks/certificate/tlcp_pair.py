"""The two certificates of a TLCP service are not a proper pair.

How it is seen: the certificates sent in a TLCP handshake, in their order. How it is judged: GB/T 38636-2020
wants two, one to sign and then one to encrypt, and GM/T 0015 (GB/T 20518) says what each key may be used for.
A missing one, the same one twice, the two in the wrong order, key usages that do not fit or are not said, and,
with the suites of ECC and ECDHE, a key that is not of SM2 or a signature that is not SM2 with SM3: each is a
weakness, for clients may refuse the service, and the use of 商用密码 will not pass its assessment. The
encryption certificate is also found after the authorities' certificates, where some products put it.
Validity, names and trust have rules of their own. With suites of identity-based cryptography (SM9) there are
no certificates to judge.
What it cannot show: who holds a copy of the encryption key, and whether the two keys differ.

Source: GB/T 38636-2020 section 6.4.5.3; GM/T 0015-2012; GB/T 20518-2018.
"""

from __future__ import annotations

from collections.abc import Iterable

from checks.certificate.tlcp import Placed, evidence, pair, roles, speaks_tlcp, uses_sm2
from checks.model import Basis, Declared, Outcome, Reference, Rule, Settings, Severity, Status, Text
from scanner.facts import CertificateFacts, ServiceFacts, TlsFacts

_SIGNING = frozenset({"digital_signature", "content_commitment"})
_ENCRYPTION = frozenset({"key_encipherment", "data_encipherment", "key_agreement"})


def _signs(certificate: CertificateFacts) -> bool:
    return bool(_SIGNING & set(certificate.key_usage))


def _encrypts(certificate: CertificateFacts) -> bool:
    return bool(_ENCRYPTION & set(certificate.key_usage))


def _unread(certificate: CertificateFacts) -> bool:
    return certificate.error is not None and (
        not certificate.serial
        or any(f"{part}:" in certificate.error for part in ("keyUsage", "public key", "signature"))
    )


def _usage(found: tuple[Placed, Placed]) -> Iterable[Outcome]:
    (_, sign), (_, encrypt) = found
    shown = [", ".join(one.key_usage) or "-" for _, one in found]
    proof = evidence("key_usage", found, shown)
    values = {"sign": shown[0], "encrypt": shown[1]}
    if not sign.key_usage or not encrypt.key_usage:
        yield Outcome("usage_missing", values, proof)
    elif not _signs(sign) and _encrypts(sign) and _signs(encrypt) and not _encrypts(encrypt):
        yield Outcome("swapped", values, proof)
    elif not _signs(sign) or _encrypts(sign) or not _encrypts(encrypt) or _signs(encrypt):
        yield Outcome("wrong_usage", values, proof)


def _algorithms(found: tuple[Placed, Placed]) -> Iterable[Outcome]:
    kinds = [one.key.type if one.key is not None else "-" for _, one in found]
    signatures = [one.signature_algorithm for _, one in found]
    wrong = [
        place
        for place, (kind, signature) in enumerate(zip(kinds, signatures, strict=True))
        if kind != "SM2" or signature != "sm2-with-SM3"
    ]
    if wrong:
        shown = ", ".join(dict.fromkeys(f"{kinds[place]} / {signatures[place]}" for place in wrong))
        proof = (*evidence("key.type", found, kinds), *evidence("signature_algorithm", found, signatures))
        yield Outcome("not_sm", {"algorithms": shown, **roles(wrong)}, proof)


def evaluate(service: ServiceFacts, settings: Settings) -> Iterable[Outcome]:
    """Judge number, order, usages and algorithms."""
    suites = service.need(TlsFacts).ciphers.get("TLCP", ())
    found = pair(service)
    if not found:
        identities = bool(suites) and all(suite.startswith("IB") for suite in suites)
        yield Outcome("identities" if identities else "unseen")
        return
    if any(_unread(one) for _, one in found):
        yield Outcome("undecided", {}, evidence("error", found, [one.error or "-" for _, one in found]))
        return
    count = len(service.need(TlsFacts).tlcp_certificates)
    if len(found) < 2:
        yield Outcome("single", {"count": str(count)}, evidence("subject", found, [found[0][1].subject]))
        return
    both = (found[0], found[1])
    if both[0][1].sha256 == both[1][1].sha256:
        yield Outcome("twice", {}, evidence("sha256", found, [one.sha256 for _, one in found]))
        return
    wrong = [*_usage(both), *(_algorithms(both) if uses_sm2(service) else ())]
    yield from wrong or [Outcome("proper", {}, evidence("subject", found, [one.subject for _, one in found]))]


RULE = Rule(
    id="certificate/tlcp-pair",
    title=Text("国密（TLCP）双证书不合规范", "TLCP's two certificates are no proper pair"),
    rationale=Text(
        "TLCP 要求服务器先发签名证书、后发加密证书：签名密钥只用于证明身份，由单位自己保管；加密密钥由密钥管理中心备份，"
        "可以依法恢复。两者混用，备份加密密钥的一方就能冒充服务器；缺少、颠倒或者用途不符的证书，国密客户端会拒绝连接，"
        "密码应用安全性评估也通不过。",
        "TLCP wants a signing certificate and then an encryption certificate: the signing key proves identity and is in the "
        "owner's hands alone, while the encryption key is kept by a key management centre too and can be restored. If one "
        "serves for both, whoever keeps the copy can pose as the server; with a certificate missing, out of order or for "
        "another use, clients refuse to connect, and the use of cryptography does not pass its assessment.",
    ),
    remediation=Text(
        "向有资质的电子认证服务机构申请 SM2 双证书，签名证书的密钥用法为数字签名（和抗抵赖），加密证书为密钥加密、数据加密和密钥协商。"
        "Tongsuo 版 nginx：ssl_sign_certificate、ssl_sign_certificate_key 与 ssl_enc_certificate、ssl_enc_certificate_key "
        "分别指向两张证书及其密钥；国密网关：在服务配置中分别选择签名证书和加密证书。重新加载服务后复测。",
        "Get a pair of SM2 certificates from a licensed certification authority: key usage digital signature (and non "
        "repudiation) for the one to sign; key encipherment, data encipherment and key agreement for the one to encrypt. "
        "nginx with Tongsuo: ssl_sign_certificate, ssl_sign_certificate_key and ssl_enc_certificate, "
        "ssl_enc_certificate_key name the two; on a gateway, choose both in the settings of the service. Reload and test "
        "again.",
    ),
    severity=Severity.MEDIUM,
    duties=("commercial_cryptography", "data_protection"),
    needs=(TlsFacts,),
    basis=Basis.HANDSHAKE,
    outcomes={
        "single": Declared(
            status=Status.WARN,
            severity=Severity.MEDIUM,
            detail=Text(
                "TLCP 握手中只有一张服务器证书（共发送 {count} 张，其余为签发机构证书），缺少加密证书。",
                "The TLCP handshake has one certificate of the server (of {count} sent, the rest being of authorities): "
                "the one to encrypt is missing.",
            ),
        ),
        "twice": Declared(
            status=Status.WARN,
            severity=Severity.MEDIUM,
            detail=Text(
                "签名证书和加密证书是同一张。", "The same certificate is sent to sign and to encrypt."
            ),
        ),
        "swapped": Declared(
            status=Status.WARN,
            severity=Severity.MEDIUM,
            detail=Text(
                "两张证书的次序颠倒：第一张只能用于加密（{sign}），第二张只能用于签名（{encrypt}）。",
                "The two are in the wrong order: the first can only encrypt ({sign}), the second only sign ({encrypt}).",
            ),
        ),
        "wrong_usage": Declared(
            status=Status.WARN,
            severity=Severity.MEDIUM,
            detail=Text(
                "密钥用法与用途不符：签名证书为 {sign}，加密证书为 {encrypt}。",
                "The key usages do not fit: {sign} to sign, {encrypt} to encrypt.",
            ),
        ),
        "usage_missing": Declared(
            status=Status.WARN,
            severity=Severity.LOW,
            detail=Text(
                "证书没有写明密钥用法：签名证书为 {sign}，加密证书为 {encrypt}。",
                "A key usage is not said: {sign} to sign, {encrypt} to encrypt.",
            ),
        ),
        "not_sm": Declared(
            status=Status.WARN,
            severity=Severity.MEDIUM,
            detail=Text(
                "{which}没有使用 SM2 密钥和 SM2-SM3 签名（{algorithms}）。",
                "Not an SM2 key with a signature by SM2 and SM3 ({algorithms}): {which_en}.",
            ),
        ),
        "unseen": Declared(
            status=Status.INCONCLUSIVE,
            detail=Text("接受 TLCP，但没有读到证书。", "TLCP is accepted, but no certificate could be read."),
        ),
        "undecided": Declared(
            status=Status.INCONCLUSIVE,
            detail=Text("证书有无法解析的部分，未能判断。", "A certificate cannot be read in full."),
        ),
        "identities": Declared(
            status=Status.INFO,
            detail=Text(
                "只提供标识密码（SM9）套件，不使用证书。",
                "Only identity-based suites (SM9) are offered; they use no certificates.",
            ),
        ),
        "proper": Declared(
            status=Status.PASS,
            detail=Text(
                "签名证书和加密证书齐全，次序和密钥用法正确。",
                "Both certificates are there, in order, and each for its own use.",
            ),
        ),
    },
    evaluate=evaluate,
    applies=speaks_tlcp,
    references=(
        Reference("GB/T 38636-2020 信息安全技术 传输层密码协议（TLCP）§6.4.5.3"),
        Reference("GM/T 0015-2012 基于 SM2 密码算法的数字证书格式规范"),
        Reference("GB/T 20518-2018 信息安全技术 公钥基础设施 数字证书格式"),
    ),
)
