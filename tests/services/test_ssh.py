"""SSH: real sshd servers, weak and strong, and the parser taken apart."""

from __future__ import annotations

import asyncio
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.model import Status
from scanner.errors import PeerClosed, ProtocolError, Throttled
from scanner.facts import SshFacts
from scanner.probes import ssh
from scanner.probes.ssh_sealed import Suite, seals
from scanner.probes.ssh_wire import METHODS, Exchange, KexInit, Reader, mpint, packet, string
from scanner.tls.primes import modp
from scanner.version import VERSION
from tests.checks.judging import findings, outcomes, service
from tests.conftest import Scanner
from tests.servers.ssh import dropbear_server, ssh_server
from tests.services.footprint import footprint
from tests.services.hostile import PORT, saying, tcp_server

server = pytest.mark.server

RULES = (
    "ssh/protocol-1",
    "ssh/weak-kex",
    "ssh/weak-cipher",
    "ssh/weak-mac",
    "ssh/weak-host-key-algorithm",
    "ssh/small-host-key",
    "ssh/terrapin",
)
NOT_IN_OPENSSH = {"diffie-hellman-group15-sha512", "diffie-hellman-group17-sha512"}
WEAK = {
    "KexAlgorithms": "diffie-hellman-group1-sha1,diffie-hellman-group14-sha1",
    "Ciphers": "3des-cbc,aes128-cbc",
    "MACs": "hmac-md5,hmac-sha1-96",
    "HostKeyAlgorithms": "ssh-rsa",
}
GOOD = {
    "KexAlgorithms": "curve25519-sha256,diffie-hellman-group16-sha512",
    "Ciphers": "aes256-gcm@openssh.com,aes256-ctr",
    "MACs": "hmac-sha2-512-etm@openssh.com",
    "HostKeyAlgorithms": "ssh-ed25519,rsa-sha2-512",
}


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("sshd")


@pytest.fixture(scope="session")
def weak(folder: Path) -> Iterator[str]:
    with ssh_server(folder, keys={"rsa": 1024}, settings=WEAK) as address:
        yield address


@server
def test_a_weak_server(scanner: Scanner, weak: str) -> None:
    facts = scanner.probe(ssh.PROBE, weak, 22)
    assert isinstance(facts, SshFacts)
    assert facts.protocol == "2.0"
    assert facts.software.startswith("OpenSSH_")
    assert [(key.type, key.bits) for key in facts.host_keys] == [("ssh-rsa", 1024)]
    assert footprint(scanner).opened == 1
    found = {rule_id: outcomes(rule_id, service(facts)) for rule_id in RULES}
    assert found["ssh/weak-kex"] == ["broken"]
    assert found["ssh/weak-cipher"] == ["weak"]
    assert found["ssh/weak-mac"] == ["weak"]
    assert found["ssh/weak-host-key-algorithm"] == ["sha1"]
    assert found["ssh/small-host-key"] == ["short"]


@server
def test_a_good_server_deviates_nowhere(scanner: Scanner, tmp_path: Path) -> None:
    with ssh_server(tmp_path, keys={"rsa": 3072, "ed25519": None}, settings=GOOD) as address:
        facts = scanner.probe(ssh.PROBE, address, 22)
        fingerprints = {
            subprocess.run(
                ["ssh-keygen", "-l", "-f", str(tmp_path / f"host_{kind}.pub")],
                check=True, capture_output=True, text=True,
            ).stdout.split()[1]
            for kind in ("rsa", "ed25519")
        }  # fmt: skip
    assert isinstance(facts, SshFacts)
    assert {f"SHA256:{key.sha256}" for key in facts.host_keys} == fingerprints
    assert not facts.errors
    assert footprint(scanner).opened == 2
    for rule_id in (*RULES, "ssh/password-login", "ssh/no-authentication"):
        assert [finding.status for finding in findings(rule_id, service(facts))] == [Status.PASS], rule_id


@server
def test_a_second_look_does_not_ask_again_what_needs_no_confirming(scanner: Scanner, tmp_path: Path) -> None:
    with ssh_server(tmp_path, keys={"ed25519": None}, settings={"Ciphers": "aes128-cbc"}) as address:
        first = scanner.probe(ssh.PROBE, address, 22)
        assert isinstance(first, SshFacts)
        seen = service(first, ip=address, port=22, protocol="ssh")
        again = scanner.run(lambda session: ssh.PROBE.run(session, seen))
    assert first.auth_methods == ("publickey",)
    assert (again.auth_methods, again.none_accepted, again.smallest_group) == (None, None, None)
    assert not again.errors
    both = service(first, second=(again,))
    assert outcomes("ssh/weak-cipher", both) == ["weak"]
    assert outcomes("ssh/password-login", both) == ["keys_only"]
    assert outcomes("ssh/small-dh-group", both) == ["large_enough"]


METHODS_SHOWN = {
    ("yes", "no"): ("publickey", "password"),
    ("no", "no"): ("publickey",),
    ("no", "yes"): ("publickey", "keyboard-interactive"),
}


@server
@pytest.mark.parametrize(("password", "keyboard"), METHODS_SHOWN)
def test_the_ways_to_log_in(scanner: Scanner, tmp_path: Path, password: str, keyboard: str) -> None:
    settings = {"PasswordAuthentication": password, "KbdInteractiveAuthentication": keyboard}
    with ssh_server(tmp_path, keys={"ed25519": None}, settings=settings) as address:
        facts = scanner.probe(ssh.PROBE, address, 22)
    assert isinstance(facts, SshFacts)
    assert (facts.auth_methods, facts.none_accepted) == (METHODS_SHOWN[password, keyboard], False), (
        facts.errors
    )
    passwords = "offered" if "yes" in (password, keyboard) else "keys_only"
    assert outcomes("ssh/password-login", service(facts)) == [passwords]
    log = (tmp_path / "sshd.log").read_text()
    assert log.count("Invalid user zijian-check") == 1, "what the manual says of the log"
    assert "Failed" not in log, "no password and no key was offered"


@server
@pytest.mark.parametrize(
    "cipher", ["aes128-gcm@openssh.com", "chacha20-poly1305@openssh.com", "aes256-ctr", "aes192-cbc"]
)
@pytest.mark.parametrize("mac", ["hmac-sha2-256", "hmac-sha2-512-etm@openssh.com", "hmac-sha1"])
def test_every_kind_of_cipher_carries_the_question(
    scanner: Scanner, tmp_path: Path, cipher: str, mac: str
) -> None:
    with ssh_server(tmp_path, keys={"ed25519": None}, settings={"Ciphers": cipher, "MACs": mac}) as address:
        facts = scanner.probe(ssh.PROBE, address, 22)
    assert isinstance(facts, SshFacts)
    assert facts.auth_methods == ("publickey",), facts.errors


@server
def test_a_cipher_that_is_not_known_here_leaves_the_question_open(scanner: Scanner, tmp_path: Path) -> None:
    only = {"Ciphers": "3des-cbc"}
    with ssh_server(tmp_path, keys={"ed25519": None}, settings=only) as address:
        facts = scanner.probe(ssh.PROBE, address, 22)
    assert isinstance(facts, SshFacts)
    assert [key.type for key in facts.host_keys] == ["ssh-ed25519"]
    assert [error.step for error in facts.errors] == ["auth"]
    assert outcomes("ssh/password-login", service(facts)) == ["undecided"]


@server
@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give one sshd an account of its own")
def test_a_server_that_lets_anyone_in_is_left_at_once(scanner: Scanner, tmp_path: Path) -> None:
    settings = {"PermitEmptyPasswords": "yes", "PasswordAuthentication": "yes", "LogLevel": "DEBUG1"}
    account = ssh.USER.decode()
    with ssh_server(tmp_path, keys={"ed25519": None}, settings=settings, open_account=account) as address:
        facts = scanner.probe(ssh.PROBE, address, 22)
    assert isinstance(facts, SshFacts)
    assert (facts.none_accepted, facts.auth_methods) == (True, None), facts.errors
    assert outcomes("ssh/no-authentication", service(facts)) == ["let_in"]
    log = (tmp_path / "sshd.log").read_text()
    assert f"Accepted none for {account}" in log
    assert "channel_open" not in log, "nothing was opened"


@server
@pytest.mark.parametrize(("options", "methods"), [((), ("publickey", "password")), (("-s",), ("publickey",))])
def test_dropbear(
    scanner: Scanner, tmp_path: Path, options: tuple[str, ...], methods: tuple[str, ...]
) -> None:
    with dropbear_server(tmp_path, *options) as address:
        facts = scanner.probe(ssh.PROBE, address, 22)
    assert isinstance(facts, SshFacts)
    assert facts.software.startswith("dropbear")
    assert [key.type for key in facts.host_keys] == ["ssh-ed25519"]
    assert (facts.auth_methods, facts.none_accepted) == (methods, False), facts.errors
    assert outcomes("ssh/password-login", service(facts)) == ["keys_only" if options else "offered"]


@server
@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give one dropbear an account of its own")
@pytest.mark.parametrize(("option", "outcome"), [("-B", "let_in"), ("-w", "asked")])
def test_dropbear_that_takes_empty_passwords(
    scanner: Scanner, tmp_path: Path, option: str, outcome: str
) -> None:
    with dropbear_server(tmp_path, option, open_account=ssh.USER.decode()) as address:
        facts = scanner.probe(ssh.PROBE, address, 22)
    assert outcomes("ssh/no-authentication", service(facts)) == [outcome]


@server
def test_dropbear_set_badly_and_well(scanner: Scanner, tmp_path: Path) -> None:
    deviating: dict[str, set[str]] = {}
    for key in ("rsa 1024", "ed25519"):
        with dropbear_server(tmp_path, "-s", key=key) as address:
            facts = scanner.probe(ssh.PROBE, address, 22)
        found = [one for rule_id in RULES for one in findings(rule_id, service(facts))]
        deviating[key] = {one.check for one in found if one.status.deviates}
    assert deviating["rsa 1024"] - deviating["ed25519"] == {"ssh/small-host-key"}
    # What Debian 12's dropbear offers, and can be built without but not told to leave out.
    assert deviating["ed25519"] == {"ssh/weak-kex", "ssh/weak-host-key-algorithm"}


@pytest.mark.parametrize(("strict", "outcome"), [(False, "affected"), (True, "strict")])
def test_terrapin_is_seen_in_a_replay_of_the_offer(scanner: Scanner, strict: bool, outcome: str) -> None:
    """Servers that a distribution keeps were mended in 2023: this is the offer of one that was not."""
    kex = b"curve25519-sha256" + (b",kex-strict-s-v00@openssh.com" if strict else b"")
    cipher, mac = b"chacha20-poly1305@openssh.com", b"hmac-sha2-256-etm@openssh.com"
    lists = (kex, b"ssh-ed25519", cipher, cipher, mac, mac, b"none", b"none", b"", b"")
    offer = bytes((20,)) + bytes(16) + b"".join(map(string, lists)) + bytes(5)
    with tcp_server(saying(b"SSH-2.0-old\r\n" + packet(offer))) as address:
        facts = scanner.probe(ssh.PROBE, address, PORT)
    assert outcomes("ssh/terrapin", service(facts)) == [outcome]


def test_a_small_group_is_seen_in_a_replay_of_the_exchange(scanner: Scanner) -> None:
    """No server of today gives out 1024 bits: this one says what RFC 4419 has it say."""
    lists = (
        b"diffie-hellman-group-exchange-sha256",
        b"ssh-other",
        *[b"aes128-ctr"] * 2,
        *[b"hmac-sha1"] * 2,
        *[b"none"] * 2,
    )
    offer = bytes((20,)) + bytes(16) + b"".join(map(string, (*lists, b"", b""))) + bytes(5)
    group = bytes((31,)) + mpint(modp(1024)) + mpint(2)
    with tcp_server(saying(b"SSH-2.0-old\r\n" + packet(offer), packet(group))) as address:
        facts = scanner.probe(ssh.PROBE, address, PORT)
    assert isinstance(facts, SshFacts)
    assert facts.smallest_group == 1024
    assert outcomes("ssh/small-dh-group", service(facts)) == ["small"]


@server
def test_every_kind_of_key_on_three_connections(scanner: Scanner, tmp_path: Path) -> None:
    with ssh_server(tmp_path, keys={"rsa": 2048, "ecdsa": 384, "ed25519": None}) as address:
        facts = scanner.probe(ssh.PROBE, address, 22)
    assert isinstance(facts, SshFacts)
    assert {(key.type, key.bits) for key in facts.host_keys} == {
        ("ssh-rsa", 2048),
        ("ecdsa-sha2-nistp384", 384),
        ("ssh-ed25519", 256),
    }
    # One more for the smallest group of the exchange.
    assert footprint(scanner).opened == 4 == ssh.PROBE.max_connections
    assert facts.smallest_group is not None
    assert facts.smallest_group >= 2048
    assert outcomes("ssh/small-dh-group", service(facts)) == ["large_enough"]


@server
def test_the_server_can_log_who_asked(scanner: Scanner, tmp_path: Path) -> None:
    with ssh_server(tmp_path, keys={"ed25519": None}, settings={"LogLevel": "DEBUG1"}) as address:
        scanner.probe(ssh.PROBE, address, 22)
    assert f"zijian_{VERSION}" in (tmp_path / "sshd.log").read_text()


@server
@pytest.mark.parametrize("method", [name for name in METHODS if name not in NOT_IN_OPENSSH])
def test_every_key_exchange_method_yields_the_host_key(scanner: Scanner, tmp_path: Path, method: str) -> None:
    with ssh_server(tmp_path, keys={"ed25519": None}, settings={"KexAlgorithms": method}) as address:
        facts = scanner.probe(ssh.PROBE, address, 22)
    assert isinstance(facts, SshFacts)
    assert [key.type for key in facts.host_keys] == ["ssh-ed25519"], facts.errors


@server
def test_a_method_that_is_not_known_here_leaves_the_keys_open(scanner: Scanner, tmp_path: Path) -> None:
    only = {"KexAlgorithms": "sntrup761x25519-sha512@openssh.com"}
    with ssh_server(tmp_path, keys={"rsa": 2048}, settings=only) as address:
        facts = scanner.probe(ssh.PROBE, address, 22)
    assert isinstance(facts, SshFacts)
    assert facts.errors
    assert outcomes("ssh/small-host-key", service(facts)) == ["undecided"]
    assert outcomes("ssh/weak-kex", service(facts)) == ["strong"]


def test_version_1_is_named_and_not_spoken_to(scanner: Scanner) -> None:
    with tcp_server(saying(b"SSH-1.5-Cisco-1.25\n")) as address:
        facts = scanner.probe(ssh.PROBE, address, PORT)
    assert isinstance(facts, SshFacts)
    assert facts.protocol == "1.5"
    assert footprint(scanner).sent == 0
    assert outcomes("ssh/protocol-1", service(facts)) == ["version_1"]
    assert outcomes("ssh/weak-kex", service(facts)) == ["undecided"]


def test_being_turned_away_is_no_fact(scanner: Scanner) -> None:
    with tcp_server(saying(b"Exceeded MaxStartups\r\n", hold=False)) as address, pytest.raises(Throttled):
        scanner.probe(ssh.PROBE, address, PORT)


@given(st.binary(max_size=300))
def test_no_message_breaks_its_reader(data: bytes) -> None:
    for read in (KexInit.read, ssh._host_key):
        try:
            read(data)
        except ProtocolError:
            continue


class _Bytes:
    """A stream of bytes that ends."""

    def __init__(self, data: bytes) -> None:
        self.data = data

    async def read_exactly(self, size: int) -> bytes:
        if size > len(self.data):
            raise PeerClosed("the end", kind="closed")
        taken, self.data = self.data[:size], self.data[size:]
        return taken


@given(
    st.sampled_from(["aes128-gcm@openssh.com", "chacha20-poly1305@openssh.com", "aes256-ctr", "aes128-cbc"]),
    st.sampled_from(["hmac-sha2-256", "hmac-sha1-etm@openssh.com"]),
    st.one_of(
        st.binary(max_size=200), st.binary(min_size=16, max_size=90).map(lambda rest: b"\0\0\0\x20" + rest)
    ),
)
def test_nothing_that_is_not_sealed_by_the_server_is_taken(cipher: str, mac: str, data: bytes) -> None:
    exchange = Exchange(b"key", 5, "sha256", b"said")
    _, theirs = seals(Suite(cipher, mac), exchange, b"before")
    with pytest.raises((ProtocolError, PeerClosed)):
        asyncio.run(theirs.open(3, _Bytes(data)))  # type: ignore[arg-type]


@given(st.integers(1, 1 << 4096), st.binary(max_size=64))
def test_what_is_written_is_read(number: int, data: bytes) -> None:
    reader = Reader(mpint(number) + string(data))
    assert reader.mpint() == number
    assert reader.string() == data


@given(st.binary(min_size=1, max_size=200))
def test_a_packet_has_the_form_that_rfc_4253_asks_for(payload: bytes) -> None:
    made = packet(payload)
    assert len(made) % 8 == 0
    assert made[4] >= 4
    assert int.from_bytes(made[:4], "big") == len(made) - 4
