"""Whether the server offers the ShangMi suites of RFC 8998 in TLS 1.3: information only.

How it is seen: the suites the server chose in TLS 1.3; also TLCP (GB/T 38636-2020, which grew out of GM/T
0024) where the facts hold it among the protocols.
What it cannot show: whether the object must use them; the regulations say 商用密码 and name no algorithm. That no
suite of RFC 8998 is offered says nothing of TLCP, which uses certificates and often ports of its own.
"""

from __future__ import annotations

from collections.abc import Iterable

from checks.model import Basis, Declared, Evidence, Outcome, Reference, Rule, Settings, Severity, Status, Text
from checks.tls.suites import offered, suites_known
from scanner.facts import ServiceFacts, TlsFacts


def evaluate(service: ServiceFacts, settings: Settings) -> Iterable[Outcome]:
    """Look for the suites' names."""
    names = [suite for suites in offered(service).values() for suite in suites if "SM4" in suite]
    tlcp = ["TLCP"] if "TLCP" in service.need(TlsFacts).protocols else []
    found = list(dict.fromkeys(tlcp + names))
    if found:
        shown = ", ".join(found)
        yield Outcome("offered", {"suites": shown}, (Evidence("tls.ciphers", shown),))
    else:
        yield Outcome("not_offered" if suites_known(service) else "undecided")


RULE = Rule(
    id="tls/sm-suites",
    title=Text("是否提供国密套件", "ShangMi suites"),
    rationale=Text(
        "等级保护第三级以上的网络和关键信息基础设施，须使用商用密码并开展密码应用安全性评估。RFC 8998 "
        "把 SM2、SM3、SM4 用于 TLS 1.3；是否采用，由评估要求决定，本项只作提示。",
        "Networks of protection level three or above and critical information infrastructure must use "
        "commercial cryptography and have its use assessed. RFC 8998 brings SM2, SM3 and SM4 to TLS "
        "1.3; whether it is wanted is for that assessment, this is information only.",
    ),
    remediation=Text(
        "如需使用，采用支持国密的服务器软件（如 Tongsuo、国密版 nginx）和 SM2 证书。",
        "Where needed, use server software with ShangMi support (such as Tongsuo) and SM2 certificates.",
    ),
    severity=Severity.INFO,
    duties=("commercial_cryptography",),
    needs=(TlsFacts,),
    basis=Basis.HANDSHAKE,
    outcomes={
        "offered": Declared(status=Status.INFO, detail=Text("提供：{suites}。", "Offered: {suites}.")),
        "not_offered": Declared(
            status=Status.INFO,
            detail=Text(
                "未提供 RFC 8998 国密套件；这不说明是否另有 TLCP 服务。",
                "No RFC 8998 suite is offered, which says nothing of a TLCP service elsewhere.",
            ),
        ),
        "undecided": Declared(
            status=Status.INCONCLUSIVE,
            detail=Text("未能读全密码套件列表。", "The list of suites could not be read in full."),
        ),
    },
    evaluate=evaluate,
    references=(
        Reference("RFC 8998", "https://www.rfc-editor.org/rfc/rfc8998"),
        Reference("GB/T 38636-2020 信息安全技术 传输层密码协议（TLCP）"),
        Reference("GM/T 0024 SSL VPN 技术规范"),
    ),
)
