"""Our word and nmap's: what is a disagreement, and what is only another name."""

from __future__ import annotations

import pytest

from checks.identification import disagreement
from checks.lifecycle.table import shipped
from scanner.facts import IdentifyFacts, NmapServiceFacts
from tests.checks.judging import every_outcome_is_tried, findings, outcomes, service

RULE = "exposure/identification-disagrees"


def nmap(
    name: str | None, *, tunnel: str | None = None, confidence: int = 10, product: str | None = None
) -> NmapServiceFacts:
    return NmapServiceFacts(state="open", name=name, tunnel=tunnel, confidence=confidence, product=product)


def own(protocol: str | None, *, tls: bool = False, product: str | None = None) -> IdentifyFacts:
    return IdentifyFacts(protocol=protocol, tls=tls, product=product, by="protocol")


AGREE = [
    (own("http"), nmap("http")),
    (own("http"), nmap("http-proxy")),
    (own("http", tls=True), nmap("http", tunnel="ssl")),
    (own("http", tls=True), nmap("https")),
    (own("http", tls=True), nmap("ssl/http")),
    (own("imap", tls=True), nmap("imaps")),
    (own("smtp"), nmap("submission")),
    (own("rdp"), nmap("ms-wbt-server")),
    (own("dns"), nmap("domain")),
    (own("http", product="Docker"), nmap("docker")),
    (own("http"), nmap("upnp")),
    (own("memcached"), nmap("memcache")),
    (own("http", product="Apache"), nmap("http", product="Apache httpd")),
    (own("ssh", product="OpenSSH"), nmap("ssh", product="OpenSSH")),
    # One of the two does not say.
    (own(None), nmap("http")),
    (own(None, tls=True), nmap("http")),
    (own("redis"), nmap(None)),
    (own("redis"), nmap("unknown")),
    (own("redis"), nmap("tcpwrapped", confidence=8)),
    (own("http", tls=True), nmap("ssl")),
    # By the port's number alone.
    (own("redis"), nmap("http", confidence=3)),
]

DIFFER = [
    (own("ssh"), nmap("http"), "ssh", "http"),
    (own("http", tls=True), nmap("http"), "http (TLS)", "http"),
    (own("smtp"), nmap("smtp", tunnel="ssl"), "smtp", "smtp (TLS)"),
    (own("redis"), nmap("ftp"), "redis", "ftp"),
    (
        own("http", product="nginx"),
        nmap("http", product="Microsoft IIS httpd"),
        "http nginx",
        "http Microsoft IIS httpd",
    ),
]


@pytest.mark.parametrize(("ours", "theirs"), AGREE)
def test_other_names_are_no_disagreement(ours: IdentifyFacts, theirs: NmapServiceFacts) -> None:
    assert disagreement(service(ours, theirs), shipped()) is None
    assert outcomes(RULE, service(ours, theirs)) == []


@pytest.mark.parametrize(("ours", "theirs", "say", "says"), DIFFER)
def test_a_disagreement_shows_both_words(
    ours: IdentifyFacts, theirs: NmapServiceFacts, say: str, says: str
) -> None:
    (finding,) = findings(RULE, service(ours, theirs))
    assert f"“{say}”" in finding.detail.zh
    assert f"“{says}”" in finding.detail.en


def test_every_declared_outcome_is_tried() -> None:
    every_outcome_is_tried({RULE}, [(RULE, "disagrees")])
