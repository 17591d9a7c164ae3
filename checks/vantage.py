"""What can be concluded from where a service was reached."""

from __future__ import annotations

import ipaddress

from checks.model import Declared, Status, Text
from scanner.facts import ServiceFacts


def on_loopback(service: ServiceFacts) -> bool:
    """Whether the service was reached on a loopback address: nothing outside this machine can come that way."""
    address = ipaddress.ip_address(service.endpoint.ip)
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        return address.ipv4_mapped.is_loopback
    return address.is_loopback


def inside(service: ServiceFacts) -> bool:
    """Whether the address is one that only its own network can use (RFC 1918, RFC 4193, RFC 6598, link-local)."""
    address = ipaddress.ip_address(service.endpoint.ip)
    return not address.is_global


LOOPBACK_ONLY = "loopback_only"
"""Name of the outcome below, in every rule that has it."""

LOOPBACK_OUTCOME = Declared(
    status=Status.INFO,
    detail=Text(
        "在本机回环地址 {service} 上看到该服务；这不能说明外部可以访问。如服务还监听其他地址，请对那些地址另行检测。",
        "Seen on the loopback address {service}, which does not show that it can be reached from outside. If it "
        "listens on other addresses too, scan those.",
    ),
)
"""For rules on reachability and on what crosses the network: loopback shows neither."""
