"""A certificate of TLCP's pair is for another name.

How it is judged: the name asked for against the subject alternative names of the signing and of the
encryption certificate, as RFC 9525 has it for TLS. GB/T 38636 does not say by what a client knows the server,
and certificates without such names are common there: they are named, not judged. A service asked by bare
address is not judged unless its certificates name addresses.

Source: RFC 9525.
"""

from __future__ import annotations

from collections.abc import Iterable

from checks.certificate.installing import INSTALL_PAIR
from checks.certificate.tlcp import evidence, has_certificates, pair
from checks.model import Basis, Declared, Outcome, Reference, Rule, Settings, Severity, Status, Text
from scanner.facts import ServiceFacts, TlsFacts


def _can_be_compared(service: ServiceFacts) -> bool:
    return has_certificates(service) and (
        service.endpoint.name is not None or service.need(TlsFacts).tlcp_hostname_match is not None
    )


def evaluate(service: ServiceFacts, settings: Settings) -> Iterable[Outcome]:
    """Judge the match."""
    found = pair(service)
    names = [", ".join(one.san) or one.subject for _, one in found]
    values = {"asked": service.endpoint.name or service.endpoint.ip, "names": "; ".join(dict.fromkeys(names))}
    match service.need(TlsFacts).tlcp_hostname_match:
        case True:
            name = "match"
        case False:
            name = "mismatch"
        case None:
            broken = any("subjectAltName:" in (one.error or "") or not one.serial for _, one in found)
            name = "undecided" if broken else "nameless"
    yield Outcome(name, values, evidence("san", found, names))


RULE = Rule(
    id="certificate/tlcp-name-mismatch",
    title=Text("国密（TLCP）证书与域名不符", "A TLCP certificate is for another name"),
    rationale=Text(
        "国密浏览器会警告，用户无法确认站点真伪。",
        "TLCP browsers warn, and users cannot tell whether the site is the right one.",
    ),
    remediation=Text(
        f"申请双证书时，把访问者使用的全部域名写入两张证书的主题备用名称，安装后复测。{INSTALL_PAIR.zh}",
        "Put every name that visitors use into the subject alternative name of both certificates, install them and test "
        "again."
        f"{INSTALL_PAIR.en}",
    ),
    severity=Severity.MEDIUM,
    duties=("commercial_cryptography", "data_protection"),
    needs=(TlsFacts,),
    basis=Basis.HANDSHAKE,
    outcomes={
        "mismatch": Declared(
            status=Status.FAIL,
            severity=Severity.MEDIUM,
            detail=Text(
                "TLCP 证书的名称是 {names}，不是 {asked}。",
                "TLCP's certificates are for {names}, not for {asked}.",
            ),
        ),
        "nameless": Declared(
            status=Status.INFO,
            detail=Text(
                "TLCP 证书没有主题备用名称（{names}），是否适用于 {asked} 须人工核对。",
                "A TLCP certificate has no subject alternative name ({names}); whether it is for {asked} is for a person "
                "to say.",
            ),
        ),
        "undecided": Declared(
            status=Status.INCONCLUSIVE,
            detail=Text("未能读出证书的名称。", "The names of a certificate could not be read."),
        ),
        "match": Declared(
            status=Status.PASS,
            detail=Text("两张 TLCP 证书都适用于 {asked}。", "Both TLCP certificates are for {asked}."),
        ),
    },
    evaluate=evaluate,
    applies=_can_be_compared,
    references=(
        Reference("RFC 9525", "https://www.rfc-editor.org/rfc/rfc9525"),
        Reference("GB/T 20518-2018 信息安全技术 公钥基础设施 数字证书格式"),
    ),
)
