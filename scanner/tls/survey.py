"""What a TLS endpoint accepts, found with few connections.

By elimination: offer everything, take away what the server chose, ask again, until it refuses. One hello answers several
questions at once: suites and groups (and ALPN names) are taken away together; the list is offered forwards and
backwards in turn, which tells a server's own preference from the client's; compression, secure renegotiation, tickets
and the like are read from the same answers.

A version counts as refused when the server says so by an alert, or when two different hellos, the second a plain one,
both end in an alert or a closed connection while it answers hellos of other versions. Silence leaves a question open,
with the error beside it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from scanner.errors import (
    ConnectError,
    NotOffered,
    PeerClosed,
    PeerTimeout,
    ProtocolError,
    TargetError,
    Throttled,
    TlsError,
)
from scanner.facts import ProbeError
from scanner.probes import probe_error
from scanner.tls import numbers as n
from scanner.tls.cursor import malformed
from scanner.tls.flight import Seen, Until
from scanner.tls.hello import ClientHello
from scanner.tls.keyschedule import READABLE_GROUPS, READABLE_SUITES, KeyPairs
from scanner.tls.suites import SSL2_KINDS, by_number, common_suites, key_exchange, suite_name, suites_for
from scanner.tls.wire import BudgetSpent, Wire

_REFUSALS = frozenset({"alert:protocol_version", "alert:handshake_failure", "alert:insufficient_security"})
_PERHAPS_ELSEWISE = frozenset(
    f"alert:{name}"
    for name in (
        "unrecognized_name",
        "access_denied",
        "user_canceled",
        "close_notify",
        "no_application_protocol",
    )
)
"""Alerts that are not about the version: asked by another name, or at another time, the answer may differ."""
_NO_ALPN = "alert:no_application_protocol"
_SHARES = (0x001D, 0x0017)
_LEGACY = (n.TLS12, n.TLS11, n.TLS10, n.SSL3)
_MOST_ALPN = 6
_MOST_SILENCES = 3
"""Hellos without an answer after which a server is taken for silent to all of them."""
_HTTP = ("h2", "http/1.1", "http/1.0")


@dataclass(frozen=True, slots=True, kw_only=True)
class Style:
    """How much one hello carries. Some servers choke on long or unfamiliar hellos."""

    name: str
    most_suites: int = 4096
    extras: bool = True
    """ALPN, staple request, tickets, compression, rare groups and signature schemes."""
    bare: bool = False


FULL = Style(name="full")
SMALL = Style(name="small", most_suites=48, extras=False)
BARE = Style(name="bare", most_suites=48, extras=False, bare=True)

_COMMON_GROUPS = n.GROUPS_TLS12[:5]
_COMMON_SCHEMES = (0x0403, 0x0804, 0x0401, 0x0503, 0x0805, 0x0501, 0x0806, 0x0601, 0x0203, 0x0201)


@dataclass(slots=True)
class Found:
    """What the survey has seen so far. It is filled as answers come, so that a survey cut short still tells its part."""

    offered: list[int] = field(default_factory=list)
    refused: list[int] = field(default_factory=list)
    suites: dict[int, list[int]] = field(default_factory=dict)
    complete: list[int] = field(default_factory=list)
    """Versions whose suites were all asked for."""
    preference: dict[int, bool] = field(default_factory=dict)
    groups: list[int] = field(default_factory=list)
    groups_closed: set[str] = field(default_factory=set)
    """``legacy`` and ``tls13``: where all groups were asked for."""
    primes: list[int] = field(default_factory=list)
    flights: dict[int, Seen] = field(default_factory=dict)
    """The whole first flight of a version."""
    alpn: list[str] = field(default_factory=list)
    deflate: bool | None = None
    renegotiation: bool | None = None
    ems: bool | None = None
    tickets: bool | None = None
    heartbeat: bool | None = None
    early_data: bool | None = None
    fallback: bool | None = None
    ssl2_kinds: tuple[int, ...] = ()
    ssl2_certificate: bytes = b""
    errors: list[ProbeError] = field(default_factory=list)

    def note(self, step: str, error: TargetError) -> None:
        """Keep the reason why a question stayed open."""
        if len(self.errors) < 40:
            self.errors.append(probe_error(step, error))


def _spared() -> TargetError:
    return TargetError(
        "not asked: the server counts handshakes that break off and blocks an address after too many of them",
        kind="spared",
    )


def _refused(error: TargetError) -> bool:
    return error.kind in _REFUSALS


def _decisive(error: TargetError) -> bool:
    """Whether an error, met a second time by a plainer hello, tells that the version cannot be used."""
    return error.kind.startswith("alert:") and error.kind not in _PERHAPS_ELSEWISE


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


class Survey:
    """One survey of one endpoint by one name."""

    def __init__(
        self, wire: Wire, server_name: str | None, alpn: Sequence[str], *, sparing: bool = False
    ) -> None:
        self._wire = wire
        self._sparing = sparing
        self._name = server_name
        self._alpn_left = list(alpn)
        self._style = FULL
        self._legacy_begun = asyncio.Event()
        self._groups_left = list(n.GROUPS_TLS12)
        self.found = Found()

    async def run(self) -> None:
        """Ask everything; of a server that must be spared, the versions and the certificate alone.

        :raises TargetError: no hello at all was answered with a ServerHello; the error of the first hello.
        """
        await self._first_contact()
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._step("tls", self._modern()))
                tasks.create_task(self._step("tls", self._old()))
        except BaseExceptionGroup as group:
            raise group.exceptions[0] from None
        if not self._sparing:
            await self._step("fallback_scsv", self._fallback())

    async def _step(self, name: str, job: object) -> None:
        try:
            await job  # type: ignore[misc]
        except TargetError as error:
            self.found.note(name, error)

    async def _modern(self) -> None:
        try:
            await self._legacy(n.TLS12)
        finally:
            self._legacy_begun.set()
        await self._tls13()

    async def _old(self) -> None:
        await self._legacy_begun.wait()
        for version in (n.TLS11, n.TLS10, n.SSL3):
            if self._sparing and version == n.SSL3:
                self.found.note("protocol:SSLv3", _spared())
            elif version not in self.found.refused:
                await self._legacy(version)
        if self._sparing:
            self.found.note("protocol:SSLv2", _spared())
        else:
            await self._ssl2()

    # ------------------------------------------------------------------ hellos

    def _legacy_hello(
        self,
        version: int,
        suites: Iterable[int],
        style: Style,
        *,
        groups: Sequence[int] = (),
        alpn: Sequence[str] = (),
    ) -> ClientHello:
        if version == n.SSL3 or style.bare:
            return ClientHello(version=version, suites=tuple(suites), bare=True, deflate=style.extras)
        return ClientHello(
            version=version,
            suites=tuple(suites),
            groups=tuple(groups) if style.extras else _COMMON_GROUPS,
            signature_schemes=self._schemes(style) if version == n.TLS12 else (),
            server_name=self._name,
            alpn=tuple(alpn) if style.extras else (),
            deflate=style.extras,
            staple=style.extras,
            tickets=style.extras,
            ems=style.extras,
            heartbeat=style.extras,
        )

    @staticmethod
    def _schemes(style: Style) -> tuple[int, ...]:
        return n.SIGNATURE_SCHEMES if style.extras else _COMMON_SCHEMES

    def _tls13_hello(
        self, suites: Iterable[int], groups: Iterable[int], keys: KeyPairs | None, *, alpn: Sequence[str] = ()
    ) -> ClientHello:
        shares = {group: keys.public(group) for group in _SHARES} if keys is not None else {}
        return ClientHello(
            version=n.TLS12,
            versions=(n.TLS13,),
            suites=tuple(suites),
            groups=tuple(groups),
            key_shares=shares,
            signature_schemes=self._schemes(self._style),
            server_name=self._name,
            alpn=tuple(alpn),
            staple=self._style.extras,
        )

    # ------------------------------------------------------------------ first contact

    async def _first_contact(self) -> None:
        """Find a style of hello that the server answers, beginning with the one that tells most."""
        first: TargetError | None = None
        silences = 0
        for style, version in ((FULL, n.TLS13), (SMALL, n.TLS12), (SMALL, n.TLS10), (BARE, n.SSL3)):
            try:
                seen = await self._contact(style, version)
            except (ConnectError, BudgetSpent, Throttled, NotOffered, ProtocolError) as error:
                # About the connection or what comes before TLS: another hello changes nothing.
                raise first or error from None
            except TargetError as error:
                first = first or error
                silences += isinstance(error, PeerTimeout)
                if silences >= _MOST_SILENCES:
                    raise first from None
                continue
            self._style = style
            if first is not None:
                self.found.note("hello:full", first)
            self._first_answer(seen)
            return
        assert first is not None
        if not await self._ssl2():
            raise first
        self.found.note("hello:full", first)

    async def _contact(self, style: Style, version: int) -> Seen:
        if version != n.TLS13:
            hello = self._legacy_hello(version, common_suites(version), style)
            return await self._wire.ask(f"{n.version_name(version)} {style.name} hello", hello, Until.FLIGHT)
        keys = KeyPairs()
        hello = ClientHello(
            version=n.TLS12,
            versions=(n.TLS13, n.TLS12, n.TLS11, n.TLS10),
            suites=READABLE_SUITES + suites_for(n.TLS12),
            groups=READABLE_GROUPS + tuple(group for group in n.GROUPS_TLS12 if group not in READABLE_GROUPS),
            key_shares={group: keys.public(group) for group in _SHARES},
            signature_schemes=n.SIGNATURE_SCHEMES,
            server_name=self._name,
            alpn=tuple(self._alpn_left),
            staple=True,
            tickets=True,
            ems=True,
        )
        try:
            return await self._wire.ask("full hello", hello, Until.TICKETS, keys)
        except TlsError as error:
            if error.kind != _NO_ALPN:
                raise
            self._alpn_left.clear()
            return await self._contact(style, version)

    def _first_answer(self, seen: Seen) -> None:
        hello = seen.hello
        if hello is None or hello.version not in n.VERSION_NAMES:
            raise malformed("a ServerHello of an unknown version")
        if hello.version == n.TLS13:
            self._offer(n.TLS13)
            self._keep_flight(n.TLS13, seen)
            self.found.suites.setdefault(n.TLS13, []).append(hello.suite)
            if seen.group is not None:
                self._keep_group(seen.group)
            if seen.tickets:
                self.found.tickets, self.found.early_data = True, seen.early_data
        elif hello.version != n.SSL2:
            self._keep_flight(hello.version, seen)
        self._keep_alpn(seen)
        if seen.error is not None:
            self.found.note("hello:full", seen.error)

    # ------------------------------------------------------------------ keeping what was seen

    def _offer(self, version: int) -> None:
        if version not in self.found.offered:
            self.found.offered.append(version)
        if version in self.found.refused:
            self.found.refused.remove(version)

    def _refuse(self, version: int) -> None:
        if version not in self.found.offered and version not in self.found.refused:
            self.found.refused.append(version)

    def _keep_flight(self, version: int, seen: Seen) -> None:
        if seen.chain is not None or version not in self.found.flights:
            self.found.flights[version] = seen

    def _keep_group(self, group: int) -> None:
        if group not in self.found.groups:
            self.found.groups.append(group)
        if group in self._groups_left:
            self._groups_left.remove(group)

    def _keep_alpn(self, seen: Seen) -> None:
        name = seen.alpn
        if name is not None and name not in self.found.alpn and len(self.found.alpn) < _MOST_ALPN:
            self.found.alpn.append(name)
        if name in self._alpn_left:
            self._alpn_left.remove(name)
            if name in _HTTP:
                # Nothing serves web pages and mail by one port: do not provoke a refusal by asking.
                self._alpn_left = [other for other in self._alpn_left if other in _HTTP]
        elif self._alpn_left and seen.hello is not None and seen.hello.version != n.TLS13:
            self._alpn_left.clear()

    def _keep_legacy(self, seen: Seen, hello: ClientHello) -> None:
        answer, found = seen.hello, self.found
        if answer is None:
            return
        if hello.deflate:
            found.deflate = bool(found.deflate) or answer.compression == 1
        if hello.version != n.SSL3 or found.renegotiation is None:
            found.renegotiation = n.EXT_RENEGOTIATION_INFO in answer.extensions
        if hello.ems:
            found.ems = bool(found.ems) or n.EXT_EXTENDED_MASTER_SECRET in answer.extensions
        if hello.heartbeat:
            found.heartbeat = bool(found.heartbeat) or n.EXT_HEARTBEAT in answer.extensions
        if hello.tickets:
            found.tickets = bool(found.tickets) or n.EXT_SESSION_TICKET in answer.extensions
        if seen.group is not None:
            self._keep_group(seen.group)
        if seen.prime is not None and seen.prime not in found.primes:
            found.primes.append(seen.prime)
        if hello.alpn:
            self._keep_alpn(seen)

    # ------------------------------------------------------------------ SSL 3.0 to TLS 1.2

    async def _legacy(self, version: int) -> None:
        """Whether ``version`` is accepted, and with which suites."""
        style = BARE if version == n.SSL3 else self._style
        answer = await self._legacy_version(version, style)
        if answer is None:
            return
        if self._sparing:
            self.found.note(f"ciphers:{n.version_name(version)}", _spared())
            return
        style = answer
        try:
            await self._legacy_suites(version, style)
        except TargetError as error:
            self.found.note(f"ciphers:{n.version_name(version)}", error)
            if isinstance(error, BudgetSpent):
                raise

    async def _legacy_version(self, version: int, style: Style) -> Style | None:
        """The style of hello with which ``version`` was accepted; None when it was not, or nothing could be told."""
        name = n.version_name(version)
        failed = False
        trouble: TargetError = malformed("nothing was asked")
        for attempt in (style, BARE if version == n.SSL3 else SMALL):
            suites = suites_for(version) if attempt.extras else common_suites(version)
            try:
                seen, hello = await self._ask_legacy(version, suites, attempt, Until.FLIGHT)
            except TlsError as error:
                # OpenSSL whose security level leaves nothing for the version says internal_error: an alert of any kind
                # counts once a second, plainer hello met the same fate.
                if _refused(error) or (failed and _decisive(error)):
                    self._refuse(version)
                    if version == n.TLS11 and error.kind == "alert:protocol_version":
                        # The server was told that up to TLS 1.1 is spoken: TLS 1.0 is ruled out by the same answer.
                        self._refuse(n.TLS10)
                    return None
                failed, trouble = _decisive(error), error
            except PeerClosed as error:
                if failed:
                    self._refuse(version)
                    return None
                failed, trouble = True, error
            except BudgetSpent:
                raise
            except TargetError as error:
                trouble = error
            else:
                return self._legacy_answer(version, attempt, seen, hello)
        self.found.note(f"protocol:{name}", trouble)
        return None

    def _legacy_answer(self, version: int, style: Style, seen: Seen, hello: ClientHello) -> Style | None:
        answer = seen.hello
        chosen = answer.version if answer is not None else 0
        if chosen != version:
            if n.SSL3 <= chosen < version:
                self._refuse(version)
            else:
                self.found.note(
                    f"protocol:{n.version_name(version)}", malformed(f"version 0x{chosen:04x} was chosen")
                )
            return None
        self._offer(version)
        self._keep_flight(version, seen)
        self._keep_legacy(seen, hello)
        if seen.suite in hello.suites:
            self.found.suites.setdefault(version, []).append(seen.suite)
        return style

    async def _ask_legacy(
        self,
        version: int,
        suites: Sequence[int],
        style: Style,
        until: Until,
        groups: Sequence[int] = n.GROUPS_TLS12,
    ) -> tuple[Seen, ClientHello]:
        name = n.version_name(version)
        hello = self._legacy_hello(version, suites, style, groups=groups, alpn=self._alpn_left)
        try:
            return await self._wire.ask(f"{name} {len(suites)} suites", hello, until), hello
        except TlsError as error:
            if error.kind != _NO_ALPN or not hello.alpn:
                raise
        self._alpn_left.clear()
        hello = self._legacy_hello(version, suites, style, groups=groups)
        return await self._wire.ask(f"{name} {len(suites)} suites", hello, until), hello

    async def _legacy_suites(self, version: int, style: Style) -> None:
        found = self.found.suites.setdefault(version, [])
        everything = suites_for(version)
        # Groups are hunted along with the suites of the newest of these versions; a hello without the groups
        # extension cannot ask for them.
        hunting = style.extras and version != n.SSL3 and "legacy" not in self.found.groups_closed
        passed_over: tuple[set[int], int] = (set(), 0)
        evidence = Evidence()
        if found and style.extras:
            evidence.add(everything, found[0])
        if hunting:
            self._groups_left = [group for group in self._groups_left if group not in self.found.groups]
        for start in range(0, len(everything), style.most_suites):
            left = [suite for suite in everything[start : start + style.most_suites] if suite not in found]
            while left:
                offer = evidence.turn(left)
                groups = (self._groups_left or n.GROUPS_TLS12) if hunting else n.GROUPS_TLS12
                seen = await self._next_suite(version, offer, style, groups, known=found)
                limited = hunting and len(groups) < len(n.GROUPS_TLS12)
                if seen is None:
                    if not limited:
                        break
                    # No group was left for the suites that are: ask again with all of them.
                    hunting, passed_over = False, (set(left), 0)
                    continue
                if limited and key_exchange(seen.suite) != "ecdhe":
                    # Chosen because no group was left for better suites, or because no such suite is left. That it
                    # is accepted stands; its place in the server's order, if there is one, does not.
                    hunting, passed_over = False, (set(left), seen.suite)
                    if not evidence.follows_client(found):
                        continue
                else:
                    evidence.add(offer, seen.suite)
                found.append(seen.suite)
                left.remove(seen.suite)
        self.found.complete.append(version)
        if self._groups_ran_out(found, passed_over, evidence):
            self.found.groups_closed.add("legacy")
        await self._preference(version, found, evidence, style)
        if style.extras and version != n.SSL3:
            await self._legacy_groups(version, found, style)

    @staticmethod
    def _groups_ran_out(found: Sequence[int], passed_over: tuple[set[int], int], evidence: Evidence) -> bool:
        """Whether the hunt itself showed that no further group is accepted.

        It did when an ephemeral suite was passed over while only unasked groups were offered, although the server
        takes that suite otherwise and puts it before the one it chose instead.
        """
        offered, instead = passed_over
        later = [suite for suite in found if suite in offered and key_exchange(suite) == "ecdhe"]
        if instead and not evidence.follows_client(found):
            later = [
                suite for suite in later if instead in found and found.index(suite) < found.index(instead)
            ]
        return bool(later)

    async def _next_suite(
        self, version: int, offer: Sequence[int], style: Style, groups: Sequence[int], known: Sequence[int]
    ) -> Seen | None:
        """The answer to an offer of suites; None when the server refused them all.

        :raises TargetError: it could not be told.
        """
        try:
            seen, hello = await self._ask_legacy(version, offer, style, Until.KEY_EXCHANGE, groups)
        except TlsError as error:
            if _refused(error):
                return None
            raise
        except PeerClosed as error:
            # Some servers close instead of sending an alert; others close because they have had enough of us.
            # A suite that is known to be accepted tells which.
            if not known:
                raise
            try:
                await self._ask_legacy(version, known[:1], style, Until.HELLO)
            except TargetError:
                raise error from None
            return None
        if seen.hello is None or seen.hello.version != version:
            return None
        if seen.suite not in offer:
            raise malformed(f"the server chose {suite_name(seen.suite)}, which was not offered")
        self._keep_legacy(seen, hello)
        return seen

    async def _preference(self, version: int, found: list[int], evidence: Evidence, style: Style) -> None:
        """Whether the server follows its own order; sorts ``found`` when it has none."""
        if len(found) < 2:
            return
        served = evidence.contradicts_client(found)
        if not served and not evidence.follows_client(found):
            offer = tuple(reversed(found))
            seen = await self._next_suite(version, offer, style, n.GROUPS_TLS12, known=found)
            if seen is None:
                return
            served = seen.suite != offer[0]
        self.found.preference[version] = served
        if not served:
            found[:] = by_number(found)
        elif style.most_suites < len(suites_for(version)):
            await self._order(version, found, style)

    async def _order(self, version: int, found: list[int], style: Style) -> None:
        """The server's order among ``found``, which were asked for in several portions."""
        left, ordered = list(found), []
        while len(left) > 1:
            seen = await self._next_suite(version, left[: style.most_suites], style, (), known=found)
            if seen is None:
                return
            left.remove(seen.suite)
            ordered.append(seen.suite)
        found[:] = [*ordered, *left]

    async def _legacy_groups(self, version: int, found: Sequence[int], style: Style) -> None:
        """Ask for the groups that the hunt among the suites did not reach."""
        if "legacy" in self.found.groups_closed:
            return
        suites = [suite for suite in found if key_exchange(suite) == "ecdhe"]
        while suites and self._groups_left:
            before = len(self._groups_left)
            seen = await self._next_suite(version, suites, style, self._groups_left, known=suites)
            if seen is None:
                break
            if len(self._groups_left) == before:
                raise malformed("the server chose a group that was not offered")
        self.found.groups_closed.add("legacy")

    # ------------------------------------------------------------------ TLS 1.3

    async def _tls13(self) -> None:
        if n.TLS13 not in self.found.offered and not await self._tls13_offered():
            return
        if self._sparing:
            self.found.note("ciphers:TLSv1.3", _spared())
            return
        try:
            await self._tls13_lists()
        except TargetError as error:
            self.found.note("ciphers:TLSv1.3", error)
            if isinstance(error, BudgetSpent):
                raise
        if not any(version in self.found.offered for version in _LEGACY):
            await self._tls13_alpn()

    async def _tls13_offered(self) -> bool:
        """Ask for TLS 1.3 alone: a server may prefer an older version, or have answered a smaller hello only."""
        try:
            seen = await self._ask_tls13(suites_for(n.TLS13), n.GROUPS_TLS13, "alone")
        except TlsError as error:
            if _refused(error):
                self._refuse(n.TLS13)
            else:
                self.found.note("protocol:TLSv1.3", error)
            return False
        except PeerClosed as error:
            if self._style is FULL:
                # It answered a hello as long as this one, with all that this one has, but for the older versions.
                self._refuse(n.TLS13)
            else:
                self.found.note("protocol:TLSv1.3", error)
            return False
        if seen is None:
            self._refuse(n.TLS13)
            return False
        self._offer(n.TLS13)
        self.found.suites.setdefault(n.TLS13, []).append(seen.suite)
        return True

    async def _ask_tls13(self, suites: Sequence[int], groups: Sequence[int], what: str) -> Seen | None:
        """Ask for one of ``suites`` with one of ``groups``, by a hello without key shares, so that the server names
        the group in a HelloRetryRequest (RFC 8446 §4.2.8); None when an older version was chosen."""
        hello = self._tls13_hello(suites, groups, None)
        seen = await self._wire.ask(f"TLSv1.3 {what}", hello, Until.HELLO)
        if seen.hello is None or seen.hello.version != n.TLS13:
            return None
        if seen.suite not in suites:
            raise malformed(f"the server chose {suite_name(seen.suite)}, which was not offered")
        if seen.group is not None:
            self._keep_group(seen.group)
        return seen

    async def _tls13_lists(self) -> None:
        """Suites and groups by elimination, both at once while both are likely to have more."""
        found = self.found.suites.setdefault(n.TLS13, [])
        suites = [suite for suite in suites_for(n.TLS13) if suite not in found]
        groups = [group for group in n.GROUPS_TLS13 if group not in self.found.groups]
        evidence = Evidence()
        if found:
            evidence.add(READABLE_SUITES, found[0])
        while groups and any(suite in suites for suite in common_suites(n.TLS13)):
            offer = evidence.turn(suites)
            seen = await self._pick_tls13(offer, groups, "suites and groups")
            if seen is None:
                break
            evidence.add(offer, seen.suite)
            found.append(seen.suite)
            suites.remove(seen.suite)
            if seen.group not in groups:
                break
            groups.remove(seen.group)
        while suites:
            offer = evidence.turn(suites)
            seen = await self._pick_tls13(offer, n.GROUPS_TLS13, "suites")
            if seen is None:
                break
            evidence.add(offer, seen.suite)
            found.append(seen.suite)
            suites.remove(seen.suite)
        self.found.complete.append(n.TLS13)
        while groups:
            offer = evidence.turn(found)
            seen = await self._pick_tls13(offer, groups, "groups")
            if seen is None:
                break
            evidence.add(offer, seen.suite)
            if seen.group not in groups:
                raise malformed("the server chose a group that was not offered")
            groups.remove(seen.group)
        self.found.groups_closed.add("tls13")
        await self._tls13_preference(found, evidence)

    async def _pick_tls13(self, suites: Sequence[int], groups: Sequence[int], what: str) -> Seen | None:
        """An answer, or None when the server refused; a close is told from a refusal as in TLS 1.2."""
        try:
            return await self._ask_tls13(suites, groups, what)
        except TlsError as error:
            # missing_extension and illegal_parameter are how some say that no group of the offer will do.
            if _refused(error) or error.kind in ("alert:missing_extension", "alert:illegal_parameter"):
                return None
            raise
        except PeerClosed as error:
            try:
                await self._ask_tls13(self.found.suites[n.TLS13], n.GROUPS_TLS13, "control")
            except TargetError:
                raise error from None
            return None

    async def _tls13_preference(self, found: list[int], evidence: Evidence) -> None:
        if len(found) < 2:
            return
        served = evidence.contradicts_client(found)
        if not served and not evidence.follows_client(found):
            offer = tuple(reversed(found))
            seen = await self._pick_tls13(offer, n.GROUPS_TLS13, "order")
            if seen is None:
                return
            served = seen.suite != offer[0]
        self.found.preference[n.TLS13] = served
        if not served:
            found[:] = by_number(found)

    async def _tls13_alpn(self) -> None:
        """Further ALPN names of a server that speaks TLS 1.3 alone, where they are encrypted."""
        suites = [suite for suite in READABLE_SUITES if suite in self.found.suites.get(n.TLS13, ())]
        while self.found.alpn and self._alpn_left and len(self.found.alpn) < _MOST_ALPN and suites:
            keys = KeyPairs()
            hello = self._tls13_hello(suites, READABLE_GROUPS, keys, alpn=self._alpn_left)
            try:
                seen = await self._wire.ask("TLSv1.3 ALPN", hello, Until.FLIGHT, keys)
            except TlsError as error:
                if error.kind != _NO_ALPN:
                    self.found.note("alpn", error)
                return
            if seen.alpn is None or seen.alpn not in self._alpn_left:
                return
            self._keep_alpn(seen)

    # ------------------------------------------------------------------ SSL 2.0 and the fallback signal

    async def _ssl2(self) -> bool:
        try:
            hello = await self._wire.ask_ssl2()
        except PeerClosed:
            self._refuse(n.SSL2)
            return False
        except TlsError as error:
            if error.kind == "malformed":
                self.found.note("protocol:SSLv2", error)
            else:
                self._refuse(n.SSL2)
            return False
        except BudgetSpent:
            raise
        except TargetError as error:
            self.found.note("protocol:SSLv2", error)
            return False
        self._offer(n.SSL2)
        self.found.ssl2_kinds = tuple(kind for kind in hello.kinds if kind in SSL2_KINDS)
        self.found.ssl2_certificate = hello.certificate
        self.found.complete.append(n.SSL2)
        return True

    async def _fallback(self) -> None:
        """Pretend that a better version failed: a server that knows RFC 7507 answers inappropriate_fallback."""
        spoken = sorted((version for version in self.found.offered if version > n.SSL2), reverse=True)
        if len(spoken) < 2:
            return
        lower = spoken[1]
        suites = tuple(self.found.suites.get(lower, ()))[:40]
        hello = self._legacy_hello(lower, (*suites, n.SCSV_FALLBACK), SMALL, groups=_COMMON_GROUPS)
        try:
            await self._wire.ask(f"{n.version_name(lower)} fallback", hello, Until.HELLO)
        except TlsError as error:
            if error.kind != "alert:inappropriate_fallback":
                raise
            self.found.fallback = True
        except PeerClosed:
            # Dovecot hangs up without the alert. The same hello without the signal tells whether it was that.
            plain = self._legacy_hello(lower, suites, SMALL, groups=_COMMON_GROUPS)
            await self._wire.ask(f"{n.version_name(lower)} without fallback", plain, Until.HELLO)
            self.found.fallback = True
        else:
            self.found.fallback = False
