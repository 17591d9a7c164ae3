"""Whose order of cipher suites counts: the server's own, or the client's? Told from what was offered and what was chosen."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import chain

from scanner.tls.suites import key_exchange, suite_name


@dataclass(slots=True)
class Evidence:
    """Offers and choices, from which the server's order is told from the client's.

    Offers alternate between forwards and backwards, so that a server that follows the client's order gives itself away.
    """

    offers: list[tuple[tuple[int, ...], int]] = field(default_factory=list)
    _backwards: bool = True

    def add(self, offer: tuple[int, ...], chosen: int, *, telling: bool = True) -> None:
        """Note one offer and the server's choice, unless it tells nothing of orders; the next goes the other way."""
        if telling:
            self.offers.append((offer, chosen))
        self._backwards = not self._backwards

    def turn(self, suites: Iterable[int]) -> tuple[int, ...]:
        """``suites`` in the direction that is due. Ephemeral suites stay in front, since groups are hunted with them.

        Among them AES-GCM comes first and ChaCha20 last, for some servers put ChaCha20 first when the client does
        (OpenSSL's PrioritizeChaCha), or when it does not begin with AES-GCM (Go): its place would then not be told.
        """
        parts: tuple[list[int], ...] = ([], [], [], [], [])
        for suite in suites:
            name, late = suite_name(suite), key_exchange(suite) not in ("ecdhe", "tls13")
            if "CHACHA20" in name:
                parts[4 if late else 2].append(suite)
            elif late:
                parts[3].append(suite)
            else:
                parts[0 if "_GCM_" in name and "_AES_" in name else 1].append(suite)
        return tuple(chain.from_iterable(reversed(part) if self._backwards else part for part in parts))

    def contradicts_client(self, accepted: Sequence[int]) -> bool:
        """Whether any choice was not the first acceptable one of the offer: the server then has an order of its own.

        A ChaCha20 suite that was offered first proves nothing: see :meth:`turn`.
        """
        return any(first != chosen for first, chosen, _ in self._telling(accepted))

    def follows_client(self, accepted: Sequence[int]) -> bool:
        """Whether the choices cannot come from an order of the server's own: proven by two choices that no order allows
        (once x before y, once y before x).

        Any number of choices that were each the first of the offer prove nothing: GnuTLS's order often is like ours.
        """
        telling = self._telling(accepted)
        return any(
            chosen in others and other in rest
            for _, chosen, rest in telling
            for _, other, others in telling
            if other != chosen and "CHACHA20" not in suite_name(chosen) + suite_name(other)
        )

    def _telling(self, accepted: Sequence[int]) -> list[tuple[int, int, set[int]]]:
        """First acceptable suite, choice, and what else could have been chosen, where there was a choice at all."""
        found: list[tuple[int, int, set[int]]] = []
        for offer, chosen in self.offers:
            usable = [suite for suite in offer if suite in accepted]
            if len(usable) > 1 and "CHACHA20" not in suite_name(usable[0]):
                found.append((usable[0], chosen, set(usable) - {chosen}))
        return found


async def whose_order(
    found: Sequence[int],
    evidence: Evidence,
    choose: Callable[[tuple[int, ...]], Awaitable[int | None]],
) -> bool | None:
    """Whether the server follows an order of its own among ``found``, which it all accepts; None: it cannot be told.

    ``choose`` asks for the server's choice of an offer, where the evidence leaves it open; None is no choice. Choices that no
    order allows outweigh those that were not the first of the offer: JSSE follows the client, but for suites it calls legacy.
    """
    if len(found) < 2:
        return None
    if evidence.follows_client(found):
        return False
    if evidence.contradicts_client(found):
        return True
    served = False
    for offer in telling_offers(found):
        chosen = await choose(offer)
        if chosen is None:
            return None
        evidence.add(offer, chosen)
        served = served or chosen != offer[0]
    if evidence.follows_client(found):
        return False
    return None if not served and only_chacha_differs(found) else served


def has_ecdsa_and_rsa(found: Sequence[int]) -> bool:
    """Whether suites of both kinds of certificate are accepted."""
    names = [suite_name(suite) for suite in found]
    return any("_ECDSA_" in name for name in names) and any("_RSA_" in name for name in names)


def only_chacha_differs(found: Sequence[int]) -> bool:
    """Whether there are no two suites beside ChaCha20 between which a choice would tell something."""
    return sum("CHACHA20" not in suite_name(suite) for suite in found) < 2


def telling_offers(found: Sequence[int]) -> list[tuple[int, ...]]:
    """Offers of suites that are all accepted, whose first a server with an order of its own would not choose.

    With one suite beside ChaCha20 both are put first in turn: a server that takes the first each time follows the client,
    or puts ChaCha20 first for clients that do, which cannot be told apart.
    """
    backwards = tuple(reversed(found))
    late = [suite for suite in backwards if "CHACHA20" in suite_name(suite)]
    early = [suite for suite in backwards if suite not in late]
    if only_chacha_differs(found):
        return [(*late, *early), (*early, *late)]
    return [(*early, *late)]
