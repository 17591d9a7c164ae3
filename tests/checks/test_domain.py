"""Rules on domains, on facts alone: every declared outcome."""

from __future__ import annotations

import pytest

from scanner.facts import Facts, NameFacts, NameServerFacts, ProbeError, ZoneFacts
from tests.checks.judging import domain, every_outcome_is_tried, findings, outcomes


def server(name: str, *addresses: str, **known: object) -> NameServerFacts:
    return NameServerFacts(name=name, addresses=addresses, **known)  # type: ignore[arg-type]


def failed(step: str) -> tuple[ProbeError, ...]:
    return (ProbeError(step=step, kind="timeout", message="silent"),)


A, B, C = "198.51.100.1", "203.0.113.1", "198.51.100.9"

CASES: list[tuple[str, str, Facts]] = [
    (
        "dns/zone-transfer",
        "open",
        ZoneFacts(servers=(server("a", A, asked=A, transfer="open", transfer_reply="x"),)),
    ),
    ("dns/zone-transfer", "refused", ZoneFacts(servers=(server("a", A, asked=A, transfer="refused"),))),
    ("dns/zone-transfer", "undecided", ZoneFacts(servers=(server("a", A, asked=A),))),
    ("dns/zone-transfer", "not_asked", ZoneFacts(servers=(server("a", A),))),
    ("dns/dnssec-missing", "unsigned", ZoneFacts(ds=False, signed=False)),
    ("dns/dnssec-missing", "island", ZoneFacts(ds=False, signed=True)),
    ("dns/dnssec-missing", "signed", ZoneFacts(ds=True, signed=True)),
    ("dns/dnssec-missing", "undecided", ZoneFacts(ds=True)),
    (
        "dns/dnssec-broken",
        "invalid",
        ZoneFacts(ds=True, signed=True, signature="invalid", signature_error="over"),
    ),
    (
        "dns/dnssec-broken",
        "over",
        ZoneFacts(ds=True, signed=True, signature="invalid", signatures_end="2026-11-01T00:00:00Z"),
    ),
    ("dns/dnssec-broken", "valid", ZoneFacts(ds=True, signed=True, signature="valid")),
    ("dns/dnssec-broken", "undecided", ZoneFacts(ds=True, signed=True)),
    ("dns/ns-redundancy", "single", ZoneFacts(servers=(server("a", A),))),
    ("dns/ns-redundancy", "one_network", ZoneFacts(servers=(server("a", A), server("b", C)))),
    ("dns/ns-redundancy", "apart", ZoneFacts(servers=(server("a", A), server("b", B)))),
    (
        "dns/ns-redundancy",
        "undecided",
        ZoneFacts(servers=(server("a", A), server("b")), errors=failed("servers")),
    ),
    ("dns/lame-server", "lame", ZoneFacts(servers=(server("a", A, asked=A, authoritative=False),))),
    (
        "dns/lame-server",
        "serials_differ",
        ZoneFacts(
            servers=(
                server("a", A, asked=A, authoritative=True, serial=1),
                server("b", B, asked=B, authoritative=True, serial=2),
            )
        ),
    ),
    ("dns/lame-server", "agree", ZoneFacts(servers=(server("a", A, asked=A, authoritative=True, serial=1),))),
    ("dns/lame-server", "not_asked", ZoneFacts(servers=(server("a", A),))),
    ("dns/wildcard", "wildcard", ZoneFacts(wildcard=(A,))),
    ("dns/wildcard", "none", ZoneFacts()),
    ("dns/wildcard", "undecided", ZoneFacts(errors=failed("wildcard"))),
    ("dns/caa-missing", "none", NameFacts(caa=())),
    ("dns/caa-missing", "present", NameFacts(caa=('0 issue "ca.example"',), caa_at="a.example")),
    ("dns/caa-missing", "undecided", NameFacts(errors=failed("caa"))),
    (
        "dns/dangling-cname",
        "can_be_taken",
        NameFacts(exists=True, chain=("x.herokuapp.com",), missing="x.herokuapp.com"),
    ),
    (
        "dns/dangling-cname",
        "dangling",
        NameFacts(exists=True, chain=("old.example",), missing="old.example"),
    ),
    ("dns/dangling-cname", "leads", NameFacts(exists=True, chain=("host.example",), addresses=(A,))),
    ("dns/dangling-cname", "no_alias", NameFacts(exists=True, addresses=(A,))),
    ("dns/dangling-cname", "undecided", NameFacts()),
    ("dns/private-address", "internal", NameFacts(exists=True, addresses=("8.8.8.8", "192.168.1.1"))),
    ("dns/private-address", "loopback", NameFacts(exists=True, addresses=("127.0.0.1", "::1"))),
    ("dns/private-address", "public", NameFacts(exists=True, addresses=("8.8.8.8",))),
    ("dns/private-address", "no_address", NameFacts(exists=True)),
    ("dns/private-address", "undecided", NameFacts()),
]


@pytest.mark.parametrize(("rule_id", "outcome", "facts"), CASES)
def test_outcome(rule_id: str, outcome: str, facts: Facts) -> None:
    assert outcomes(rule_id, domain("example.cn", facts)) == [outcome]


def test_every_declared_outcome_is_tried() -> None:
    every_outcome_is_tried({case[0] for case in CASES}, [(rule_id, outcome) for rule_id, outcome, _ in CASES])


def test_nobody_relies_on_the_signatures_of_a_zone_without_ds_records() -> None:
    assert outcomes("dns/dnssec-broken", domain("example.cn", ZoneFacts(ds=False, signed=True))) == []


def test_a_domain_is_the_subject_of_what_is_found() -> None:
    (finding,) = findings("dns/wildcard", domain("example.cn", ZoneFacts(wildcard=(A,))))
    assert (finding.subject, finding.subject_label) == ("domain:example.cn", "example.cn")
