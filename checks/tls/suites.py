"""Properties of a cipher suite, read from its name (IANA's, or SSL 2.0's cipher kinds).

A suite can be bad in several ways at once. So that one suite is told by one rule, the properties that rules
ask for leave out what a worse property already says: no encryption, anonymous, export, single DES, RC4,
64-bit blocks, in this order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache

from checks.model import Evidence, Outcome
from scanner.facts import ServiceFacts, TlsFacts

Property = Callable[[str], bool]

_FORWARD = (
    "TLS_ECDHE_",
    "TLS_DHE_",
    "TLS_PSK_DHE_",
    "TLS_ECCPWD_",
    "TLS_SRP_",
    "TLS_ECDH_anon_",
    "TLS_DH_anon_",
)
_OLDER = ("SSLv3", "TLSv1.0", "TLSv1.1", "TLSv1.2")
_SINGLE_DES = ("_WITH_DES_CBC", "SSL_CK_DES_64_")
_BLOCKS_OF_64_BITS = ("3DES", "DES_192_EDE3", "IDEA", "RC2", "FORTEZZA_CBC", "MAGMA", "28147")


def is_null(suite: str) -> bool:
    """No encryption at all."""
    return "_WITH_NULL" in suite or suite in ("TLS_SHA256_SHA256", "TLS_SHA384_SHA384", "SSL_CK_NULL")


def is_anonymous(suite: str) -> bool:
    """The server proves nothing about itself."""
    return "_anon_" in suite and not is_null(suite)


def is_export(suite: str) -> bool:
    """Weakened on purpose for export rules of the 1990s (40 or 56 bits)."""
    return "EXPORT" in suite and not is_anonymous(suite) and not is_null(suite)


def is_single_des(suite: str) -> bool:
    """56-bit DES."""
    return any(mark in suite for mark in _SINGLE_DES) and not is_anonymous(suite) and "EXPORT" not in suite


def is_rc4(suite: str) -> bool:
    """The RC4 stream cipher (RFC 7465)."""
    return "RC4" in suite and not is_anonymous(suite) and "EXPORT" not in suite


def has_64_bit_blocks(suite: str) -> bool:
    """A block cipher with blocks of 64 bits, open to birthday attacks."""
    return (
        any(mark in suite for mark in _BLOCKS_OF_64_BITS)
        and not is_anonymous(suite)
        and "EXPORT" not in suite
    )


@cache
def is_broken(suite: str) -> bool:
    """Has a rule of its own, so that rules about finer points leave it out."""
    properties = (is_null, is_anonymous, is_export, is_single_des, is_rc4, has_64_bit_blocks)
    return any(bad(suite) for bad in properties)


def is_aead(suite: str) -> bool:
    """Authenticated encryption."""
    return any(mark in suite for mark in ("_GCM", "_CCM", "POLY1305", "_MGM", "AEGIS"))


def has_forward_secrecy(suite: str, protocol: str) -> bool:
    """Keys of the past stay safe when the server's key is lost: ephemeral exchange, as always in TLS 1.3."""
    return protocol == "TLSv1.3" or suite.startswith(_FORWARD)


def uses_finite_field_dh(suite: str) -> bool:
    """Ephemeral Diffie-Hellman over a prime field, whose size the server chooses."""
    return suite.startswith(("TLS_DHE_", "TLS_PSK_DHE_"))


def offered(service: ServiceFacts) -> dict[str, tuple[str, ...]]:
    """Protocol -> suites, of SSL and TLS. TLCP's suites are another standard's (see tls/sm-suites)."""
    ciphers = service.need(TlsFacts).ciphers
    return {protocol: suites for protocol, suites in ciphers.items() if protocol != "TLCP"}


def speaks_tls(service: ServiceFacts) -> bool:
    """Some version of SSL or TLS was accepted. TLCP (GB/T 38636) is a protocol of its own."""
    return any(protocol != "TLCP" for protocol in service.need(TlsFacts).protocols)


def not_tlcp_alone(service: ServiceFacts) -> bool:
    """Not known to speak TLCP and nothing else: then there are no suites of TLS to judge."""
    return set(service.need(TlsFacts).protocols) != {"TLCP"}


def older_versions(service: ServiceFacts) -> tuple[str, ...]:
    """What is accepted of SSL 3.0 to TLS 1.2, which share one handshake."""
    return tuple(protocol for protocol in service.need(TlsFacts).protocols if protocol in _OLDER)


def suites_known(service: ServiceFacts) -> bool:
    """Every suite was asked for in every version of SSL and TLS that is offered.

    Without that, a suite that was not seen may still be accepted.
    """
    facts = service.need(TlsFacts)
    spoken = [protocol for protocol in facts.protocols if protocol != "TLCP"]
    return bool(spoken) and all(protocol in facts.ciphers_complete for protocol in spoken)


def judge_suites(service: ServiceFacts, bad: Property) -> Iterable[Outcome]:
    """Yield ``offered`` with the suites that ``bad`` holds of; ``undecided`` when a list is not whole; else ``none``."""
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
