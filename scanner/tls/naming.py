"""Does a certificate name the service that was asked for? RFC 9525: subject alternative names only, never the CN."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence

import idna


def a_label(name: str) -> str | None:
    """A host name as it goes onto the wire: ASCII, lower case, no final dot; None when it is no host name."""
    name = name.rstrip(".").lower()
    try:
        ascii_name = name if name.isascii() else idna.encode(name, uts46=True).decode("ascii")
    except idna.IDNAError:
        return None
    return ascii_name if ascii_name and len(ascii_name) <= 253 else None


def _matches(presented: str, wanted: str) -> bool:
    """RFC 9525 §6.3: a wildcard is the whole leftmost label, and stands for one label."""
    presented = presented.lower()
    if not presented.startswith("*."):
        return presented == wanted
    rest = wanted.partition(".")[2]
    # A wildcard directly under a top-level label would cover a whole registry: no issuer may sign it.
    return rest == presented[2:] and "." in rest


def hostname_match(san: Sequence[str], name: str | None, ip: str) -> bool | None:
    """Whether the names in ``san`` (all of them, written as in ``CertificateFacts.san``) cover what was asked for.

    With a name: its DNS names against it. Without one: its IP addresses against ``ip``, and None when it has no IP
    address at all, since a certificate made for a name says nothing about an address that was scanned as such.
    """
    if name is not None:
        wanted = a_label(name)
        return None if wanted is None else any(_matches(entry, wanted) for entry in san if ":" not in entry)
    addresses = [entry[3:] for entry in san if entry.startswith("IP:")]
    if not addresses:
        return None
    address = ipaddress.ip_address(ip)
    return any(_address(entry) == address for entry in addresses)


def _address(text: str) -> object:
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None
