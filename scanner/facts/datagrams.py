"""What services said that were asked over UDP."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from scanner.facts.access import AccessFacts, Said
from scanner.facts.base import ProbeError


class MemcachedUdpFacts(AccessFacts):
    """memcached over UDP: the answer to ``version`` (doc/protocol.txt)."""

    __slots__ = ()
    PROBE: ClassVar[str] = "memcached_udp"


class SnmpFacts(AccessFacts):
    """SNMP: one GET of sysDescr.0 with the community ``public``, and the discovery of the version 3 engine."""

    __slots__ = ()
    PROBE: ClassVar[str] = "snmp"


class TftpFacts(AccessFacts):
    """TFTP: how a request for a file that does not exist is turned down (RFC 1350). It knows no authentication."""

    __slots__ = ()
    PROBE: ClassVar[str] = "tftp"


Heard = Literal["answered", "refused", "silent"]


@dataclass(frozen=True, slots=True, kw_only=True)
class NtpFacts:
    """NTP: the time (RFC 5905), and whether strangers may ask for more. Over UDP ``silent`` is no proof of a refusal."""

    PROBE: ClassVar[str] = "ntp"
    answers: bool = False
    stratum: int | None = None
    reference: str = ""
    """Four letters: the clock of a stratum 1, or why a stratum 0 turns us away."""
    control: Heard = "silent"
    """To mode 6, the system variables (RFC 9327)."""
    said: tuple[Said, ...] = ()
    """Of those variables, what tells of the software."""
    monlist: Heard = "silent"
    """To mode 7, the list of clients: ``answered`` with at least one."""
    clients: int | None = None
    """How many were in its first datagram; they themselves are not kept."""
    errors: tuple[ProbeError, ...] = ()


DATAGRAM_ACCESS: tuple[type[AccessFacts], ...] = (MemcachedUdpFacts, SnmpFacts, TftpFacts)
"""Those that tell how far a stranger gets."""
