"""What a TLS endpoint accepts, found with few connections.

By elimination: offer everything, take away what the server chose, ask again, until it refuses. One hello answers several
questions at once: suites and groups (and ALPN names) are taken away together; the list is offered forwards and
backwards in turn, which tells a server's own preference from the client's; compression, secure renegotiation, tickets
and the like are read from the same answers.

A version counts as refused when the server says so by an alert, or when two different hellos, the second a plain one,
both end in an alert or a closed connection while it answers hellos of other versions. Silence leaves a question open,
with the error beside it.

A server that breaks on something in a hello (its length, an extension, a newer version named beside older ones) is not
one that refuses: what it cannot bear is found by adding one thing at a time to a hello that it does answer, and the rest
is asked without that. What breaks once and not again is left open.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain
from secrets import token_bytes
from typing import Any

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
from scanner.tls.preference import Evidence, has_ecdsa_and_rsa, whose_order
from scanner.tls.primes import known_prime
from scanner.tls.style import BARE, EXTENSIONS, FULL, SMALL, Style
from scanner.tls.suites import SSL2_KINDS, by_number, common_suites, key_exchange, suite_name, suites_for
from scanner.tls.tlcp import TlcpSurvey
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
SHARES = (0x001D, 0x0017)
LEGACY = (n.TLS12, n.TLS11, n.TLS10, n.SSL3)
"""Versions with one shape of handshake, newest first."""
_MOST_ALPN = 6
_MOST_SILENCES = 3
"""Hellos without an answer after which a server is taken for silent to all of them."""
_HTTP = ("h2", "http/1.1", "http/1.0")
_CONTACTS = ((FULL, n.TLS13), (SMALL, n.TLS12), (BARE, n.TLS10), (BARE, n.SSL3))
"""The hellos of the first contact, each with less in it that an old or faulty server may choke on."""
_CERTIFICATE_CURVES = (0x0017, 0x0018, 0x0019)
_MIDDLING = 128
"""Suites in one hello for a server that chokes on all: wolfSSL takes 150 (its WOLFSSL_MAX_SUITE_SZ)."""
_NOT_ABOUT_THE_HELLO = (ConnectError, BudgetSpent, Throttled, NotOffered, ProtocolError)
"""About the connection, or what comes before TLS: another hello changes nothing."""
_WORTH_SPLITTING = 16
"""Suites still to be asked for above which two hellos at a time are worth one connection more."""
_GREASE = 0x8A8A
"""A suite, version and group that is reserved to stay unknown (RFC 8701 §2), and so is this extension:"""
_GREASE_EXTENSION = 0x9A9A
_HANG = 400
"""A length of hello between 256 and 511 bytes (RFC 7685)."""


COMMON_SCHEMES = (0x0403, 0x0804, 0x0401, 0x0503, 0x0805, 0x0501, 0x0806, 0x0601, 0x0203, 0x0201)


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
    tlcp: Seen | None = None
    """The whole first flight of TLCP, kept apart: its certificates are not those of TLS."""
    alpn: list[str] = field(default_factory=list)
    deflate: bool | None = None
    renegotiation: bool | None = None
    ems: bool | None = None
    tickets: bool | None = None
    heartbeat: bool | None = None
    early_data: bool | None = None
    fallback: bool | None = None
    unnamed: Seen | None = None
    """The first flight in answer to a hello without a server name, where others had one."""
    unnamed_refusal: str | None = None
    """How such a hello was refused: an alert, or the connection closed."""
    ssl2_kinds: tuple[int, ...] = ()
    ssl2_certificate: bytes = b""
    intolerance: dict[str, str] = field(default_factory=dict)
    """See :attr:`scanner.facts.TlsFacts.intolerance`."""
    tolerance_asked: bool = False
    errors: list[ProbeError] = field(default_factory=list)

    def blame(self, what: str, error: TargetError) -> None:
        """Keep what the server cannot bear, and how that showed first."""
        self.intolerance.setdefault(what, error.kind)

    def note(self, step: str, error: TargetError) -> None:
        """Keep the reason why a question stayed open."""
        if len(self.errors) < 40:
            self.errors.append(probe_error(step, error))


def _spared() -> TargetError:
    return TargetError(
        "not asked: the server counts handshakes that break off and blocks an address after too many of them",
        kind="spared",
    )


def _schemes_for(suites: Sequence[int]) -> tuple[int, ...]:
    """Common signature schemes, and SM2's where the suites are those of RFC 8998, which ask for it (§3.2.1)."""
    shangmi = any("SM4" in suite_name(suite) for suite in suites)
    return (n.SM2_SIG_SM3, *COMMON_SCHEMES) if shangmi else COMMON_SCHEMES


def _refused(error: TargetError) -> bool:
    return error.kind in _REFUSALS


def _decisive(error: TargetError) -> bool:
    """Whether an error, met a second time by a plainer hello, tells that the version cannot be used."""
    return error.kind.startswith("alert:") and error.kind not in _PERHAPS_ELSEWISE


def _likely_last(suites: Iterable[int], accepted: Iterable[int], version: int) -> list[int]:
    """The suites, those last that are common and share key exchange and authentication with accepted ones."""

    def exchange(suite: int) -> str:
        return suite_name(suite).partition("_WITH_")[0]

    known = {exchange(suite) for suite in accepted}
    common = common_suites(version)[::-1]
    return sorted(
        suites,
        key=lambda suite: (exchange(suite) in known, common.index(suite) if suite in common else -1),
    )


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
        self._tls13_borne = False
        """Whether a hello that offered TLS 1.3 was answered, by whatever version."""
        self._borne: frozenset[str] | None = None
        """What was already seen to be borne, of :meth:`_burdens`; None before it was tried."""
        self._own_asked = False
        """Whether the prime of clients without RFC 7919 was asked for."""
        self._closed_upon: dict[int, PeerClosed] = {}
        """Versions that count as refused because the server closed the connection."""
        self._answered: tuple[ClientHello, KeyPairs | None] | None = None
        """The hello of the first contact that was answered."""
        self._rest_begun = asyncio.Event()
        """TLS 1.2 has only suites left to ask for, or is done."""
        self._legacy_begun = asyncio.Event()
        self._groups_left = list(n.GROUPS_TLS12)
        self._tlcp_asked = False
        self.found = Found()

    async def run(self) -> None:
        """Ask everything; of a server that must be spared, the versions and the certificate alone.

        :raises TargetError: no hello at all was answered with a ServerHello; the error of the first hello.
        """
        await self._first_contact()
        jobs = [self._step("tls", job) for job in (self._tls12(), self._modern(), self._old())]
        if not self._sparing:
            jobs.append(self._step("without_name", self._without_name()))
        await self._at_once(jobs)
        if self._sparing:
            self.found.note("protocol:TLCP", _spared())
            return
        await self._step("fallback_scsv", self._fallback())
        answering = await self._step("tolerance", self._tolerance())
        # Last, so that whatever a server or a device on the path does after a protocol unknown to it costs nothing else.
        await self._step("protocol:TLCP", self._tlcp(answering=answering and bool(self.found.offered)))

    @staticmethod
    async def _at_once(jobs: Iterable[Coroutine[Any, Any, object]]) -> None:
        """Questions that do not hang on one another; how many go out together is the wire's and the governor's matter."""
        try:
            async with asyncio.TaskGroup() as tasks:
                for job in jobs:
                    tasks.create_task(job)
        except BaseExceptionGroup as group:
            raise group.exceptions[0] from None

    async def _step(self, name: str, job: Awaitable[object]) -> bool:
        """Whether the job was done; if not, why is noted."""
        try:
            await job
        except TargetError as error:
            self.found.note(name, error)
            return False
        return True

    async def _without_name(self) -> None:
        """Ask once more by the hello that was answered first, but for the server's name (RFC 6066 §3)."""
        if self._answered is None or self._answered[0].server_name is None:
            return
        hello, keys = self._answered
        closed: PeerClosed | None = None
        # A close may be chance: it counts when it comes twice, and a hello with the name is answered after it.
        for _ in range(2):
            unnamed = replace(
                hello, server_name=None, alpn=(), random=token_bytes(32), session_id=token_bytes(32)
            )
            try:
                self.found.unnamed = await self._wire.ask("hello without a name", unnamed, Until.FLIGHT, keys)
                return
            except TlsError as error:
                if not error.kind.startswith("alert:"):
                    raise
                self.found.unnamed_refusal = error.kind
                return
            except PeerClosed as error:
                closed = error
        assert closed is not None
        await self._wire.ask("hello with the name, again", hello, Until.HELLO)
        self.found.unnamed_refusal = closed.kind

    async def _tls12(self) -> None:
        try:
            await self._legacy(n.TLS12)
        finally:
            self._rest_begun.set()
            self._legacy_begun.set()

    async def _modern(self) -> None:
        # The groups that TLS 1.2 showed need not be asked for again.
        await self._rest_begun.wait()
        await self._tls13()

    async def _old(self) -> None:
        await self._legacy_begun.wait()
        if n.TLS13 in self.found.offered:
            await self._both_refused()
        for version in (n.TLS11, n.TLS10, n.SSL3):
            if self._sparing and version == n.SSL3:
                self.found.note("protocol:SSLv3", _spared())
            elif version not in self.found.refused:
                await self._legacy(version)
        if self._sparing:
            self.found.note("protocol:SSLv2", _spared())
        else:
            await self._ssl2()

    async def _both_refused(self) -> None:
        """See whether TLS 1.1 and 1.0 are refused both, by one hello.

        A server that speaks TLS 1.3 knows supported_versions, which names both. A hello that says "up to TLS 1.1" tells
        nothing of TLS 1.0: GnuTLS refuses it for the version, and takes one for TLS 1.0.
        """
        hello = ClientHello(
            version=n.TLS12,
            versions=(n.TLS11, n.TLS10),
            suites=suites_for(n.TLS11)[: self._style.most_suites],
            groups=n.GROUPS_TLS12 if self._style.rare else n.COMMON_GROUPS,
            signature_schemes=self._schemes(self._style),
            server_name=self._name,
        )
        try:
            await self._wire.ask("TLSv1.1 or TLSv1.0", hello, Until.HELLO)
        except _NOT_ABOUT_THE_HELLO:
            raise
        except TargetError as error:
            if error.kind == "alert:protocol_version":
                self._refuse(n.TLS11)
                self._refuse(n.TLS10)

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
        if style.bare:
            return ClientHello(
                version=version,
                suites=tuple(suites),
                bare=not style.named,
                server_name=self._name,
                deflate=style.deflate,
            )
        return ClientHello(
            version=version,
            suites=tuple(suites),
            groups=tuple(groups) if style.rare else n.COMMON_GROUPS,
            signature_schemes=self._schemes(style) if version == n.TLS12 else (),
            server_name=self._name,
            alpn=tuple(alpn) if "alpn" in style.extensions else (),
            deflate=style.deflate,
            staple="staple" in style.extensions,
            sct="sct" in style.extensions,
            tickets="tickets" in style.extensions,
            ems="ems" in style.extensions,
            heartbeat="heartbeat" in style.extensions,
        )

    @staticmethod
    def _schemes(style: Style) -> tuple[int, ...]:
        return n.SIGNATURE_SCHEMES if style.rare else COMMON_SCHEMES

    def _tls13_hello(
        self, suites: Iterable[int], groups: Iterable[int], keys: KeyPairs | None, *, alpn: Sequence[str] = ()
    ) -> ClientHello:
        shares = {group: keys.public(group) for group in SHARES} if keys is not None else {}
        return ClientHello(
            version=n.TLS12,
            versions=(n.TLS13,),
            suites=tuple(suites),
            groups=tuple(groups),
            key_shares=shares,
            signature_schemes=self._schemes(self._style),
            server_name=self._name,
            alpn=tuple(alpn),
            staple="staple" in self._style.extensions,
            sct="sct" in self._style.extensions,
        )

    # ------------------------------------------------------------------ first contact

    async def _first_contact(self) -> None:
        """Find a style of hello that the server answers, beginning with the one that tells most."""
        failed: list[TargetError] = []
        for style, version in _CONTACTS:
            try:
                seen = await self._contact(style, version)
            except _NOT_ABOUT_THE_HELLO as error:
                raise next(iter(failed), error) from None
            except TargetError as error:
                failed.append(error)
                # A server that does not know this name, or wants one, answers no other hello of ours either.
                silences = sum(isinstance(other, PeerTimeout) for other in failed)
                if silences >= _MOST_SILENCES or error.kind == "alert:unrecognized_name":
                    raise failed[0] from None
                if style is SMALL and not (silences or self._sparing) and await self._speaks_tlcp():
                    break
                continue
            self._style = style
            self._tls13_borne = version == n.TLS13
            if self._sparing:
                self._first_answer(seen)
                if failed:
                    self.found.note("hello:full", failed[0])
                return
            self._first_answer(seen if failed else await self._whole(seen))
            if failed:
                await self._find_the_cause(version, seen, failed)
            return
        if n.TLCP in self.found.offered:
            # TLCP alone, perhaps: every version of TLS is then asked for by itself, by hellos as small as may be.
            self._style = SMALL
        elif not await self._ssl2():
            raise failed[0]
        self._unexplained(failed[0])

    async def _whole(self, seen: Seen) -> Seen:
        """The first flight asked for anew without the extensions that it may have broken upon, where it did break."""
        trouble = seen.error
        if trouble is None or seen.hello is None or seen.hello.version != n.TLS13:
            return seen
        for without in ({"alpn"}, {"alpn", "staple", "sct"}):
            poorer = replace(self._style, name="adapted", extensions=self._style.extensions - without)
            try:
                again = await self._contact(poorer, n.TLS13)
            except TargetError:
                return seen
            if again.error is None and again.hello is not None and again.hello.version == n.TLS13:
                self._style = poorer
                self.found.blame("extension", trouble)
                return again
        return seen

    def _unexplained(self, first: TargetError) -> None:
        """Note the failure of the first hello, unless it was a plain refusal of all that is newer than SSL 3.0."""
        if not _refused(first):
            self.found.note("hello:full", first)

    async def _find_the_cause(self, version: int, seen: Seen, failed: Sequence[TargetError]) -> None:
        """Tell what the hellos that failed had in them that the server cannot bear, and find the richest style that it
        can: by adding one thing at a time to the hello that was answered."""
        if seen.hello is None or seen.hello.version <= n.SSL3:
            # Whether newer hellos failed for their version or for their extensions cannot be told.
            self._unexplained(failed[0])
            return
        blamed: dict[str, TargetError] = {}
        try:
            if version < n.TLS12:
                await self._enrich_bare(failed[-1], blamed)
            if not self._style.bare:
                await self._enrich(version, blamed)
            # What failed did not fail because the server has had enough of us.
            await self._ask_legacy(
                version, common_suites(version), BARE if version < n.TLS12 else SMALL, Until.HELLO
            )
        except TargetError as error:
            self.found.note("hello:full", failed[0])
            self.found.note("tolerance", error)
            return
        for what, trouble in blamed.items():
            self.found.blame(what, trouble)
        if not blamed:
            self.found.note("hello:full", failed[0])

    async def _enrich_bare(self, failed: TargetError, blamed: dict[str, TargetError]) -> None:
        """For a server that answered TLS 1.0 without extensions, but not TLS 1.2 with a few, which ended in ``failed``:
        extensions without the version, and the version without extensions."""
        bears_extensions = await self._bears(n.TLS10, SMALL, "extension", blamed)
        try:
            await self._ask_legacy(n.TLS12, common_suites(n.TLS12), BARE, Until.HELLO)
        except _NOT_ABOUT_THE_HELLO:
            raise
        except TargetError as error:
            blamed["version"] = error
        else:
            if bears_extensions:
                # signature_algorithms (RFC 5246 §7.4.1.4.1) is what the hello of TLS 1.2 had besides.
                blamed["extension"] = failed

    async def _enrich(self, version: int, blamed: dict[str, TargetError]) -> None:
        await self._bears(version, replace(self._style, most_suites=FULL.most_suites), "long_hello", blamed)
        everything = replace(self._style, extensions=frozenset(EXTENSIONS))
        if not await self._bears(version, everything, "extension", {}):
            for extension in EXTENSIONS:
                richer = replace(self._style, extensions=self._style.extensions | {extension})
                await self._bears(version, richer, "extension", blamed)
        await self._bears(version, replace(self._style, rare=True, deflate=True), "unknown_value", blamed)
        if "version" not in blamed:
            await self._enrich_tls13(blamed)

    async def _enrich_tls13(self, blamed: dict[str, TargetError]) -> None:
        """The same with TLS 1.3 offered: some servers break on an extension in that version alone."""
        trouble = await self._bears_tls13(self._style, blamed)
        if trouble is None:
            return
        extensions = self._style.extensions
        poorer = replace(self._style, extensions=frozenset[str]())
        if not extensions or await self._bears_tls13(poorer, blamed) is not None:
            blamed["version"] = trouble
            return
        self._style = poorer
        for extension in sorted(extensions):
            error = await self._bears_tls13(
                replace(self._style, extensions=self._style.extensions | {extension}), blamed
            )
            if error is not None:
                blamed.setdefault("extension", error)

    async def _bears_tls13(self, style: Style, blamed: dict[str, TargetError]) -> TargetError | None:
        """How a hello of ``style`` with TLS 1.3 fails; None when it is answered, and then ``style`` is the survey's."""
        try:
            seen = await self._contact(style, n.TLS13)
        except _NOT_ABOUT_THE_HELLO:
            raise
        except TargetError as error:
            if style.most_suites <= _MIDDLING:
                return error
            shorter = replace(style, most_suites=_MIDDLING)
            trouble = await self._bears_tls13(shorter, blamed)
            if trouble is None:
                blamed.setdefault("long_hello", error)
            return trouble
        self._style = style
        self._tls13_borne = True
        self._first_answer(seen)
        return None

    async def _bears(self, version: int, style: Style, what: str, blamed: dict[str, TargetError]) -> bool:
        """Whether a hello of ``style`` is answered; it is the survey's style from then on. If not, ``what`` is blamed, or
        the length of the hello when a shorter one is answered."""
        suites = suites_for(version)[: style.most_suites]
        try:
            await self._ask_legacy(version, suites, style, Until.HELLO)
        except _NOT_ABOUT_THE_HELLO:
            raise
        except TargetError as error:
            if style.most_suites > _MIDDLING:
                if await self._bears(version, replace(style, most_suites=_MIDDLING), what, blamed):
                    blamed.setdefault("long_hello", error)
                    return True
                return False
            blamed.setdefault(what, error)
            return False
        self._style = style if style is SMALL else replace(style, name="adapted")
        return True

    async def _contact(self, style: Style, version: int) -> Seen:
        if version != n.TLS13:
            hello = self._legacy_hello(version, common_suites(version), style)
            seen = await self._wire.ask(f"{n.version_name(version)} {style.name} hello", hello, Until.FLIGHT)
            self._answered = (hello, None) if not hello.bare else self._answered
            return seen
        keys = KeyPairs()
        groups = n.GROUPS_TLS12 if style.rare else n.COMMON_GROUPS
        hello = ClientHello(
            version=n.TLS12,
            versions=(n.TLS13, n.TLS12, n.TLS11, n.TLS10),
            suites=READABLE_SUITES + suites_for(n.TLS12)[: style.most_suites],
            groups=READABLE_GROUPS + tuple(group for group in groups if group not in READABLE_GROUPS),
            key_shares={group: keys.public(group) for group in SHARES},
            signature_schemes=self._schemes(style),
            server_name=self._name,
            alpn=tuple(self._alpn_left) if "alpn" in style.extensions else (),
            staple="staple" in style.extensions,
            sct="sct" in style.extensions,
            tickets="tickets" in style.extensions,
            ems="ems" in style.extensions,
        )
        try:
            seen = await self._wire.ask(f"{style.name} hello", hello, Until.TICKETS, keys)
        except TlsError as error:
            if error.kind != _NO_ALPN or not hello.alpn:
                raise
            self._alpn_left.clear()
            return await self._contact(style, version)
        self._answered = (hello, keys)
        return seen

    def _first_answer(self, seen: Seen) -> None:
        hello = seen.hello
        if hello is None or hello.version not in n.VERSION_NAMES or hello.version == n.TLCP:
            raise malformed("a ServerHello of an unknown version")
        if hello.version == n.TLS13:
            self._offer(n.TLS13)
            self._keep_flight(n.TLS13, seen)
            suites = self.found.suites.setdefault(n.TLS13, [])
            if hello.suite not in suites:
                suites.append(hello.suite)
            if seen.group is not None:
                self._keep_group(seen.group)
            if seen.tickets:
                self.found.tickets, self.found.early_data = True, seen.early_data
        elif hello.version != n.SSL2:
            self._offer(hello.version)
            self._keep_flight(hello.version, seen)
        if "alpn" in self._style.extensions:
            self._keep_alpn(seen)
        if seen.error is not None:
            self.found.note("hello:full", seen.error)

    # ------------------------------------------------------------------ keeping what was seen

    def _offer(self, version: int) -> None:
        if version not in self.found.offered:
            self.found.offered.append(version)
        if version in self.found.refused:
            self.found.refused.remove(version)

    def _refuse(self, version: int, closed: PeerClosed | None = None) -> None:
        """Keep that ``version`` was refused: by the server's word, or by its closing the connection."""
        if version not in self.found.offered and version not in self.found.refused:
            self.found.refused.append(version)
            if closed is not None:
                self._closed_upon[version] = closed

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
            if name == _HTTP[-1]:
                # Who chose the oldest HTTP was offered what is left of the newer, and has it not.
                self._alpn_left.clear()
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
        # An anonymous exchange proves nobody's identity, so that its prime is no news; OpenSSL takes 1024 bits there.
        anonymous = "_anon_" in suite_name(answer.suite)
        if seen.prime is not None and not anonymous and seen.prime not in found.primes:
            found.primes.append(seen.prime)
        if hello.alpn:
            self._keep_alpn(seen)

    # ------------------------------------------------------------------ SSL 3.0 to TLS 1.2

    async def _legacy(self, version: int) -> None:
        """Whether ``version`` is accepted, and with which suites."""
        style = self._style
        if version == n.SSL3:
            style = replace(BARE, deflate=self.found.deflate is None)
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
        for attempt in (style, None):
            attempt = attempt or self._plainer(version, style)
            suites = suites_for(version)[: attempt.most_suites] if attempt.rare else common_suites(version)
            try:
                seen, hello = await self._ask_legacy(version, suites, attempt, Until.FLIGHT)
            except TlsError as error:
                # OpenSSL whose security level leaves nothing for the version says internal_error: an alert of any kind
                # counts once a second, plainer hello met the same fate.
                if _refused(error) or (failed and _decisive(error)):
                    self._refuse(version)
                    return None
                failed, trouble = _decisive(error), error
            except PeerClosed as error:
                if failed:
                    self._refuse(version, error)
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

    def _plainer(self, version: int, style: Style) -> Style:
        """The style of the second hello when the first one failed."""
        if version == n.SSL3 and self._name:
            # Some servers answer nothing that does not name one of their sites.
            return replace(BARE, name="named", named=True)
        return BARE if version == n.SSL3 or not style.rare else SMALL

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
        hunting = style.rare and "legacy" not in self.found.groups_closed
        passed_over: tuple[set[int], int] = (set(), 0)
        repeated, unplaced = 0, False
        evidence = Evidence()
        if found and style.rare and style.most_suites >= len(everything):
            evidence.add(everything, found[0])
        if hunting:
            self._groups_left = [group for group in self._groups_left if group not in self.found.groups]
        for start in range(0, len(everything), style.most_suites):
            left = [suite for suite in everything[start : start + style.most_suites] if suite not in found]
            while left:
                offer = evidence.turn(left)
                if not repeated and found and "CHACHA20" not in suite_name(found[0]):
                    # Behind all others the first choice comes again only when it is the server's own.
                    repeated = found[0]
                    offer = (*offer, repeated)
                hunts = hunting and repeated not in offer
                groups = (self._groups_left or n.GROUPS_TLS12) if hunts else n.GROUPS_TLS12
                seen = await self._next_suite(version, offer, style, groups, known=found)
                limited = hunts and len(groups) < len(n.GROUPS_TLS12)
                if seen is None:
                    if repeated in offer:
                        continue
                    if not limited:
                        break
                    # No group was left for the suites that are: ask again with all of them.
                    hunting, passed_over = False, (set(left), 0)
                    continue
                if seen.suite in found:
                    evidence.add(offer, seen.suite)
                    continue
                if limited and key_exchange(seen.suite) != "ecdhe":
                    # Chosen because no group was left for better suites, or because no such suite is left. That it
                    # is accepted stands; its place in the server's order, if there is one, does not.
                    hunting, passed_over = False, (set(left), seen.suite)
                    if not evidence.follows_client(found):
                        continue
                else:
                    # A certificate's own curve may be among the groups that were left out (RFC 8422 §5.1).
                    evidence.add(offer, seen.suite, telling=not limited)
                    unplaced = unplaced or limited
                found.append(seen.suite)
                left.remove(seen.suite)
                if not hunting and evidence.follows_client(found) and len(left) > _WORTH_SPLITTING:
                    # There is no order to find out, so that the rest can be asked for in parts at the same time.
                    await self._rest(version, left, style, found)
                    left = []
        self.found.complete.append(version)
        if self._groups_ran_out(found, passed_over, evidence):
            self.found.groups_closed.add("legacy")
        await self._preference(
            version, found, evidence, style, unplaced=unplaced and has_ecdsa_and_rsa(found)
        )
        if style.rare:
            await self._legacy_groups(version, found, style)
            await self._own_prime(version, found, style)

    async def _rest(self, version: int, left: Sequence[int], style: Style, found: list[int]) -> None:
        """Add to ``found`` what a server that follows the client's order accepts of ``left``.

        What was passed over is asked for once more at the end: JSSE follows the client but for suites that it calls legacy.
        """

        async def part(offer: list[int]) -> None:
            while offer:
                seen = await self._next_suite(version, offer, style, n.GROUPS_TLS12, known=found)
                if seen is None:
                    return
                found.append(seen.suite)
                # What was offered before the chosen one was passed over.
                offer = offer[offer.index(seen.suite) + 1 :]

        self._rest_begun.set()
        # Likely ones last: where the last of a part is accepted, its rest need not be refused.
        ordered = _likely_last(left, found, version)
        await self._at_once((part(ordered[::2]), part(ordered[1::2])))
        while passed := [suite for suite in left if suite not in found]:
            seen = await self._next_suite(version, passed, style, n.GROUPS_TLS12, known=found)
            if seen is None:
                return
            found.append(seen.suite)

    @staticmethod
    def _groups_ran_out(found: Sequence[int], passed_over: tuple[set[int], int], evidence: Evidence) -> bool:
        """Whether the hunt itself showed that no further group is accepted.

        It did when an ephemeral suite was passed over while only unasked groups were offered, although the server
        takes that suite otherwise and puts it before the one it chose instead.
        """
        offered, instead = passed_over
        # ECDSA may have been passed over for want of its certificate's curve.
        later = [
            suite
            for suite in found
            if suite in offered and key_exchange(suite) == "ecdhe" and "_ECDSA_" not in suite_name(suite)
        ]
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
            if not _refused(error):
                await self._control(version, style, known, error)
            return None
        except PeerClosed as error:
            await self._control(version, style, known, error)
            return None
        if seen.hello is None or seen.hello.version != version:
            return None
        if seen.suite not in offer:
            raise malformed(f"the server chose {suite_name(seen.suite)}, which was not offered")
        self._keep_legacy(seen, hello)
        return seen

    async def _control(self, version: int, style: Style, known: Sequence[int], error: TargetError) -> None:
        """Tell whether ``error`` was a refusal of what was offered.

        Some servers close instead of sending an alert, or send an unusual one; others close because they have had
        enough of us. A suite that is known to be accepted tells which.

        :raises TargetError: ``error``, when it could not be told.
        """
        if not known or (isinstance(error, TlsError) and not _decisive(error)):
            raise error
        try:
            await self._ask_legacy(version, known[:1], style, Until.HELLO)
        except TargetError:
            raise error from None

    async def _preference(
        self, version: int, found: list[int], evidence: Evidence, style: Style, *, unplaced: bool
    ) -> None:
        """Whether the server follows its own order; sorts ``found`` when it has none, or when suites are ``unplaced``."""

        async def choice(offer: tuple[int, ...]) -> Seen | None:
            return await self._next_suite(version, offer, style, n.GROUPS_TLS12, known=found)

        served = await self._whose_order(version, found, evidence, choice)
        if served and (unplaced or style.most_suites < len(suites_for(version))):
            await self._order(version, found, style)

    async def _whose_order(
        self,
        version: int,
        found: list[int],
        evidence: Evidence,
        choice: Callable[[tuple[int, ...]], Awaitable[Seen | None]],
    ) -> bool:
        """Keep whether the server follows an order of its own, and sort ``found`` when it has none. False, too, where it
        cannot be told."""

        async def choose(offer: tuple[int, ...]) -> int | None:
            seen = await choice(offer)
            return None if seen is None else seen.suite

        served = await whose_order(found, evidence, choose)
        if served is not None:
            self.found.preference[version] = served
        if served is False:
            found[:] = by_number(found)
        return bool(served)

    async def _order(self, version: int, found: list[int], style: Style) -> None:
        """The server's order among ``found``, which were asked for in several portions."""
        left, ordered = list(found), []
        while len(left) > 1:
            seen = await self._next_suite(
                version, left[: style.most_suites], style, n.GROUPS_TLS12, known=found
            )
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
        # A server with ECDSA alone needs the curve of its certificate to be offered (RFC 8422 §5.1).
        ecdsa = all("_ECDSA_" in suite_name(suite) for suite in suites)
        kept = [group for group in _CERTIFICATE_CURVES if ecdsa and group in self.found.groups]
        while suites and self._groups_left:
            before = len(self._groups_left)
            groups = [*self._groups_left, *kept]
            seen = await self._next_suite(version, suites, style, groups, known=suites)
            if seen is None:
                break
            if len(self._groups_left) == before:
                # No further group will do, or none comes before the certificate's curve; wolfSSL takes one of its own even
                # when it was not offered.
                break
        self.found.groups_closed.add("legacy")

    async def _own_prime(self, version: int, found: Sequence[int], style: Style) -> None:
        """The prime for clients that do not know the groups of RFC 7919, where the server knows them: it may be weaker."""
        suites = [suite for suite in found if key_exchange(suite) == "dhe"]
        primes = [known_prime(prime) or "" for prime in self.found.primes]
        if suites and primes and all(name.startswith("RFC 7919") for name in primes) and not self._own_asked:
            self._own_asked = True
            groups = [group for group in n.GROUPS_TLS12 if not n.group_name(group).startswith("ffdhe")]
            await self._next_suite(version, suites, style, groups, known=found)

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
        if not any(version in self.found.offered for version in LEGACY):
            await self._tls13_alpn()

    async def _tls13_offered(self) -> bool:
        """Ask for TLS 1.3 alone: a server may prefer an older version, or have answered a smaller hello only."""
        try:
            seen = await self._ask_tls13(suites_for(n.TLS13), n.GROUPS_TLS13, "alone")
        except TlsError as error:
            if _refused(error) or (self._tls13_borne and _decisive(error)):
                self._refuse(n.TLS13)
            else:
                self.found.note("protocol:TLSv1.3", error)
            return False
        except PeerClosed as error:
            if self._tls13_borne:
                # It answered a hello with all that this one has, but for the older versions.
                self._refuse(n.TLS13, error)
            else:
                self.found.note("protocol:TLSv1.3", error)
            return False
        except BudgetSpent:
            raise
        except TargetError as error:
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
        seen = await self._burdened(what, hello) or await self._wire.ask(
            f"TLSv1.3 {what}", hello, Until.HELLO
        )
        if seen.hello is None or seen.hello.version != n.TLS13:
            return None
        if seen.suite not in suites:
            raise malformed(f"the server chose {suite_name(seen.suite)}, which was not offered")
        if seen.group is not None:
            self._keep_group(seen.group)
        return seen

    async def _burdened(self, what: str, hello: ClientHello) -> Seen | None:
        """The answer to ``hello`` with all that a server must bear besides, tried once; None when it was not answered.

        What is borne here need not be asked for again.
        """
        if self._borne is not None or n.TLS13 not in self.found.offered:
            return None
        burdens = self._burdens()
        self._borne = frozenset()
        try:
            seen = await self._wire.ask(f"TLSv1.3 {what}", self._with(hello, *burdens.values()), Until.HELLO)
        except _NOT_ABOUT_THE_HELLO:
            raise
        except TargetError:
            return None
        if seen.group is None:
            return None
        self._borne = frozenset(burdens)
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
        """An answer, or None when the server refused; what else it did is told from a refusal as in TLS 1.2."""
        try:
            seen = await self._ask_tls13(suites, groups, what)
        except (TlsError, PeerClosed) as error:
            if _refused(error):
                return None
            # missing_extension, illegal_parameter and (JSSE) unexpected_message are how some say that no group of the
            # offer will do.
            if isinstance(error, TlsError) and not _decisive(error):
                raise
            try:
                await self._ask_tls13(self.found.suites[n.TLS13], n.GROUPS_TLS13, "control")
            except TargetError:
                raise error from None
            return None
        if seen is not None and seen.hello is not None and seen.hello.retry and seen.group is None:
            # wolfSSL, where no group of the offer will do. RFC 8446 §4.1.4 forbids a retry that changes nothing.
            return None
        return seen

    async def _tls13_preference(self, found: list[int], evidence: Evidence) -> None:
        async def choice(offer: tuple[int, ...]) -> Seen | None:
            return await self._pick_tls13(offer, n.GROUPS_TLS13, "order")

        await self._whose_order(n.TLS13, found, evidence, choice)

    async def _tls13_alpn(self) -> None:
        """Further ALPN names of a server that speaks TLS 1.3 alone, where they are encrypted."""
        suites = [suite for suite in READABLE_SUITES if suite in self.found.suites.get(n.TLS13, ())]
        while (
            self.found.alpn
            and "alpn" in self._style.extensions
            and self._alpn_left
            and len(self.found.alpn) < _MOST_ALPN
            and suites
        ):
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

    # ------------------------------------------------------------------ TLCP

    async def _tlcp(self, *, answering: bool) -> None:
        """``answering``: the server answers hellos of TLS still, so that a close in answer to TLCP's tells something."""
        if self._tlcp_asked:
            return
        self._tlcp_asked = True
        # Extensions are none of the standard's: a server known to break on them is not sent any.
        name = None if "extension" in self.found.intolerance else self._name
        survey = TlcpSurvey(self._wire, name, answering=answering)
        try:
            await survey.run()
        finally:
            self._keep_tlcp(survey)

    def _keep_tlcp(self, survey: TlcpSurvey) -> None:
        if survey.accepted is None:
            return
        if not survey.accepted:
            self._refuse(n.TLCP)
            return
        self._offer(n.TLCP)
        self.found.tlcp = survey.flight
        self.found.suites[n.TLCP] = survey.suites
        if survey.complete:
            self.found.complete.append(n.TLCP)
        if survey.server_preference is not None:
            self.found.preference[n.TLCP] = survey.server_preference

    async def _speaks_tlcp(self) -> bool:
        """Whether a server that refused a full and a plain hello of TLS does so because it speaks TLCP."""
        try:
            await self._tlcp(answering=False)
        except PeerClosed:
            # What that means can be told once it is known whether TLS is spoken: it is asked again then.
            self._tlcp_asked = False
        except TargetError as error:
            self.found.note("protocol:TLCP", error)
        return n.TLCP in self.found.offered

    # ------------------------------------------------------------------ SSL 2.0 and the fallback signal

    async def _ssl2(self) -> bool:
        try:
            hello = await self._wire.ask_ssl2()
        except PeerClosed as error:
            self._refuse(n.SSL2, error)
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
        spoken = sorted((version for version in self.found.offered if version >= n.SSL3), reverse=True)
        if len(spoken) < 2:
            return
        lower, found = spoken[1], self.found
        suites = tuple(found.suites.get(lower, ()))[:40]
        groups = tuple(found.groups) or n.COMMON_GROUPS
        style = BARE if lower == n.SSL3 else self._style
        hello = self._legacy_hello(lower, (*suites, n.SCSV_FALLBACK), style, groups=groups)
        what = f"{n.version_name(lower)} fallback"
        try:
            await self._wire.ask(what, hello, Until.HELLO)
        except TlsError as error:
            if error.kind != "alert:inappropriate_fallback":
                raise
            found.fallback = True
            # It still speaks to us, so that what it closed upon, it refused.
            self._closed_upon.clear()
        except PeerClosed as error:
            # Dovecot, BoringSSL in gRPC, and lighttpd with GnuTLS close before the alert is out. What is closed upon must then
            # be the signal, and nothing else in this hello.
            await self._wire.ask(f"{what} control", replace(hello, suites=suites), Until.HELLO)
            try:
                await self._wire.ask(what, hello, Until.HELLO)
            except PeerClosed:
                found.fallback = True
            else:
                raise error
        else:
            found.fallback = False
            self._closed_upon.clear()

    # ------------------------------------------------------------------ what the server cannot bear

    async def _tolerance(self) -> None:
        """Ask with all at once that servers must bear, and only when that fails, with one thing at a time.

        An answer proves as well that the server has not had enough of us, so that what it closed upon, it refused.
        """
        offered = [version for version in self.found.offered if version >= n.TLS10]
        try:
            if not offered or self._style.bare:
                if self._closed_upon:
                    await self._wire.ask("control", self._control_hello(), Until.HELLO)
                return
            plain = self._plain_hello(max(offered))
            changes = self._burdens()
            unnamed = await self._unborne_without_name(plain)
            if not changes and not self._closed_upon and unnamed is None:
                self.found.tolerance_asked = True
                return
            trouble = await self._unborne("everything", self._with(plain, *changes.values()))
            if trouble is not None:
                await self._wire.ask("tolerance control", plain, Until.HELLO)
        except TargetError as error:
            for version, closed in self._closed_upon.items():
                self.found.refused.remove(version)
                self.found.note(f"protocol:{n.version_name(version)}", closed)
            raise error
        self.found.tolerance_asked = True
        if unnamed is not None:
            self.found.blame("sni_required", unnamed)
        if trouble is None:
            return
        told = False
        for what, change in changes.items():
            first = await self._unborne(what, self._with(plain, change))
            if first is None:
                continue
            told = True
            if await self._unborne(what, self._with(plain, change)) is not None:
                self.found.blame(what, first)
            else:
                self.found.note(f"tolerance:{what}", first)
        if not told:
            self.found.note("tolerance", trouble)

    async def _unborne_without_name(self, plain: ClientHello) -> TargetError | None:
        """How a second hello without the server's name fails, where the first one did; None when either was answered."""
        if not self._name or self.found.unnamed is not None:
            return None
        error = await self._unborne("no name", replace(plain, server_name=None))
        if error is None and self.found.unnamed_refusal is not None:
            why = "of two hellos without a server name one was refused and one answered"
            self.found.note("tolerance:sni_required", TargetError(why, kind="changed"))
        return error

    def _burdens(self) -> dict[str, dict[str, object]]:
        """What servers must bear -> the change that it makes to a hello, for all that is not known not to be borne."""
        changes: dict[str, dict[str, object]] = {
            "extension": {"unknown_extension": _GREASE_EXTENSION},
            "unknown_value": {"grease": _GREASE},
            "hello_256_511": {"length": _HANG},
            "record_splitting": {"split": True},
        }
        settled = {*self.found.intolerance, *(self._borne or ())}
        return {what: change for what, change in changes.items() if what not in settled}

    @staticmethod
    def _with(hello: ClientHello, *changes: Mapping[str, object]) -> ClientHello:
        return replace(hello, **dict(chain.from_iterable(change.items() for change in changes)))  # type: ignore[arg-type]

    def _control_hello(self) -> ClientHello:
        """A hello like one that was answered before."""
        version = max((version for version in self.found.offered if version >= n.SSL3), default=n.TLS12)
        suites = tuple(self.found.suites.get(version, ())) or common_suites(version)
        return self._legacy_hello(version, suites, self._style, groups=n.COMMON_GROUPS)

    def _plain_hello(self, version: int) -> ClientHello:
        """A short hello that the server is known to accept, as far as versions, suites and groups go."""
        suites = tuple(self.found.suites.get(version, ()))[:24] or common_suites(version)
        modern = version == n.TLS13
        usable = n.GROUPS_TLS13 if modern else n.GROUPS_TLS12
        groups = tuple(group for group in self.found.groups if group in usable)[:8] or n.COMMON_GROUPS
        # A share that the server takes spares a HelloRetryRequest, which some send before they look at the name.
        shares = [group for group in SHARES if group in self.found.groups][:1]
        keys = KeyPairs()
        return ClientHello(
            version=min(version, n.TLS12),
            versions=(n.TLS13,) if modern else (),
            suites=suites,
            groups=groups,
            key_shares={group: keys.public(group) for group in shares} if modern else None,
            signature_schemes=_schemes_for(suites) if version >= n.TLS12 else (),
            server_name=self._name,
        )

    async def _unborne(self, what: str, hello: ClientHello) -> TargetError | None:
        """How the server failed to answer ``hello``; None when it did answer."""
        try:
            await self._wire.ask(f"tolerance: {what}", hello, Until.HELLO)
        except _NOT_ABOUT_THE_HELLO:
            raise
        except TargetError as error:
            return error
        return None
