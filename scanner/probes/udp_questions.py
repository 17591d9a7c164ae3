"""What identification asks over UDP: on each port the one fixed question of the protocol that usually lives there.

A datagram is asked for at most twice, and only an answer of the protocol's own form names a service. Where the second
asking is another datagram, it is for servers that do not know the first. Adding a protocol means one entry here.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass

import dns.message

from scanner.errors import ProtocolError
from scanner.facts import Endpoint
from scanner.probes import (
    Session,
    bacnet_wire,
    cldap_wire,
    coap_wire,
    ipmi_wire,
    mdns_wire,
    memcached_wire,
    netbios_wire,
    ntp_wire,
    rpc_wire,
    sip_wire,
    small_wire,
    snmp_wire,
    ssdp_wire,
    tftp_wire,
)
from scanner.probes.dns import read_answer
from scanner.probes.questions import VERSION_QUERY


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of one protocol. ``read`` raises :class:`ProtocolError` for what is no answer of it."""

    protocol: str
    ports: frozenset[int]
    requests: Callable[[Session, Endpoint], tuple[bytes, ...]]
    read: Callable[[bytes], object]
    any_port: bool = False
    """Servers answer from another port than was asked."""


def _fixed(protocol: str, port: int, read: Callable[[bytes], object], *requests: bytes) -> Question:
    return Question(protocol, frozenset({port}), lambda *_: requests, read)


def _read_snmp(data: bytes) -> object:
    try:
        return snmp_wire.read_engine(data)
    except ProtocolError:
        return snmp_wire.read_value(data)


def _read_ipmi(data: bytes) -> object:
    return ipmi_wire.is_pong(data) or ipmi_wire.read_capabilities(data)


def missing_file() -> str:
    """A name that no file has."""
    return f"zijian-{os.urandom(6).hex()}"


QUESTIONS: tuple[Question, ...] = (
    *(_fixed(name, port, small_wire.reader(name), small_wire.QUESTION)
      for name, port in (("echo", 7), ("daytime", 13), ("qotd", 17), ("chargen", 19))),
    Question("dns", frozenset({53}), lambda *_: (VERSION_QUERY,), lambda data: read_answer(dns.message.from_wire(VERSION_QUERY), data)),
    Question("tftp", frozenset({69}), lambda *_: (tftp_wire.read_request(missing_file()),), tftp_wire.read_reply, True),
    _fixed("rpcbind", 111, rpc_wire.read_reply, rpc_wire.NULL),
    _fixed("ntp", 123, ntp_wire.read_time, ntp_wire.CLIENT),
    _fixed("netbios-ns", 137, netbios_wire.read_node_status, netbios_wire.NODE_STATUS),
    _fixed("snmp", 161, _read_snmp, snmp_wire.DISCOVERY, snmp_wire.get_sys_descr(snmp_wire.V1)),
    _fixed("cldap", 389, cldap_wire.read_entry, cldap_wire.ROOT_DSE),
    _fixed("ipmi", 623, _read_ipmi, ipmi_wire.CAPABILITIES, ipmi_wire.PING),
    Question(
        "ssdp", frozenset({1900}), lambda _, endpoint: ssdp_wire.searches(endpoint.address), ssdp_wire.read_found, True,
    ),
    Question(
        "sip", frozenset({5060}),
        lambda session, endpoint: (
            sip_wire.options(endpoint.address, endpoint.port, session.scan_id, session.user_agent),
        ),
        sip_wire.read_reply,
    ),
    _fixed("mdns", 5353, mdns_wire.read_services, mdns_wire.SERVICES),
    _fixed("coap", 5683, coap_wire.read_reply, coap_wire.WELL_KNOWN_CORE),
    _fixed("memcached", 11211, memcached_wire.read_frame, memcached_wire.framed(b"version")),
    _fixed("bacnet", 47808, bacnet_wire.read_reply, bacnet_wire.read_property(bacnet_wire.OBJECT_IDENTIFIER), bacnet_wire.WHO_IS),
)  # fmt: skip


def question(port: int) -> Question | None:
    """What to ask on ``port``, or None where no protocol is usual."""
    return next((one for one in QUESTIONS if port in one.ports), None)
