"""A certificate of TLCP's pair is out of its validity.

How it is judged: notBefore and notAfter of the signing and of the encryption certificate against the moment
they were seen. That a store refuses them for this is not told again by certificate/tlcp-untrusted. TLS's own
certificates are judged by certificate/expired and certificate/not-yet-valid.

Source: GB/T 20518-2018; RFC 5280 section 4.1.2.5.
"""

from __future__ import annotations

from collections.abc import Iterable

from checks.certificate.installing import INSTALL_PAIR
from checks.certificate.leaf import day
from checks.certificate.tlcp import evidence, has_certificates, pair, roles
from checks.model import Basis, Declared, Outcome, Reference, Rule, Settings, Severity, Status, Text
from scanner.facts import ServiceFacts, TlsFacts


def evaluate(service: ServiceFacts, settings: Settings) -> Iterable[Outcome]:
    """Compare the dates with the moment of the look."""
    found = pair(service)
    ends = [(place, one.not_after) for place, (_, one) in enumerate(found) if one.not_after is not None]
    starts = [(place, one.not_before) for place, (_, one) in enumerate(found) if one.not_before is not None]
    over = [(place, end) for place, end in ends if end < settings.at]
    early = [(place, start) for place, start in starts if start > settings.at]
    if over:
        values = {"day": day(min(end for _, end in over)), **roles([place for place, _ in over])}
        yield Outcome(
            "expired", values, evidence("not_after", found, [str(one.not_after) for _, one in found])
        )
    if early:
        values = {"day": day(max(start for _, start in early)), **roles([place for place, _ in early])}
        yield Outcome(
            "early", values, evidence("not_before", found, [str(one.not_before) for _, one in found])
        )
    if over or early:
        return
    if len(ends) < len(found) or len(starts) < len(found):
        yield Outcome("undecided")
    else:
        proof = evidence("not_after", found, [str(one.not_after) for _, one in found])
        yield Outcome("valid", {"day": day(min(end for _, end in ends))}, proof)


RULE = Rule(
    id="certificate/tlcp-validity",
    title=Text("国密（TLCP）证书不在有效期内", "A TLCP certificate is not valid now"),
    rationale=Text(
        "国密客户端会拒绝不在有效期内的证书，服务随之中断；关掉校验来绕过，假冒的服务器也能得逞。",
        "TLCP clients refuse a certificate out of its validity, and the service stops; switching the check off lets a "
        "forged server through as well.",
    ),
    remediation=Text(
        "向原电子认证服务机构更新双证书（签名、加密两张一起更换），装入服务器或国密网关后复测；尚未生效的，先核对时钟。"
        f"{INSTALL_PAIR.zh}",
        "Have the certification authority renew the pair (both together), install it on the server or gateway and test "
        "again; for one that is not valid yet, check the clocks first."
        f"{INSTALL_PAIR.en}",
    ),
    severity=Severity.MEDIUM,
    duties=("commercial_cryptography", "data_protection"),
    needs=(TlsFacts,),
    basis=Basis.HANDSHAKE,
    outcomes={
        "expired": Declared(
            status=Status.FAIL,
            severity=Severity.MEDIUM,
            detail=Text("TLCP 的{which}已于 {day} 过期。", "TLCP's {which_en} expired on {day}."),
        ),
        "early": Declared(
            status=Status.FAIL,
            severity=Severity.MEDIUM,
            detail=Text("TLCP 的{which}要到 {day} 才生效。", "TLCP's {which_en} is not valid before {day}."),
        ),
        "undecided": Declared(
            status=Status.INCONCLUSIVE,
            detail=Text("未能读出证书的有效期。", "The validity of a certificate could not be read."),
        ),
        "valid": Declared(
            status=Status.PASS,
            detail=Text("TLCP 证书有效期至 {day}。", "TLCP's certificates are valid until {day}."),
        ),
    },
    evaluate=evaluate,
    applies=has_certificates,
    references=(
        Reference("GB/T 20518-2018 信息安全技术 公钥基础设施 数字证书格式"),
        Reference("RFC 5280 §4.1.2.5", "https://www.rfc-editor.org/rfc/rfc5280#section-4.1.2.5"),
    ),
)
