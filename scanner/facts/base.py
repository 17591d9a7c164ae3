"""What all facts share: where a service was reached, and the part of a probe that gave no answer."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

Transport = Literal["tcp", "udp", "domain", "operator"]
"""``domain`` and ``operator`` stand for no transport: the subject is a name in DNS (:meth:`Endpoint.of_domain`), or the object
as a whole (:meth:`Endpoint.of_operator`)."""


OPERATOR = "operator"
"""Identity of the object as a whole: a scan has one."""


class RunStatus(StrEnum):
    """Did it run? The first of the three questions that are kept apart."""

    COMPLETED = "completed"
    SKIPPED = "skipped"
    FAILED = "failed"
    INTERRUPTED = "interrupted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """Where a service was reached: a pinned address, a port, and the name it was asked by, if any."""

    ip: str
    port: int
    transport: Transport = "tcp"
    name: str | None = None

    @classmethod
    def of_domain(cls, name: str) -> Endpoint:
        """A name in DNS as a subject of its own: without address and port."""
        return cls(ip="", port=0, transport="domain", name=name)

    @classmethod
    def of_operator(cls, name: str) -> Endpoint:
        """The operator as a subject: what is known of the object as a whole. ``name`` is empty where nobody said it."""
        return cls(ip="", port=0, transport="operator", name=name or None)

    @property
    def is_service(self) -> bool:
        """Whether it has an address and a port."""
        return self.transport in ("tcp", "udp")

    @property
    def has_name(self) -> bool:
        """Whether it was asked by a name that is no address."""
        if self.name is None:
            return False
        try:
            ipaddress.ip_address(self.name)
        except ValueError:
            return True
        return False

    @property
    def address(self) -> str:
        """The address as it is written before a port: IPv6 in brackets (RFC 3986 §3.2.2)."""
        return f"[{self.ip}]" if ":" in self.ip else self.ip

    @property
    def host(self) -> str:
        """The name it was asked by, or its address as it is written before a port."""
        return self.name or self.address

    @property
    def id(self) -> str:
        """Stable identity, used in finding keys: ``[name@]ip:port/transport`` (IPv6 in brackets), ``domain:name``, or
        ``operator`` whatever it is called."""
        if self.transport == "operator":
            return OPERATOR
        if self.transport == "domain":
            return f"domain:{self.name}"
        prefix = f"{self.name}@" if self.name else ""
        return f"{prefix}{self.address}:{self.port}/{self.transport}"

    @property
    def label(self) -> str:
        """The endpoint as a person writes it: ``name:port`` or ``ip:port``; the name alone of a domain or an operator."""
        if not self.is_service:
            return self.host or OPERATOR
        return f"{self.host}:{self.port}" + ("/udp" if self.transport == "udp" else "")


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeError:
    """A part of a probe that gave no answer. ``kind`` as in :mod:`scanner.errors`."""

    step: str
    kind: str
    message: str
