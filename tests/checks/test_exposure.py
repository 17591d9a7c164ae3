"""Exposure rules on facts alone: every declared outcome, and the line between reachable and usable."""

from __future__ import annotations

import pytest

from checks.model import Severity, Status
from checks.registry import builtin
from checks.runner import judge_one
from scanner.facts import (
    FtpFacts,
    MemcachedFacts,
    MysqlFacts,
    NmapServiceFacts,
    PostgresFacts,
    ProbeError,
    RedisFacts,
    ServiceFacts,
    TelnetFacts,
)
from tests.checks.judging import (
    LOOPBACK,
    PRIVATE,
    PUBLIC,
    every_outcome_is_tried,
    findings,
    outcomes,
    rule,
    service,
    settings,
)

REDIS_OPEN = RedisFacts(answers=True, auth_required=False, protected_mode=False, version="7.0.15")
REDIS_CLOSED = RedisFacts(answers=True, auth_required=True)
REDIS_PROTECTED = RedisFacts(answers=True, protected_mode=True)
MYSQL = MysqlFacts(version="8.0.36", tls_offered=False)
MYSQL_REFUSED = MysqlFacts(host_refused=True)
MYSQL_ERROR = MysqlFacts(
    errors=(ProbeError(step="handshake", kind="protocol", message="1043 Bad handshake"),)
)
NMAP = NmapServiceFacts(state="open", confidence=10)


def named(
    protocol: str | None, *, ip: str = PUBLIC, nmap: NmapServiceFacts = NMAP, product: str | None = None
) -> ServiceFacts:
    return service(nmap, ip=ip, protocol=protocol, product=product)


CASES = [
    ("exposure/redis-unauthenticated", "usable", service(REDIS_OPEN)),
    ("exposure/redis-unauthenticated", "usable_locally", service(REDIS_OPEN, ip=LOOPBACK)),
    ("exposure/redis-unauthenticated", "protected_mode", service(REDIS_PROTECTED)),
    ("exposure/redis-unauthenticated", "password_required", service(REDIS_CLOSED)),
    ("exposure/redis-unauthenticated", "undecided", service(RedisFacts(answers=True))),
    ("exposure/redis-reachable", "reachable", service(REDIS_CLOSED)),
    ("exposure/redis-reachable", "turned_away", service(REDIS_PROTECTED)),
    ("exposure/redis-reachable", "loopback_only", service(REDIS_OPEN, ip="::1")),
    ("exposure/memcached-unauthenticated", "usable", service(MemcachedFacts(answers=True, auth_required=False))),
    ("exposure/memcached-unauthenticated", "usable_locally", service(MemcachedFacts(answers=True, auth_required=False), ip=LOOPBACK)),
    ("exposure/memcached-unauthenticated", "authentication_required", service(MemcachedFacts(answers=True, auth_required=True))),
    ("exposure/memcached-unauthenticated", "undecided", service(MemcachedFacts(answers=True))),
    ("exposure/memcached-reachable", "reachable", service(MemcachedFacts(answers=True, auth_required=True))),
    ("exposure/memcached-reachable", "loopback_only", service(MemcachedFacts(answers=True), ip="127.9.0.1")),
    ("exposure/ftp-anonymous", "let_in", service(FtpFacts(anonymous=True))),
    ("exposure/ftp-anonymous", "let_in_locally", service(FtpFacts(anonymous=True), ip=LOOPBACK)),
    ("exposure/ftp-anonymous", "refused", service(FtpFacts(anonymous=False))),
    ("exposure/ftp-anonymous", "undecided", service(FtpFacts())),
    ("exposure/ftp-clear-text", "clear_text", service(FtpFacts(auth_tls=False, anonymous=False))),
    ("exposure/ftp-clear-text", "anonymous_in_clear", service(FtpFacts(auth_tls=False, anonymous=True))),
    ("exposure/ftp-clear-text", "tls_offered", service(FtpFacts(auth_tls=True))),
    ("exposure/ftp-clear-text", "undecided", service(FtpFacts())),
    ("exposure/ftp-clear-text", "loopback_only", service(FtpFacts(auth_tls=False), ip=LOOPBACK)),
    ("exposure/mysql-reachable", "reachable", service(MYSQL)),
    ("exposure/mysql-reachable", "turned_away", service(MYSQL_REFUSED)),
    ("exposure/mysql-reachable", "undecided", service(MYSQL_ERROR)),
    ("exposure/mysql-reachable", "loopback_only", service(MYSQL, ip=LOOPBACK)),
    ("exposure/mysql-clear-text", "clear_text", service(MYSQL)),
    ("exposure/mysql-clear-text", "tls_offered", service(MysqlFacts(version="8", tls_offered=True))),
    ("exposure/mysql-clear-text", "undecided", service(MYSQL_REFUSED)),
    ("exposure/mysql-clear-text", "loopback_only", service(MYSQL, ip=LOOPBACK)),
    ("exposure/postgresql-trust", "trusted", service(PostgresFacts(answers=True, auth_method="trust"))),
    ("exposure/postgresql-trust", "trusted_locally", service(PostgresFacts(answers=True, auth_method="trust"), ip="::ffff:127.0.0.1")),
    ("exposure/postgresql-trust", "asks", service(PostgresFacts(answers=True, auth_method="md5"))),
    ("exposure/postgresql-trust", "turned_away", service(PostgresFacts(answers=True, auth_method="rejected"))),
    ("exposure/postgresql-trust", "undecided", service(PostgresFacts(answers=True))),
    ("exposure/postgresql-reachable", "reachable", service(PostgresFacts(answers=True, auth_method="scram-sha-256"))),
    ("exposure/postgresql-reachable", "turned_away", service(PostgresFacts(answers=True, auth_method="rejected"))),
    ("exposure/postgresql-reachable", "loopback_only", service(PostgresFacts(answers=True), ip=LOOPBACK)),
    ("exposure/postgresql-clear-text", "password_in_clear", service(PostgresFacts(tls_offered=False, auth_method="password"))),
    ("exposure/postgresql-clear-text", "clear_text", service(PostgresFacts(tls_offered=False, auth_method="md5"))),
    ("exposure/postgresql-clear-text", "tls_offered", service(PostgresFacts(tls_offered=True, auth_method="password"))),
    ("exposure/postgresql-clear-text", "undecided", service(PostgresFacts(answers=True))),
    ("exposure/postgresql-clear-text", "loopback_only", service(PostgresFacts(tls_offered=False), ip=LOOPBACK)),
    ("exposure/telnet-reachable", "login_in_clear", service(TelnetFacts(negotiates=True, login_prompt=True))),
    ("exposure/telnet-reachable", "reachable", service(TelnetFacts(negotiates=True))),
    ("exposure/telnet-reachable", "inside_tls", service(TelnetFacts(negotiates=True, login_prompt=True), tls=True)),
    ("exposure/telnet-reachable", "loopback_only", service(TelnetFacts(login_prompt=True), ip=LOOPBACK)),
    ("exposure/database-port-reachable", "reachable", named("mongodb")),
    ("exposure/database-port-reachable", "loopback_only", named("mssql", ip=LOOPBACK)),
    ("exposure/management-port-reachable", "control_reachable", named("x11")),
    ("exposure/management-port-reachable", "reachable", named("rdp")),
    ("exposure/management-port-reachable", "loopback_only", named("vnc", ip=LOOPBACK)),
]  # fmt: skip


@pytest.mark.parametrize(("rule_id", "outcome", "subject"), CASES)
def test_outcome(rule_id: str, outcome: str, subject: ServiceFacts) -> None:
    assert outcomes(rule_id, subject) == [outcome]


def test_every_declared_outcome_is_tried() -> None:
    ours = {loaded.rule.id for loaded in builtin() if loaded.rule.family == "exposure"}
    tried = {case[0] for case in CASES}
    assert len(tried) == 14
    every_outcome_is_tried(ours & tried, [(rule_id, outcome) for rule_id, outcome, _ in CASES])


def test_reachable_alone_is_never_a_failure() -> None:
    for loaded in builtin():
        if loaded.rule.id.startswith("exposure/") and loaded.rule.id.endswith("-reachable"):
            statuses = {
                name: declared.status
                for name, declared in loaded.rule.outcomes.items()
                if name not in ("login_in_clear",)
            }
            assert Status.FAIL not in statuses.values(), loaded.rule.id


def test_usable_without_authentication_weighs_less_on_loopback_but_is_still_a_failure() -> None:
    (outside,) = findings("exposure/redis-unauthenticated", service(REDIS_OPEN))
    (local,) = findings("exposure/redis-unauthenticated", service(REDIS_OPEN, ip=LOOPBACK))
    assert (outside.status, outside.severity) == (Status.FAIL, Severity.CRITICAL)
    assert (local.status, local.severity) == (Status.FAIL, Severity.HIGH)


def test_a_private_address_that_was_reached_is_reachable() -> None:
    assert outcomes("exposure/redis-reachable", service(REDIS_OPEN, ip=PRIVATE)) == ["reachable"]


def test_a_second_look_that_disagrees_makes_it_inconclusive() -> None:
    (finding,) = findings("exposure/redis-unauthenticated", service(REDIS_OPEN, second=(REDIS_CLOSED,)))
    assert finding.status is Status.INCONCLUSIVE


@pytest.mark.parametrize(
    "subject",
    [
        pytest.param(named("http"), id="a web server"),
        pytest.param(named(None), id="an unknown service"),
        pytest.param(
            named(None, nmap=NmapServiceFacts(state="open", name="mongod", confidence=3)),
            id="a name guessed from the port number",
        ),
        pytest.param(named("ssh"), id="SSH, the usual way of administration"),
        pytest.param(named("mysql"), id="MySQL, which has its own rules"),
    ],
)
def test_what_is_not_named_by_an_answer_is_not_reported(subject: ServiceFacts) -> None:
    assert outcomes("exposure/database-port-reachable", subject) == []
    assert outcomes("exposure/management-port-reachable", subject) == []


@pytest.mark.parametrize(
    ("subject", "kind"),
    [
        (named("http", product="Elasticsearch"), "Elasticsearch"),
        (named("http", product="ClickHouse"), "ClickHouse"),
        (
            named(None, nmap=NmapServiceFacts(state="open", name="cassandra-native", confidence=10)),
            "Cassandra",
        ),
        (named("oracle"), "Oracle Database"),
    ],
)
def test_data_stores_are_known_by_protocol_product_or_nmap(subject: ServiceFacts, kind: str) -> None:
    (finding,) = findings("exposure/database-port-reachable", subject)
    assert kind in finding.detail.zh
    assert finding.status is Status.WARN


def test_x11_with_a_display_number_is_known() -> None:
    assert outcomes("exposure/management-port-reachable", named("X11:1")) == ["control_reachable"]


def test_a_hostile_name_stays_a_value() -> None:
    facts = PostgresFacts(answers=True, auth_method="code {evil} {0}")
    made, _ = judge_one(rule("exposure/postgresql-trust"), service(facts), settings)
    assert "{evil}" in made[0].detail.en
