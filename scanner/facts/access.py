"""How far a stranger gets: the facts of services whose exposure is judged by one question that only reads.

They share one shape, so that rules tell the same three cases apart everywhere: the service can be reached; it tells
something of itself before any authentication; it carries out a request for someone who gave no credentials.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from scanner.facts.base import ProbeError

Access = Literal["open", "authentication", "refused"]


@dataclass(frozen=True, slots=True)
class Said:
    """Something that a service said of itself before it asked for credentials, such as ``("cluster", "main")``."""

    name: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessFacts:
    """What one service answered to a stranger. A subclass for each service names its probe."""

    PROBE: ClassVar[str] = ""
    answers: bool = False
    """It answered in its own protocol."""
    said: tuple[Said, ...] = ()
    """What it told before authentication; at most a handful of values, none of them anybody's data."""
    access: Access | None = None
    """``open``: a request that needs rights was carried out for a stranger. ``authentication``: credentials were asked for.
    ``refused``: turned away for another reason, such as our address. None: not told."""
    request: str = ""
    """The request that shows it, as the protocol's manual writes it: ``GET /_cat/indices``."""
    reply: str = ""
    """The start of its answer, cut and masked."""
    version: str | None = None
    tls: bool = False
    errors: tuple[ProbeError, ...] = ()

    def told(self, name: str) -> str | None:
        """The value that the service said of itself under ``name``, or None."""
        return next((said.value for said in self.said if said.name == name), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class MqttFacts(AccessFacts):
    """MQTT: the answer to a CONNECT without user name and password (MQTT 3.1.1 §3.1, §3.2)."""

    PROBE: ClassVar[str] = "mqtt"


ACCESS: tuple[type[AccessFacts], ...] = (
    MqttFacts,
)  # fmt: skip
"""Every kind of these facts."""
