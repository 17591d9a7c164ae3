"""Whose order of cipher suites counts: the server's own, or the client's? Told from what was offered and what was chosen."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from scanner.tls.suites import key_exchange, suite_name


@dataclass(slots=True)
class Evidence:
    """Offers and choices, from which the server's order is told from the client's.

    Offers alternate between forwards and backwards, so that a server that follows the client's order gives itself away.
    """

    offers: list[tuple[tuple[int, ...], int]] = field(default_factory=list)
    _backwards: bool = True

    def add(self, offer: tuple[int, ...], chosen: int) -> None:
        """Note one offer and the server's choice."""
        self.offers.append((offer, chosen))
        self._backwards = not self._backwards

    def turn(self, suites: Iterable[int]) -> tuple[int, ...]:
        """``suites`` in the direction that is due. Ephemeral suites stay in front, since groups are hunted with them."""
        listed = [suite for suite in suites if key_exchange(suite) == "ecdhe"]
        others = [suite for suite in suites if key_exchange(suite) != "ecdhe"]
        if self._backwards:
            listed.reverse()
            others.reverse()
        return (*listed, *others)

    def contradicts_client(self, accepted: Sequence[int]) -> bool:
        """Whether any choice was not the first acceptable one of the offer: the server then has an order of its own.

        A ChaCha20 suite that was offered first proves nothing: OpenSSL's PrioritizeChaCha follows the client there.
        """
        return any(first != chosen for first, chosen, _ in self._telling(accepted))

    def follows_client(self, accepted: Sequence[int]) -> bool:
        """Whether the choices can hardly come from an order of the server's own.

        Proven by two choices that no order allows (once x before y, once y before x); and as good as proven by four
        choices in a row that were each first, from alternating ends of the list.
        """
        telling = self._telling(accepted)
        if any(first != chosen for first, chosen, _ in telling):
            return False
        return len(telling) >= 4 or any(
            chosen in others and other in rest
            for _, chosen, rest in telling
            for _, other, others in telling
            if other != chosen
        )

    def _telling(self, accepted: Sequence[int]) -> list[tuple[int, int, set[int]]]:
        """First acceptable suite, choice, and what else could have been chosen, where there was a choice at all."""
        found: list[tuple[int, int, set[int]]] = []
        for offer, chosen in self.offers:
            usable = [suite for suite in offer if suite in accepted]
            if len(usable) > 1 and "CHACHA20" not in suite_name(usable[0]):
                found.append((usable[0], chosen, set(usable) - {chosen}))
        return found
