"""The hello writer and the readers of what servers send: by hand, and by fuzzing."""

from __future__ import annotations

import hashlib
import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanner.errors import PeerClosed, TlsError
from scanner.tls import numbers as n
from scanner.tls.certificates import read_certificate
from scanner.tls.cursor import Cursor
from scanner.tls.flight import Flight, Until
from scanner.tls.hello import ClientHello, encode, encode_ssl2, handshake_message
from scanner.tls.identify import client_hello_for_identification, looks_like_tls
from scanner.tls.keyschedule import READABLE_GROUPS, KeyPairs, KeySchedule
from scanner.tls.messages import (
    RETRY_RANDOM,
    read_certificate_status,
    read_certificates,
    read_certificates_tls13,
    read_encrypted_extensions,
    read_extensions,
    read_key_exchange,
    read_server_hello,
    read_ssl2,
    read_ticket_early_data,
)
from scanner.tls.primes import ffdhe, known_prime, modp
from scanner.tls.staple import read_staple
from scanner.tls.suites import SSL2_KINDS, common_suites, key_exchange, suite_name, suites_for
from tests.servers.tls import alert, issue, message, record

PLAIN = ClientHello(version=n.TLS12, suites=(0xC02F, 0x009C), groups=(29, 23), signature_schemes=(0x0403,))
DHE_GCM, ECDHE_GCM, ECDHE_PSK, DHE_PSK = 0x009E, 0xC02F, 0xC037, 0x00AA


def fields(hello: ClientHello) -> tuple[int, tuple[int, ...], dict[int, bytes]]:
    """Version, suites and extensions of a hello, read back."""
    cursor = Cursor(handshake_message(hello)[4:], "hello")
    version = cursor.integer(2)
    cursor.take(32)
    cursor.vector(1)
    raw = cursor.vector(2)
    cursor.vector(1)
    extensions = read_extensions(cursor.vector(2), "hello") if cursor.left else {}
    cursor.end()
    return version, struct.unpack(f"!{len(raw) // 2}H", raw), extensions


def server_hello(
    version: int = 0x0303, suite: int = ECDHE_GCM, extensions: bytes = b"", random: bytes = bytes(32)
) -> bytes:
    tail = struct.pack("!H", len(extensions)) + extensions if extensions else b""
    return message(2, struct.pack("!H", version) + random + b"\x00" + struct.pack("!HB", suite, 0) + tail)


# --------------------------------------------------------------------------- writing


def test_a_hello_says_what_it_was_told_to_offer() -> None:
    hello = ClientHello(
        version=n.TLS12,
        versions=(n.TLS13, n.TLS12),
        suites=(0x1301, 0xC02F),
        groups=(29,),
        key_shares={29: bytes(32)},
        signature_schemes=(0x0403, 0x0804),
        server_name="www.example.cn",
        alpn=("h2", "http/1.1"),
        staple=True,
        tickets=True,
        ems=True,
    )
    version, suites, extensions = fields(hello)
    assert version == 0x0303
    assert suites == (0x1301, 0xC02F)
    assert extensions[n.EXT_SERVER_NAME] == b"\x00\x11\x00\x00\x0ewww.example.cn"
    assert extensions[n.EXT_SUPPORTED_VERSIONS] == b"\x04\x03\x04\x03\x03"
    assert extensions[n.EXT_ALPN] == b"\x00\x0c\x02h2\x08http/1.1"
    assert extensions[n.EXT_KEY_SHARE] == b"\x00\x24\x00\x1d\x00\x20" + bytes(32)
    assert extensions[n.EXT_RENEGOTIATION_INFO] == b"\x00"
    assert {
        n.EXT_STATUS_REQUEST,
        n.EXT_SESSION_TICKET,
        n.EXT_EXTENDED_MASTER_SECRET,
        n.EXT_PSK_MODES,
    } <= extensions.keys()


def test_a_bare_hello_has_no_extensions_and_asks_for_renegotiation_by_scsv() -> None:
    version, suites, extensions = fields(ClientHello(version=n.SSL3, suites=(5, 4), bare=True))
    assert (version, suites, extensions) == (0x0300, (5, 4, 0x00FF), {})
    assert encode(ClientHello(version=n.SSL3, suites=(5,), bare=True))[:3] == b"\x16\x03\x00"


@pytest.mark.parametrize("many", [1, 60, 100, 150, 200, 220, 250])
def test_no_hello_has_the_length_that_some_servers_hang_on(many: int) -> None:
    hello = ClientHello(version=n.TLS12, suites=tuple(range(1, many + 1)), groups=(29,))
    assert not 256 <= len(handshake_message(hello)) < 512


def test_the_ssl2_hello_offers_every_kind() -> None:
    data = encode_ssl2()
    assert int.from_bytes(data[:2], "big") == 0x8000 | (len(data) - 2)
    assert data[2:5] == b"\x01\x00\x02"
    assert int.from_bytes(data[5:7], "big") == 3 * len(SSL2_KINDS)


def test_the_hello_for_identification_is_one_record() -> None:
    data = client_hello_for_identification()
    assert data[0] == 22
    assert len(data) == 5 + int.from_bytes(data[3:5], "big")


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (record(22, 0x0303, server_hello()), True),
        (alert(40), True),
        (alert(40, version=0x0300), True),
        (b"HTTP/1.1 400 Bad Request\r\n", False),
        (b"SSH-2.0-OpenSSH_9.7\r\n", False),
        (b"\x16\x03\x01", False),
        (b"", False),
        (b"\x15\x03\x01\x00\x02\x07\x28", False),
    ],
)
def test_what_looks_like_tls(data: bytes, expected: bool) -> None:
    assert looks_like_tls(data) is expected


# --------------------------------------------------------------------------- suites and primes


def test_suites_are_told_by_protocol() -> None:
    assert suite_name(0x00C6) == "TLS_SM4_GCM_SM3"
    assert suite_name(0x00C7) == "TLS_SM4_CCM_SM3"
    assert {0x1301, 0x1302, 0x1303, 0x00C6, 0x00C7} <= set(suites_for(n.TLS13))
    assert not set(suites_for(n.TLS13)) & set(suites_for(n.TLS12))
    assert 0x009C in suites_for(n.TLS12)
    assert 0x009C not in suites_for(n.TLS11)
    assert 0x0005 in suites_for(n.SSL3)
    assert not {0x00FF, 0x5600, 0x0000} & set(suites_for(n.TLS12))
    assert suite_name(0xABCD) == "0xABCD"
    assert len(suites_for(n.TLS12)) == len(set(suites_for(n.TLS12)))


def test_neither_end_of_an_offer_is_chacha20() -> None:
    for version in (n.TLS12, n.TLS13):
        usual = [number for number in suites_for(version) if number in common_suites(version)]
        assert "CHACHA20" not in suite_name(usual[0])
        assert "CHACHA20" not in suite_name(usual[-1])


def test_key_exchange_by_name() -> None:
    assert [key_exchange(s) for s in (0xC02F, 0x009E, 0x009C, 0x1301, 0xC015, 0x0018, 0xC0AA, 0xC031)] == [
        "ecdhe", "dhe", "other", "tls13", "ecdhe", "dhe", "dhe", "other",
    ]  # fmt: skip


def test_known_primes() -> None:
    # Ends of the primes as RFC 3526 and RFC 7919 print them.
    assert f"{modp(2048):X}".startswith("FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD1")
    assert f"{modp(2048):X}".endswith("15728E5A8AACAA68FFFFFFFFFFFFFFFF")
    assert f"{ffdhe(2048):X}".startswith("FFFFFFFFFFFFFFFFADF85458A2BB4A9AAFDC5620273D3CF1")
    assert f"{ffdhe(2048):X}".endswith("886B423861285C97FFFFFFFFFFFFFFFF")
    assert known_prime(modp(1024)) == "RFC 2409 group 2"
    assert known_prime(ffdhe(3072)) == "RFC 7919 ffdhe3072"
    assert known_prime(modp(2048) + 2) is None


# --------------------------------------------------------------------------- reading


def test_a_server_hello_is_read() -> None:
    extensions = struct.pack("!HHH", n.EXT_SUPPORTED_VERSIONS, 2, n.TLS13) + struct.pack(
        "!HHH", n.EXT_KEY_SHARE, 2, 24
    )
    hello = read_server_hello(server_hello(suite=0x1302, extensions=extensions, random=RETRY_RANDOM)[4:])
    assert (hello.version, hello.suite, hello.retry, hello.group) == (n.TLS13, 0x1302, True, 24)
    assert hashlib.sha256(b"HelloRetryRequest").digest() == RETRY_RANDOM


def test_a_key_exchange_is_read() -> None:
    curve = b"\x03\x00\x17\x04abcd"
    assert read_key_exchange(curve, ECDHE_GCM).group == 23
    assert read_key_exchange(b"\x00\x02id" + curve, ECDHE_PSK).group == 23
    assert read_key_exchange(b"\x01rest", ECDHE_GCM).group == 0xFF01
    group = b"\x00\x02\x01\x01" + b"\x00\x01\x02" + b"\x00\x01\x05"
    assert read_key_exchange(group, DHE_GCM).prime == 257
    assert read_key_exchange(b"\x00\x00" + group, DHE_PSK).prime == 257
    assert read_key_exchange(b"whatever", 0x0003).prime is None


def test_more_certificates_than_any_chain_are_cut() -> None:
    one = b"\x00\x00\x01x"
    chain = read_certificates((len(one) * 40).to_bytes(3, "big") + one * 40)
    assert chain.cut
    assert len(chain.certificates) == 16


@pytest.mark.parametrize("place", range(len(server_hello()[4:]) - 1))
def test_a_hello_cut_anywhere_is_malformed(place: int) -> None:
    with pytest.raises(TlsError) as caught:
        read_server_hello(server_hello()[4:][:place])
    assert caught.value.kind == "malformed"


def test_the_key_schedule_of_rfc_8448() -> None:
    """RFC 8448 §3, the simple 1-RTT handshake: secrets by the book."""
    shared = bytes.fromhex("8bd4054fb55b9d63fdfbacf9f04b9f0d35e6d63f537563efd46272900f89492d")
    schedule = KeySchedule(0x1301, shared)
    assert schedule._handshake.hex() == "1dc826e93606aa6fdc0aadc12f741b01046aa6b99f691ed221a9f0ca043fbeac"


@pytest.mark.parametrize("group", READABLE_GROUPS)
def test_both_sides_agree_on_the_secret(group: int) -> None:
    ours, theirs = KeyPairs(), KeyPairs()
    mine, other = ours.public(group), theirs.public(group)
    assert ours.shared(group, other) == theirs.shared(group, mine)
    with pytest.raises(TlsError):
        ours.shared(group, b"\x00")


# --------------------------------------------------------------------------- the flight


def flight(until: Until = Until.FLIGHT) -> Flight:
    made = Flight(PLAIN, until)
    assert made.start()[0] == 22
    return made


def whole_flight() -> bytes:
    chain = b"\x00\x00\x03abc"
    return b"".join(
        (
            server_hello(),
            message(11, (2 * len(chain)).to_bytes(3, "big") + chain + chain),
            message(22, b"\x01\x00\x00\x02ok"),
            message(12, b"\x03\x00\x1d\x02xx\x04\x03\x00\x01y"),
            message(13, b"\x01\x01\x00\x02\x04\x03\x00\x00"),
            message(14, b""),
        )
    )


@pytest.mark.parametrize("size", [1, 2, 3, 7, 50, 16384])
@pytest.mark.parametrize("step", [1, 5, 100000])
def test_a_flight_in_any_fragments_is_the_same(size: int, step: int) -> None:
    data = whole_flight()
    wire = b"".join(record(22, 0x0303, data[place : place + size]) for place in range(0, len(data), size))
    made = flight()
    for place in range(0, len(wire), step):
        made.feed(wire[place : place + step])
    assert made.done
    seen = made.seen
    assert seen.error is None
    assert seen.chain is not None
    assert seen.chain.certificates == (b"abc", b"abc")
    assert (seen.staple, seen.group, seen.client_auth) == (b"ok", 29, True)


def test_a_warning_alert_before_the_hello_is_kept_and_passed_over() -> None:
    made = flight(Until.HELLO)
    made.feed(alert(112, level=1) + record(22, 0x0303, server_hello()))
    assert made.seen.warnings == ["unrecognized_name"]
    assert made.seen.suite == ECDHE_GCM


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (alert(70), "alert:protocol_version"),
        (alert(199), "alert:alert_199"),
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", "not_tls"),
        (b"\x80\x03\x00\x00\x01", "not_tls"),
        (b"\x16\x02\x00\x00\x01x", "not_tls"),
        (record(22, 0x0303, message(11, b"\x00\x00\x00")), "malformed"),
        (b"\x16\x03\x03\xff\xff", "malformed"),
        (record(23, 0x0303, b"x"), "malformed"),
        (record(20, 0x0303, b"\x01"), "malformed"),
        (record(22, 0x0303, b"") * 30, "malformed"),
        (record(21, 0x0303, b"\x02"), "malformed"),
        (record(22, 0x0303, b"\x02\xff\xff\xff"), "malformed"),
        (record(22, 0x0303, server_hello()[:-1]) + record(99, 0x0303, b"x"), "malformed"),
    ],
)
def test_what_is_wrong_is_named(data: bytes, kind: str) -> None:
    with pytest.raises(TlsError) as caught:
        flight().feed(data)
    assert caught.value.kind == kind


def test_close_notify_before_the_hello_is_a_close() -> None:
    with pytest.raises(PeerClosed):
        flight().feed(alert(0, level=1))


def test_trouble_after_the_hello_keeps_the_hello() -> None:
    made = flight()
    made.feed(record(22, 0x0303, server_hello() + message(11, b"\xff\xff\xff")))
    assert made.done
    assert made.seen.suite == ECDHE_GCM
    assert made.seen.error is not None
    assert made.seen.error.kind == "malformed"


def test_a_second_retry_is_refused() -> None:
    retry = struct.pack("!HHH", n.EXT_SUPPORTED_VERSIONS, 2, n.TLS13) + struct.pack(
        "!HHH", n.EXT_KEY_SHARE, 2, 24
    )
    data = record(22, 0x0303, server_hello(suite=0x1301, extensions=retry, random=RETRY_RANDOM))
    hello = ClientHello(version=n.TLS12, versions=(n.TLS13,), suites=(0x1301,), groups=(24,), key_shares={})
    made = Flight(hello, Until.FLIGHT, KeyPairs())
    assert made.feed(data)[0] == 22
    made.feed(data)
    assert made.seen.error is not None
    assert "second" in str(made.seen.error)


# --------------------------------------------------------------------------- fuzzing: a value or TlsError, nothing else

READERS = [
    read_server_hello, read_certificates, read_certificates_tls13, read_certificate_status, read_encrypted_extensions,
    read_ticket_early_data, read_ssl2, lambda data: read_key_exchange(data, ECDHE_GCM),
    lambda data: read_key_exchange(data, DHE_PSK), lambda data: read_extensions(data, "x"),
]  # fmt: skip

SHAPES = [
    server_hello()[4:], whole_flight(), b"\x00\x00\x06\x00\x00\x03abc", b"\x01\x00\x00\x02ok", b"\x80\x2e\x04" + bytes(44),
    b"\x03\x00\x17\x04abcd",
]  # fmt: skip


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """Bytes at random, or a good message with a few bytes changed, taken out or put in."""
    data = bytearray(draw(st.sampled_from(SHAPES)) if draw(st.booleans()) else draw(st.binary(max_size=300)))
    for _ in range(draw(st.integers(0, 4))):
        place = draw(st.integers(0, max(0, len(data) - 1)))
        match draw(st.sampled_from(["change", "cut", "insert"])):
            case "change" if data:
                data[place] = draw(st.integers(0, 255))
            case "cut":
                del data[place : place + draw(st.integers(1, 8))]
            case _:
                data[place:place] = draw(st.binary(min_size=1, max_size=8))
    return bytes(data)


@given(damaged(), st.integers(0, len(READERS) - 1))
@settings(max_examples=600, deadline=None)
def test_no_reader_fails_otherwise(data: bytes, which: int) -> None:
    try:
        READERS[which](data)
    except TlsError as error:
        assert error.kind in ("malformed", "not_ssl2", "alert:ssl2_error")  # noqa: PT017


HELLO_13 = ClientHello(
    version=n.TLS12, versions=(n.TLS13,), suites=(0x1301,), groups=(29,), key_shares={29: bytes(32)}
)


@given(st.lists(damaged(), max_size=5), st.sampled_from(list(Until)), st.booleans(), st.booleans())
@settings(max_examples=600, deadline=None)
def test_no_flight_fails_otherwise(pieces: list[bytes], until: Until, framed: bool, modern: bool) -> None:
    made = Flight(HELLO_13 if modern else PLAIN, until, KeyPairs() if modern else None)
    try:
        for piece in pieces:
            made.feed(record(22, 0x0303, piece) if framed else piece)
    except TlsError as error:
        assert error.kind.startswith(("malformed", "not_tls", "alert:"))  # noqa: PT017
    except PeerClosed:
        pass


GOOD_DER = issue("www.example.cn", san=["www.example.cn", "127.0.0.1"], must_staple=True).der


@given(
    st.lists(st.tuples(st.integers(0, len(GOOD_DER) - 1), st.integers(0, 255)), max_size=4),
    st.integers(0, 40),
)
@settings(max_examples=400, deadline=None)
def test_no_certificate_fails(changes: list[tuple[int, int]], cut: int) -> None:
    data = bytearray(GOOD_DER)
    for place, value in changes:
        data[place] = value
    facts = read_certificate(bytes(data[: len(data) - cut] if cut < 20 else data)).facts
    assert facts.sha256
    assert facts.pem.startswith("-----BEGIN CERTIFICATE-----")


@given(st.binary(max_size=200))
@settings(max_examples=200, deadline=None)
def test_no_staple_fails(data: bytes) -> None:
    leaf = read_certificate(GOOD_DER)
    status, why = read_staple(data, [leaf])
    assert status == "invalid"
    assert why
