"""The certificate covers every name below a domain: information only."""

from __future__ import annotations

from collections.abc import Iterable

from checks.certificate.leaf import has_leaf, leaf, unreadable
from checks.model import Basis, Declared, Evidence, Outcome, Rule, Settings, Severity, Status, Text
from scanner.facts import ServiceFacts, TlsFacts


def evaluate(service: ServiceFacts, settings: Settings) -> Iterable[Outcome]:
    """Look for a wildcard."""
    names = ", ".join(name for name in leaf(service).san if name.startswith("*."))
    exact = "undecided" if unreadable(service, "subjectAltName") else "exact"
    yield Outcome(
        "wildcard" if names else exact,
        {"names": names},
        (Evidence("tls.certificates[0].san", names),) if names else (),
    )


RULE = Rule(
    id="certificate/wildcard",
    title=Text("使用通配符证书", "A wildcard certificate"),
    rationale=Text(
        "一张通配符证书对域名下的所有名称有效：放有私钥的任何一台服务器失守，全部子域名都可能被冒充。",
        "A wildcard certificate holds for every name below the domain: if any one server with its key "
        "is lost, all of them can be impersonated.",
    ),
    remediation=Text(
        "无需改动；重要系统建议使用只含自身域名的证书，并限制通配符私钥存放的服务器。",
        "No change is needed; for important systems use a certificate of their own names, and keep the "
        "wildcard's key on few servers.",
    ),
    severity=Severity.INFO,
    duties=(
        "intrusion_protection",
        "data_protection",
    ),
    needs=(TlsFacts,),
    basis=Basis.HANDSHAKE,
    outcomes={
        "wildcard": Declared(
            status=Status.INFO, detail=Text("证书适用于 {names}。", "The certificate is for {names}.")
        ),
        "undecided": Declared(
            status=Status.INCONCLUSIVE,
            detail=Text(
                "主题备用名称的编码有误，未能读出。",
                "The subject alternative name is broken and could not be read.",
            ),
        ),
        "exact": Declared(
            status=Status.PASS, detail=Text("证书没有通配符。", "The certificate has no wildcard.")
        ),
    },
    evaluate=evaluate,
    applies=has_leaf,
)
