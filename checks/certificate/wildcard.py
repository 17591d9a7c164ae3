"""The certificate covers every name below a domain: information only.

How it is seen: the subject alternative names. Of very many only the first are kept; then their absence among those
is no judgement.
"""

from __future__ import annotations

from collections.abc import Iterable

from checks.certificate.installing import INSTALL
from checks.certificate.leaf import has_leaf, leaf, listed, unreadable
from checks.model import Basis, Declared, Evidence, Outcome, Rule, Settings, Severity, Status, Text
from scanner.facts import ServiceFacts, TlsFacts


def evaluate(service: ServiceFacts, settings: Settings) -> Iterable[Outcome]:
    """Look for a wildcard."""
    san = leaf(service).san
    names = listed([name for name in san if name.startswith("*.")])
    cut = (leaf(service).san_count or 0) > len(san)
    exact = "undecided" if cut or unreadable(service, "subjectAltName") else "exact"
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
        f"无需改动；重要系统建议使用只含自身域名的证书，并限制通配符私钥存放的服务器。{INSTALL.zh}",
        "No change is needed; for important systems use a certificate of their own names, and keep the "
        "wildcard's key on few servers."
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
        "wildcard": Declared(
            status=Status.INFO, detail=Text("证书适用于 {names}。", "The certificate is for {names}.")
        ),
        "undecided": Declared(
            status=Status.INCONCLUSIVE,
            detail=Text(
                "主题备用名称的编码有误，或者名称太多，未能全部读出。",
                "The subject alternative name is broken, or holds too many names, and was not read as a whole.",
            ),
        ),
        "exact": Declared(
            status=Status.PASS, detail=Text("证书没有通配符。", "The certificate has no wildcard.")
        ),
    },
    evaluate=evaluate,
    applies=has_leaf,
)
