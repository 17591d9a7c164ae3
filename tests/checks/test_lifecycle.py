"""Versions read and compared, the table that ships, and the two rules that judge by it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.dated import TableError
from checks.lifecycle.seen import seen
from checks.lifecycle.table import SHIPPED, Table, read, shipped
from checks.lifecycle.versions import mark_of, older, upstream
from checks.model import Severity, Status
from checks.runner import deviating_probes, facts_needed, judge_one
from scanner.facts import (
    DnsFacts,
    Facts,
    FtpFacts,
    HttpFacts,
    IdentifyFacts,
    MemcachedFacts,
    MysqlFacts,
    NmapServiceFacts,
    PostgresFacts,
    RedisFacts,
    RunStatus,
    ServiceFacts,
    SshFacts,
    StarttlsFacts,
    TelnetFacts,
)
from scanner.facts.access import ActivemqFacts, AmqpFacts, MssqlFacts, Said, ZookeeperFacts
from scanner.facts.web_access import DockerFacts, KubernetesFacts, SolrFacts, YarnFacts
from tests.checks.judging import SEEN, every_outcome_is_tried, findings, outcomes, rule, service, settings

LIFE, OUTDATED = "exposure/end-of-life", "exposure/outdated-version"
NMAP = NmapServiceFacts(state="open")


def http(server: str = "", **headers: str) -> HttpFacts:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return HttpFacts(status=200, headers={"server": server, **named} if server else named)


def ssh(software: str) -> SshFacts:
    return SshFacts(banner=f"SSH-2.0-{software}", protocol="2.0", software=software)


def shows(*facts: Facts) -> ServiceFacts:
    return service(NMAP, *facts)


# ------------------------------------------------------------------ versions


@pytest.mark.parametrize(
    ("one", "other", "answer"),
    [
        ("1.22.1", "1.24.0", True),
        ("1.9.9", "1.10.0", True),
        ("2.4.9", "2.4.57", True),
        ("9.2p1", "9.2p2", True),
        ("9.2p1", "9.10p1", True),
        ("1.1.1", "1.1.1a", True),
        ("1.1.1k", "1.1.1w", True),
        ("1.0.2zh", "1.0.2u", False),
        ("8.0.36", "8.0.36", False),
        ("8.0.45", "8.0.36", False),
        ("2.0rc1", "2.0", True),
        ("2.0", "2.0rc1", False),
        ("2.0beta2", "2.0rc1", True),
        ("10.1.0-M5", "10.1.0", True),
        ("1.0.2m", "1.0.2k", False),
        ("1.0.2", "1.0.2m", True),
        ("9.4.43.v20210629", "9.4.57", True),
        ("3.0.22", "3.0.9", False),
        ("2.4", "2.4.57", None),
        ("10", "10.1.2", None),
        ("2.4.57", "2.4", False),
    ],
)
def test_versions_in_order(one: str, other: str, answer: bool | None) -> None:
    assert older(one, other) is answer


@given(st.text(max_size=100), st.text(max_size=100))
def test_any_text_has_its_place(one: str, other: str) -> None:
    assert not (older(one, other) and older(other, one))
    mark_of(one)
    upstream(one)


@pytest.mark.parametrize(
    ("text", "number", "family", "release"),
    [
        ("1:10.3.39-0+deb10u1", "10.3.39", "debian", "10"),
        ("OpenSSH_8.4p1 Debian-5+deb11u3", "", "debian", "11"),
        ("8.4p1 Debian-5+deb11u3", "8.4p1", "debian", "11"),
        ("9.18.49-1~deb12u3-Debian", "9.18.49", "debian", "12"),
        ("8.0.36-0ubuntu0.22.04.1", "8.0.36", "ubuntu", "22.04"),
        ("8.2p1 Ubuntu-4ubuntu0.5", "8.2p1", "ubuntu", None),
        ("9.11.3-1ubuntu1.18-Ubuntu", "9.11.3", "ubuntu", None),
        ("9.11.36-RedHat-9.11.36-14.el8_10", "9.11.36", "rhel", "8"),
        ("9.9.4-RedHat-9.9.4-74.el7_6.1", "9.9.4", "rhel", "7"),
        ("2.4.37 (centos)", "2.4.37", "centos", None),
        ("2.4.6 (Red Hat Enterprise Linux)", "2.4.6", "rhel", None),
        ("5.5.68-MariaDB", "5.5.68", None, None),
        ("7.2.24-1.oe2203", "7.2.24", "openeuler", "2203"),
        ("2.4.43-8.p03.ky10", "2.4.43", "kylin", "10"),
        ("2.3.6+dfsg-1", "2.3.6", "debian", None),
        ("1.1.1w", "1.1.1w", None, None),
        ("9.2p1", "9.2p1", None, None),
        ("6.0.16", "6.0.16", None, None),
        ("nothing", "", None, None),
    ],
)
def test_marks_of_distributions(text: str, number: str, family: str | None, release: str | None) -> None:
    assert upstream(text) == number
    mark = mark_of(text)
    assert (mark.family if mark else None, mark.release if mark else None) == (family, release)


# ------------------------------------------------------------------ the table


def test_the_table_that_ships_is_whole() -> None:
    table = shipped()
    wanted = {
        "nginx", "httpd", "tomcat", "openssh", "openssl", "php", "mysql", "mariadb", "postgresql", "redis", "mongodb",
        "elasticsearch", "bind", "exim", "proftpd", "dovecot", "vsftpd", "jenkins", "iis", "jetty", "nodejs", "python",
        "debian", "ubuntu", "rhel", "centos",
    }  # fmt: skip
    assert wanted <= set(table.products)
    for product in table.products.values():
        assert product.checked <= table.date
        assert product.source
        assert product.vendor.startswith("http")


SMALL = """
table = "lifecycle"
schema = 1
date = 2026-11-01
[products.thing]
name = "Thing"
source = "its makers"
url = "https://example.org/"
as_of = 2026-10-01
checked = 2026-10-02
lines = [{ line = "1", ends = 2026-01-01, latest = "1.9" }]
"""


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (("schema = 1", "schema = 2"), "Invalid enum value 2 - at `\\$.schema`"),
        (('table = "lifecycle"', 'table = "tariffs"'), r"\$.table"),
        (("ends = 2026-01-01", 'ends = "soon"'), r"Invalid RFC3339.*lines\[0\].ends|lines\[0\].ends"),
        (("[products.thing]", "[products.thing"), "not a TOML file"),
        (('latest = "1.9"', 'latest = "2.9"'), "is not of the line"),
        (("checked = 2026-10-02", "checked = 2027-01-01"), "must follow one another"),
        (("https://example.org/", "example.org"), "names no source and address"),
        (('line = "1"', 'line = "one"'), "is no version"),
        (('name = "Thing"', 'name = "Thing"\naliases = ["A"]'), "not in lower case"),
        (('name = "Thing"', 'name = "Thing"\nowner = "me"'), "unknown field"),
        (('{ line = "1"', '{ line = "1", extended = 2025-01-01'), "ends before its support"),
        (("lines = ", 'packaged = { "1.0" = ["suse/15"] }\nlines = '), "which the table does not know"),
        (("[products.thing]", "[products.other]\n[products.thing]"), "missing required field"),
    ],
)
def test_a_table_that_cannot_be_used_is_told_where(change: tuple[str, str], says: str) -> None:
    assert change[0] in SMALL
    with pytest.raises(TableError, match=says):
        read(SMALL.replace(*change, 1).encode())


def test_bytes_that_are_no_text() -> None:
    for data in (b"\xff\xfe", b"", b"[" * 5000, b"a = " + b"[" * 5000):
        with pytest.raises(TableError):
            read(data)


def small(**changes: str) -> Table:
    text = SMALL
    for old, new in changes.items():
        text = text.replace({"ends": "ends = 2026-01-01"}[old], new)
    return read(text.encode())


# ------------------------------------------------------------------ versions made to mislead


@pytest.mark.parametrize(
    ("text", "number", "family", "release"),
    [
        ("1:9.2p1-2+deb12u3", "9.2p1", "debian", "12"),
        ("1:8.9p1-3ubuntu0.10", "8.9p1", "ubuntu", None),
        ("8.0.36-0ubuntu0.22.04.1", "8.0.36", "ubuntu", "22.04"),
        ("2.4.57-8.el9_4", "2.4.57", "rhel", "9"),
        ("2.4.6-99.el7_9.1", "2.4.6", "rhel", "7"),
        ("9.11.4-P2-RedHat-9.11.4-26.P2.el7_9.15", "9.11.4", "rhel", "7"),
        ("1.20.1-14.oe2203sp4", "1.20.1", "openeuler", "2203"),
        ("1.16.1-2.ky10", "1.16.1", "kylin", "10"),
        ("1.14.1-9.0.1.an8", "1.14.1", "anolis", "8"),
        ("1.20.1-3.uel20", "1.20.1", "uos", "20"),
        ("10.1.0-M5", "10.1.0", None, None),
        ("2.0rc1", "2.0rc1", None, None),
        ("9.4.43.v20210629", "9.4.43.v20210629", None, None),
        ("v1.2.3", "1.2.3", None, None),
        ("20231204", "20231204", None, None),
        ("", "", None, None),
        ("not a version", "", None, None),
        ("99999999999999999999.1", "99999999999999999999.1", None, None),
    ],
)
def test_what_is_the_number_and_whose_package_it_is(
    text: str, number: str, family: str | None, release: str | None
) -> None:
    mark = mark_of(text)
    assert upstream(text) == number
    assert (mark.family if mark else None, mark.release if mark else None) == (family, release)


@pytest.mark.parametrize(
    ("version", "than", "says"),
    [
        ("9.2p1", "9.2p2", True),
        ("9.2p2", "9.10p1", True),
        ("9.10p1", "9.9p1", False),
        ("2.0rc1", "2.0", True),
        ("2.0", "2.0rc1", False),
        ("10.1.0-M5", "10.1.0", True),
        ("1.1.1", "1.1.1a", True),
        ("1.1.1w", "1.1.1k", False),
        ("1.0.2m", "1.0.2u", True),
        ("9.4.43.v20210629", "9.4.58", True),
        ("2.4", "2.4.57", None),
        ("8", "8.0.36", None),
        ("1.27.1.1", "1.27.1.2", True),
        ("15.0.4460.4", "15.0.4460.4", False),
        ("20231204", "8.5", False),
    ],
)
def test_which_version_is_older(version: str, than: str, says: bool | None) -> None:
    assert older(version, than) is says


# ------------------------------------------------------------------ what shows a version


@pytest.mark.parametrize(
    ("facts", "found"),
    [
        (http("nginx/1.18.0 (Ubuntu)"), [("nginx", "1.18.0", "ubuntu")]),
        (
            http("Apache/2.4.37 (centos) OpenSSL/1.1.1k mod_fcgid/2.3.9", x_powered_by="PHP/7.2.24"),
            [("httpd", "2.4.37", "centos"), ("openssl", "1.1.1k", "centos"), ("php", "7.2.24", None)],
        ),
        (http("Apache-Coyote/1.1"), []),
        (http("Jetty(9.4.43.v20210629)"), [("jetty", "9.4.43.v20210629", None)]),
        (http("Microsoft-IIS/7.5"), [("iis", "7.5", None)]),
        (http("SimpleHTTP/0.6 Python/3.11.2"), [("python", "3.11.2", None)]),
        (http("gunicorn/20.1"), []),
        (http("openresty/1.19.9.1"), [("openresty", "1.19.9.1", None)]),
        (http("Tengine/2.3.2"), [("tengine", "2.3.2", None)]),
        (HttpFacts(status=200, software=("Zabbix/5.0.8",)), [("zabbix", "5.0.8", None)]),
        (HttpFacts(status=200, software=("Confluence/7.13.20",)), [("confluence", "7.13.20", None)]),
        (HttpFacts(status=200, software=("Jira/8.20.10",)), [("jira", "8.20.10", None)]),
        (YarnFacts(version="2.7.3"), [("hadoop", "2.7.3", None)]),
        (SolrFacts(version="8.11.1"), [("solr", "8.11.1", None)]),
        (http(via="1.1 proxy.example.cn (squid/5.7)"), [("squid", "5.7", None)]),
        (http(x_owa_version="15.1.2507.57"), [("exchange", "15.1.2507.57", None)]),
        (AmqpFacts(version="3.8.9", said=(Said("product", "RabbitMQ"),)), [("rabbitmq", "3.8.9", None)]),
        (AmqpFacts(version="2.1.0", said=(Said("product", "LavinMQ"),)), []),
        (AmqpFacts(version="0.9"), []),
        (MssqlFacts(version="13.0.5026"), [("mssql", "13.0.5026", None)]),
        (DockerFacts(version="20.10.24+dfsg1"), [("docker", "20.10.24", "debian")]),
        (KubernetesFacts(version="v1.20.11-aliyun.1"), [("kubernetes", "1.20.11", "kubernetes vendor")]),
        (ZookeeperFacts(version="3.4.14"), [("zookeeper", "3.4.14", None)]),
        (http(x_jenkins="2.426.1"), [("jenkins", "2.426.1", None)]),
        (HttpFacts(status=404, title="Apache Tomcat/8.5.40 - Error report"), [("tomcat", "8.5.40", None)]),
        (ssh("OpenSSH_9.2p1 Debian-2+deb12u10"), [("openssh", "9.2p1", "debian")]),
        (ssh("OpenSSH_for_Windows_8.1"), []),
        (ssh("dropbear_2022.83"), []),
        (MysqlFacts(version="5.5.5-10.3.39-MariaDB-0+deb10u1"), [("mariadb", "10.3.39", "debian")]),
        (MysqlFacts(version="10.11.19-MariaDB-0+deb12u1"), [("mariadb", "10.11.19", "debian")]),
        (MysqlFacts(version="5.7.44-log"), [("mysql", "5.7.44", None)]),
        (MysqlFacts(version="5.7.25-TiDB-v7.1.0"), []),
        (MysqlFacts(version="5.7.25-OceanBase-v4.2.1"), []),
        (PostgresFacts(version="9.6.24"), [("postgresql", "9.6.24", None)]),
        (RedisFacts(version="5.0.7"), [("redis", "5.0.7", None)]),
        (MemcachedFacts(version="1.6.18"), [("memcached", "1.6.18", None)]),
        (FtpFacts(greeting="220 (vsFTPd 3.0.3)"), [("vsftpd", "3.0.3", None)]),
        (FtpFacts(greeting="220 ProFTPD 1.3.5 Server (Debian) [::ffff:10.0.0.1]"), [("proftpd", "1.3.5", "debian")]),
        (StarttlsFacts(greeting="220 mx ESMTP Exim 4.94.2 Mon, 01 Jan 2024"), [("exim", "4.94.2", None)]),
        (DnsFacts(version_bind="9.11.36-RedHat-9.11.36-14.el8_10"), [("bind", "9.11.36", "rhel")]),
        (DnsFacts(version_bind="unbound 1.13.1"), []),
        (IdentifyFacts(protocol="http", product="Elasticsearch", version="6.8.1"), [("elasticsearch", "6.8.1", None)]),
        (IdentifyFacts(protocol="mysql", version="8.0.36"), [("mysql", "8.0.36", None)]),
        (
            NmapServiceFacts(state="open", name="ssh", product="OpenSSH", version="8.2p1 Ubuntu 4ubuntu0.5"),
            [("openssh", "8.2p1", "ubuntu")],
        ),
        (NmapServiceFacts(state="open", name="postgresql", product="PostgreSQL DB", version="9.6.0 or later"), []),
        (NmapServiceFacts(state="open", name="netbios-ssn", product="Samba smbd", version="3.X - 4.X"), []),
        (
            NmapServiceFacts(state="open", name="http", product="Apache httpd", version="2.4.6", extrainfo="(CentOS) PHP/5.4.16"),
            [("httpd", "2.4.6", "centos"), ("php", "5.4.16", "centos")],
        ),
    ],
)  # fmt: skip
def test_versions_are_read_where_they_are_shown(
    facts: Facts, found: list[tuple[str, str, str | None]]
) -> None:
    subject = shows(facts) if not isinstance(facts, NmapServiceFacts) else service(facts)
    got = [
        (one.product, one.version, one.mark.family if one.mark else None) for one in seen(subject, shipped())
    ]
    assert got == found


def test_a_version_that_several_facts_show_is_one_with_the_mark_that_says_most() -> None:
    nmap = NmapServiceFacts(state="open", name="ssh", product="OpenSSH", version="8.4p1")
    (one,) = seen(service(nmap, ssh("OpenSSH_8.4p1 Debian-5+deb11u3")), shipped())
    assert one.mark is not None
    assert one.mark.release == "11"
    assert {fact for fact, _ in one.facts} == {"nmap.version", "ssh.software"}
    assert one.probes == {"nmap", "ssh"}


@given(st.text(max_size=2000))
def test_a_hostile_header_costs_nothing(text: str) -> None:
    seen(shows(http(text or "x"), ssh(text), MysqlFacts(version=text), FtpFacts(greeting=text)), shipped())


# ------------------------------------------------------------------ the rules

CASES = [
    # Plain numbers of lines that their makers ended.
    (LIFE, "ended", http(x_powered_by="PHP/5.6.40")),
    (LIFE, "ended", http("Apache/2.2.15 (Unix)")),
    (LIFE, "ended", MysqlFacts(version="5.7.44-log")),
    (LIFE, "ended", MysqlFacts(version="5.1.73")),
    (LIFE, "ended", http("Microsoft-IIS/6.0")),
    (LIFE, "ended", RedisFacts(version="3.2.1")),
    (LIFE, "ended", http("nginx/1.12.2")),
    (LIFE, "ended", http("Apache/2.4.71 (Unix) OpenSSL/1.0.1e")),
    (LIFE, "ended", http(x_owa_version="15.0.1497.48")),
    (LIFE, "ended", ZookeeperFacts(version="3.4.14")),
    (LIFE, "ended", MssqlFacts(version="10.50.6785")),
    (LIFE, "ended", KubernetesFacts(version="v1.20.11")),
    (LIFE, "ended", http("squid/3.5.20")),
    # What several products show, what others keep, what the source only planned or estimated.
    (LIFE, "not_known", http(x_owa_version="15.2.2562.17")),
    (LIFE, "extended_only", MssqlFacts(version="13.0.5026")),
    (LIFE, "suggests", KubernetesFacts(version="v1.20.11-aliyun.1")),
    (LIFE, "supported", DockerFacts(version="20.10.24+dfsg1")),
    (LIFE, "suggests", http("squid/5.7")),
    (LIFE, "unverified_date", ActivemqFacts(version="5.15.9")),
    (LIFE, "not_known", http("openresty/1.19.9.1")),
    (LIFE, "not_known", http("Tengine/2.3.2")),
    (OUTDATED, "behind", http("Tengine/3.0.0")),
    (LIFE, "ended", HttpFacts(status=200, software=("Zabbix/5.0.8",))),
    (LIFE, "not_known", HttpFacts(status=200, software=("Zabbix/5.2.1",))),
    (LIFE, "supported", HttpFacts(status=200, software=("Zabbix/6.0.14",))),
    (LIFE, "unverified_date", HttpFacts(status=200, software=("Zabbix/7.4.7",))),
    (LIFE, "ended", HttpFacts(status=200, software=("Confluence/6.13.4",))),
    (LIFE, "supported", HttpFacts(status=200, software=("Jira/11.3.5",))),
    (LIFE, "ended", YarnFacts(version="2.7.3")),
    (LIFE, "unverified_date", SolrFacts(version="9.4.0")),
    (OUTDATED, "behind", http("openresty/1.27.1.1")),
    (LIFE, "supported", ssh("OpenSSH_8.8p1 openEuler-8.8p1-30.oe2403sp3")),
    (LIFE, "extended_only", ssh("OpenSSH_8.8p1 8.8p1-3.oe2203sp4")),
    (LIFE, "distribution_ended", ssh("OpenSSH_8.2p1 8.2p1-9.oe2003")),
    (LIFE, "not_known", ssh("OpenSSH_7.4p1 Kylin")),
    (LIFE, "suggests", http("nginx/1.14.1 (UOS)")),
    # Paid support, or support to be applied for, is no end.
    (LIFE, "extended_only", ssh("OpenSSH_7.4p1 Debian-10+deb9u7")),
    (LIFE, "extended_only", MysqlFacts(version="5.7.33-0ubuntu0.16.04.1")),
    (LIFE, "extended_only", DnsFacts(version_bind="9.11.4-P2-RedHat-9.11.4-26.P2.el7_9.15")),
    # A distribution's release that is over.
    (LIFE, "distribution_ended", ssh("OpenSSH_6.7p1 Debian-5+deb8u8")),
    (LIFE, "distribution_ended", DnsFacts(version_bind="9.8.2rc1-RedHat-9.8.2-0.68.rc1.el6_10.8")),
    # The number alone is not enough: a distribution may keep it.
    (LIFE, "suggests", http("nginx/1.22.1")),
    (LIFE, "suggests", http("nginx/1.18.0 (Ubuntu)")),
    (LIFE, "suggests", http("Apache/2.4.37 (centos)")),
    (LIFE, "suggests", MysqlFacts(version="5.5.68-MariaDB")),
    (LIFE, "suggests", http(x_powered_by="PHP/7.4.33")),
    (LIFE, "suggests", http("nginx/1.21.5 (Kylin)")),
    (LIFE, "suggests", RedisFacts(version="7.0.15")),
    (LIFE, "suggests", ssh("OpenSSH_7.4")),
    (LIFE, "unverified_date", DnsFacts(version_bind="9.11.4")),
    # What is kept.
    (LIFE, "supported", ssh("OpenSSH_9.2p1 Debian-2+deb12u10")),
    (LIFE, "supported", ssh("OpenSSH_8.9p1 Ubuntu-3ubuntu0.11")),
    (LIFE, "supported", MysqlFacts(version="5.5.5-10.11.19-MariaDB-0+deb12u1")),
    (LIFE, "supported", http("nginx/1.30.4")),
    (LIFE, "supported", MysqlFacts(version="8.4.9")),
    (LIFE, "supported", DnsFacts(version_bind="9.18.49-1~deb12u3-Debian")),
    (LIFE, "not_known", http("Microsoft-IIS/10.0")),
    (LIFE, "not_known", ssh("OpenSSH_10.2")),
    (OUTDATED, "behind", MysqlFacts(version="8.4.1")),
    (OUTDATED, "behind", http("nginx/1.30.1")),
    (OUTDATED, "behind", http("Apache/2.4.49 (Unix)")),
    (OUTDATED, "suggests", http("Apache/2.4.52 (Ubuntu)")),
    (OUTDATED, "suggests", MysqlFacts(version="8.4.1-0ubuntu0.24.04.1")),
    (OUTDATED, "suggests", http("Apache/2.4.62")),
    (OUTDATED, "newest_known", MysqlFacts(version="8.4.9")),
    (OUTDATED, "newest_known", MysqlFacts(version="8.4.12")),
    (OUTDATED, "line_ended", http(x_powered_by="PHP/5.6.40")),
    (OUTDATED, "line_ended", http("nginx/1.22.1")),
    (OUTDATED, "line_ended", http("nginx/1.18.0 (Ubuntu)")),
    (OUTDATED, "not_known", ssh("OpenSSH_9.2p1 Debian-2+deb12u10")),
    (OUTDATED, "not_known", http("Apache/2.4")),
]


@pytest.mark.parametrize(("rule_id", "outcome", "facts"), CASES)
def test_outcome(rule_id: str, outcome: str, facts: Facts) -> None:
    assert outcomes(rule_id, shows(facts)) == [outcome]


def test_every_declared_outcome_is_tried() -> None:
    every_outcome_is_tried({LIFE, OUTDATED}, [(rule_id, outcome) for rule_id, outcome, _ in CASES])


def test_a_service_that_shows_no_version_is_not_judged() -> None:
    for facts in (http("nginx"), http("cloudflare"), ssh("OpenSSH"), MysqlFacts(host_refused=True)):
        for rule_id in (LIFE, OUTDATED):
            made, run = judge_one(rule(rule_id), shows(facts), settings)
            assert made == []
            assert run is not None
            assert (run.status, run.reason) == (RunStatus.SKIPPED, "not_applicable")


def test_what_a_port_only_redirects_to_is_not_its_own() -> None:
    told = HttpFacts(
        status=200,
        url="http://192.0.2.1/",
        final_url="https://192.0.2.1/",
        headers={"x-powered-by": "PHP/5.6.40"},
    )
    assert outcomes(LIFE, shows(told)) == []
    assert outcomes(LIFE, shows(replace(told, final_url="http://192.0.2.1/index.php"))) == ["ended"]


def test_several_products_of_one_service_are_told_in_one_finding_each_way() -> None:
    made = findings(LIFE, shows(http("Apache/2.2.15 (Unix)", x_powered_by="PHP/5.6.40")))
    (finding,) = made
    assert finding.outcome == "ended"
    assert "Apache httpd 2.2.15" in finding.detail.zh
    assert "PHP 5.6.40" in finding.detail.zh
    assert {item.fact for item in finding.evidence} == {
        "http.headers.server",
        "http.headers.x-powered-by",
        "lifecycle.table",
    }


def test_the_day_of_the_scan_decides_and_not_that_of_the_reading() -> None:
    looked = shows(MysqlFacts(version="8.0.45"))

    def on(day: date) -> ServiceFacts:
        moment = datetime(day.year, day.month, day.day, tzinfo=UTC)
        return replace(looked, runs={name: replace(run, started=moment) for name, run in looked.runs.items()})

    end = date(2026, 4, 30)
    assert outcomes(LIFE, on(end)) == ["supported"]
    (finding,) = findings(LIFE, on(end + timedelta(days=1)))
    assert finding.outcome == "suggests", "RHEL ships it"
    assert outcomes(LIFE, on(date(2040, 1, 1))) == ["ended"]


def test_a_table_more_than_a_year_old_is_said_to_be_old() -> None:
    looked = shows(http(x_powered_by="PHP/5.6.40"))
    runs = {name: replace(run, started=SEEN + timedelta(days=400)) for name, run in looked.runs.items()}
    (finding,) = findings(LIFE, replace(looked, runs=runs))
    assert "早一年以上" in finding.detail.zh
    assert "more than a year older" in finding.detail.en
    (fresh,) = findings(LIFE, looked)
    assert "一年" not in fresh.detail.zh


def test_an_imported_table_judges_in_place_of_the_one_that_ships() -> None:
    looked = shows(http("Thing/1.2"))
    assert outcomes(LIFE, looked) == []
    assert outcomes(LIFE, looked, lifecycle=small()) == ["ended"]
    assert outcomes(LIFE, looked, lifecycle=small(ends="ends = 2026-01-01, verified = false")) == [
        "unverified_date"
    ]
    assert outcomes(LIFE, looked, lifecycle=small(ends="open = true")) == ["supported"]
    assert outcomes(OUTDATED, looked, lifecycle=small(ends="open = true")) == ["behind"]


def test_levels_are_those_of_the_severity_page() -> None:
    (finding,) = findings(LIFE, shows(http(x_powered_by="PHP/5.6.40")))
    assert (finding.status, finding.severity) == (Status.WARN, Severity.MEDIUM)
    (finding,) = findings(OUTDATED, shows(http("nginx/1.30.1")))
    assert (finding.status, finding.severity) == (Status.WARN, Severity.LOW)
    assert "须核实" in finding.detail.zh
    assert "suggests" in finding.detail.en


# ------------------------------------------------------------------ rules that read what is there


def test_what_a_rule_reads_is_gathered_for_it() -> None:
    wanted = facts_needed([rule(LIFE)])
    assert {"nmap", "identify", "http", "ssh", "mysql", "redis", "dns", "ftp"} <= wanted
    assert "tls" not in wanted


def test_a_failed_probe_that_is_only_read_hinders_nothing() -> None:
    looked = shows(MysqlFacts(version="5.7.44"), http("x"))
    failed = replace(looked.runs["http"], facts=None, status=RunStatus.FAILED, reason="reset")
    assert outcomes(LIFE, replace(looked, runs={**looked.runs, "http": failed})) == ["ended"]


def test_only_the_probe_that_showed_the_version_is_asked_again() -> None:
    looked = shows(http(x_powered_by="PHP/5.6.40"), ssh("OpenSSH_9.2p1 Debian-2+deb12u10"))
    assert deviating_probes([rule(LIFE)], looked, settings) == {"http"}


def test_nmap_s_word_is_not_needed() -> None:
    assert outcomes(LIFE, service(MysqlFacts(version="5.7.44"))) == ["ended"]
    findings, run = judge_one(rule(LIFE), service(TelnetFacts()), settings)
    assert (findings, run) == ([], None), "nothing that it reads is there"


def test_a_second_look_that_shows_another_version_is_inconclusive() -> None:
    old, new = http(x_powered_by="PHP/5.6.40"), http(x_powered_by="PHP/8.4.18")
    (finding,) = findings(LIFE, service(NMAP, old, second=(new,)))
    assert finding.status is Status.INCONCLUSIVE
    (finding,) = findings(LIFE, service(NMAP, old, second=(old,)))
    assert (finding.outcome, finding.looks) == ("ended", 2)


def test_the_file_that_ships_says_where_it_comes_from() -> None:
    head = SHIPPED.read_text(encoding="utf-8")[:400]
    assert "zijian data import" in head
