"""SMTP: real Postfix servers that relay for strangers, and that do not; and servers that misbehave."""

from __future__ import annotations

import pytest

from scanner.errors import TargetError
from scanner.facts import SmtpFacts
from scanner.probes.smtp import PROBE
from tests.checks.judging import outcomes, service
from tests.conftest import Scanner
from tests.servers.mail import exim_server, postfix_server
from tests.services.footprint import footprint
from tests.services.hostile import PORT, saying, tcp_server

pytestmark = pytest.mark.server


def ask(scanner: Scanner, address: str, port: int = 25) -> SmtpFacts:
    facts = scanner.probe(PROBE, address, port, protocol="smtp")
    assert isinstance(facts, SmtpFacts)
    assert footprint(scanner).opened == 1
    return facts


def test_a_server_that_relays_for_everybody(scanner: Scanner) -> None:
    with postfix_server(
        None, mynetworks="0.0.0.0/0", smtpd_relay_restrictions="permit_mynetworks, reject_unauth_destination"
    ) as address:
        facts = ask(scanner, address)
    assert (facts.relay, facts.recipient) == ("accepted", "zijian-check@example.com")
    assert outcomes("mail/open-relay", service(facts)) == ["open"]
    assert outcomes("mail/open-relay", service(facts, ip=address)) == ["own_network"]


def test_a_server_in_good_order_deviates_nowhere(scanner: Scanner) -> None:
    with postfix_server(
        None,
        mynetworks="192.0.2.0/24",
        smtpd_relay_restrictions="permit_mynetworks, reject_unauth_destination",
        disable_vrfy_command="yes",
    ) as address:
        facts = ask(scanner, address)
    assert facts.relay == "refused"
    assert "554" in facts.reply
    assert outcomes("mail/open-relay", service(facts)) == ["refused"]
    assert outcomes("mail/vrfy-answers", service(facts)) == ["silent"]


@pytest.mark.parametrize("relay", [True, False])
def test_exim(scanner: Scanner, relay: bool) -> None:
    with exim_server(relay=relay) as address:
        facts = ask(scanner, address)
    assert facts.relay == ("accepted" if relay else "refused")
    assert outcomes("mail/open-relay", service(facts)) == (["open"] if relay else ["refused"])


def test_greylisting_decides_nothing(scanner: Scanner) -> None:
    with postfix_server(
        None,
        smtpd_relay_restrictions="permit",
        smtpd_recipient_restrictions="defer",
    ) as address:
        facts = ask(scanner, address)
    assert facts.relay == "deferred"
    assert outcomes("mail/open-relay", service(facts)) == ["deferred"]


HELLO = (b"220 mail\r\n", b"250-mail\r\n250 8BITMIME\r\n")


def test_vrfy_that_tells(scanner: Scanner) -> None:
    said = (*HELLO, b"250 <postmaster@mail>\r\n", b"250 ok\r\n", b"550 no\r\n")
    with tcp_server(saying(*said)) as address:
        facts = ask(scanner, address, PORT)
    assert (facts.verifies, facts.relay) == (True, "refused")
    assert outcomes("mail/vrfy-answers", service(facts)) == ["tells"]


@pytest.mark.parametrize(
    "after", [b"", b"250", b"\xff\xfe\r\n", b"250-" + b"x" * 5000 + b"\r\n", b"250-x\r\n" * 9000]
)
def test_a_server_that_breaks_off_leaves_it_open(scanner: Scanner, after: bytes) -> None:
    with tcp_server(saying(*HELLO, b"252 perhaps\r\n", b"250 ok\r\n", after)) as address:
        facts = ask(scanner, address, PORT)
    assert facts.relay is None
    assert facts.errors
    assert outcomes("mail/open-relay", service(facts)) == ["undecided"]


def test_a_server_that_turns_us_away_is_no_answer(scanner: Scanner) -> None:
    with tcp_server(saying(b"421 too many connections\r\n")) as address, pytest.raises(TargetError):
        ask(scanner, address, PORT)
