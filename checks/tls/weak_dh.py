"""Diffie-Hellman groups are too small or shared by half the world.

How it is seen: the prime in ServerKeyExchange. How it is judged: below the threshold dh_min_bits is a failure; a well-known prime of
1024 bits falls under it.
"""

from __future__ import annotations

from collections.abc import Iterable

from checks.model import Basis, Declared, Evidence, Outcome, Reference, Rule, Settings, Severity, Status, Text
from scanner.facts import ServiceFacts, TlsFacts


def _uses_dh(service: ServiceFacts) -> bool:
    return service.need(TlsFacts).dh_bits is not None


def evaluate(service: ServiceFacts, settings: Settings) -> Iterable[Outcome]:
    """Compare the prime's size with the threshold."""
    facts = service.need(TlsFacts)
    bits, wanted = facts.dh_bits or 0, settings.threshold("dh_min_bits")
    values = {"bits": str(bits), "wanted": str(wanted)}
    evidence = (Evidence("tls.dh_bits", f"{bits} {facts.dh_known_prime or ''}".strip()),)
    yield Outcome("strong" if bits >= wanted else "small", values, evidence)


RULE = Rule(
    id="tls/weak-dh",
    title=Text("DH 参数过短", "The DH group is too small"),
    rationale=Text("过短的 DH 参数可被破解（Logjam）。", "Small groups can be broken (Logjam)."),
    remediation=Text(
        "nginx：ssl_dhparam 使用 2048 位以上参数，或只用 ECDHE；Apache：SSLOpenSSLConfCmd "
        "DHParameters；Java：jdk.tls.ephemeralDHKeySize=2048。",
        "nginx: ssl_dhparam of 2048 bits or more, or ECDHE only; Apache: SSLOpenSSLConfCmd "
        "DHParameters; Java: jdk.tls.ephemeralDHKeySize=2048.",
    ),
    severity=Severity.MEDIUM,
    duties=(
        "intrusion_protection",
        "data_protection",
    ),
    needs=(TlsFacts,),
    basis=Basis.HANDSHAKE,
    outcomes={
        "small": Declared(
            status=Status.FAIL,
            severity=Severity.MEDIUM,
            detail=Text(
                "DH 参数为 {bits} 位，应不少于 {wanted} 位。",
                "The DH group has {bits} bits; wanted: {wanted} or more.",
            ),
        ),
        "strong": Declared(
            status=Status.PASS, detail=Text("DH 参数为 {bits} 位。", "The DH group has {bits} bits.")
        ),
    },
    evaluate=evaluate,
    applies=_uses_dh,
    references=(
        Reference("RFC 9325 §4.1", "https://www.rfc-editor.org/rfc/rfc9325#section-4.1"),
        Reference("Logjam", "https://weakdh.org/"),
    ),
)
