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


class SsdpFacts(AccessFacts):
    """SSDP: the answer to a search that was sent to the device itself (UPnP Device Architecture 2.0 §1.3)."""

    __slots__ = ()
    PROBE: ClassVar[str] = "ssdp"


class MdnsFacts(AccessFacts):
    """mDNS: the kinds of services that a host lists to a stranger (RFC 6763 §9)."""

    __slots__ = ()
    PROBE: ClassVar[str] = "mdns"


class NetbiosFacts(AccessFacts):
    """NetBIOS name service: the answer to a node status request (RFC 1002 §4.2.17)."""

    __slots__ = ()
    PROBE: ClassVar[str] = "netbios_ns"


class CldapFacts(AccessFacts):
    """LDAP over UDP: the answer to a search of the rootDSE."""

    __slots__ = ()
    PROBE: ClassVar[str] = "cldap"


class CoapFacts(AccessFacts):
    """CoAP: the answer to GET /.well-known/core (RFC 6690 §4)."""

    __slots__ = ()
    PROBE: ClassVar[str] = "coap"


class RpcbindUdpFacts(AccessFacts):
    """ONC RPC's port mapper over UDP: the answer to its null procedure (RFC 1833)."""

    __slots__ = ()
    PROBE: ClassVar[str] = "rpcbind_udp"


class BacnetFacts(AccessFacts):
    """BACnet/IP: the answer to one ReadProperty of the device object (ASHRAE 135, clause 15.5)."""

    __slots__ = ()
    PROBE: ClassVar[str] = "bacnet"


class IpmiFacts(AccessFacts):
    """IPMI: the answer to Get Channel Authentication Capabilities (IPMI 2.0 §22.13)."""

    __slots__ = ()
    PROBE: ClassVar[str] = "ipmi"


class SipFacts(AccessFacts):
    """SIP: the answer to OPTIONS (RFC 3261 §11)."""

    __slots__ = ()
    PROBE: ClassVar[str] = "sip"


class SmallServiceFacts(AccessFacts):
    """Echo, daytime, quote of the day, character generator over UDP (RFC 862, 867, 865, 864)."""

    __slots__ = ()
    PROBE: ClassVar[str] = "small_services"


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


DATAGRAM_ACCESS: tuple[type[AccessFacts], ...] = (
    MemcachedUdpFacts, SnmpFacts, TftpFacts, SsdpFacts, MdnsFacts, NetbiosFacts, CldapFacts, CoapFacts, RpcbindUdpFacts, BacnetFacts, IpmiFacts, SipFacts, SmallServiceFacts,
)  # fmt: skip
"""Those that tell how far a stranger gets."""
