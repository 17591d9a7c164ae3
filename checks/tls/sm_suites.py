"""Whether the server offers the ShangMi suites of RFC 8998 in TLS 1.3: information only.

What it cannot show: whether the object must use them; the regulations say 商用密码 and name no algorithm. TLCP (GB/T 38636) is looked at
by itself.
"""

from __future__ import annotations

from collections.abc import Iterable

from checks.model import Basis, Declared, Evidence, Outcome, Reference, Rule, Settings, Severity, Status, Text
from checks.tls.suites import offered, suites_known
from scanner.facts import ServiceFacts, TlsFacts


def evaluate(service: ServiceFacts, settings: Settings) -> Iterable[Outcome]:
    """Look for the suites' names."""
    found = [suite for suites in offered(service).values() for suite in suites if "SM4" in suite]
    if found:
        shown = ", ".join(found)
        yield Outcome("offered", {"suites": shown}, (Evidence("tls.ciphers", shown),))
    else:
        yield Outcome("not_offered" if suites_known(service) else "undecided")


RULE = Rule(
    id="tls/sm-suites",
    title=Text("是否提供国密套件（RFC 8998）", "ShangMi suites (RFC 8998)"),
    rationale=Text(
        "等级保护要求使用商用密码的网络，应按密码应用要求评估。",
        "Networks that must use commercial cryptography are assessed by those requirements.",
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
            status=Status.INFO, detail=Text("未提供 RFC 8998 国密套件。", "No RFC 8998 suite is offered.")
        ),
        "undecided": Declared(
            status=Status.INCONCLUSIVE,
            detail=Text("未能读全密码套件列表。", "The list of suites could not be read in full."),
        ),
    },
    evaluate=evaluate,
    references=(
        Reference("RFC 8998", "https://www.rfc-editor.org/rfc/rfc8998"),
        Reference("GB/T 38636-2020"),
    ),
)
