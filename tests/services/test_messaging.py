"""Message brokers: real servers, open and closed."""

from __future__ import annotations

from pathlib import Path

import pytest

from checks.model import Status
from scanner.errors import TargetError
from scanner.facts import IdentifyFacts
from scanner.facts.access import MqttFacts
from scanner.probes import identify, mqtt
from tests.checks.judging import findings, outcomes, service
from tests.conftest import Scanner
from tests.servers.mqtt import mosquitto_server
from tests.services.footprint import footprint
from tests.services.hostile import PORT, saying, tcp_server

pytestmark = pytest.mark.server


def test_mosquitto_that_lets_anyone_in(scanner: Scanner, tmp_path: Path) -> None:
    with mosquitto_server(tmp_path, anonymous=True) as address:
        named = scanner.probe(identify.PROBE, address, 1883)
        facts = scanner.probe(mqtt.PROBE, address, 1883)
    assert isinstance(named, IdentifyFacts)
    assert named.protocol == "mqtt"
    assert isinstance(facts, MqttFacts)
    assert facts.access == "open"
    assert footprint(scanner).opened == 2
    assert outcomes("exposure/mqtt", service(facts, ip=address)) == ["usable_locally"]
    (finding,) = findings("exposure/mqtt", service(facts))
    assert finding.status is Status.FAIL
    assert "CONNACK 0" in finding.detail.zh


def test_mosquitto_that_wants_a_password(scanner: Scanner, tmp_path: Path) -> None:
    with mosquitto_server(tmp_path, anonymous=False) as address:
        named = scanner.probe(identify.PROBE, address, 1883)
        facts = scanner.probe(mqtt.PROBE, address, 1883)
    assert isinstance(named, IdentifyFacts)
    assert named.protocol == "mqtt"
    assert isinstance(facts, MqttFacts)
    assert facts.access == "authentication"
    assert outcomes("exposure/mqtt", service(facts, ip=address)) == ["loopback_only"]
    assert outcomes("exposure/clear-text-access", service(facts)) == ["clear_text"]
    assert outcomes("exposure/clear-text-access", service(facts, ip=address)) == ["loopback_only"]


@pytest.mark.parametrize("reply", [b"\x20\x02\x00\x03", b"\x20\x02\x00\x02"])
def test_a_broker_that_is_not_ready_is_not_judged(scanner: Scanner, reply: bytes) -> None:
    with tcp_server(saying(reply, listen_first=True)) as address:
        facts = scanner.probe(mqtt.PROBE, address, PORT)
    assert isinstance(facts, MqttFacts)
    assert facts.access is None


@pytest.mark.parametrize("reply", [b"HTTP/1.1 400 Bad Request\r\n\r\n", b"\x20\x02\x00\x63", b"\x20"])
def test_what_is_no_connack_is_an_error(scanner: Scanner, reply: bytes) -> None:
    with tcp_server(saying(reply, listen_first=True, hold=False)) as address, pytest.raises(TargetError):
        scanner.probe(mqtt.PROBE, address, PORT)
