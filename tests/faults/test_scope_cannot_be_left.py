"""The scope cannot be left: whatever targets, scope files, DNS answers and redirects say, nothing else is contacted.

hypothesis draws the case, the real scope and the real guarded door act on it, and a recorder that listens on all
of loopback counts what was contacted. What is authorised is told by a second account of the scope, kept beside each text
that is drawn, so that an error in reading it cannot hide itself. ``ZIJIAN_SCOPE_CASES=100000`` runs the whole.
"""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import json
import os
import socket
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.rrset
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scanner.errors import PolicyRefusal, ResolveError, ZijianError
from scanner.facts import Endpoint, ServiceFacts
from scanner.governor import Governor, Pace
from scanner.ledger import Ledger, records, verify
from scanner.probes import Session
from scanner.probes.http import PROBE as HTTP
from scanner.resolve import resolve_name
from scanner.scope import Scope, Target, build_scope, parse_target, read_scope_file
from scanner.transport import Door, Limits
from tests.conftest import LoopbackOnly
from tests.faults.recorder import Contact, Recorder, recorder

CASES = int(os.environ.get("ZIJIAN_SCOPE_CASES", "2000"))
PORTS = 3
HOSTS = tuple(f"127.0.0.{last}" for last in range(1, 15))
NAMES = ("a.example.test", "b.example.test", "www.example.test")
LIMITS = Limits(connect=3, silence=3, life=10)

Allowed = frozenset[tuple[str, int | None]]
"""Address and port (None: every port) that a text authorises, by the account of the test."""
Drawn = tuple[str, Allowed]


def cases(share: float) -> settings:
    """This test's share of all cases, drawn the same each time; a slow machine is no fault."""
    return settings(
        max_examples=max(1, round(CASES * share)),
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )


class Field:
    """The recorder, a loop, and a ledger for the cases of one test; counts as it goes."""

    def __init__(self, folder: Path, found: Recorder) -> None:
        self.folder = folder
        self.recorder = found
        self.ports = found.ports
        self.loop = asyncio.new_event_loop()
        self.ledger = Ledger(folder / "ledger.jsonl")
        self.count: Counter[str] = Counter()

    def port(self, index: int | None) -> int | None:
        return None if index is None else self.ports[index]

    def door(self, authority: Any) -> Door:
        pace = Pace(host_rate=1e6, host_open=16, total_rate=1e6, total_open=64)
        return Door(authority, Governor(pace), self.ledger, limits=LIMITS)

    async def attempt(self, door: Door, ip: str, port: int, transport: str) -> None:
        """Try to send something there; an error is an answer like any other."""
        try:
            if transport == "tcp":
                async with door.tcp(ip, port, "fuzz"):
                    self.count["opened"] += 1
            else:
                async with door.udp(ip, port, "fuzz") as datagrams:
                    await datagrams.send(b"?")
                    self.count["opened"] += 1
        except PolicyRefusal:
            self.count["refused"] += 1

    def none_outside(self, allowed: Allowed, *, also: frozenset[Contact] = frozenset()) -> None:
        """Hold what came to the recorder against what was authorised."""
        for contact in self.recorder.contacts():
            self.count["contacts"] += 1
            ip, port, _ = contact
            assert contact in also or covers(allowed, ip, port), f"{contact} was contacted: not authorised"


def covers(allowed: Allowed, ip: str, port: int | None) -> bool:
    return (ip, None) in allowed or (ip, port) in allowed


@pytest.fixture
def field(tmp_path: Path, record_property: Callable[[str, object], None]) -> Iterator[Field]:
    with recorder(PORTS) as found:
        field = Field(tmp_path, found)
        yield field
        field.loop.close()
        field.ledger.close()
        for what, number in field.count.items():
            record_property(what, number)
        # The ledger tells of just what the recorder saw, and its chain holds.
        ledger = field.folder / "ledger.jsonl"
        assert verify(ledger).error is None
        opened = sum(record["kind"] == "open" and record["purpose"] == "fuzz" for record in records(ledger))
        assert opened == field.count["opened"]
        ledger.unlink()


# ---------------------------------------------------------------------- what is drawn

indexes = st.integers(0, PORTS - 1)
optional_index = st.none() | indexes
hosts = st.sampled_from(HOSTS)
attempts = st.lists(
    st.tuples(
        hosts
        | st.sampled_from(("::1", "127.1", "0x7f.0.0.1", "0177.0.0.1", "localhost", "2130706433", "::", "0.0.0.0"))
        | hosts.map(lambda ip: f"::ffff:{ip}"),
        indexes,
        st.sampled_from(("tcp", "udp")),
    ),
    min_size=1,
    max_size=4,
)  # fmt: skip


def _right_target(field_ports: tuple[int, ...]) -> st.SearchStrategy[Drawn]:
    """A target in one of the forms that a user may write, and what it authorises."""
    port = st.none() | st.sampled_from(field_ports)

    def with_port(ip: str, chosen: int | None, form: str) -> Drawn:
        text = form.format(ip=ip, port="" if chosen is None else f":{chosen}")
        return text, frozenset({(ip, chosen)})

    def network(ip: str, length: int) -> Drawn:
        base = ipaddress.ip_network(f"{ip}/{length}", strict=False)
        return str(base), frozenset((str(one), None) for one in base)

    def span(first: int, more: int) -> Drawn:
        last = min(first + more, 14)
        return f"127.0.0.{first}-{last}", frozenset(
            (f"127.0.0.{one}", None) for one in range(first, last + 1)
        )

    def url(ip: str, chosen: int, form: str) -> Drawn:
        return form.format(ip=ip, port=chosen), frozenset({(ip, chosen)})

    return st.one_of(
        st.builds(with_port, hosts, port, st.just("{ip}{port}")),
        st.builds(network, hosts, st.integers(28, 32)),
        st.builds(span, st.integers(1, 14), st.integers(0, 13)),
        st.builds(url, hosts, st.sampled_from(field_ports), st.sampled_from(("http://{ip}:{port}/", "https://{ip}:{port}/a?b#c"))),
        st.builds(url, hosts, st.sampled_from(field_ports), st.sampled_from(("[::ffff:{ip}]:{port}", "http://[::ffff:{ip}]:{port}/"))),
        st.sampled_from(field_ports).map(lambda chosen: (f"[::1]:{chosen}", frozenset({("::1", chosen)}))),
    )  # fmt: skip


def _target(field_ports: tuple[int, ...]) -> st.SearchStrategy[Drawn]:
    """A target, or what looks like one: what it authorises is nothing, where it is none."""
    return st.one_of(
        _right_target(field_ports),
        # The host of such a URL is what stands after the @ (RFC 3986 §3.2.1), where it is taken at all.
        st.builds(
            lambda ip, port: (f"http://127.0.0.99@{ip}:{port}/", frozenset({(ip, port)})),
            hosts, st.sampled_from(field_ports),
        ),
        st.sampled_from(
            ("127.1", "0x7f.0.0.1", "0177.0.0.1", "127.0.0.1.", "127.0.0.1%lo", "127.0.0.0/33", "127.0.0.5/29", "::1%1",
             "127.0.0.1:0", "127.0.0.1:65536", "１２７.0.0.1", "127。0。0。1", "127.0.0.9-2", "-", "", "//127.0.0.1")
        ).map(lambda text: (text, frozenset())),
        st.text(alphabet="0127.:-/[]@%x", max_size=18).map(lambda text: (text, _any_reading(text))),
    )  # fmt: skip


def _any_reading(text: str) -> Allowed:
    """What free text authorises: the address it begins with, in its one standard form."""
    head = text.partition("/")[0].partition("-")[0]
    for host, port in ((head, None), (head.rpartition(":")[0], head.rpartition(":")[2])):
        with contextlib.suppress(ValueError):
            address = ipaddress.ip_address(host.strip("[]"))
            if address.version == 6 and address.ipv4_mapped is not None:
                address = address.ipv4_mapped
            if "/" in text or "-" in text:
                base = ipaddress.ip_network(f"{address}/28", strict=False) if address.version == 4 else None
                return frozenset((str(one), None) for one in base or ())
            return frozenset({(str(address), int(port) if port else None)})
    return frozenset()


def read(drawn: list[Drawn]) -> tuple[tuple[Target, ...], Allowed]:
    """The targets that zijian takes of those drawn, and what those authorise."""
    taken: list[Target] = []
    allowed: set[tuple[str, int | None]] = set()
    for text, grants in drawn:
        with contextlib.suppress(ZijianError):
            taken.append(parse_target(text))
            allowed |= grants
    return tuple(taken), frozenset(allowed)


def without(allowed: Allowed, excluded: set[str]) -> Allowed:
    return frozenset(entry for entry in allowed if entry[0] not in excluded)


# ---------------------------------------------------------------------- the cases


def test_the_recorder_sees_what_leaves_the_scope(field: Field) -> None:
    """The measure itself: with an authority that allows all of loopback, each contact is counted."""

    async def leave() -> None:
        door = field.door(LoopbackOnly())
        await field.attempt(door, "127.0.0.9", field.ports[0], "tcp")
        await field.attempt(door, "127.0.0.8", field.ports[1], "udp")
        await field.attempt(door, "::1", field.ports[2], "tcp")

    field.loop.run_until_complete(leave())
    with pytest.raises(AssertionError, match="not authorised"):
        field.none_outside(frozenset({("127.0.0.9", field.ports[1])}))
    field.loop.run_until_complete(leave())
    assert sorted(field.recorder.contacts()) == [
        ("127.0.0.8", field.ports[1], "udp"),
        ("127.0.0.9", field.ports[0], "tcp"),
        ("::1", field.ports[2], "tcp"),
    ]


def _try_all(field: Field, scope: Scope, allowed: Allowed, tries: list[tuple[str, int, str]]) -> None:
    door = field.door(scope)

    async def go() -> None:
        for ip, index, transport in tries:
            await field.attempt(door, ip, field.ports[index], transport)

    field.loop.run_until_complete(go())
    field.none_outside(allowed)
    for ip, index, _ in tries:
        # nmap is asked for by address and ports; it is not started here, the door's word is what lets it go.
        with contextlib.suppress(PolicyRefusal):
            door.check_address(ip, {field.ports[index]}, "fuzz: nmap")
            address = ipaddress.ip_address(ip)
            plain = address.ipv4_mapped if address.version == 6 and address.ipv4_mapped else address
            assert covers(allowed, str(plain), field.ports[index])


def test_targets(field: Field) -> None:
    @cases(0.6)
    @given(drawn=st.lists(_target(field.ports), min_size=1, max_size=4), tries=attempts)
    def run(drawn: list[Drawn], tries: list[tuple[str, int, str]]) -> None:
        field.count["cases"] += 1
        targets, allowed = read(drawn)
        try:
            scope = build_scope("self", targets, None, authorized_by="张三", own=())
        except ZijianError:
            return
        _try_all(field, scope, allowed, tries)

    run()
    assert field.count["contacts"], "a scope that allows nothing proves nothing"
    assert field.count["refused"]


def test_scope_files(field: Field) -> None:
    networks = st.lists(st.tuples(hosts, st.integers(29, 32)), max_size=2)
    path = field.folder / "scope.toml"
    right = _right_target(field.ports)
    # One wrong target refuses the whole file: most files have none, and most windows end after they begin.
    rights = st.lists(right, min_size=1, max_size=3)
    listed = st.one_of(rights, rights, rights, st.lists(_target(field.ports), min_size=1, max_size=2))

    @cases(0.3)
    @given(
        drawn=listed,
        chosen=st.one_of(st.just([]), st.just([]), st.lists(right, max_size=2)),
        exclude=networks,
        police=st.booleans(),
        window=st.tuples(st.sampled_from((-1, -2, -3, 0, 1)), st.sampled_from((3, 4, 2, 1, 5, 0, -1))),
        tries=attempts,
    )
    def run(
        drawn: list[Drawn],
        chosen: list[Drawn],
        exclude: list[tuple[str, int]],
        police: bool,
        window: tuple[int, int],
        tries: list[tuple[str, int, str]],
    ) -> None:
        field.count["cases"] += 1
        _, allowed = read(drawn)
        targets, _ = read(chosen)
        bars = [ipaddress.ip_network(f"{ip}/{length}", strict=False) for ip, length in exclude]
        now = datetime.now(UTC)
        # Half an hour off, so that no case depends on the moment it runs at.
        opens = now + timedelta(hours=window[0] + 0.5)
        ends = opens + timedelta(hours=window[1])
        text = [
            f'mode = "{"police" if police else "self"}"',
            'unit = "某市公安局"' if police else 'authorized_by = "张三"',
            '[object]\nname = "某某公司"',
            f'[notice]\nkind = "announcement"\nnot_before = {opens.isoformat()}\nnot_after = {ends.isoformat()}',
            '[[officers]]\nname = "张三"\nnumber = "1"\n[[officers]]\nname = "李四"\nnumber = "2"',
            f"[scope]\ntargets = {json.dumps([text for text, _ in drawn])}",
            f"exclude = {json.dumps([str(bar) for bar in bars])}",
        ]
        path.write_text("\n".join(text))
        try:
            scope = build_scope(
                "police" if police else "self", targets, read_scope_file(path), authorized_by="", own=()
            )
        except ZijianError:
            field.count["refused files"] += 1
            return
        field.count["taken files"] += 1
        if not opens <= now < ends:
            allowed = frozenset()
        _try_all(field, scope, without(allowed, {str(one) for bar in bars for one in bar}), tries)

    run()
    assert field.count["refused files"]
    assert field.count["taken files"] > field.count["cases"] / 4, "files that are all refused prove little"
    assert field.count["contacts"]


class LyingServer:
    """A DNS server at an address of its own that answers every question with what it is told to."""

    def __init__(self) -> None:
        self.sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.sock.bind(("127.0.0.53", 0))
        self.address: tuple[str, int] = self.sock.getsockname()
        self.records: list[tuple[str, str, str]] = []
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                wire, peer = self.sock.recvfrom(2048)
                if not wire:
                    return
                question = dns.message.from_wire(wire)
                answer = dns.message.make_response(question)
                for owner, kind, value in self.records:
                    name = question.question[0].name if owner == "@" else dns.name.from_text(owner)
                    with contextlib.suppress(dns.exception.DNSException):
                        answer.answer.append(dns.rrset.from_text(name, 60, "IN", kind, value))
                self.sock.sendto(answer.to_wire(), peer)

    def close(self) -> None:
        """End the thread with an empty datagram, then the socket."""
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as last:
            last.sendto(b"", self.address)


def test_dns_answers(field: Field) -> None:
    """Names lead to addresses that ``addresses`` allows, or nowhere; later answers change nothing."""
    owner = st.sampled_from(("@", "cdn.example.test.", "www.other.test."))
    record = st.one_of(
        st.tuples(owner, st.just("A"), hosts),
        st.tuples(owner, st.just("AAAA"), st.sampled_from(("::1", "::", "::127.0.0.3")) | hosts.map("::ffff:{}".format)),
        st.tuples(owner, st.just("CNAME"), st.sampled_from(("cdn.example.test.", "www.other.test.", "localhost."))),
    )  # fmt: skip
    server = LyingServer()
    path = field.folder / "scope.toml"

    @cases(0.08)
    @given(
        name=st.sampled_from(NAMES),
        index=optional_index,
        first=st.lists(record, max_size=4),
        later=st.lists(record, max_size=4),
        limit=st.tuples(hosts, st.integers(29, 32)),
        exclude=hosts,
        tries=attempts,
    )
    def run(
        name: str,
        index: int | None,
        first: list[tuple[str, str, str]],
        later: list[tuple[str, str, str]],
        limit: tuple[str, int],
        exclude: str,
        tries: list[tuple[str, int, str]],
    ) -> None:
        field.count["cases"] += 1
        port = field.port(index)
        allowed_network = ipaddress.ip_network(f"{limit[0]}/{limit[1]}", strict=False)
        target = name if port is None else f"{name}:{port}"
        path.write_text(
            f'mode = "self"\nauthorized_by = "张三"\n[scope]\ntargets = ["{target}"]\n'
            f'addresses = ["{allowed_network}"]\nexclude = ["{exclude}"]\n'
        )
        scope = build_scope(
            "self", (), read_scope_file(path), authorized_by="", own=(), resolvers=(server.address,)
        )
        server.records = first

        async def go() -> Scope:
            door = field.door(scope)
            found = await resolve_name(door, name, scope.resolvers, {})
            pinned, _ = scope.with_pins({name: found.addresses})
            inside = field.door(pinned)
            server.records = later
            with contextlib.suppress(ResolveError):
                # What DNS says later is known, and opens nothing.
                for ip in (await resolve_name(inside, name, scope.resolvers, {})).addresses:
                    await field.attempt(inside, ip, field.ports[0], "tcp")
            for ip in pinned.pins[name]:
                await field.attempt(inside, ip, port or field.ports[0], "tcp")
            for ip, number, transport in tries:
                await field.attempt(inside, ip, field.ports[number], transport)
            return pinned

        with contextlib.suppress(ResolveError):
            field.loop.run_until_complete(go())
        told = {value.removeprefix("::ffff:") for _, kind, value in first if kind in {"A", "AAAA"}}
        field.none_outside(
            frozenset((str(ip), port) for ip in allowed_network if str(ip) in told and str(ip) != exclude)
        )

    try:
        run()
    finally:
        server.close()
    assert field.count["contacts"]


class RedirectingServer:
    """An HTTP server on all of loopback that answers everything with one redirect, and counts where it was reached."""

    def __init__(self) -> None:
        self.listeners = [socket.create_server(("0.0.0.0", 0), backlog=64) for _ in range(2)]
        self.ports = [listener.getsockname()[1] for listener in self.listeners]
        self.location = ""
        self.reached: set[tuple[str, int]] = set()
        for listener in self.listeners:
            threading.Thread(target=self._serve, args=(listener,), daemon=True).start()

    def _serve(self, listener: socket.socket) -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection, contextlib.suppress(OSError):
                self.reached.add(connection.getsockname())
                connection.settimeout(3)
                data = b""
                while b"\r\n\r\n" not in data and (more := connection.recv(4096)):
                    data += more
                head = f"HTTP/1.1 302 Found\r\nLocation: {self.location}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
                connection.sendall(head.encode("utf-8", "replace"))

    def close(self) -> None:
        """Stop listening."""
        for listener in self.listeners:
            listener.shutdown(socket.SHUT_RDWR)
            listener.close()


def test_redirects(field: Field) -> None:
    server = RedirectingServer()
    here, other = server.ports
    host = st.one_of(
        hosts,
        st.sampled_from(
            ("127.1", "2130706434", "0x7f000002", "localhost", "[::1]", "[::ffff:127.0.0.2]", "127.0.0.1@127.0.0.2",
             "127.0.0.2#@127.0.0.1", "127.0.0.2\\@127.0.0.1", "127.0.0.1.127.0.0.2", "127。0。0。2", "127.0.0.1%00.127.0.0.2")
        ),
    )  # fmt: skip
    port = st.sampled_from(("", f":{here}", f":{other}", ":0", ":65536", ":-1"))
    whole = st.builds(
        "{}{}{}{}".format, st.sampled_from(("http://", "https://", "//", "HTTP:\\\\", "http:/", "http:", "ftp://", "\t//")),
        host, port, st.sampled_from(("", "/", "/../", "/a?b=http://127.0.0.3/", "#x")),
    )  # fmt: skip
    free = st.text(alphabet=f"htps:/\\@127.0?#[]%{here}", max_size=40)

    @cases(0.02)
    @given(location=whole | free)
    def run(location: str) -> None:
        field.count["cases"] += 1
        server.location = location
        scope = build_scope("self", (parse_target(f"127.0.0.1:{here}"),), None, authorized_by="张三", own=())
        service = ServiceFacts(
            endpoint=Endpoint(ip="127.0.0.1", port=here), target="127.0.0.1", protocol="http", tls=False
        )

        async def go() -> None:
            door = field.door(scope)
            session = Session(
                door=door,
                scan_id="fuzz",
                user_agent="zijian/test",
                loop=asyncio.get_running_loop(),
                ca_file=None,
            )
            with contextlib.suppress(ZijianError):
                await HTTP.run(session, service)

        field.loop.run_until_complete(go())
        assert server.reached <= {("127.0.0.1", here)}, location

    try:
        run()
    finally:
        server.close()
    assert server.reached == {("127.0.0.1", here)}
