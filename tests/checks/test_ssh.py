"""SSH rules on facts alone: every declared outcome."""

from __future__ import annotations

from dataclasses import replace

import pytest

from checks.model import Status
from scanner.facts import ServiceFacts, SshFacts, SshHostKeyFacts
from tests.checks.judging import every_outcome_is_tried, findings, outcomes, service

STRICT = "kex-strict-s-v00@openssh.com"
GEX = "diffie-hellman-group-exchange-sha256"
GOOD = SshFacts(
    banner="SSH-2.0-OpenSSH_9.7",
    protocol="2.0",
    software="OpenSSH_9.7",
    kex=("curve25519-sha256", GEX, "diffie-hellman-group16-sha512", "ext-info-s", STRICT),
    smallest_group=2048,
    auth_methods=("publickey",),
    none_accepted=False,
    host_key_algorithms=("rsa-sha2-512", "ssh-ed25519"),
    ciphers=("chacha20-poly1305@openssh.com", "aes256-gcm@openssh.com", "aes128-ctr"),
    macs=("hmac-sha2-256-etm@openssh.com", "hmac-sha1"),
    host_keys=(SshHostKeyFacts(type="ssh-rsa", bits=3072), SshHostKeyFacts(type="ssh-ed25519", bits=256)),
)
UNREAD = SshFacts(banner="SSH-2.0-x", protocol="2.0")


def key(kind: str, bits: int | None) -> tuple[SshHostKeyFacts, ...]:
    return (SshHostKeyFacts(type=kind, bits=bits),)


CASES = [
    ("ssh/protocol-1", "version_1", replace(GOOD, protocol="1.5")),
    ("ssh/protocol-1", "also_version_1", replace(GOOD, protocol="1.99")),
    ("ssh/protocol-1", "version_2", GOOD),
    ("ssh/protocol-1", "undecided", replace(GOOD, protocol="9.1")),
    ("ssh/weak-kex", "broken", replace(GOOD, kex=("curve25519-sha256", "diffie-hellman-group1-sha1"))),
    ("ssh/weak-kex", "sha1", replace(GOOD, kex=("curve25519-sha256", "diffie-hellman-group14-sha1"))),
    ("ssh/weak-kex", "strong", GOOD),
    ("ssh/weak-kex", "undecided", replace(GOOD, kex=(STRICT,))),
    ("ssh/weak-cipher", "broken", replace(GOOD, ciphers=("aes128-ctr", "arcfour256"))),
    ("ssh/weak-cipher", "weak", replace(GOOD, ciphers=("aes128-ctr", "aes128-cbc"))),
    ("ssh/weak-cipher", "strong", GOOD),
    ("ssh/weak-cipher", "undecided", UNREAD),
    ("ssh/weak-mac", "none_offered", replace(GOOD, macs=("hmac-sha2-256", "none"))),
    ("ssh/weak-mac", "weak", replace(GOOD, macs=("hmac-sha2-256", "hmac-sha1-96-etm@openssh.com"))),
    ("ssh/weak-mac", "strong", GOOD),
    ("ssh/weak-mac", "undecided", UNREAD),
    ("ssh/weak-host-key-algorithm", "dsa", replace(GOOD, host_key_algorithms=("ssh-ed25519", "ssh-dss"))),
    ("ssh/weak-host-key-algorithm", "sha1", replace(GOOD, host_key_algorithms=("ssh-ed25519", "ssh-rsa"))),
    ("ssh/weak-host-key-algorithm", "strong", GOOD),
    ("ssh/weak-host-key-algorithm", "undecided", UNREAD),
    ("ssh/small-host-key", "short", replace(GOOD, host_keys=key("ssh-rsa", 1024))),
    ("ssh/small-host-key", "long_enough", GOOD),
    ("ssh/small-host-key", "undecided", replace(GOOD, host_keys=key("ssh-ed25519", 256))),
    ("ssh/terrapin", "affected", replace(GOOD, kex=("curve25519-sha256",))),
    ("ssh/terrapin", "strict", GOOD),
    ("ssh/terrapin", "not_affected", replace(GOOD, kex=("curve25519-sha256",), ciphers=("aes128-ctr",))),
    ("ssh/terrapin", "undecided", UNREAD),
    ("ssh/small-dh-group", "small", replace(GOOD, smallest_group=1024)),
    ("ssh/small-dh-group", "large_enough", GOOD),
    ("ssh/small-dh-group", "undecided", replace(GOOD, smallest_group=None)),
    ("ssh/password-login", "offered", replace(GOOD, auth_methods=("publickey", "password"))),
    ("ssh/password-login", "offered", replace(GOOD, auth_methods=("keyboard-interactive",))),
    ("ssh/password-login", "keys_only", GOOD),
    ("ssh/password-login", "undecided", UNREAD),
    ("ssh/no-authentication", "let_in", replace(GOOD, auth_methods=None, none_accepted=True)),
    ("ssh/no-authentication", "asked", GOOD),
    ("ssh/no-authentication", "undecided", UNREAD),
]


@pytest.mark.parametrize(("rule_id", "outcome", "facts"), CASES)
def test_outcome(rule_id: str, outcome: str, facts: SshFacts) -> None:
    assert outcomes(rule_id, service(facts)) == [outcome]


def test_every_declared_outcome_is_tried() -> None:
    every_outcome_is_tried({case[0] for case in CASES}, [(rule_id, outcome) for rule_id, outcome, _ in CASES])


def test_a_good_server_deviates_nowhere() -> None:
    subject: ServiceFacts = service(GOOD)
    for rule_id in {case[0] for case in CASES}:
        assert [finding.status for finding in findings(rule_id, subject)] == [Status.PASS], rule_id


def test_where_a_rule_has_no_say() -> None:
    assert outcomes("ssh/small-dh-group", service(replace(GOOD, kex=("curve25519-sha256",)))) == []
    assert outcomes("ssh/password-login", service(replace(GOOD, auth_methods=None, none_accepted=True))) == []


@pytest.mark.parametrize(("bits", "outcome"), [(2047, "short"), (2048, "long_enough"), (None, "undecided")])
def test_the_threshold_is_the_law_datas(bits: int | None, outcome: str) -> None:
    facts = replace(GOOD, host_keys=key("ssh-rsa", bits))
    assert outcomes("ssh/small-host-key", service(facts)) == [outcome]


def test_a_key_that_was_not_read_forbids_a_pass_and_a_short_one_fails_all_the_same() -> None:
    facts = replace(GOOD, host_key_algorithms=("rsa-sha2-256", "ssh-dss"), host_keys=key("ssh-dss", 1024))
    assert outcomes("ssh/small-host-key", service(facts)) == ["short"]
    facts = replace(GOOD, host_key_algorithms=("rsa-sha2-256", "ssh-dss"), host_keys=key("ssh-rsa", 4096))
    assert outcomes("ssh/small-host-key", service(facts)) == ["undecided"]


@pytest.mark.parametrize(
    ("ciphers", "macs", "outcome"),
    [
        (("aes128-cbc",), ("hmac-sha2-256",), "not_affected"),
        (("aes128-cbc",), ("hmac-sha2-256-etm@openssh.com",), "affected"),
        (("aes128-ctr",), ("hmac-sha2-256-etm@openssh.com",), "not_affected"),
        (("chacha20-poly1305@openssh.com",), (), "affected"),
    ],
)
def test_terrapin_takes_the_combination(
    ciphers: tuple[str, ...], macs: tuple[str, ...], outcome: str
) -> None:
    facts = replace(GOOD, kex=("curve25519-sha256",), ciphers=ciphers, macs=macs)
    assert outcomes("ssh/terrapin", service(facts)) == [outcome]


def test_hmac_sha1_and_strong_names_are_let_be() -> None:
    for name in ("hmac-sha1", "umac-128-etm@openssh.com", "hmac-sha2-512"):
        assert outcomes("ssh/weak-mac", service(replace(GOOD, macs=(name,)))) == ["strong"]
