"""DANE on real servers: BIND has a signed zone, Unbound checks its signatures, Postfix or nginx shows the certificate."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import dns.dnssec
import dns.dnssectypes
import dns.name
import dns.zone
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from scanner.errors import NotOffered
from scanner.facts import Endpoint, MailPolicyFacts, ServiceFacts, TlsaFacts
from scanner.probes import tlsa
from scanner.probes.mail_policy import PROBE
from tests.checks.judging import domain, outcomes, service
from tests.conftest import Scanner
from tests.servers.dns import ADDRESS, named, unbound
from tests.servers.mail import postfix_server
from tests.servers.process import loopback_address
from tests.servers.tls import Issued, issue
from tests.servers.web import CAREFUL, careful_site, nginx_site

pytestmark = pytest.mark.server

RULE = "mail/dane"
NAME = "mx.good.test"


def record(usage: int, selector: int, matching: int, issued: Issued) -> str:
    """The TLSA record that states ``issued``."""
    certificate = issued.certificate
    data = (
        certificate.public_bytes(Encoding.DER)
        if selector == 0
        else certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    )
    stated = data if matching == 0 else hashlib.new({1: "sha256", 2: "sha512"}[matching], data).digest()
    return f"{usage} {selector} {matching} {stated.hex()}"


def signed_zone(records: Sequence[str], address: str, port: int = 25) -> tuple[str, str]:
    """good.test with every record signed, and its DS record; the records are of ``port`` at its mail server."""
    origin = dns.name.from_text("good.test")
    private = ec.generate_private_key(ec.SECP256R1())
    key = dns.dnssec.make_dnskey(private.public_key(), dns.dnssectypes.Algorithm.ECDSAP256SHA256, flags=257)
    zone = dns.zone.from_text(
        "$TTL 60\n@ IN SOA ns h 1 60 60 60 60\n@ IN NS ns\n@ IN MX 10 mx\nns IN A 127.0.0.1\n"
        + f"mx IN A {address}\n"
        + "".join(f"_{port}._tcp.mx IN TLSA {stated}\n" for stated in records),
        origin,
    )
    dns.dnssec.sign_zone(zone, keys=[(private, key)], add_dnskey=True, lifetime=864000)
    return zone.to_text(relativize=False), dns.dnssec.make_ds(origin, key, "SHA256").to_text()


@contextlib.contextmanager
def world(
    folder: Path, records: Sequence[str], address: str, *, checks: bool, port: int = 25
) -> Iterator[int]:
    """The port of an Unbound that asks a BIND with good.test, and ``checks`` its signatures or does not."""
    text, ds = signed_zone(records, address, port)
    (folder / "good.zone").write_text(text)
    zones = f'zone "good.test" {{ type primary; file "{folder}/good.zone"; }};'
    anchor = f"good.test. DS {ds}" if checks else None
    with (
        named(folder, options="recursion no; allow-query { any; };", zones=zones) as upstream,
        unbound(folder, upstream, open_to_all=True, anchor=anchor) as resolver,
    ):
        yield resolver


def look(scanner: Scanner, port: int) -> tuple[MailPolicyFacts, list[str]]:
    """What the probe saw, and the outcomes of the rule."""
    subject = ServiceFacts(endpoint=Endpoint.of_domain("good.test"), target="good.test", protocol="domain")
    facts = scanner.run(lambda session: PROBE.run(replace(session, resolvers=((ADDRESS, port),)), subject))
    return facts, outcomes(RULE, domain("good.test", facts))


@pytest.fixture(scope="module")
def authority() -> Issued:
    return issue("DANE CA", ca=True)


@pytest.fixture(scope="module")
def leaf(authority: Issued) -> Issued:
    return issue(NAME, issuer=authority, san=[NAME])


@pytest.fixture(scope="module")
def server(authority: Issued, leaf: Issued) -> Iterator[str]:
    with postfix_server(leaf, authority) as address:
        yield address


@pytest.mark.parametrize("usage", [2, 3])
@pytest.mark.parametrize("selector", [0, 1])
@pytest.mark.parametrize("matching", [0, 1, 2])
def test_a_record_that_fits(
    scanner: Scanner, tmp_path: Path, server: str, authority: Issued, leaf: Issued,
    usage: int, selector: int, matching: int,
) -> None:  # fmt: skip
    stated = record(usage, selector, matching, leaf if usage == 3 else authority)
    with world(tmp_path, [stated], server, checks=True) as port:
        facts, outcome = look(scanner, port)
    assert outcome == ["fits"], (facts.mx, facts.errors)
    assert facts.mx is not None
    assert (facts.mx[0].tlsa_asked, facts.mx[0].starttls) == (server, True)


def test_records_that_do_not_fit(
    scanner: Scanner, tmp_path: Path, server: str, authority: Issued, leaf: Issued
) -> None:
    other = issue(NAME, san=[NAME])
    for number, (records, wanted) in enumerate(
        [
            ([record(3, 1, 1, other)], "mismatch"),
            ([record(3, 1, 1, authority)], "mismatch"),
            ([record(2, 0, 1, leaf)], "mismatch"),
            ([record(3, 1, 1, other), record(3, 1, 1, leaf)], "fits"),
            # Usages 0 and 1 are passed over by senders, whether they fit or not (RFC 7672 §3.1.3).
            ([record(1, 1, 1, leaf), record(0, 1, 1, authority)], "unusable"),
        ]
    ):
        folder = tmp_path / str(number)
        folder.mkdir()
        with world(folder, records, server, checks=True) as port:
            facts, outcome = look(scanner, port)
        assert outcome == [wanted], (number, facts.mx, facts.errors)


def test_dates_and_names_count_for_an_authority_alone(
    scanner: Scanner, tmp_path: Path, authority: Issued
) -> None:
    before = datetime.now(UTC) - timedelta(days=100)
    for number, wrong in enumerate(
        [
            issue("other.test", issuer=authority, san=["other.test"]),
            issue(NAME, issuer=authority, san=[NAME], not_before=before, days=10),
        ]
    ):
        with postfix_server(wrong, authority) as address:
            for usage, stated, wanted in ((2, authority, "mismatch"), (3, wrong, "fits")):
                folder = tmp_path / f"{number}-{usage}"
                folder.mkdir()
                with world(folder, [record(usage, 1, 1, stated)], address, checks=True) as port:
                    facts, outcome = look(scanner, port)
                assert outcome == [wanted], (number, usage, facts.mx, facts.errors)


def test_a_server_without_starttls(scanner: Scanner, tmp_path: Path, leaf: Issued) -> None:
    with (
        postfix_server(None) as address,
        world(tmp_path, [record(3, 1, 1, leaf)], address, checks=True) as port,
    ):
        facts, outcome = look(scanner, port)
    assert outcome == ["no_starttls"], (facts.mx, facts.errors)


def test_records_whose_signatures_nobody_checked_are_not_held_against_anything(
    scanner: Scanner, tmp_path: Path, server: str, leaf: Issued
) -> None:
    with world(tmp_path, [record(3, 1, 1, leaf)], server, checks=False) as port:
        facts, outcome = look(scanner, port)
    assert outcome == ["unsigned"]
    assert facts.mx is not None
    assert facts.mx[0].tlsa_asked is None
    assert server not in scanner.ledger_path.read_text()


def test_a_server_outside_the_scope_is_not_touched(scanner: Scanner, tmp_path: Path, leaf: Issued) -> None:
    with world(tmp_path, [record(3, 1, 1, leaf)], "192.0.2.25", checks=True) as port:
        facts, outcome = look(scanner, port)
    assert outcome == ["present"]
    assert facts.mx is not None
    assert (facts.mx[0].tlsa_signed, facts.mx[0].tlsa_asked) == (True, None)
    assert "192.0.2.25" not in scanner.ledger_path.read_text()


# ------------------------------------------------------------------ the web


def look_at_site(scanner: Scanner, address: str, resolver: int, port: int = 443) -> TlsaFacts:
    """What DNS and the certificate say of the https service."""
    endpoint = Endpoint(ip=address, port=port, name=NAME)
    subject = ServiceFacts(endpoint=endpoint, target=NAME, protocol="http", tls=True)
    assert tlsa.PROBE.applies(subject)
    facts = scanner.run(
        lambda session: tlsa.PROBE.run(replace(session, resolvers=((ADDRESS, resolver),)), subject)
    )
    assert isinstance(facts, TlsaFacts)
    return facts


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, authority: Issued, leaf: Issued) -> Iterator[str]:
    folder, address = tmp_path_factory.mktemp("site"), loopback_address()
    with nginx_site(folder, address, careful_site(folder), CAREFUL, name=NAME, issued=(leaf, authority)):
        yield address


def test_a_site_is_held_against_its_records(
    scanner: Scanner, tmp_path: Path, site: str, authority: Issued, leaf: Issued
) -> None:
    other = issue(NAME, san=[NAME])
    for number, (records, checks, wanted) in enumerate(
        [
            ([record(3, 1, 1, leaf)], True, "fits"),
            ([record(2, 0, 2, authority)], True, "fits"),
            # For the web the usages that ask for public authorities count too.
            ([record(1, 1, 1, leaf)], True, "fits"),
            ([record(0, 0, 1, authority)], True, "fits"),
            ([record(3, 1, 1, other), record(3, 0, 1, leaf)], True, "fits"),
            ([record(3, 1, 1, other)], True, "mismatch"),
            ([record(1, 1, 1, authority)], True, "mismatch"),
            # A root is not sent, so that nobody can say that this is not it.
            ([record(0, 1, 1, other)], True, "present"),
            ([record(9, 1, 1, leaf)], True, "unusable"),
            ([record(3, 1, 1, other)], False, "unsigned"),
        ]
    ):
        folder = tmp_path / str(number)
        folder.mkdir()
        with world(folder, records, site, checks=checks, port=443) as resolver:
            facts = look_at_site(scanner, site, resolver)
        subject = service(facts, port=443, protocol="http", tls=True)
        assert outcomes("web/dane", subject) == [wanted], (number, facts)


def test_a_site_on_another_port_has_records_of_its_own(
    scanner: Scanner, tmp_path: Path, site: str, leaf: Issued
) -> None:
    with world(tmp_path, [record(3, 1, 1, leaf)], site, checks=True, port=443) as resolver:
        with pytest.raises(NotOffered):
            look_at_site(scanner, site, resolver, port=8443)
        # Nobody is asked for a certificate that nothing is stated about.
        assert f"{site}:8443" not in scanner.ledger_path.read_text()


def test_a_site_whose_certificate_is_not_seen_is_not_judged(
    scanner: Scanner, tmp_path: Path, leaf: Issued
) -> None:
    address = loopback_address()
    with world(tmp_path, [record(3, 1, 1, leaf)], address, checks=True, port=443) as resolver:
        facts = look_at_site(scanner, address, resolver)
    assert (facts.match, len(facts.errors)) == (None, 1)
    assert outcomes("web/dane", service(facts, port=443, protocol="http", tls=True)) == ["present"]


def test_a_resolver_that_says_nothing_leaves_it_open(scanner: Scanner) -> None:
    facts = look_at_site(scanner, loopback_address(), 1)
    assert facts.records is None
    assert outcomes("web/dane", service(facts, port=443, protocol="http", tls=True)) == ["undecided"]
