"""TLCP (GB/T 38636-2020) and RFC 8998 against Tongsuo, and against scripts for what no good server says."""

from __future__ import annotations

import contextlib
import socket
import struct
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from scanner.errors import PeerTimeout, TargetError
from scanner.facts import IdentifyFacts, TlsFacts
from scanner.probes.identify import PROBE as IDENTIFY
from scanner.probes.tls import PROBE as TLS_PROBE
from scanner.transport import Limits
from tests.checks.judging import outcomes, service
from tests.conftest import Scanner
from tests.servers.tls import (
    Old,
    alert,
    endless,
    issue,
    message,
    read_hello,
    record,
    rsa_key,
    s_server,
    scripted,
)
from tests.servers.tongsuo import Made, Settings, Wanted, authority, tongsuo
from tests.tls.test_probe import connections, look

PORT = 4433
NAME = "tlcp.example.cn"
TLS = ("SSLv2", "SSLv3", "TLSv1.0", "TLSv1.1", "TLSv1.2", "TLSv1.3")
RULES = ("certificate/tlcp-pair", "certificate/tlcp-validity", "certificate/tlcp-untrusted")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    day = 86400
    return authority(
        tmp_path_factory.mktemp("sm2"),
        NAME,
        Wanted(name="expired", issuer="ca", usage="digitalSignature", begins=-9 * day, ends=-day),
        Wanted(name="for both", issuer="ca", usage="digitalSignature,keyEncipherment"),
        Wanted(name="other", issuer="ca", usage="keyEncipherment", san=("DNS:other.example.cn",)),
    )


def pair(made: Made, sign: str = "sign", encrypt: str = "enc") -> tuple[tuple[str, str], tuple[str, str]]:
    return made.files(sign), made.files(encrypt)


def asked_for_tlcp(scanner: Scanner) -> int:
    return sum(purpose.startswith("tls: TLCP") for purpose in connections(scanner))


def judged(facts: TlsFacts) -> list[str]:
    """Outcomes of the rules at the present time, from which the certificates' dates are counted."""
    subject, now = service(facts, tls=True), datetime.now(UTC)
    return [name for rule_id in RULES for name in outcomes(rule_id, subject, at=now)]


# --------------------------------------------------------------------------- TLCP from Tongsuo


@pytest.mark.server
@pytest.mark.parametrize(
    ("ciphers", "server_preference", "suites", "preference", "most"),
    [
        ("ECC-SM2-SM4-GCM-SM3", False, ("ECC_SM4_GCM_SM3",), None, 2),
        ("ECC-SM2-SM4-CBC-SM3", True, ("ECC_SM4_CBC_SM3",), None, 2),
        ("ECDHE-SM2-SM4-GCM-SM3", False, ("ECDHE_SM4_GCM_SM3",), None, 2),
        (
            "ECC-SM2-SM4-CBC-SM3:ECDHE-SM2-SM4-CBC-SM3:ECC-SM2-SM4-GCM-SM3",
            True,
            ("ECC_SM4_CBC_SM3", "ECDHE_SM4_CBC_SM3", "ECC_SM4_GCM_SM3"),
            True,
            5,
        ),
        (
            "",
            False,
            ("ECDHE_SM4_CBC_SM3", "ECC_SM4_CBC_SM3", "ECDHE_SM4_GCM_SM3", "ECC_SM4_GCM_SM3"),
            False,
            6,
        ),
    ],
)
def test_tlcp_says_what_it_is_set_to(
    scanner: Scanner,
    tmp_path: Path,
    address: str,
    made: Made,
    ciphers: str,
    server_preference: bool,
    suites: tuple[str, ...],
    preference: bool | None,
    most: int,
) -> None:
    scanner.ca_file = made.certificate("root")
    settings = Settings(
        tlcp=pair(made),
        chain=[made.certificate("ca")],
        ciphers=ciphers,
        server_preference=server_preference,
    )
    with tongsuo(tmp_path, address, PORT, settings):
        facts = look(scanner, address, PORT, NAME)
    assert facts.protocols == facts.ciphers_complete == ("TLCP",)
    assert facts.refused_protocols == TLS
    assert facts.ciphers == {"TLCP": suites}
    assert facts.server_preference is preference
    assert facts.certificates == ()
    assert [one.sha256 for one in facts.tlcp_certificates] == [
        made.sha256(name) for name in ("sign", "enc", "ca")
    ]
    assert facts.tlcp_trust == {"custom": "ok"}
    assert facts.tlcp_hostname_match is True
    assert facts.errors == ()
    assert asked_for_tlcp(scanner) <= most
    assert judged(facts) == ["proper", "valid", "trusted"]
    assert outcomes("tls/sm-suites", service(facts, tls=True)) == ["offered"]


@pytest.mark.server
def test_tlcp_and_tls_on_one_port(scanner: Scanner, tmp_path: Path, address: str, made: Made) -> None:
    """Each protocol has its own certificates, and neither is judged by the other's."""
    leaf = issue(NAME, key=rsa_key(), san=[NAME])
    certificate, key = leaf.write(tmp_path, "rsa")
    settings = Settings(
        tlcp=pair(made),
        tls=(0, 0),
        certificate=(str(certificate), str(key)),
        ciphers="ECC-SM2-SM4-CBC-SM3:ECDHE-RSA-AES128-GCM-SHA256",
        ciphersuites="TLS_AES_128_GCM_SHA256",
    )
    with tongsuo(tmp_path, address, PORT, settings):
        facts = look(scanner, address, PORT, NAME)
    assert facts.protocols == facts.ciphers_complete == ("TLSv1.2", "TLSv1.3", "TLCP")
    assert facts.refused_protocols == ("SSLv2", "SSLv3", "TLSv1.0", "TLSv1.1")
    assert facts.ciphers == {
        "TLSv1.2": ("TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",),
        "TLSv1.3": ("TLS_AES_128_GCM_SHA256",),
        "TLCP": ("ECC_SM4_CBC_SM3",),
    }
    assert [one.key.type for one in facts.certificates if one.key] == ["RSA"]
    assert [one.sha256 for one in facts.tlcp_certificates] == [made.sha256("sign"), made.sha256("enc")]
    assert facts.trust["mozilla"] == "self_signed"
    assert facts.tlcp_trust == {}
    assert facts.errors == ()
    assert judged(facts) == ["proper", "valid", "no_store"]


@pytest.mark.server
@pytest.mark.parametrize(
    ("sign", "encrypt", "outcome"),
    [
        ("for both", "for both", ["twice", "valid", "trusted"]),
        ("for both", "enc", ["wrong_usage", "valid", "trusted"]),
        ("expired", "enc", ["proper", "expired", "other_cause"]),
    ],
)
def test_pairs_that_are_none(
    scanner: Scanner, tmp_path: Path, address: str, made: Made, sign: str, encrypt: str, outcome: list[str]
) -> None:
    scanner.ca_file = made.certificate("root")
    settings = Settings(tlcp=pair(made, sign, encrypt), chain=[made.certificate("ca")])
    with tongsuo(tmp_path, address, PORT, settings):
        facts = look(scanner, address, PORT)
    assert facts.protocols == ("TLCP",)
    assert [one.sha256 for one in facts.tlcp_certificates][:2] == [made.sha256(sign), made.sha256(encrypt)]
    assert judged(facts) == outcome


def test_a_pair_in_the_wrong_order(scanner: Scanner, address: str, serve: Serve, made: Made) -> None:
    """Tongsuo refuses to serve such a pair; others do not."""
    scanner.ca_file = made.certificate("root")
    chain = tuple(made.der(name) for name in ("enc", "ca", "sign"))
    facts = look(scanner, address, serve(beside_tls(accepts(0xE013, chain=chain))), NAME)
    assert judged(facts) == ["swapped", "valid", "trusted"]
    assert facts.tlcp_hostname_match is True


@pytest.mark.server
def test_one_of_the_two_is_for_another_name(
    scanner: Scanner, tmp_path: Path, address: str, made: Made
) -> None:
    with tongsuo(tmp_path, address, PORT, Settings(tlcp=pair(made, "sign", "other"))):
        facts = look(scanner, address, PORT, NAME)
        assert facts.tlcp_hostname_match is False
        assert look(scanner, address, PORT).tlcp_hostname_match is None
    asked = service(facts, tls=True)
    asked = replace(asked, endpoint=replace(asked.endpoint, name=NAME))
    assert outcomes("certificate/tlcp-name-mismatch", asked) == ["mismatch"]


@pytest.mark.server
def test_tlcp_that_asks_for_a_client_certificate(
    scanner: Scanner, tmp_path: Path, address: str, made: Made
) -> None:
    with tongsuo(tmp_path, address, PORT, Settings(tlcp=pair(made), client_certificate=True)):
        facts = look(scanner, address, PORT)
    assert facts.protocols == facts.ciphers_complete == ("TLCP",)
    assert len(facts.tlcp_certificates) == 2
    assert facts.errors == ()


@pytest.mark.server
def test_a_port_of_tlcp_alone_is_known_as_such(
    scanner: Scanner, tmp_path: Path, address: str, made: Made
) -> None:
    with tongsuo(tmp_path, address, PORT, Settings(tlcp=pair(made))):
        facts = scanner.probe(IDENTIFY, address, PORT)
    assert isinstance(facts, IdentifyFacts)
    assert facts.tls


@pytest.mark.server
@pytest.mark.parametrize("name", [None, NAME])
def test_openssl_without_tlcp_costs_one_connection(
    scanner: Scanner, tmp_path: Path, address: str, name: str | None
) -> None:
    certificate, key = issue(NAME).write(tmp_path, "server")
    with s_server(tmp_path, address, PORT, "-cert", str(certificate), "-key", str(key)):
        facts = look(scanner, address, PORT, name)
    assert "TLCP" in facts.refused_protocols
    assert asked_for_tlcp(scanner) == 1
    assert (facts.tlcp_certificates, facts.tlcp_trust, facts.tlcp_hostname_match) == ((), {}, None)
    assert outcomes("tls/sm-suites", service(facts, tls=True)) == ["not_offered"]


# --------------------------------------------------------------------------- RFC 8998 from Tongsuo


@pytest.mark.server
@pytest.mark.parametrize(
    ("settings", "suites", "groups", "preference"),
    [
        (Settings(ciphersuites="TLS_SM4_GCM_SM3", groups="SM2", strict=True), {"TLS_SM4_GCM_SM3"}, ("curveSM2",), None),
        (Settings(ciphersuites="TLS_SM4_CCM_SM3", groups="SM2", strict=True), {"TLS_SM4_CCM_SM3"}, ("curveSM2",), None),
        (
            Settings(ciphersuites="TLS_SM4_CCM_SM3:TLS_SM4_GCM_SM3", groups="SM2", server_preference=True),
            ("TLS_SM4_CCM_SM3", "TLS_SM4_GCM_SM3"),
            ("curveSM2",),
            True,
        ),
        (
            Settings(ciphersuites="TLS_SM4_GCM_SM3:TLS_AES_128_GCM_SHA256", groups="SM2:X25519"),
            {"TLS_SM4_GCM_SM3", "TLS_AES_128_GCM_SHA256"},
            ("x25519", "curveSM2"),
            False,
        ),
    ],
    ids=["GCM alone", "CCM alone", "both", "beside others"],
)  # fmt: skip
def test_rfc8998_is_read_to_the_certificates(
    scanner: Scanner,
    tmp_path: Path,
    address: str,
    made: Made,
    settings: Settings,
    suites: set[str] | tuple[str, ...],
    groups: tuple[str, ...],
    preference: bool | None,
) -> None:
    scanner.ca_file = made.certificate("root")
    settings = replace(
        settings, tls=(0x0304, 0x0304), certificate=made.files("sign"), chain=[made.certificate("ca")]
    )
    with tongsuo(tmp_path, address, PORT, settings):
        facts = look(scanner, address, PORT, NAME)
    assert facts.protocols == facts.ciphers_complete == ("TLSv1.3",)
    assert facts.refused_protocols == (*TLS[:-1], "TLCP")
    found = facts.ciphers["TLSv1.3"]
    assert (found if isinstance(suites, tuple) else set(found)) == suites
    assert facts.server_preference is preference
    assert facts.groups == groups
    assert facts.groups_complete
    assert [one.sha256 for one in facts.certificates] == [made.sha256("sign"), made.sha256("ca")]
    assert facts.trust == {"custom": "ok"}
    assert facts.hostname_match is True
    assert facts.session_tickets is True
    assert facts.errors == ()
    subject = service(facts, tls=True)
    assert outcomes("tls/sm-suites", subject) == ["offered"]
    assert outcomes("certificate/untrusted-chain", subject) == ["trusted"]
    assert outcomes("tls/weak-group", subject) == ["strong"]


@pytest.mark.server
def test_without_a_chosen_store_nobody_judges_the_chain(
    scanner: Scanner, tmp_path: Path, address: str, made: Made
) -> None:
    settings = Settings(
        tls=(0x0304, 0x0304), certificate=made.files("sign"), ciphersuites="TLS_SM4_GCM_SM3", groups="SM2"
    )
    with tongsuo(tmp_path, address, PORT, settings):
        facts = look(scanner, address, PORT, NAME)
    assert facts.trust == {}
    assert outcomes("certificate/untrusted-chain", service(facts, tls=True)) == ["no_store"]


# --------------------------------------------------------------------------- scripts

Serve = Callable[[Callable[[socket.socket], None]], int]
LEAF = issue("old.example.cn", san=["old.example.cn"])


@pytest.fixture
def serve(address: str) -> Iterator[Serve]:
    """Start a script; its port."""
    with contextlib.ExitStack() as stack:
        yield lambda script: stack.enter_context(scripted(address, script)).port


def beside_tls(
    tlcp: Callable[[socket.socket], None], tls: Callable[[socket.socket], None] | None = None
) -> Callable[[socket.socket], None]:
    """A server of TLS 1.2 that leaves the hellos of TLCP to ``tlcp``."""
    other = tls or Old(suites={0x0303: [0xC02F]}, chain=[LEAF.der])

    def script(sock: socket.socket) -> None:
        start = sock.recv(3, socket.MSG_PEEK | socket.MSG_WAITALL)
        (tlcp if start == b"\x16\x01\x01" else other)(sock)

    return script


def hello_body(suite: int, version: int = 0x0101) -> bytes:
    return struct.pack("!H", version) + bytes(32) + b"\x00" + struct.pack("!HB", suite, 0)


def certificates(*ders: bytes) -> bytes:
    chain = b"".join(len(der).to_bytes(3, "big") + der for der in ders)
    return message(11, len(chain).to_bytes(3, "big") + chain)


def answers(*messages: bytes) -> Callable[[socket.socket], None]:
    """A server that answers every TLCP hello alike."""

    def script(sock: socket.socket) -> None:
        read_hello(sock)
        sock.sendall(b"".join(record(22, 0x0101, one) for one in messages))
        with contextlib.suppress(OSError):
            sock.recv(1)

    return script


def accepts(
    *suites: int, trouble: bytes = b"", chain: tuple[bytes, ...] = (LEAF.der,)
) -> Callable[[socket.socket], None]:
    """TLCP with ``suites``; hellos with extensions are answered with ``trouble`` where there is any."""

    def script(sock: socket.socket) -> None:
        asked = read_hello(sock)
        suite = next((suite for suite in suites if suite in asked.suites), None)
        if trouble and asked.extensions:
            sock.sendall(trouble)
        elif suite is None:
            sock.sendall(alert(40, version=0x0101))
        else:
            answers_to = (message(2, hello_body(suite)), certificates(*chain), message(14, b""))
            sock.sendall(b"".join(record(22, 0x0101, one) for one in answers_to))
            with contextlib.suppress(OSError):
                sock.recv(1)

    return script


def silent(sock: socket.socket) -> None:
    read_hello(sock)
    sock.recv(1)


def closes(sock: socket.socket) -> None:
    read_hello(sock)


def says_html(sock: socket.socket) -> None:
    read_hello(sock)
    sock.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")


def kinds(facts: TlsFacts) -> list[tuple[str, str]]:
    return [(error.step, error.kind) for error in facts.errors]


def assert_tls_is_whole(facts: TlsFacts) -> None:
    assert facts.ciphers["TLSv1.2"] == ("TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",)
    assert "TLSv1.2" in facts.ciphers_complete
    assert set(facts.refused_protocols) >= {"SSLv2", "SSLv3", "TLSv1.0", "TLSv1.1", "TLSv1.3"}
    assert [one.subject for one in facts.certificates] == ["CN=old.example.cn"]


@pytest.mark.parametrize("script", [closes, says_html, accepts()])
def test_a_clear_no_costs_one_connection(
    scanner: Scanner, address: str, serve: Serve, script: Callable[[socket.socket], None]
) -> None:
    facts = look(scanner, address, serve(beside_tls(script)), NAME)
    assert_tls_is_whole(facts)
    assert "TLCP" in facts.refused_protocols
    assert facts.errors == ()
    assert asked_for_tlcp(scanner) == 1


def test_silence_leaves_it_open_and_costs_nothing_else(scanner: Scanner, address: str, serve: Serve) -> None:
    scanner.limits = Limits(connect=2, silence=0.4, life=5)
    facts = look(scanner, address, serve(beside_tls(silent)), NAME)
    assert_tls_is_whole(facts)
    assert "TLCP" not in facts.protocols + facts.refused_protocols
    assert kinds(facts) == [("protocol:TLCP", "timeout")]
    assert asked_for_tlcp(scanner) == 1
    assert connections(scanner)[-1] == "tls: TLCP 19 suites", "asked last"
    assert outcomes("tls/sm-suites", service(facts, tls=True)) == ["undecided"]


@pytest.mark.parametrize(
    ("script", "kind"),
    [
        (answers(message(2, hello_body(0xE013, 0x0303))), "malformed"),
        (answers(message(2, hello_body(0x002F))), "malformed"),
        (answers(message(2, hello_body(0xE013)[:20])), "malformed"),
        (answers(message(11, bytes(8))), "malformed"),
        (answers(message(2, hello_body(0xE013) + b"\x00\x04\x00\x00\x00")), "malformed"),
        (endless(record(22, 0x0101, b"")), "malformed"),
        (endless(alert(0x70, level=1, version=0x0101)), "alert:unrecognized_name"),
        (lambda sock: (read_hello(sock), sock.sendall(alert(49, version=0x0101)))[0], "alert:access_denied"),
    ],
)
def test_an_odd_answer_leaves_it_open(
    scanner: Scanner, address: str, serve: Serve, script: Callable[[socket.socket], None], kind: str
) -> None:
    facts = look(scanner, address, serve(beside_tls(script)))
    assert_tls_is_whole(facts)
    assert "TLCP" not in facts.protocols + facts.refused_protocols
    assert facts.tlcp_certificates == ()
    assert kinds(facts) == [("protocol:TLCP", kind)]


@pytest.mark.parametrize("trouble", [alert(50, version=0x0101), alert(110, version=0x0101)])
def test_a_server_that_trips_over_the_name_is_asked_without(
    scanner: Scanner, address: str, serve: Serve, trouble: bytes
) -> None:
    facts = look(scanner, address, serve(beside_tls(accepts(0xE013, trouble=trouble))), NAME)
    assert facts.protocols == ("TLSv1.2", "TLCP")
    assert facts.ciphers["TLCP"] == ("ECC_SM4_CBC_SM3",)
    assert facts.errors == ()


def test_tlcp_alone_that_closes_on_the_name(scanner: Scanner, address: str, serve: Serve) -> None:
    def shut(sock: socket.socket) -> None:
        asked = read_hello(sock)
        if not asked.ssl2:
            sock.sendall(alert(70, version=0x0101))

    script = accepts(0xE003, trouble=b"\x15")
    facts = look(scanner, address, serve(beside_tls(script, shut)), NAME)
    assert facts.protocols == ("TLCP",)
    assert facts.ciphers == {"TLCP": ("ECC_SM1_SM3",)}


def test_a_server_that_closes_on_everything_says_nothing(
    scanner: Scanner, address: str, serve: Serve
) -> None:
    with pytest.raises(TargetError):
        look(scanner, address, serve(closes), NAME)


def test_a_broken_chain_keeps_the_suites(scanner: Scanner, address: str, serve: Serve) -> None:
    broken = message(11, b"\x00\x00\x09\x00\x00\xff\x30")

    def script(sock: socket.socket) -> None:
        asked = read_hello(sock)
        if 0xE053 not in asked.suites:
            sock.sendall(alert(40, version=0x0101))
            return
        sock.sendall(record(22, 0x0101, message(2, hello_body(0xE053))) + record(22, 0x0101, broken))

    facts = look(scanner, address, serve(beside_tls(script)))
    assert facts.ciphers["TLCP"] == ("ECC_SM4_GCM_SM3",)
    assert facts.tlcp_certificates == ()
    assert kinds(facts) == [("certificates:TLCP", "malformed")]
    assert outcomes("certificate/tlcp-pair", service(facts, tls=True)) == ["unseen"]


def test_identities_are_not_taken_for_certificates(scanner: Scanner, address: str, serve: Serve) -> None:
    """The Certificate message of an SM9 suite holds an identity and public parameters (GB/T 38636-2020 §6.4.5.3)."""
    identity = b"\x00\x06server" + bytes(40)

    def script(sock: socket.socket) -> None:
        asked = read_hello(sock)
        if 0xE057 not in asked.suites:
            sock.sendall(alert(40, version=0x0101))
            return
        answer = (message(2, hello_body(0xE057)), message(11, identity), message(14, b""))
        sock.sendall(b"".join(record(22, 0x0101, one) for one in answer))

    facts = look(scanner, address, serve(beside_tls(script)))
    assert facts.ciphers["TLCP"] == ("IBC_SM4_GCM_SM3",)
    assert facts.errors == ()
    assert outcomes("certificate/tlcp-pair", service(facts, tls=True)) == ["identities"]


def test_certificates_are_read_from_a_later_suite(scanner: Scanner, address: str, serve: Serve) -> None:
    facts = look(scanner, address, serve(beside_tls(accepts(0xE057, 0xE013))))
    assert facts.ciphers["TLCP"] == ("IBC_SM4_GCM_SM3", "ECC_SM4_CBC_SM3")
    assert [one.subject for one in facts.tlcp_certificates] == ["CN=old.example.cn"]


@pytest.mark.parametrize("late", [0xE011, 0xE013, 0xE051, 0xE053])
def test_a_suite_put_last_is_no_order(scanner: Scanner, address: str, serve: Serve, late: int) -> None:
    """The client's order counts, but for one suite: as with TLS, that is no order of the server's own."""
    accepted = {0xE011, 0xE013, 0xE051, 0xE053}

    def script(sock: socket.socket) -> None:
        asked = read_hello(sock)
        usable = [suite for suite in asked.suites if suite in accepted]
        suite = next((suite for suite in usable if suite != late), *usable[:1] or (None,))
        if suite is None:
            sock.sendall(alert(40, version=0x0101))
            return
        answer = (message(2, hello_body(suite)), certificates(LEAF.der), message(14, b""))
        sock.sendall(b"".join(record(22, 0x0101, one) for one in answer))

    facts = look(scanner, address, serve(beside_tls(script)))
    assert len(facts.ciphers["TLCP"]) == 4
    assert facts.server_preference is False
    assert facts.errors == ()


def test_a_list_cut_short_is_said_to_be(scanner: Scanner, address: str, serve: Serve) -> None:
    """Fell silent after the second answer: what was seen stands, and no more is claimed."""
    scanner.limits = Limits(connect=2, silence=0.4, life=5)
    good, heard = accepts(0xE013, 0xE053), []

    def script(sock: socket.socket) -> None:
        heard.append(1)
        (good if len(heard) < 2 else silent)(sock)

    facts = look(scanner, address, serve(beside_tls(script)))
    assert facts.protocols == ("TLSv1.2", "TLCP")
    assert facts.ciphers["TLCP"] == ("ECC_SM4_CBC_SM3",)
    assert "TLCP" not in facts.ciphers_complete
    assert kinds(facts) == [("protocol:TLCP", "timeout")]


def test_a_giant_chain_is_cut(scanner: Scanner, address: str, serve: Serve) -> None:
    facts = look(scanner, address, serve(beside_tls(accepts(0xE013, chain=(LEAF.der,) * 40))))
    assert len(facts.tlcp_certificates) == 16
    assert kinds(facts) == [("certificates:TLCP", "too_large")]


def test_a_port_that_breaks_off_hellos_of_tls_is_asked_for_tlcp(scanner: Scanner, address: str) -> None:
    """Such a port is known for what it is, within the three connections of identification, and then surveyed."""
    with scripted(address, beside_tls(accepts(0xE013), closes), port=443):
        known = scanner.probe(IDENTIFY, address, 443)
        assert isinstance(known, IdentifyFacts)
        assert (known.tls, known.by) == (True, "tls_hello")
        asked = connections(scanner)
        assert asked[1] == "identify: tlcp hello"
        assert len(asked) <= IDENTIFY.max_connections
        facts = scanner.probe(TLS_PROBE, address, 443, name=NAME, tls=True)
    assert isinstance(facts, TlsFacts)
    assert facts.protocols == facts.ciphers_complete == ("TLCP",)
    assert facts.ciphers == {"TLCP": ("ECC_SM4_CBC_SM3",)}


def test_a_silent_server_is_given_up_without_tlcp(scanner: Scanner, address: str, serve: Serve) -> None:
    scanner.limits = Limits(connect=2, silence=0.3, life=5)
    with pytest.raises(PeerTimeout):
        look(scanner, address, serve(beside_tls(silent, silent)))
    assert asked_for_tlcp(scanner) == 0
