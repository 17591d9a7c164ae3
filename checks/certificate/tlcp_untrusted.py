"""No store vouches for TLCP's certificates.

How it is seen: both certificates of the pair, verified offline with what was sent beside them. How it is
judged: no public store holds a root of SM2, so only the chosen one (--ca-file) can judge; without it, that is
said. What certificate/tlcp-validity reports is not told again here.
What it cannot show: whether the authority is licensed (电子认证服务使用密码许可证).

Source: GB/T 38636-2020; GB/T 32918.2-2016; RFC 5280 section 6.
"""

from __future__ import annotations

from collections.abc import Iterable

from checks.certificate.installing import INSTALL_PAIR
from checks.certificate.tlcp import has_certificates, pair
from checks.model import Basis, Declared, Evidence, Outcome, Reference, Rule, Settings, Severity, Status, Text
from scanner.facts import ServiceFacts, TlsFacts


def _out_of_validity(service: ServiceFacts, settings: Settings) -> bool:
    return any(
        (one.not_after is not None and one.not_after < settings.at)
        or (one.not_before is not None and one.not_before > settings.at)
        for _, one in pair(service)
    )


def evaluate(service: ServiceFacts, settings: Settings) -> Iterable[Outcome]:
    """Judge what the stores said."""
    trust = service.need(TlsFacts).tlcp_trust
    found = set(trust.values())
    values = {"reasons": ", ".join(sorted(found))}
    proof = tuple(Evidence(f"tls.tlcp_trust.{store}", reason) for store, reason in trust.items())
    if not found:
        name = "no_store"
    elif "ok" in found:
        name = "trusted"
    elif "unreadable" in found or any(reason.startswith("undecided:") for reason in found):
        name = "undecided"
    elif found & {"expired", "not_yet_valid"} and _out_of_validity(service, settings):
        name = "other_cause"
    else:
        name = "untrusted"
    yield Outcome(name, values, proof)


RULE = Rule(
    id="certificate/tlcp-untrusted",
    title=Text("国密（TLCP）证书不受信任", "TLCP's certificates are not trusted"),
    rationale=Text(
        "指定的根证书不认可这对证书的签发者：客户端如果照样连接，就分不清真假服务器。",
        "The chosen roots do not know who issued the pair: a client that connects all the same cannot tell the server "
        "from a forged one.",
    ),
    remediation=Text(
        "核对 --ca-file 是否含有签发机构的根证书；服务器应在双证书之后发送中间证书。仍不受信任的，换用国内有资质的电子认证服务机构"
        "签发的 SM2 双证书。"
        f"{INSTALL_PAIR.zh}",
        "See whether --ca-file holds the root of the issuing authority; the server should send the intermediates after the "
        "pair. If it still is not trusted, get an SM2 pair from a licensed certification authority."
        f"{INSTALL_PAIR.en}",
    ),
    severity=Severity.MEDIUM,
    duties=("commercial_cryptography", "data_protection"),
    needs=(TlsFacts,),
    basis=Basis.HANDSHAKE,
    outcomes={
        "untrusted": Declared(
            status=Status.WARN,
            severity=Severity.MEDIUM,
            detail=Text(
                "指定的信任库不认可 TLCP 证书（{reasons}）。",
                "The chosen store does not trust TLCP's certificates ({reasons}).",
            ),
        ),
        "other_cause": Declared(
            status=Status.INFO,
            detail=Text(
                "TLCP 证书因有效期未通过核验，见相应检查（{reasons}）。",
                "TLCP's certificates fail for their validity, which is told elsewhere ({reasons}).",
            ),
        ),
        "no_store": Declared(
            status=Status.INCONCLUSIVE,
            detail=Text(
                "国密证书的根证书不在公共信任库中，未核验证书链；用 --ca-file 指定根证书后复测。",
                "No public store holds the root of such certificates, so the chain was not verified; name the root with "
                "--ca-file and test again.",
            ),
        ),
        "undecided": Declared(
            status=Status.INCONCLUSIVE,
            detail=Text("未能核验证书链（{reasons}）。", "The chain could not be verified ({reasons})."),
        ),
        "trusted": Declared(
            status=Status.PASS,
            detail=Text("两张 TLCP 证书都受信任。", "Both TLCP certificates are trusted."),
        ),
    },
    evaluate=evaluate,
    applies=has_certificates,
    references=(
        Reference("GB/T 38636-2020 信息安全技术 传输层密码协议（TLCP）"),
        Reference("GB/T 32918.2-2016 SM2 椭圆曲线公钥密码算法 第 2 部分：数字签名算法"),
        Reference("RFC 5280 §6", "https://www.rfc-editor.org/rfc/rfc5280#section-6"),
    ),
)
