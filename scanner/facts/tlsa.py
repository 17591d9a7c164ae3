"""What DNS states about the certificate of a named https service."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from scanner.facts.base import ProbeError


@dataclass(frozen=True, slots=True, kw_only=True)
class TlsaFacts:
    """TLSA records of a named https service (RFC 6698), and whether they fit the certificate that it showed."""

    PROBE: ClassVar[str] = "tlsa"
    records: tuple[str, ...] | None = None
    """In presentation format; None when it could not be told whether there are any."""
    signed: bool | None = None
    """The DNS server said that it had checked their signatures (the AD bit, RFC 4035 §3.2.3)."""
    usable: bool | None = None
    """One of them at least has a form that can fit a certificate."""
    match: bool | None = None
    """One of them fits the chain that was shown; None when that could not be told, or they are not signed."""
    errors: tuple[ProbeError, ...] = ()
