"""The second look at a TLS endpoint: what the first survey saw is asked for once more, in few connections.

A survey asks for every suite by itself, which takes some forty connections; whether it would say the same again takes a
dozen. Each version is asked for with its suites, one family after the other; what is not answered again is left out, so
that a rule which judged by it does not come to the same end twice. What speaks for a server (a version refused, say) is
taken over: only deviations are looked at twice.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache

from scanner.errors import TargetError
from scanner.facts import TlsFacts
from scanner.tls import numbers as n
from scanner.tls.preference import Evidence
from scanner.tls.style import BARE, Style
from scanner.tls.suites import key_exchange, names
from scanner.tls.survey import LEGACY, Survey
from scanner.tls.wire import BudgetSpent, Wire

_VERSIONS = {name: number for number, name in n.VERSION_NAMES.items()}
_GROUPS = {name: number for number, name in n.GROUP_NAMES.items()}


@cache
def _suites() -> dict[str, int]:
    return {name: number for number, name in names().items()}


def _numbers(suites: Iterable[str]) -> list[int]:
    return [
        int(name, 16) if name.startswith("0x") else _suites()[name]
        for name in suites
        if name.startswith("0x") or name in _suites()
    ]


def family(name: str) -> tuple[str, str]:
    """Suites of one family stand or fall together: the same key exchange, and ciphers of the same kind.

    ``AEAD``, ``CBC`` for block ciphers of 128 bits, else the cipher's own name.
    """
    exchange, _, rest = name.removeprefix("TLS_").partition("_WITH_")
    cipher = rest.partition("_")[0]
    if any(mode in rest for mode in ("GCM", "CCM", "POLY1305")):
        return exchange, "AEAD"
    return exchange, "CBC" if cipher in ("AES", "CAMELLIA", "ARIA", "SM4", "SEED") else cipher


def can_confirm(before: TlsFacts) -> bool:
    """Whether what the first survey saw can be asked for by this module: some SSL 3.0 to TLS 1.3, and nothing else."""
    known = {n.version_name(version) for version in (*LEGACY, n.TLS13)}
    return bool(known & set(before.protocols)) and "TLCP" not in before.protocols


class Confirmation(Survey):
    """One second look. :attr:`found` then holds what came again, and what was not worth asking again."""

    def __init__(self, wire: Wire, server_name: str | None, alpn: Sequence[str], before: TlsFacts) -> None:
        super().__init__(wire, server_name, alpn)
        self._before = before

    async def run(self) -> None:
        """Ask again.

        :raises TargetError: no hello at all was answered with a ServerHello.
        """
        before = self._before
        await self._first_contact()
        self.found.refused = [
            _VERSIONS[name]
            for name in before.refused_protocols
            if _VERSIONS.get(name) not in (None, n.TLS12, n.TLS13, n.TLCP, *self.found.offered)
        ]
        await self._at_once(
            (
                *(
                    self._step(f"protocol:{n.version_name(version)}", self._again(version))
                    for version in LEGACY
                    if n.version_name(version) in before.protocols
                ),
                self._step("protocol:TLSv1.3", self._again_tls13()),
            )
        )
        if n.version_name(n.TLS12) in before.refused_protocols:
            # That it is missing may be held against the server.
            await self._legacy_version(n.TLS12, self._style)
        if n.version_name(n.SSL2) in before.protocols:
            await self._ssl2()
        await self._step("groups", self._again_groups())
        if before.without_name is not None:
            await self._step("without_name", self._without_name())
        if before.fallback_scsv is False:
            await self._step("fallback_scsv", self._fallback())
        else:
            self.found.fallback = before.fallback_scsv
        self.found.tolerance_asked = before.tolerance_asked
        # A version that is not borne is held against the server, and shows in the first contact; the rest is taken over.
        self.found.intolerance = {
            what: shown
            for what, shown in before.intolerance.items()
            if what != "version" or what in self.found.intolerance
        }
        if n.version_name(n.TLCP) in before.refused_protocols:
            # So may this, where commercial cryptography is due.
            await self._step("protocol:TLCP", self._tlcp(answering=bool(self.found.offered)))
        self.found.complete = [
            _VERSIONS[name] for name in before.ciphers_complete if _VERSIONS[name] in self.found.offered
        ]

    async def _again(self, version: int) -> None:
        suites = _numbers(self._before.ciphers.get(n.version_name(version), ()))
        style = BARE if version == n.SSL3 else self._style
        families: dict[tuple[str, str], list[int]] = {}
        for suite in suites:
            families.setdefault(family(names().get(suite, "")), []).append(suite)
        confirmed: list[int] = []

        async def ask(portion: list[int]) -> None:
            if await self._accepts(version, portion, style, confirmed):
                confirmed.extend(portion)

        portions = [
            members[start : start + style.most_suites]
            for members in families.values()
            for start in range(0, len(members), style.most_suites)
        ]
        await self._at_once(ask(portion) for portion in portions)
        if confirmed:
            self._offer(version)
            self.found.suites[version] = [suite for suite in suites if suite in confirmed]
            await self._again_order(version, style)

    async def _accepts(self, version: int, suites: Sequence[int], style: Style, known: Sequence[int]) -> bool:
        try:
            return await self._next_suite(version, suites, style, n.GROUPS_TLS12, known=known) is not None
        except BudgetSpent:
            raise
        except TargetError as error:
            self.found.note(f"ciphers:{n.version_name(version)}", error)
            return False

    async def _again_order(self, version: int, style: Style) -> None:
        """Whether a server that followed the client's order does so still; an order of its own is taken over."""
        found = self.found.suites[version]
        served = self._before.server_preference
        if served is None or len(found) < 2:
            return
        if not served:
            evidence = Evidence()
            offer = tuple(reversed(found[: style.most_suites]))
            for _ in range(2):
                seen = await self._next_suite(version, offer, style, n.GROUPS_TLS12, known=found)
                if seen is None:
                    return
                evidence.add(offer, seen.suite)
                if seen.suite == offer[0]:
                    break
                # Behind all others it is chosen again only by an order of the server's own.
                offer = (*(suite for suite in offer if suite != seen.suite), seen.suite)
            served = evidence.contradicts_client(found) and not evidence.follows_client(found)
        self.found.preference[version] = served

    async def _again_tls13(self) -> None:
        name = n.version_name(n.TLS13)
        if name in self._before.refused_protocols:
            if n.TLS13 not in self.found.offered:
                await self._tls13_offered()
            return
        if name not in self._before.protocols:
            return
        suites = _numbers(self._before.ciphers.get(name, ()))
        if n.TLS13 not in self.found.offered and not await self._tls13_offered():
            return
        self.found.suites[n.TLS13] = suites
        if not any(version in self.found.preference for version in LEGACY):
            served = self._before.server_preference
            if served is not None:
                self.found.preference[n.TLS13] = served

    async def _again_groups(self) -> None:
        """One hello with the groups alone that not every server has; the common ones are no deviation."""
        before = self._before
        groups = [_GROUPS[name] for name in before.groups if name in _GROUPS]
        rare = [group for group in groups if group not in n.COMMON_GROUPS]
        taken = set(groups) - set(rare)
        for version in LEGACY:
            suites = [suite for suite in self.found.suites.get(version, ()) if key_exchange(suite) == "ecdhe"]
            offer = [group for group in rare if group in n.GROUPS_TLS12]
            if not suites or not offer:
                continue
            if await self._next_suite(version, suites, self._style, offer, known=suites) is not None:
                taken |= set(offer)
            break
        offer = [group for group in rare if group in n.GROUPS_TLS13 and group not in taken]
        modern = self.found.suites.get(n.TLS13)
        if offer and modern and await self._pick_tls13(modern, offer, "groups again") is not None:
            taken |= set(offer)
        self.found.groups = [group for group in groups if group in taken]
        if before.groups_complete:
            self.found.groups_closed |= {"legacy", "tls13"}
