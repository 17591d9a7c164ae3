"""Whatever bytes a server sends, reading them ends in a value or in one of the errors that the readers declare."""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.errors import PeerClosed, TlsError
from scanner.tls import numbers as n
from scanner.tls.certificates import read_certificate
from scanner.tls.flight import Flight, Until
from scanner.tls.hello import ClientHello, encode, encode_ssl2
from scanner.tls.identify import client_hello_for_identification, looks_like_tls
from scanner.tls.keyschedule import KeyPairs
from scanner.tls.messages import (
    MOST_CERTIFICATES,
    RETRY_RANDOM,
    read_alpn,
    read_certificate_status,
    read_certificates,
    read_certificates_tls13,
    read_encrypted_extensions,
    read_key_exchange,
    read_server_hello,
    read_ssl2,
    read_ticket_early_data,
)
from scanner.tls.naming import hostname_match
from scanner.tls.primes import ffdhe, known_prime, modp
from scanner.tls.staple import read_staple
from scanner.tls.suites import key_exchange, names, suite_name, suites_for
from tests.servers.tls import alert, issue, message, record

READERS: tuple[Callable[[bytes], object], ...] = (
    read_server_hello,
    read_alpn,
    read_certificates,
    read_certificates_tls13,
    read_certificate_status,
    read_encrypted_extensions,
    read_ticket_early_data,
    read_ssl2,
)
KINDS = frozenset({"malformed", "not_tls", "not_ssl2", "alert:ssl2_error"})
HELLO = ClientHello(version=n.TLS12, suites=(0xC02F, 0x009E, 0x009C), groups=(0x001D, 0x0017))


def server_hello(
    version: int = n.TLS12, suite: int = 0xC02F, extensions: bytes = b"", random: bytes = bytes(32)
) -> bytes:
    """Body of a ServerHello."""
    tail = struct.pack("!H", len(extensions)) + extensions if extensions else b""
    return struct.pack("!H", version) + random + b"\x00" + struct.pack("!HB", suite, 0) + tail


def extension(kind: int, body: bytes) -> bytes:
    return struct.pack("!HH", kind, len(body)) + body


def ecdhe(group: int) -> bytes:
    """Body of a ServerKeyExchange with a named curve."""
    return struct.pack("!BHB", 3, group, 1) + b"\x04" + bytes(8)


def handshake(body: bytes) -> bytes:
    return record(n.HANDSHAKE, n.TLS12, body)


def fed(data: bytes, until: Until = Until.FLIGHT, *, piece: int = 0, keys: KeyPairs | None = None) -> Flight:
    """A flight that was given ``data``, ``piece`` bytes at a time."""
    flight = Flight(HELLO, until, keys)
    flight.start()
    size = piece or max(len(data), 1)
    for place in range(0, len(data), size):
        if flight.done:
            break
        flight.feed(data[place : place + size])
    return flight


def trouble(job: Callable[[], object]) -> str | None:
    """Kind of the declared error that ``job`` ended with, or None; any other error goes through."""
    try:
        job()
    except (TlsError, PeerClosed) as error:
        return error.kind
    return None


# --------------------------------------------------------------------------- arbitrary bytes


@pytest.mark.parametrize("reader", READERS, ids=lambda reader: reader.__name__)
@given(data=st.binary(max_size=400))
def test_readers_are_total(reader: Callable[[bytes], object], data: bytes) -> None:
    assert trouble(lambda: reader(data)) in (None, *KINDS)


@given(data=st.binary(max_size=300), suite=st.sampled_from(sorted(names())))
def test_key_exchange_reader_is_total(data: bytes, suite: int) -> None:
    assert trouble(lambda: read_key_exchange(data, suite)) in (None, "malformed")


@given(data=st.binary(max_size=600), until=st.sampled_from(Until), piece=st.integers(1, 600))
def test_flight_is_total(data: bytes, until: Until, piece: int) -> None:
    kind = trouble(lambda: fed(data, until, piece=piece, keys=KeyPairs()))
    assert kind in (None, "malformed", "not_tls", "closed") or kind.startswith("alert:")


@given(
    records=st.lists(
        st.tuples(st.sampled_from((20, 21, 22, 23)), st.integers(0, 25), st.binary(max_size=80)), max_size=6
    ),
    until=st.sampled_from(Until),
    version=st.sampled_from((n.SSL3, n.TLS10, n.TLS12, n.TLS13)),
)
def test_flight_is_total_after_a_good_hello(
    records: list[tuple[int, int, bytes]], until: Until, version: int
) -> None:
    """Random messages within well-formed records reach further than random bytes do."""
    hello = server_hello(version) if version != n.TLS13 else server_hello(
        n.TLS12, 0x1301, extension(n.EXT_SUPPORTED_VERSIONS, b"\x03\x04") + extension(n.EXT_KEY_SHARE, bytes(4))
    )  # fmt: skip
    data = handshake(message(2, hello))
    for content, kind, body in records:
        data += record(content, n.TLS12, message(kind, body) if content == n.HANDSHAKE else body)
    flight = fed(data, until, keys=KeyPairs())
    # What follows a good ServerHello cannot unsay it.
    assert flight.seen.hello is not None
    assert flight.seen.hello.version == version


@given(data=st.binary(max_size=600))
def test_certificates_and_staples_are_total(data: bytes) -> None:
    certificate = read_certificate(data)
    assert certificate.parsed is None
    assert certificate.facts.error
    status, why = read_staple(data, [certificate])
    assert status not in ("good", "revoked", "unknown")
    assert status is None or why


LEAF = issue("broken.example.cn", san=["broken.example.cn"])


@given(place=st.integers(0, len(LEAF.der) - 1), value=st.integers(0, 255), cut=st.integers(0, 40))
def test_damaged_certificates_are_facts(place: int, value: int, cut: int) -> None:
    damaged = bytearray(LEAF.der)
    damaged[place] = value
    data = bytes(damaged[: len(damaged) - cut])
    facts = read_certificate(data).facts
    assert facts.pem.startswith("-----BEGIN CERTIFICATE-----\n")
    assert facts.error is not None or facts.key is not None
    if cut:
        assert facts.error is not None


@given(data=st.binary(max_size=64))
def test_looks_like_tls_is_total(data: bytes) -> None:
    assert looks_like_tls(data) in (True, False)


# --------------------------------------------------------------------------- what a good answer means


@pytest.mark.parametrize("piece", [1, 3, 7, 0])
@pytest.mark.parametrize("split", [1, 5, 16000])
def test_messages_over_many_records(piece: int, split: int) -> None:
    """RFC 5246 §6.2.1: messages may share a record or be spread over several."""
    flight = message(2, server_hello()) + message(11, _chain(b"leaf", b"root"))
    flight += message(22, b"\x01\x00\x00\x03ocs") + message(12, ecdhe(0x001D))
    flight += message(13, bytes.fromhex("0101000204010000")) + message(14, b"")
    data = b"".join(handshake(flight[place : place + split]) for place in range(0, len(flight), split))
    seen = fed(data, piece=piece).seen
    assert seen.error is None
    assert seen.suite == 0xC02F
    assert seen.chain is not None
    assert seen.chain.certificates == (b"leaf", b"root")
    assert seen.staple == b"ocs"
    assert seen.group == 0x001D
    assert seen.client_auth is True


def _chain(*certificates: bytes) -> bytes:
    body = b"".join(len(der).to_bytes(3, "big") + der for der in certificates)
    return len(body).to_bytes(3, "big") + body


def test_dh_prime() -> None:
    prime = modp(1024).to_bytes(128, "big")
    body = struct.pack("!H", 128) + prime + b"\x00\x01\x02" + struct.pack("!H", 128) + prime + bytes(4)
    data = handshake(message(2, server_hello(suite=0x009E)) + message(11, _chain(b"x")) + message(12, body))
    flight = fed(data, Until.KEY_EXCHANGE)
    assert flight.done
    assert flight.seen.prime == modp(1024)
    assert known_prime(modp(1024)) == "RFC 2409 group 2"
    assert known_prime(ffdhe(2048)) == "RFC 7919 ffdhe2048"
    assert known_prime(modp(1024) + 2) is None


@pytest.mark.parametrize(
    ("number", "name"), [(40, "handshake_failure"), (70, "protocol_version"), (199, "alert_199")]
)
def test_alert(number: int, name: str) -> None:
    with pytest.raises(TlsError) as caught:
        fed(alert(number))
    assert caught.value.kind == f"alert:{name}"


def test_close_notify_is_a_close() -> None:
    with pytest.raises(PeerClosed):
        fed(alert(0, level=1))


def test_warning_is_kept_and_passed_over() -> None:
    flight = fed(alert(112, level=1) + handshake(message(2, server_hello())), Until.HELLO)
    assert flight.done
    assert flight.seen.warnings == ["unrecognized_name"]


def test_trouble_after_the_hello_keeps_the_hello() -> None:
    seen = fed(handshake(message(2, server_hello())) + alert(80)).seen
    assert seen.suite == 0xC02F
    assert seen.error is not None
    assert seen.error.kind == "alert:internal_error"


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", "not_tls"),
        (b"SSH-2.0-OpenSSH_9.6\r\n", "not_tls"),
        (record(22, n.TLS12, b"")[:3] + b"\xff\xff", "malformed"),
        (handshake(b"\x02\xff\xff\xff"), "malformed"),
        (handshake(message(11, bytes(3))), "malformed"),
        (handshake(message(2, bytes(10))), "malformed"),
        (handshake(message(2, server_hello() + b"\x00")), "malformed"),
        (record(22, n.TLS12, b"") * 20, "malformed"),
        (record(23, n.TLS12, b"data"), "malformed"),
        (record(20, n.TLS12, b"\x01"), "malformed"),
        (record(21, n.TLS12, b"\x02"), "malformed"),
        (alert(112, level=1) * 6, "alert:unrecognized_name"),
    ],
)
def test_malformed(data: bytes, kind: str) -> None:
    with pytest.raises(TlsError) as caught:
        fed(data)
    assert caught.value.kind == kind


def test_hello_retry_request_names_the_group() -> None:
    extensions = extension(n.EXT_SUPPORTED_VERSIONS, b"\x03\x04") + extension(n.EXT_KEY_SHARE, b"\x00\x18")
    body = server_hello(n.TLS12, 0x1302, extensions, RETRY_RANDOM)
    flight = fed(handshake(message(2, body)), Until.HELLO)
    assert flight.done
    hello = flight.seen.hello
    assert hello is not None
    assert hello.retry
    assert (hello.version, hello.suite, flight.seen.group) == (n.TLS13, 0x1302, 0x0018)


def test_retries_without_end_are_malformed() -> None:
    extensions = extension(n.EXT_SUPPORTED_VERSIONS, b"\x03\x04") + extension(n.EXT_KEY_SHARE, b"\x00\x18")
    retry = handshake(message(2, server_hello(n.TLS12, 0x1302, extensions, RETRY_RANDOM)))
    seen = fed(retry * 3, keys=KeyPairs()).seen
    assert seen.error is not None
    assert seen.error.kind == "malformed"


def test_chains_are_cut() -> None:
    found = read_certificates(_chain(*(bytes((number,)) for number in range(MOST_CERTIFICATES + 5))))
    assert len(found.certificates) == MOST_CERTIFICATES
    assert found.cut


def test_ssl2() -> None:
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


# --------------------------------------------------------------------------- what is sent


@given(size=st.integers(1, 400), name=st.none() | st.just("name.example.cn"), bare=st.booleans())
def test_hellos_have_honest_lengths(size: int, name: str | None, bare: bool) -> None:
    """Every length field adds up, and no hello has a length that some servers hang on (RFC 7685)."""
    hello = replace(HELLO, suites=tuple(range(1, size + 1)), server_name=name, bare=bare)
    data = encode(hello)
    content, version, length = struct.unpack("!BHH", data[:5])
    assert (content, version, length) == (22, n.TLS10, len(data) - 5)
    assert data[5] == 1
    assert int.from_bytes(data[6:9], "big") == length - 4
    body = data[9:]
    assert body[:2] == b"\x03\x03"
    assert body[34] == 0
    listed = int.from_bytes(body[35:37], "big")
    assert listed == 2 * (size + bare)
    assert body[37 + listed : 39 + listed] == b"\x01\x00"
    rest = body[39 + listed :]
    if bare:
        assert rest == b""
        return
    assert int.from_bytes(rest[:2], "big") == len(rest) - 2
    assert not 256 <= length < 512
    assert (name is not None) == (b"name.example.cn" in rest)


def test_ssl2_hello_has_honest_lengths() -> None:
    data = encode_ssl2()
    assert data[0] & 0x80
    assert int.from_bytes(data[:2], "big") & 0x7FFF == len(data) - 2
    assert data[2:5] == b"\x01\x00\x02"


def test_identification_hello() -> None:
    data = client_hello_for_identification()
    assert data[:3] == b"\x16\x03\x01"
    assert int.from_bytes(data[3:5], "big") == len(data) - 5
    assert client_hello_for_identification() != data


@pytest.mark.parametrize(
    ("data", "answer"),
    [
        (handshake(message(2, server_hello())), True),
        (alert(40), True),
        (alert(112, level=1), True),
        (b"\x15\x03\x01\x00\x03\x02\x28\x00", False),
        (handshake(message(1, b"")), False),
        (b"HTTP/1.1 400 Bad Request", False),
        (b"\x16\x03", False),
        (b"", False),
    ],
)
def test_looks_like_tls(data: bytes, answer: bool) -> None:
    assert looks_like_tls(data) is answer


# --------------------------------------------------------------------------- tables and names


@pytest.mark.parametrize(
    ("number", "name", "exchange"),
    [
        (0xC02F, "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", "ecdhe"),
        (0x009E, "TLS_DHE_RSA_WITH_AES_128_GCM_SHA256", "dhe"),
        (0x009C, "TLS_RSA_WITH_AES_128_GCM_SHA256", "other"),
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
    assert not set(suites_for(n.TLS13)) & set(suites_for(n.TLS12))
    assert set(suites_for(n.TLS10)) < set(suites_for(n.TLS12))
    assert 0xC02F not in suites_for(n.TLS11)
    for version in (n.SSL3, n.TLS12, n.TLS13):
        assert not {0x0000, n.SCSV_FALLBACK, n.SCSV_RENEGOTIATION} & set(suites_for(version))
        assert len(set(suites_for(version))) == len(suites_for(version))


@pytest.mark.parametrize(
    ("san", "name", "ip", "answer"),
    [
        (["www.example.cn"], "www.example.cn", "127.0.0.1", True),
        (["WWW.Example.CN"], "www.example.cn.", "127.0.0.1", True),
        (["*.example.cn"], "www.example.cn", "127.0.0.1", True),
        (["*.example.cn"], "a.b.example.cn", "127.0.0.1", False),
        (["*.example.cn"], "example.cn", "127.0.0.1", False),
        (["w*.example.cn"], "www.example.cn", "127.0.0.1", False),
        (["www.*.cn"], "www.example.cn", "127.0.0.1", False),
        (["*.cn"], "example.cn", "127.0.0.1", False),
        (["xn--fiq228c.example.cn"], "中文.example.cn", "127.0.0.1", True),
        (["email:www.example.cn", "URI:www.example.cn"], "www.example.cn", "127.0.0.1", False),
        ([], "www.example.cn", "127.0.0.1", False),
        (["IP:127.0.0.1"], None, "127.0.0.1", True),
        (["IP:::1"], None, "0:0:0:0:0:0:0:1", True),
        (["IP:127.0.0.2"], None, "127.0.0.1", False),
        (["127.0.0.1"], None, "127.0.0.1", None),
        (["www.example.cn"], None, "127.0.0.1", None),
    ],
)
def test_hostname_match(san: list[str], name: str | None, ip: str, answer: bool | None) -> None:
    """RFC 9525 §6."""
    assert hostname_match(san, name, ip) is answer
