"""The hello writer and the readers of what servers send, by hand; ``test_fuzz.py`` fuzzes them."""

from __future__ import annotations

import hashlib
import struct
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.errors import PeerClosed, TlsError
from scanner.tls import numbers as n
from scanner.tls.cursor import Cursor
from scanner.tls.flight import Flight, Until
from scanner.tls.hello import ClientHello, encode, encode_ssl2, handshake_message
from scanner.tls.identify import client_hello_for_identification, looks_like_tls
from scanner.tls.keyschedule import READABLE_GROUPS, KeyPairs, KeySchedule
from scanner.tls.messages import (
    MOST_CERTIFICATES,
    RETRY_RANDOM,
    read_certificates,
    read_extensions,
    read_key_exchange,
    read_server_hello,
    read_ssl2,
)
from scanner.tls.primes import ffdhe, known_prime, modp
from scanner.tls.suites import SSL2_KINDS, common_suites, key_exchange, suite_name, suites_for
from tests.servers.tls import alert, message, record

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


@given(size=st.integers(1, 400), name=st.none() | st.just("name.example.cn"), bare=st.booleans())
def test_hellos_have_honest_lengths(size: int, name: str | None, bare: bool) -> None:
    """Every length field adds up, and no hello has a length that some servers hang on (RFC 7685)."""
    hello = replace(PLAIN, suites=tuple(range(1, size + 1)), server_name=name, bare=bare)
    data = encode(hello)
    content, version, length = struct.unpack("!BHH", data[:5])
    assert (content, version, length) == (22, n.TLS10, len(data) - 5)
    assert data[5:9] == b"\x01" + (length - 4).to_bytes(3, "big")
    _, suites, extensions = fields(hello)
    assert len(suites) == size + bare
    assert bare or not 256 <= length < 512
    assert (n.EXT_SERVER_NAME in extensions) == (name is not None and not bare)


def test_the_ssl2_hello_offers_every_kind() -> None:
    data = encode_ssl2()
    assert int.from_bytes(data[:2], "big") == 0x8000 | (len(data) - 2)
    assert data[2:5] == b"\x01\x00\x02"
    assert int.from_bytes(data[5:7], "big") == 3 * len(SSL2_KINDS)


def test_the_hello_for_identification_is_one_record() -> None:
    data = client_hello_for_identification()
    assert data[0] == 22
    assert len(data) == 5 + int.from_bytes(data[3:5], "big")
    assert client_hello_for_identification() != data


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (record(22, 0x0303, server_hello()), True),
        (alert(40), True),
        (alert(40, version=0x0300), True),
        (alert(40, version=0x0101), True),
        (record(22, 0x0101, server_hello()), True),
        (record(22, 0x0102, server_hello()), False),
        (b"HTTP/1.1 400 Bad Request\r\n", False),
        (alert(112, level=1), True),
        (record(22, 0x0303, message(1, b"")), False),
        (b"SSH-2.0-OpenSSH_9.7\r\n", False),
        (b"\x16\x03\x01", False),
        (b"", False),
        (b"\x15\x03\x01\x00\x02\x07\x28", False),
    ],
)
def test_what_looks_like_tls(data: bytes, expected: bool) -> None:
    assert looks_like_tls(data) is expected


# --------------------------------------------------------------------------- suites and primes


@pytest.mark.parametrize(
    ("number", "name", "exchange"),
    [
        (0xC02F, "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", "ecdhe"),
        (0xC015, "TLS_ECDH_anon_WITH_NULL_SHA", "ecdhe"),
        (0x009E, "TLS_DHE_RSA_WITH_AES_128_GCM_SHA256", "dhe"),
        (0xC0AA, "TLS_PSK_DHE_WITH_AES_128_CCM_8", "dhe"),
        (0x009C, "TLS_RSA_WITH_AES_128_GCM_SHA256", "other"),
        (0xC031, "TLS_ECDH_RSA_WITH_AES_128_GCM_SHA256", "other"),
        (0x0003, "TLS_RSA_EXPORT_WITH_RC4_40_MD5", "other"),
        (0x0018, "TLS_DH_anon_WITH_RC4_128_MD5", "dhe"),
        (0x0002, "TLS_RSA_WITH_NULL_SHA", "other"),
        (0xCCA8, "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256", "ecdhe"),
        (0x1301, "TLS_AES_128_GCM_SHA256", "tls13"),
        (0x00C6, "TLS_SM4_GCM_SM3", "tls13"),
        (0x00C7, "TLS_SM4_CCM_SM3", "tls13"),
    ],
)
def test_suites(number: int, name: str, exchange: str) -> None:
    assert suite_name(number) == name
    assert key_exchange(number) == exchange
    assert number in suites_for(n.TLS13 if exchange == "tls13" else n.TLS12)


def test_each_version_is_offered_its_own_suites() -> None:
    assert suite_name(0xABCD) == "0xABCD"
    assert not set(suites_for(n.TLS13)) & set(suites_for(n.TLS12))
    assert set(suites_for(n.TLS10)) < set(suites_for(n.TLS12))
    assert not {0xC02F, 0x009C} & set(suites_for(n.TLS11))
    assert 0x0005 in suites_for(n.SSL3)
    for version in (n.SSL3, n.TLS12, n.TLS13):
        assert not {0x0000, n.SCSV_FALLBACK, n.SCSV_RENEGOTIATION} & set(suites_for(version))
        assert len(set(suites_for(version))) == len(suites_for(version))


def test_neither_end_of_an_offer_is_chacha20() -> None:
    for version in (n.TLS12, n.TLS13):
        usual = [number for number in suites_for(version) if number in common_suites(version)]
        assert "CHACHA20" not in suite_name(usual[0])
        assert "CHACHA20" not in suite_name(usual[-1])


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
    assert len(chain.certificates) == MOST_CERTIFICATES


def test_what_a_server_of_ssl2_says() -> None:
    kinds, leaf = bytes.fromhex("010080020080010080"), b"leaf"
    body = struct.pack("!BBBHHHH", 4, 0, 1, 2, len(leaf), len(kinds), 16) + leaf + kinds + bytes(16)
    data = struct.pack("!H", 0x8000 | len(body)) + body
    assert all(read_ssl2(data[:size]) is None for size in range(len(data)))
    found = read_ssl2(data)
    assert found is not None
    assert (found.kinds, found.certificate) == ((0x010080, 0x020080), leaf)
    for other, kind in ((b"\x80\x03\x00\x00\x01", "alert:ssl2_error"), (alert(70), "not_ssl2")):
        with pytest.raises(TlsError) as caught:
            read_ssl2(other)
        assert caught.value.kind == kind


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
        (alert(112, level=1) * 6, "alert:unrecognized_name"),
        (record(22, 0x0303, message(2, server_hello()[4:] + b"\x00")), "malformed"),
        (record(22, 0x0303, message(2, bytes(10))), "malformed"),
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", "not_tls"),
        (b"\x80\x03\x00\x00\x01", "not_tls"),
        (b"\x16\x02\x00\x00\x01x", "not_tls"),
        (record(22, 0x0303, message(11, b"\x00\x00\x00")), "malformed"),
        (b"\x16\x03\x03\xff\xff", "malformed"),
        (record(23, 0x0303, b"x"), "malformed"),
        (record(20, 0x0303, b"\x01"), "malformed"),
        (record(22, 0x0303, b"") * 30, "malformed"),
        (record(21, 0x0303, b"\x02"), "malformed"),
        (record(22, 0x0303, b"\x02\xff\xff\xff"), "too_large"),
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


def test_a_retry_names_the_group() -> None:
    retry = struct.pack("!HHH", n.EXT_SUPPORTED_VERSIONS, 2, n.TLS13) + struct.pack(
        "!HHH", n.EXT_KEY_SHARE, 2, 24
    )
    made = flight(Until.HELLO)
    made.feed(record(22, 0x0303, server_hello(suite=0x1302, extensions=retry, random=RETRY_RANDOM)))
    assert made.done
    assert made.seen.hello is not None
    assert (made.seen.hello.version, made.seen.suite, made.seen.group) == (n.TLS13, 0x1302, 24)


def test_the_prime_of_a_flight() -> None:
    prime = struct.pack("!H", 128) + modp(1024).to_bytes(128, "big")
    data = server_hello(suite=DHE_GCM) + message(11, b"\x00\x00\x04\x00\x00\x01x")
    made = flight(Until.KEY_EXCHANGE)
    made.feed(record(22, 0x0303, data + message(12, prime + b"\x00\x01\x02" + prime + bytes(4))))
    assert made.done
    assert made.seen.prime == modp(1024)


@given(
    records=st.lists(
        st.tuples(st.sampled_from((20, 21, 22, 23)), st.integers(0, 25), st.binary(max_size=80)), max_size=6
    ),
    until=st.sampled_from(Until),
    version=st.sampled_from((n.SSL3, n.TLS10, n.TLS12, n.TLS13)),
)
def test_whatever_follows_a_good_hello_cannot_unsay_it(
    records: list[tuple[int, int, bytes]], until: Until, version: int
) -> None:
    """Random messages within well-formed records reach further than random bytes do (see ``test_fuzz.py``)."""
    hello = server_hello(version)
    if version == n.TLS13:
        share = struct.pack("!HHHH", n.EXT_KEY_SHARE, 4, 0, 0)
        chosen = struct.pack("!HHH", n.EXT_SUPPORTED_VERSIONS, 2, n.TLS13)
        hello = server_hello(n.TLS12, 0x1301, chosen + share)
    made = Flight(PLAIN, until, KeyPairs())
    made.feed(record(22, n.TLS12, hello))
    for content, kind, body in records:
        if not made.done:
            made.feed(record(content, n.TLS12, message(kind, body) if content == n.HANDSHAKE else body))
    assert made.seen.hello is not None
    assert made.seen.hello.version == version
