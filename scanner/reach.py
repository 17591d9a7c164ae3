"""Whether the network still carries: told by connections to ports that are known to be open.

A network that is cut looks like a filter: nothing answers. What was asked meanwhile must not count as answered by silence.
The one sign that needs no packet of its own is a connection, to a port that was open before in this scan, that gets no
answer or is said to be unreachable. Of one connection the kernel tells whether it had to send something again.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass, field


@dataclass(slots=True)
class Reach:
    """What the connections of one scan told. Moments are those of :func:`time.monotonic`."""

    _open: dict[str, int] = field(default_factory=dict)
    _answered: dict[str, float] = field(default_factory=dict)
    _lost: dict[str, list[tuple[float, float]]] = field(default_factory=dict)
    """From when to when an open port of the host could not be reached."""
    _last_answer: float = float("-inf")
    _silent: set[int] = field(default_factory=set)
    _sent_again: set[int] = field(default_factory=set)
    _known: set[tuple[str, int]] = field(default_factory=set)

    def is_open(self, ip: str, port: int) -> None:
        """The TCP port is known to be open."""
        self._known.add((ip, port))
        self._open.setdefault(ip, port)

    def answered(self, ip: str) -> None:
        """The host answered in some way."""
        self._last_answer = self._answered[ip] = time.monotonic()

    def connected(self, ip: str, port: int) -> None:
        """The port took a connection."""
        self.answered(ip)
        self.is_open(ip, port)

    def lost(self, ip: str, port: int, begun: float) -> None:
        """Since ``begun`` a connection got no answer, or was said to be unreachable; that tells something where the port was open."""
        if (ip, port) in self._known:
            self._lost.setdefault(ip, []).append((begun, time.monotonic()))

    def silent(self, seq: int) -> None:
        """The connection of this number in the ledger waited in vain."""
        self._silent.add(seq)

    def sent_again(self, seq: int) -> None:
        """The connection of this number in the ledger had to send something again."""
        self._sent_again.add(seq)

    def was_lost(self, seqs: Iterable[int]) -> bool:
        """Whether :meth:`sent_again` was told of one of the connections."""
        return not self._sent_again.isdisjoint(seqs)

    def was_silent(self, seq: int) -> bool:
        """Whether :meth:`silent` was told of the connection."""
        return seq in self._silent

    def lost_since(self, ip: str, moment: float, until: float = float("inf")) -> bool:
        """Whether an open port of the host could not be reached at some time since ``moment`` and before ``until``."""
        return any(begun <= until and ended >= moment for begun, ended in self._lost.get(ip, ()))

    def heard_since(self, ip: str, moment: float) -> bool:
        """Whether the host answered since ``moment``; or, where it has no port that is known to be open, any host."""
        last = self._answered.get(ip, float("-inf")) if ip in self._open else self._last_answer
        return last >= moment

    def witness(self, ip: str) -> tuple[str, int] | None:
        """An open port to ask whether the network carries: the host's own, else that of the host heard of last."""
        if ip in self._open:
            return ip, self._open[ip]
        others = [other for other in self._open if other in self._answered] or list(self._open)
        if not others:
            return None
        latest = max(others, key=lambda other: self._answered.get(other, float("-inf")))
        return latest, self._open[latest]
