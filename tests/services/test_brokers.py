"""Message brokers and job queues: real servers, open and closed."""

from __future__ import annotations

from pathlib import Path

import pytest

from scanner.probes import activemq, amqp, beanstalkd, gearman, kafka, nats, stomp
from tests.checks.judging import outcomes, service
from tests.conftest import Scanner
from tests.servers.brokers import (
    PASSWORD,
    activemq_server,
    beanstalkd_server,
    gearman_server,
    nats_server,
    rabbitmq_server,
    tansu_server,
)
from tests.servers.tls import Issued, issue
from tests.services.asking import asked, fails

pytestmark = pytest.mark.server


@pytest.fixture(scope="module")
def leaf() -> Issued:
    return issue("nats.test", san=["nats.test"])


def test_nats_as_it_comes(scanner: Scanner, tmp_path: Path) -> None:
    with nats_server(tmp_path) as address:
        facts = asked(scanner, nats.PROBE, address, 4222)
    assert facts.access == "open"
    assert facts.version is not None
    assert facts.version.startswith("2.")
    assert fails(facts, "exposure/nats")


def test_nats_that_wants_a_password(scanner: Scanner, tmp_path: Path) -> None:
    with nats_server(tmp_path, "--user", "tester", "--pass", PASSWORD) as address:
        facts = asked(scanner, nats.PROBE, address, 4222)
    assert facts.access == "authentication"
    assert facts.in_clear is True
    assert not fails(facts, "exposure/nats")
    assert outcomes("exposure/nats", service(facts, ip=address)) == ["loopback_only"]


def test_nats_inside_its_own_tls(scanner: Scanner, tmp_path: Path, leaf: Issued) -> None:
    chain, key = leaf.write(tmp_path, "leaf")
    options = ("--user", "tester", "--pass", PASSWORD, "--tls", "--tlscert", str(chain), "--tlskey", str(key))
    with nats_server(tmp_path, *options) as address:
        facts = asked(scanner, nats.PROBE, address, 4222)
    assert facts.access == "authentication"
    assert facts.tls
    assert facts.in_clear is False


def test_rabbitmq_as_debian_has_it(scanner: Scanner) -> None:
    with rabbitmq_server() as address:
        facts = asked(scanner, amqp.PROBE, address, 5672)
    assert facts.access == "authentication"
    assert facts.told("product") == "RabbitMQ"
    assert set((facts.told("mechanisms") or "").split(", ")) == {"PLAIN", "AMQPLAIN"}
    assert outcomes("exposure/amqp", service(facts)) == ["tells"]


def test_beanstalkd(scanner: Scanner, tmp_path: Path) -> None:
    with beanstalkd_server(tmp_path) as address:
        facts = asked(scanner, beanstalkd.PROBE, address, 11300)
    assert facts.access == "open"
    assert facts.version
    assert fails(facts, "exposure/beanstalkd")


def test_beanstalkd_on_a_port_that_is_not_its_own(scanner: Scanner, tmp_path: Path) -> None:
    with beanstalkd_server(tmp_path, port=7011) as address:
        assert asked(scanner, beanstalkd.PROBE, address, 7011).access == "open"


def test_gearman(scanner: Scanner, tmp_path: Path) -> None:
    with gearman_server(tmp_path) as address:
        facts = asked(scanner, gearman.PROBE, address, 4730)
    assert facts.access == "open"
    assert facts.told("functions") == "0"
    assert fails(facts, "exposure/gearman")


def test_activemq_as_it_comes(scanner: Scanner) -> None:
    with activemq_server(anonymous=True) as address:
        facts = asked(scanner, stomp.PROBE, address, 61613)
        openwire = asked(scanner, activemq.PROBE, address, 61616)
    assert facts.access == "open"
    assert (facts.told("server") or "").startswith("ActiveMQ/5.")
    assert fails(facts, "exposure/stomp")
    assert openwire.access == "open"
    assert (openwire.version or "").startswith("5.")
    assert fails(openwire, "exposure/activemq")


def test_activemq_that_wants_a_password(scanner: Scanner) -> None:
    with activemq_server(anonymous=False) as address:
        facts = asked(scanner, stomp.PROBE, address, 61613)
        openwire = asked(scanner, activemq.PROBE, address, 61616)
    assert facts.access == "authentication"
    assert not fails(facts, "exposure/stomp")
    assert openwire.access == "authentication"
    assert openwire.in_clear is True
    assert not fails(openwire, "exposure/activemq")


def test_a_broker_of_kafkas_protocol_that_lets_anyone_in(scanner: Scanner, tmp_path: Path) -> None:
    with tansu_server(tmp_path, authentication=False) as address:
        facts = asked(scanner, kafka.PROBE, address, 9092)
    assert facts.access == "open"
    assert "ALTER" in facts.reply
    assert facts.told("brokers") == "1"
    assert fails(facts, "exposure/kafka")


def test_a_broker_of_kafkas_protocol_that_wants_a_login(scanner: Scanner, tmp_path: Path) -> None:
    with tansu_server(tmp_path, authentication=True) as address:
        facts = asked(scanner, kafka.PROBE, address, 9092)
    assert facts.access == "authentication"
    assert facts.told("mechanisms") == "SCRAM-SHA-256"
    assert facts.in_clear is True
    assert not fails(facts, "exposure/kafka")
