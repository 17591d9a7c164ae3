"""The chain is trusted by the chosen store (--ca-file) and by no public one: information only.

How it is judged: by the stores' answers; without any there is no judgement.
"""

from __future__ import annotations

from collections.abc import Iterable

from checks.certificate.installing import INSTALL
from checks.certificate.leaf import has_leaf, publicly_trusted, reasons, trust_evidence
from checks.model import Basis, Declared, Outcome, Rule, Settings, Severity, Status, Text
from scanner.facts import ServiceFacts, TlsFacts


def _stores_asked(service: ServiceFacts) -> bool:
    return has_leaf(service) and bool(reasons(service))


def evaluate(service: ServiceFacts, settings: Settings) -> Iterable[Outcome]:
    """Tell private from public."""
    custom = service.need(TlsFacts).trust.get("custom")
    name = "public" if publicly_trusted(service) else "private" if custom == "ok" else "neither"
    yield Outcome(name, {}, trust_evidence(service))


RULE = Rule(
    id="certificate/private-ca",
    title=Text("证书由私有机构签发", "A private authority"),
    rationale=Text(
        "内部系统使用自建的签发机构是常见做法；要管好该机构的私钥，并确认客户端都装有其根证书。",
        "An authority of one's own is common for internal systems; its private key must be guarded, "
        "and every client needs its root.",
    ),
    remediation=Text(
        f"面向公众的服务，应换用公共信任的证书；内部服务无需改动。{INSTALL.zh}",
        "Services for the public should use a publicly trusted certificate; internal ones need no change."
        f"{INSTALL.en}",
    ),
    severity=Severity.INFO,
    duties=(
        "intrusion_protection",
        "data_protection",
    ),
    needs=(TlsFacts,),
    basis=Basis.HANDSHAKE,
    outcomes={
        "private": Declared(
            status=Status.INFO, detail=Text("仅受指定的信任库信任。", "Trusted by the chosen store alone.")
        ),
        "public": Declared(
            status=Status.PASS, detail=Text("受公共信任库信任。", "Trusted by a public store.")
        ),
        "neither": Declared(
            status=Status.INFO,
            detail=Text("不受任何信任库信任，见其他检查。", "Trusted by no store; see the other rules."),
        ),
    },
    evaluate=evaluate,
    applies=_stores_asked,
)
