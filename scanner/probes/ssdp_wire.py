"""SSDP (UPnP Device Architecture 2.0 §1.3): a search sent to one address instead of to all."""

from __future__ import annotations

import re
from dataclasses import dataclass

from scanner.errors import ProtocolError
from scanner.text import printable

_STATUS = re.compile(rb"HTTP/1\.[01] 200\b[^\r\n]{0,80}\r\n", re.IGNORECASE)


EVERYTHING = "ssdp:all"


@dataclass(frozen=True, slots=True)
class Found:
    """One answer to a search."""

    kind: str
    """ST: what kind of device or service it is."""
    server: str
    location: str
    """Where its description is to be had; not fetched."""


def searches(host: str) -> tuple[bytes, bytes]:
    """For root devices, which every device has one of; then for everything."""
    return search(host, "upnp:rootdevice"), search(host, EVERYTHING)


def search(host: str, kind: str) -> bytes:
    """A unicast M-SEARCH (§1.3.2) for ``kind``, such as ``upnp:rootdevice`` or ``ssdp:all``."""
    return (
        f'M-SEARCH * HTTP/1.1\r\nHOST: {host}:1900\r\nMAN: "ssdp:discover"\r\nMX: 1\r\nST: {kind}\r\n\r\n'
    ).encode("ascii")


def read_found(data: bytes) -> Found:
    """An answer to a search (§1.3.3).

    :raises ProtocolError: none of this protocol.
    """
    kind = _header(data, rb"ST")
    if not _STATUS.match(data) or not kind or not (_header(data, rb"USN") or _header(data, rb"LOCATION")):
        raise ProtocolError("no SSDP answer", kind="protocol")
    return Found(kind, _header(data, rb"SERVER"), _header(data, rb"LOCATION"))


def _header(data: bytes, name: bytes) -> str:
    found = re.search(rb"\r\n" + name + rb"[ \t]*:[ \t]*([^\r\n]{1,200})", data[:4096], re.IGNORECASE)
    return printable(found.group(1).strip(), 120) if found else ""
