"""Domains as a whole command sees them: what DNS says is judged, kept, reported, and told again without a network."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.servers.process import loopback_address, short_folder
from tests.servers.zones import nsd, signed, zone
from tests.test_scan import Zijian, deviations

pytestmark = pytest.mark.server


@dataclass(frozen=True)
class World:
    """The DNS server to ask, and the domains' own, which gives one of its zones away."""

    resolver: str
    server: str


def dkim(bits: int) -> str:
    """A DKIM record in the strings of a zone file."""
    public = rsa.generate_private_key(65537, bits).public_key()
    data = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    text = f"v=DKIM1; k=rsa; p={base64.b64encode(data).decode()}"
    return " ".join(f'"{text[start : start + 200]}"' for start in range(0, len(text), 200))


@pytest.fixture
def zijian(tmp_path: Path) -> Zijian:
    return Zijian(tmp_path)


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    resolver, server = loopback_address(), "127.219.8.3"
    good, ds = signed(
        "good.test",
        zone(
            '@ IN NS ns1.invalid.\n@ IN NS ns2.invalid.\n@ IN CAA 0 issue "ca.example"\n'
            f"@ IN A {resolver}\nwww IN A {resolver}\n@ IN MX 10 mx\nmx IN A {resolver}\n"
            '@ IN TXT "v=spf1 mx include:_spf.invalid -all"\n_dmarc IN TXT "v=DMARC1; p=reject; rua=mailto:a@good.test"\n'
            'mta-sts IN A 192.0.2.80\n_mta-sts IN TXT "v=STSv1; id=1"\n_smtp._tls IN TXT "v=TLSRPTv1; rua=mailto:a@good.test"\n'
            f"default._domainkey IN TXT {dkim(2048)}\n"
        ),
    )
    bad = zone(
        f"@ IN NS ns2.invalid.\n@ IN A {server}\nwww IN A {server}\nsecret IN A 203.0.113.7\n@ IN MX 10 gone\n"
        '@ IN TXT "v=spf1 include:nowhere.invalid +all"\n_dmarc IN TXT "v=DMARC1; p=none"\n'
        f"mail._domainkey IN TXT {dkim(1024)}\n"
    )
    bare = zone(f"@ IN NS ns2.invalid.\n@ IN A {server}\n@ IN MX 10 mx\nmx IN A {server}\n")
    odd = bare + '@ IN TXT "v=spf1 ?all"\n_dmarc IN TXT "v=DMARC1; p=nonsense"\n'
    root = zone(
        f"@ IN NS ns1.invalid.\nns1.invalid. IN A {resolver}\nns2.invalid. IN A {server}\n"
        '_spf.invalid. IN TXT "v=spf1 ip4:192.0.2.0/24 -all"\n'
        f"good.test. IN NS ns1.invalid.\ngood.test. IN DS {ds}\nbad.test. IN NS ns2.invalid.\n"
        "bare.test. IN NS ns2.invalid.\nodd.test. IN NS ns2.invalid.\n"
    )
    quiet, zones = (
        "hide-version: yes",
        {"good.test": good, "bad.test": bad, "bare.test": bare, "odd.test": odd},
    )
    with (
        short_folder() as folder,
        nsd(folder, resolver, {"": root, **zones}, options=quiet),
        nsd(folder, server, zones, transfer=True, options=quiet),
    ):
        yield World(resolver, server)


def scan(zijian: Zijian, world: World, target: str) -> dict[str, object]:
    done = zijian(
        "scan", target, "--authorized-by", "张三", "--checks", "dns,mail", "--dns-server", world.resolver, "--ports", "53", "-o", "out", "-q",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return zijian.result()


def test_a_domain_in_good_order_has_no_finding(zijian: Zijian, world: World) -> None:
    result = scan(zijian, world, "www.good.test")
    assert deviations(result) == set()
    domains = {domain["name"]: domain["facts"] for domain in result["domains"]}  # type: ignore[attr-defined]
    assert set(domains) == {"www.good.test", "good.test"}
    assert domains["good.test"]["zone"]["signature"] == "valid"
    assert domains["good.test"]["mail_policy"]["spf_lookups"] == 2
    assert "mail_policy" not in domains["www.good.test"]
    # A name within a zone is no zone, and is not judged as one.
    assert "zone" not in domains["www.good.test"]
    # The policy of MTA-STS lies outside the scope: that is said, and nothing was sent there.
    policy = next(item for item in result["findings"] if item["check"] == "mail/mta-sts-policy")  # type: ignore[attr-defined]
    assert (policy["outcome"], policy["status"]) == ("not_in_scope", "inconclusive")
    assert "192.0.2.80" not in zijian.ledger().read_text()


def test_a_careless_domain(zijian: Zijian, world: World) -> None:
    result = scan(zijian, world, "www.bad.test")
    assert deviations(result) == {
        ("dns/zone-transfer", "open"),
        ("dns/ns-redundancy", "single"),
        ("mail/spf-invalid", "invalid"),
        ("mail/dmarc-monitor-only", "watches"),
        ("mail/dkim-weak-key", "short"),
        ("mail/mx-invalid", "broken"),
    }
    found = next(item for item in result["findings"] if item["check"] == "dns/zone-transfer")  # type: ignore[attr-defined]
    assert (found["service"], found["looks"]) == ("domain:bad.test", 2)
    page = (zijian.folder / "out" / "report.html").read_text()
    assert "bad.test" in page
    assert "secret" not in page + (zijian.folder / "out" / "result.json").read_text()
    again = zijian("assess", "latest", "-o", "again")
    assert again.returncode == 0, again.stderr
    assert deviations(zijian.result("again")) == deviations(result)
    assert zijian("ledger", "verify", "latest").returncode == 0


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        (
            "bare.test",
            {
                "mail/spf-missing": "missing",
                "mail/dmarc-missing": "missing",
                "mail/mta-sts-missing": "none",
                "mail/tls-rpt-missing": "none",
                "mail/dane": "none",
            },
        ),
        (
            "odd.test",
            {"mail/spf-missing": "present", "mail/spf-weak": "neutral", "mail/dmarc-invalid": "invalid"},
        ),
    ],
)
def test_domains_that_say_little_of_their_mail(
    zijian: Zijian, world: World, name: str, wanted: dict[str, str]
) -> None:
    found = {item["check"]: item["outcome"] for item in scan(zijian, world, name)["findings"]}  # type: ignore[attr-defined]
    assert {check: found.get(check) for check in wanted} == wanted
