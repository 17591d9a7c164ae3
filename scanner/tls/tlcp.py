"""Does an endpoint speak TLCP, with which suites, and with which certificates? (GB/T 38636-2020)

TLCP is a handshake of the shape of TLS 1.1 under a version of its own, 0x0101, with two certificates: one to sign and one
to encrypt. The suites are found by elimination like those of TLS. A server without TLCP costs one connection: it sends an
alert, or, as OpenSSL does at a record of a foreign version, closes without a word.

The standard's hello has no extensions. The name asked for goes along all the same (server_name, as GM/T 0024-2023 and the
implementations in use have it), since servers choose the certificates by it; one that trips over it is asked again without.
"""

from __future__ import annotations

from collections.abc import Sequence

from scanner.errors import PeerClosed, TlsError
from scanner.tls import numbers as n
from scanner.tls.cursor import malformed
from scanner.tls.flight import Seen, Until
from scanner.tls.hello import ClientHello
from scanner.tls.preference import Evidence, whose_order
from scanner.tls.suites import by_number, suite_name, suites_for
from scanner.tls.wire import Wire

_REFUSALS = frozenset(
    {"alert:protocol_version", "alert:handshake_failure", "alert:insufficient_security", "not_tls"}
)
"""Answers that say no. One that is not of TLS at all (a page of HTML, say) comes from no server of TLCP either."""
_ABOUT_THE_FORM = frozenset(
    f"alert:{name}"
    for name in (
        "decode_error",
        "illegal_parameter",
        "unexpected_message",
        "unsupported_extension",
        "internal_error",
    )
)
"""Alerts that the extension may have caused; to the standard's own plain hello they mean that it is not spoken."""


class TlcpSurvey:
    """What one endpoint says to TLCP. The attributes are filled as answers come."""

    def __init__(self, wire: Wire, server_name: str | None, *, answering: bool) -> None:
        """``answering``: a hello of TLS was answered just before, so that a close in answer to this one tells something."""
        self._wire = wire
        self._name = server_name
        self._answering = answering
        self.accepted: bool | None = None
        """Whether a TLCP ServerHello came; False when clearly refused, None while open."""
        self.suites: list[int] = []
        """In the server's order where it has one, else by number."""
        self.complete = False
        self.server_preference: bool | None = None
        self.flight: Seen | None = None
        """The fullest first flight seen: the one with certificates, if any had them."""

    async def run(self) -> None:
        """Ask everything.

        :raises TargetError: it could not be told whether TLCP is spoken, or what else it accepts.
        """
        everything = suites_for(n.TLCP)
        seen = await self._first(everything)
        if seen is None:
            self.accepted = False
            return
        evidence = Evidence()
        evidence.add(everything, self._take(seen, everything))
        self.accepted = True
        while left := [suite for suite in everything if suite not in self.suites]:
            offer = evidence.turn(left)
            answer = await self._next(offer)
            if answer is None:
                break
            evidence.add(offer, self._take(answer, offer))
        self.complete = True
        await self._order(evidence)

    def _hello(self, suites: Sequence[int]) -> ClientHello:
        return ClientHello(
            version=n.TLCP,
            suites=tuple(suites),
            server_name=self._name,
            renegotiation_info=False,
            bare=self._name is None,
        )

    async def _ask(self, suites: Sequence[int]) -> Seen:
        # The first flight is read whole until it was seen with certificates; later answers are the ServerHello alone.
        until = Until.FLIGHT if self.flight is None or self.flight.chain is None else Until.HELLO
        return await self._wire.ask(f"TLCP {len(suites)} suites", self._hello(suites), until)

    async def _first(self, suites: Sequence[int]) -> Seen | None:
        """The answer to the first hello; None when it was refused.

        :raises TargetError: neither.
        """
        try:
            return await self._ask(suites)
        except TlsError as error:
            if error.kind in _REFUSALS:
                return None
            if error.kind not in _ABOUT_THE_FORM:
                raise
            if self._name is None:
                return None
        except PeerClosed:
            if self._answering:
                return None
            if self._name is None:
                raise
        self._name = None
        return await self._first(suites)

    @staticmethod
    def _chosen(seen: Seen, offered: Sequence[int]) -> int:
        """The suite of an answer.

        :raises TlsError: it is no answer to what was asked.
        """
        hello = seen.hello
        if hello is None or hello.version != n.TLCP:
            raise malformed(f"version 0x{hello.version if hello else 0:04x} in answer to a TLCP hello")
        if seen.suite not in offered:
            raise malformed(f"the server chose {suite_name(seen.suite)}, which was not offered")
        return seen.suite

    def _take(self, seen: Seen, offered: Sequence[int]) -> int:
        """Keep what an answer shows; its suite.

        :raises TlsError: it is no answer to what was asked.
        """
        suite = self._chosen(seen, offered)
        self.suites.append(suite)
        if self.flight is None or (self.flight.chain is None and seen.chain is not None):
            self.flight = seen
        return suite

    async def _next(self, offer: Sequence[int]) -> Seen | None:
        """The answer to a further offer; None when all of it was refused.

        :raises TargetError: it could not be told.
        """
        try:
            return await self._ask(offer)
        except TlsError as error:
            if error.kind in _REFUSALS:
                return None
            raise
        except PeerClosed as error:
            # Closed because of the suites, or because the server has had enough of us? A suite known to be accepted tells.
            try:
                await self._ask(self.suites[:1])
            except (TlsError, PeerClosed):
                raise error from None
            return None

    async def _order(self, evidence: Evidence) -> None:
        """Whether the server follows its own order; sorts the suites when it has none."""

        async def choose(offer: tuple[int, ...]) -> int | None:
            answer = await self._next(offer)
            return None if answer is None else self._chosen(answer, offer)

        if evidence.contradicts_client(self.suites):
            # No suite was offered again so far: that choices were not the first of their offers can come from an order of
            # the server's own or from some that it puts last. All of them backwards tell.
            offer = tuple(reversed(self.suites))
            if (chosen := await choose(offer)) is None:
                return
            evidence.add(offer, chosen)
        self.server_preference = await whose_order(self.suites, evidence, choose)
        if self.server_preference is False:
            self.suites[:] = by_number(self.suites)
