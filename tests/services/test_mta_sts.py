"""MTA-STS on real servers: BIND has the records, nginx the policy."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from scanner.facts import Endpoint, MailPolicyFacts, ServiceFacts
from scanner.probes.mail_policy import PROBE
from tests.checks.judging import domain, outcomes
from tests.conftest import Scanner
from tests.servers.dns import ADDRESS, named
from tests.servers.process import loopback_address
from tests.servers.tls import Issued, issue, nginx
from tests.services.footprint import footprint

pytestmark = pytest.mark.server

RULE = "mail/mta-sts-policy"
GOOD = "version: STSv1\\nmode: enforce\\nmx: mx.good.test\\nmax_age: 604800\\n"
PLAIN = "default_type text/plain;"


@contextlib.contextmanager
def world(folder: Path, address: str) -> Iterator[int]:
    """A BIND with good.test, whose policy lies on ``address``."""
    (folder / "good.zone").write_text(
        "$TTL 60\n@ IN SOA ns.good.test. h.good.test. 1 60 60 60 60\n@ IN NS ns\nns IN A 127.0.0.1\n@ IN MX 10 mx\n"
        f'mx IN A 192.0.2.25\nmta-sts IN A {address}\n_mta-sts IN TXT "v=STSv1; id=20261128;"\n'
    )
    zones = f'zone "good.test" {{ type primary; file "{folder}/good.zone"; }};'
    with named(folder, options="recursion no; allow-query { any; };", zones=zones) as port:
        yield port


def look(scanner: Scanner, port: int) -> tuple[MailPolicyFacts, list[str]]:
    """What the probe saw, and the outcomes of the rule."""
    subject = ServiceFacts(endpoint=Endpoint.of_domain("good.test"), target="good.test", protocol="domain")
    facts = scanner.run(lambda session: PROBE.run(replace(session, resolvers=((ADDRESS, port),)), subject))
    return facts, outcomes(RULE, domain("good.test", facts))


def served(
    scanner: Scanner, folder: Path, authority: Issued, leaf: Issued, block: str
) -> tuple[MailPolicyFacts, list[str]]:
    """The same, with nginx in place of the policy's host: ``leaf`` and the location's ``block``."""
    address = loopback_address()
    certificate, key = leaf.write(folder, "leaf", authority)
    (folder / "ca.pem").write_bytes(authority.pem)
    scanner.ca_file = folder / "ca.pem"
    settings = (
        f"server_name mta-sts.good.test; ssl_certificate {certificate}; ssl_certificate_key {key};\n"
        f"    location = /.well-known/mta-sts.txt {{ {block} }}"
    )
    with nginx(folder, address, 443, settings), world(folder, address) as port:
        return look(scanner, port)


@pytest.fixture(scope="module")
def authority() -> Issued:
    return issue("Test CA", ca=True)


@pytest.fixture(scope="module")
def leaf(authority: Issued) -> Issued:
    return issue("mta-sts.good.test", issuer=authority, san=["mta-sts.good.test"])


def test_a_policy_in_good_order(scanner: Scanner, tmp_path: Path, authority: Issued, leaf: Issued) -> None:
    facts, outcome = served(scanner, tmp_path, authority, leaf, f'{PLAIN} return 200 "{GOOD}";')
    policy = facts.mta_sts_policy
    assert outcome == ["enforced"], policy
    assert policy is not None
    assert (policy.mode, policy.max_age, policy.patterns) == ("enforce", 604800, ("mx.good.test",))
    assert (policy.trust["custom"], policy.hostname_match, policy.errors) == ("ok", True, ())
    assert footprint(scanner).opened <= PROBE.max_connections


@pytest.mark.parametrize(
    ("block", "wanted"),
    [
        (f'{PLAIN} return 200 "{GOOD.replace("mx.good", "other.good")}";', "mx_refused"),
        (
            f'{PLAIN} return 200 "{GOOD.replace("enforce", "testing").replace("mx.good", "other.good")}";',
            "mx_uncovered",
        ),
        (f'{PLAIN} return 200 "{GOOD.replace("enforce", "testing")}";', "testing"),
        (f'{PLAIN} return 200 "{GOOD.replace("STSv1", "STSv9")}";', "invalid"),
        (f'default_type text/html; return 200 "{GOOD}";', "invalid"),
        (f'{PLAIN} return 200 "<html>ok</html>";', "invalid"),
        ("return 404;", "absent"),
        ("return 302 https://elsewhere.invalid/policy.txt;", "absent"),
        ("return 503;", "undecided"),
        ("return 444;", "undecided"),
    ],
)
def test_policies_that_senders_do_not_take(
    scanner: Scanner, tmp_path: Path, authority: Issued, leaf: Issued, block: str, wanted: str
) -> None:
    facts, outcome = served(scanner, tmp_path, authority, leaf, block)
    assert outcome == [wanted], facts.mta_sts_policy


def test_a_certificate_for_another_name_or_out_of_date(
    scanner: Scanner, tmp_path: Path, authority: Issued
) -> None:
    for wrong in (
        issue("www.good.test", issuer=authority, san=["www.good.test"]),
        issue("mta-sts.good.test", san=["mta-sts.good.test"]),
    ):
        facts, outcome = served(scanner, tmp_path, authority, wrong, f'{PLAIN} return 200 "{GOOD}";')
        assert outcome == ["certificate"], facts.mta_sts_policy


def test_a_policy_too_long_is_not_read_to_its_end(
    scanner: Scanner, tmp_path: Path, authority: Issued, leaf: Issued
) -> None:
    (tmp_path / "long.txt").write_text("mx: a.cn\n" * 40_000)
    tmp_path.chmod(0o755)
    facts, outcome = served(scanner, tmp_path, authority, leaf, f"{PLAIN} alias {tmp_path}/long.txt;")
    assert outcome == ["undecided"]
    assert facts.mta_sts_policy is not None
    assert facts.mta_sts_policy.errors[-1].kind in ("too_large", "closed", "protocol")


def test_a_host_without_https(scanner: Scanner, tmp_path: Path) -> None:
    with world(tmp_path, loopback_address()) as port:
        assert look(scanner, port)[1] == ["absent"]


def test_a_host_outside_the_scope_is_not_touched(scanner: Scanner, tmp_path: Path) -> None:
    with world(tmp_path, "192.0.2.80") as port:
        facts, outcome = look(scanner, port)
    assert outcome == ["not_in_scope"]
    assert facts.mta_sts_policy is not None
    assert (facts.mta_sts_policy.addresses, facts.mta_sts_policy.asked) == (("192.0.2.80",), None)
    assert "192.0.2.80" not in scanner.ledger_path.read_text()
