"""Properties of a cipher suite, read from its IANA name."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from checks.model import Evidence, Outcome
from scanner.facts import ServiceFacts, TlsFacts

Property = Callable[[str], bool]

_FORWARD = ("TLS_ECDHE_", "TLS_DHE_", "TLS_ECCPWD_", "TLS_CECPQ1_")
_BLOCKS_OF_64_BITS = ("3DES", "_DES_", "DES40", "DES_CBC", "IDEA", "RC2")


def is_null(suite: str) -> bool:
    """No encryption at all."""
    return "_WITH_NULL" in suite or suite.startswith("TLS_SHA")


def is_anonymous(suite: str) -> bool:
    """The server proves nothing about itself."""
    return "_anon_" in suite.lower() or suite.startswith("TLS_NULL_WITH")


def is_export(suite: str) -> bool:
    """Weakened on purpose for export rules of the 1990s (40 or 56 bits)."""
    return "EXPORT" in suite


def is_single_des(suite: str) -> bool:
    """56-bit DES."""
    return "_DES_CBC" in suite and "3DES" not in suite and not is_export(suite)


def is_rc4(suite: str) -> bool:
    """The RC4 stream cipher (RFC 7465)."""
    return "RC4" in suite


def has_64_bit_blocks(suite: str) -> bool:
    """A block cipher with blocks of 64 bits, open to birthday attacks."""
    return any(mark in suite for mark in _BLOCKS_OF_64_BITS)


def is_cbc(suite: str) -> bool:
    """CBC mode, with its history of padding attacks."""
    return "_CBC" in suite


def is_aead(suite: str) -> bool:
    """Authenticated encryption."""
    return any(mark in suite for mark in ("_GCM", "_CCM", "POLY1305", "_OCB"))


def has_forward_secrecy(suite: str, protocol: str) -> bool:
    """Keys of the past stay safe when the server's key is lost: ephemeral exchange, as always in TLS 1.3."""
    return protocol == "TLSv1.3" or suite.startswith(_FORWARD)


def offered(service: ServiceFacts) -> dict[str, tuple[str, ...]]:
    """Protocol -> suites."""
    return dict(service.need(TlsFacts).ciphers)


def suites_known(service: ServiceFacts) -> bool:
    """The list of suites was read for every protocol that is offered."""
    facts = service.need(TlsFacts)
    return bool(facts.ciphers) and all(facts.ciphers.get(protocol) for protocol in facts.protocols)


def judge_suites(service: ServiceFacts, bad: Property) -> Iterable[Outcome]:
    """Yield ``offered`` with the suites that ``bad`` holds of; ``undecided`` when a list is missing; else ``none``."""
    found = {
        protocol: [suite for suite in suites if bad(suite)] for protocol, suites in offered(service).items()
    }
    evidence = tuple(
        Evidence(f"tls.ciphers.{protocol}", ", ".join(suites)) for protocol, suites in found.items() if suites
    )
    names = list(dict.fromkeys(suite for suites in found.values() for suite in suites))
    if names:
        yield Outcome("offered", {"suites": ", ".join(names)}, evidence)
    elif suites_known(service):
        yield Outcome("none")
    else:
        yield Outcome("undecided")
