"""The server's first flight, read record by record without any I/O: bytes in, bytes to send out, what was seen.

One :class:`Flight` belongs to one connection. It is bounded (see the constants) and total: whatever the bytes are, it
ends in what was seen or in a :class:`~scanner.errors.TlsError` of kind ``alert:<name>``, ``not_tls``, ``not_ssl2``,
``too_large`` or ``malformed``.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import IntEnum

from scanner.errors import PeerClosed, TlsError
from scanner.tls import numbers as n
from scanner.tls.cursor import malformed
from scanner.tls.hello import ClientHello, encode, handshake_message, record
from scanner.tls.keyschedule import READABLE_GROUPS, READABLE_SUITES, KeyPairs, KeySchedule, Protection
from scanner.tls.messages import (
    CertificateList,
    KeyExchange,
    ServerHello,
    read_alpn,
    read_certificate_status,
    read_certificates,
    read_certificates_tls13,
    read_encrypted_extensions,
    read_key_exchange,
    read_server_hello,
    read_ticket_early_data,
)
from scanner.tls.suites import is_identity_based, key_exchange

_MOST_RECORD = 16384 + 2048
"""RFC 5246 §6.2.3."""
_MOST_MESSAGE = 1 << 17
"""The longest handshake message that is read: far above any honest chain."""
_MOST_EMPTY = 16
"""Empty records in one flight."""
_MOST_WARNINGS = 4
_MAJOR_VERSIONS = (3, n.TLCP >> 8)
"""Of SSL 3.0 and TLS, and of TLCP: a server that has TLCP alone refuses a TLS hello in its own version."""


class Until(IntEnum):
    """How much of the flight is wanted."""

    HELLO = 0
    """The ServerHello or HelloRetryRequest alone."""
    KEY_EXCHANGE = 1
    """Up to the server's key exchange, where the suite has one (TLS 1.2 and older)."""
    FLIGHT = 2
    """The whole first flight: certificates, staple, certificate request."""
    TICKETS = 3
    """TLS 1.3: complete the handshake too, and read session tickets."""


@dataclass(slots=True)
class Seen:
    """What one flight showed."""

    hello: ServerHello | None = None
    group: int | None = None
    prime: int | None = None
    chain: CertificateList | None = None
    staple: bytes | None = None
    scts: bytes | None = None
    """The SCT list that came by TLS extension (RFC 6962 §3.3.1)."""
    alpn: str | None = None
    client_auth: bool | None = None
    """Whether a CertificateRequest came; None until the place for it was passed."""
    tickets: int = 0
    early_data: bool = False
    warnings: list[str] = field(default_factory=list)
    """Names of warning alerts."""
    error: TlsError | None = None
    """What broke the flight after the ServerHello was read."""

    @property
    def suite(self) -> int:
        """The suite of the ServerHello; 0 before."""
        return self.hello.suite if self.hello is not None else 0


class Flight:
    """Feed it what the server sends until :attr:`done`; send what :meth:`feed` returns."""

    def __init__(self, hello: ClientHello, until: Until, keys: KeyPairs | None = None) -> None:
        self._hello = hello
        self._until = until
        self._keys = keys
        self._records = bytearray()
        self._messages = bytearray()
        self._transcript = bytearray(handshake_message(hello))
        self._schedule: KeySchedule | None = None
        self._opener: Protection | None = None
        self._first = True
        self._empty = 0
        self._retried = False
        self._outgoing = bytearray()
        self._requested = False
        self.seen = Seen()
        self.done = False
        self.waits_for_ticket = False
        """The handshake is complete, and only tickets may still come."""

    def start(self) -> bytes:
        """The hello as it goes onto the wire."""
        return encode(self._hello)

    def feed(self, data: bytes) -> bytes:
        """Take what the server sent; return what is to be sent.

        :raises TlsError: the flight ended before a ServerHello. :raises PeerClosed: it ended with close_notify.
        """
        self._records += data
        try:
            while not self.done and self._next_record():
                pass
        except TlsError as error:
            # What follows a good ServerHello cannot unsay it: keep what was seen, and the reason.
            if self.seen.hello is None:
                raise
            if not self.waits_for_ticket:
                self.seen.error = error
            self.done = True
        outgoing = bytes(self._outgoing)
        self._outgoing.clear()
        return outgoing

    # ------------------------------------------------------------------ records (RFC 8446 §5, RFC 5246 §6.2)

    def _next_record(self) -> bool:
        buffer = self._records
        if self._first and buffer:
            self._check_start()
        if len(buffer) < 5:
            return False
        content_type, length = buffer[0], int.from_bytes(buffer[3:5], "big")
        if not n.CHANGE_CIPHER_SPEC <= content_type <= n.APPLICATION_DATA or buffer[1] not in _MAJOR_VERSIONS:
            raise malformed(f"record of type {content_type}, version {buffer[1]}.{buffer[2]}")
        if length > _MOST_RECORD:
            raise malformed(f"record of {length} bytes")
        if len(buffer) < 5 + length:
            return False
        header, body = bytes(buffer[:5]), bytes(buffer[5 : 5 + length])
        del buffer[: 5 + length]
        self._first = False
        if content_type == n.APPLICATION_DATA:
            if self._opener is None:
                raise malformed("application data before the handshake was done")
            content_type, body = self._opener.open(header, body)
        elif self._opener is not None and content_type == n.HANDSHAKE:
            raise malformed("a clear handshake record where an encrypted one is due")
        self._content(content_type, body)
        return True

    def _check_start(self) -> None:
        start = self._records
        known = n.CHANGE_CIPHER_SPEC <= start[0] <= n.APPLICATION_DATA
        if not known or (len(start) > 1 and start[1] not in _MAJOR_VERSIONS):
            raise TlsError("the answer is not TLS", kind="not_tls")

    def _content(self, content_type: int, body: bytes) -> None:
        if not body:
            self._empty += 1
            if self._empty > _MOST_EMPTY:
                raise malformed("too many empty records")
            return
        match content_type:
            case n.ALERT:
                self._alert(body)
            case n.HANDSHAKE:
                self._messages += body
                while not self.done and self._next_message():
                    pass
            case n.CHANGE_CIPHER_SPEC:
                # TLS 1.3 servers send one for middleboxes (RFC 8446 §D.4); before it, none belongs in this flight.
                if self.seen.hello is None or self.seen.hello.version != n.TLS13 or body != b"\x01":
                    raise malformed("change_cipher_spec out of place")
                self._content(content_type, b"")
            case _:
                if self._until is not Until.TICKETS or self._schedule is None:
                    raise malformed(f"content of type {content_type}")

    def _alert(self, body: bytes) -> None:
        if len(body) != 2:
            raise malformed(f"alert of {len(body)} bytes")
        level, name = body[0], n.alert_name(body[1])
        if body[1] == 0:
            self.done = True
            if self.seen.hello is None:
                raise PeerClosed("the server closed with close_notify", kind="closed")
            if self.waits_for_ticket:
                return
            self.seen.error = TlsError("the server closed with close_notify", kind="alert:close_notify")
            return
        if level == 1 and len(self.seen.warnings) < _MOST_WARNINGS:
            self.seen.warnings.append(name)
            return
        raise TlsError(f"the server answered with the alert {name}", kind=f"alert:{name}")

    # ------------------------------------------------------------------ handshake messages

    def _next_message(self) -> bool:
        buffer = self._messages
        if len(buffer) < 4:
            return False
        length = int.from_bytes(buffer[1:4], "big")
        if length > _MOST_MESSAGE:
            raise TlsError(
                f"the server sent a handshake message of {length} bytes; no more than {_MOST_MESSAGE} are read",
                kind="too_large",
            )
        if len(buffer) < 4 + length:
            return False
        message = bytes(buffer[: 4 + length])
        del buffer[: 4 + length]
        if self.seen.hello is None or self.seen.hello.retry:
            if message[0] != n.SERVER_HELLO:
                raise malformed(f"handshake message {message[0]} before ServerHello")
            self._server_hello(message)
        elif self.seen.hello.version == n.TLS13:
            self._message_tls13(message)
        else:
            self._message_tls12(message)
        return True

    def _server_hello(self, message: bytes) -> None:
        hello = read_server_hello(message[4:])
        if hello.retry and self._retried:
            raise malformed("a second HelloRetryRequest")
        self.seen.hello = hello
        if hello.version == n.TLS13:
            self.seen.group = hello.group
        else:
            self.seen.alpn = hello.alpn
            self.seen.scts = hello.extensions.get(n.EXT_SCT)
        if hello.retry and self._until > Until.HELLO and self._keys is not None:
            self._retry(hello, message)
            return
        self._transcript += message
        if self._until is Until.HELLO or hello.retry:
            self.done = True
        elif hello.version == n.TLS13:
            self._start_reading(hello)
        elif self._until is Until.KEY_EXCHANGE and key_exchange(hello.suite) == "other":
            self.done = True

    def _retry(self, hello: ServerHello, message: bytes) -> None:
        """Send the second hello (RFC 8446 §4.1.2) that a HelloRetryRequest asks for."""
        group, keys = hello.group, self._keys
        if (
            keys is None
            or hello.suite not in READABLE_SUITES
            or (group is not None and group not in READABLE_GROUPS)
        ):
            self.done = True
            return
        cookie = hello.extensions.get(n.EXT_COOKIE)
        if cookie is not None and (len(cookie) < 2 or int.from_bytes(cookie[:2], "big") != len(cookie) - 2):
            raise malformed("cookie of HelloRetryRequest")
        shares = self._hello.key_shares if group is None else {group: keys.public(group)}
        second = replace(self._hello, key_shares=shares, cookie=cookie[2:] if cookie else None)
        schedule = KeySchedule(hello.suite, b"")
        digest = schedule.digest(bytes(self._transcript))
        # RFC 8446 §4.4.1: the first hello enters the transcript by its hash.
        self._transcript = bytearray(bytes((n.MESSAGE_HASH, 0, 0, len(digest))) + digest + message)
        self._transcript += handshake_message(second)
        self._retried = True
        self._outgoing += record(n.HANDSHAKE, n.TLS12, handshake_message(second))

    def _start_reading(self, hello: ServerHello) -> None:
        if self._keys is None or hello.suite not in READABLE_SUITES or hello.group not in READABLE_GROUPS:
            self.done = True
            return
        self._schedule = KeySchedule(hello.suite, self._keys.shared(hello.group, hello.key))
        self._opener = self._schedule.start_handshake(bytes(self._transcript))
        if self._messages:
            raise malformed("a message after ServerHello in the same record")

    def _message_tls12(self, message: bytes) -> None:
        body, seen = message[4:], self.seen
        match message[0]:
            case n.CERTIFICATE:
                if not is_identity_based(seen.suite):
                    seen.chain = read_certificates(body)
            case n.CERTIFICATE_STATUS:
                seen.staple = read_certificate_status(body)
            case n.SERVER_KEY_EXCHANGE:
                self._key_exchange(read_key_exchange(body, seen.suite))
                self.done = self._until is Until.KEY_EXCHANGE
            case n.CERTIFICATE_REQUEST:
                self._requested = True
            case n.SERVER_HELLO_DONE:
                seen.client_auth = self._requested
                self.done = True
            case _:
                raise malformed(f"handshake message {message[0]} in the first flight")

    def _key_exchange(self, exchange: KeyExchange) -> None:
        self.seen.group = exchange.group
        self.seen.prime = exchange.prime

    def _message_tls13(self, message: bytes) -> None:
        body, seen = message[4:], self.seen
        if message[0] == n.NEW_SESSION_TICKET:
            seen.tickets += 1
            seen.early_data = seen.early_data or read_ticket_early_data(body)
            self.done = True
            return
        if message[0] == n.FINISHED:
            seen.client_auth = self._requested
            self._finish(message)
            return
        match message[0]:
            case n.ENCRYPTED_EXTENSIONS:
                seen.alpn = read_alpn(read_encrypted_extensions(body).get(n.EXT_ALPN))
            case n.CERTIFICATE_REQUEST:
                self._requested = True
            case n.CERTIFICATE:
                seen.chain = read_certificates_tls13(body)
                seen.staple, seen.scts = seen.chain.staple, seen.chain.scts
            case n.CERTIFICATE_VERIFY:
                pass
            case _:
                raise malformed(f"handshake message {message[0]} in the first flight")
        self._transcript += message

    def _finish(self, message: bytes) -> None:
        """Check the server's Finished; answer it when tickets are wanted and no certificate is asked of us."""
        schedule = self._schedule
        if schedule is None:
            raise malformed("Finished out of place")
        if message[4:] != schedule.finished(schedule.server_secret, bytes(self._transcript)):
            raise malformed("the server's Finished does not fit the handshake")
        self._transcript += message
        if self._until is not Until.TICKETS or self._requested:
            self.done = True
            return
        mine = schedule.finished(schedule.client_secret, bytes(self._transcript))
        finished = bytes((n.FINISHED,)) + len(mine).to_bytes(3, "big") + mine
        self._outgoing += record(n.CHANGE_CIPHER_SPEC, n.TLS12, b"\x01")
        self._outgoing += schedule.protection(schedule.client_secret).seal(n.HANDSHAKE, finished)
        self._opener = schedule.start_application(bytes(self._transcript))
        self.waits_for_ticket = True
