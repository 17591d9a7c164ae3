"""What DNS says of a name, of its zone, and of how mail in its name is to be treated.

The subject is no service but a domain: its endpoint has the transport ``domain`` and neither address nor port.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from scanner.facts.base import ProbeError


@dataclass(frozen=True, slots=True, kw_only=True)
class NameFacts:
    """Where a name leads (RFC 1034 §3.6), and which authorities may issue certificates for it (RFC 8659)."""

    PROBE: ClassVar[str] = "name"
    exists: bool | None = None
    """False: NXDOMAIN for the name itself."""
    addresses: tuple[str, ...] = ()
    chain: tuple[str, ...] = ()
    """The names that its CNAME records lead through, in their order."""
    missing: str | None = None
    """The last name of the chain, when that does not exist (NXDOMAIN)."""
    caa: tuple[str, ...] | None = None
    """CAA records in presentation format; empty when there are none on the way up; None when it could not be told."""
    caa_at: str | None = None
    """The name at which they stand: itself, or the nearest parent that has any (RFC 8659 §3)."""
    errors: tuple[ProbeError, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class NameServerFacts:
    """A name server that the zone names. Only one whose address is in the scope was asked anything itself."""

    name: str
    addresses: tuple[str, ...] = ()
    asked: str | None = None
    """The address that was asked; None when none of them is in the scope."""
    authoritative: bool | None = None
    """It answered for the zone with authority (the AA bit, RFC 1035 §4.1.1)."""
    serial: int | None = None
    transfer: Literal["open", "refused"] | None = None
    """How a request for the whole zone (AXFR, RFC 5936) was met; of an answer, the first message alone is read."""
    transfer_reply: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ZoneFacts:
    """A zone: its servers, its signatures (RFC 4033 to 4035), and whether any name at all exists in it."""

    PROBE: ClassVar[str] = "zone"
    serial: int | None = None
    servers: tuple[NameServerFacts, ...] = ()
    ds: bool | None = None
    """The parent vouches for keys of the zone (DS records)."""
    signed: bool | None = None
    """The zone has keys (DNSKEY records)."""
    signature: Literal["valid", "invalid"] | None = None
    """Whether keys, DS records and the signatures over SOA and keys agree; None when it could not be told."""
    signature_error: str = ""
    signatures_end: str | None = None
    """When the signature over the SOA record ends (RFC 4034 §3.1.5), ISO 8601 in UTC."""
    wildcard: tuple[str, ...] = ()
    """Addresses of a name that nobody made (RFC 4592)."""
    errors: tuple[ProbeError, ...] = ()
