"""The guarded door: nothing leaves unasked, uncounted, unbounded or after the stop."""

from __future__ import annotations

import ast
import asyncio
import contextlib
import itertools
import socket
import struct
import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

import checks
import reports
import scanner as scanner_package
from scanner.errors import ConnectError, PeerClosed, PeerTimeout, PolicyRefusal, Stopped, Throttled, TooLarge
from scanner.governor import Governor, Pace
from scanner.ledger import records, verify
from scanner.probes import Session
from scanner.transport import Limits, StopSignal
from tests.conftest import Scanner

Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def serving(address: str, handler: Handler) -> AsyncIterator[int]:
    """A server of the test's own; yields its port."""
    tasks: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        with contextlib.suppress(OSError, asyncio.CancelledError):
            await handler(reader, writer)
        writer.close()

    server = await asyncio.start_server(serve, address, 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for task in tasks:
            task.cancel()


async def silence(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await asyncio.sleep(30)


async def endless(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while True:
        writer.write(b"x" * 65536)
        await writer.drain()


async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while True:
        writer.write(b"x")
        await writer.drain()
        await asyncio.sleep(0.05)


async def reset(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read(100)
    sock = writer.get_extra_info("socket")
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


async def short(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read(100)
    writer.write(b"abc")
    await writer.drain()


LIMITS = Limits(connect=1, silence=0.4, life=1.2, received=300_000)


@pytest.mark.parametrize(
    ("handler", "error", "outcome"),
    [(silence, PeerTimeout, "timeout"), (endless, TooLarge, "too_large"), (drip, PeerTimeout, "timeout"),
     (reset, PeerClosed, "reset"), (short, PeerClosed, "closed")],
)  # fmt: skip
def test_every_bad_peer_ends_in_its_own_error(
    scanner: Scanner, address: str, handler: Handler, error: type[Exception], outcome: str
) -> None:
    async def job(session: Session) -> None:
        async with serving(address, handler) as port:
            with pytest.raises(error):
                async with session.door.tcp(address, port, "test", limits=LIMITS) as stream:
                    await stream.write(b"hello")
                    await stream.read_exactly(10**6)

    scanner.run(job)
    opened, closed = records(scanner.ledger_path)
    assert (opened["kind"], closed["kind"], closed["of"]) == ("open", "close", opened["seq"])
    assert closed["outcome"] == outcome
    assert closed["received"] <= LIMITS.received + 65536


def test_a_line_without_end_is_cut(scanner: Scanner, address: str) -> None:
    async def job(session: Session) -> None:
        async with serving(address, endless) as port:
            with pytest.raises(TooLarge):
                async with session.door.tcp(address, port, "test") as stream:
                    await stream.read_line()

    scanner.run(job)


def test_a_closed_port_is_refused_and_does_not_count_as_trouble(scanner: Scanner, address: str) -> None:
    async def job(session: Session) -> None:
        for _ in range(20):
            with pytest.raises(ConnectError) as caught:
                async with session.door.tcp(address, 9, "test"):
                    pass
            assert caught.value.kind == "refused"

    scanner.run(job)


def test_what_is_not_authorised_is_refused_recorded_and_not_sent(scanner: Scanner) -> None:
    async def job(session: Session) -> None:
        with pytest.raises(PolicyRefusal):
            async with session.door.tcp("192.0.2.1", 80, "test"):
                pass
        with pytest.raises(PolicyRefusal):
            async with session.door.udp("192.0.2.1", 53, "test"):
                pass
        with pytest.raises(PolicyRefusal):
            await asyncio.to_thread(session.door.blocking, session.loop, "192.0.2.1", 80, "test")

    scanner.run(job)
    assert [record["kind"] for record in records(scanner.ledger_path)] == ["refused"] * 3


def test_stop_ends_open_connections_at_once_and_refuses_new_ones(scanner: Scanner, address: str) -> None:
    async def job(session: Session) -> None:
        async with serving(address, silence) as port:

            async def wait() -> None:
                async with session.door.tcp(address, port, "test", limits=Limits(silence=20)) as stream:
                    await stream.read()

            def wait_in_thread() -> None:
                sock = session.door.blocking(session.loop, address, port, "test", limits=Limits(silence=20))
                with contextlib.closing(sock), contextlib.suppress(OSError):
                    sock.recv(1)

            waiting = asyncio.create_task(wait())
            thread = asyncio.create_task(asyncio.to_thread(wait_in_thread))
            await asyncio.sleep(0.3)
            session.door.stop.stop("the test says so")
            async with asyncio.timeout(3):
                with pytest.raises(Stopped):
                    await waiting
                await thread
            with pytest.raises(Stopped):
                await wait()

    scanner.run(job)
    closed = [record for record in records(scanner.ledger_path) if record["kind"] == "close"]
    assert [record["outcome"] for record in closed] == ["stopped", "stopped"]


def test_a_blocking_socket_counts_caps_and_gives_its_place_back(scanner: Scanner, address: str) -> None:
    async def job(session: Session) -> None:
        async with serving(address, endless) as port:

            def read_all() -> None:
                sock = session.door.blocking(session.loop, address, port, "test", limits=LIMITS)
                with (
                    contextlib.closing(sock),
                    sock.makefile("rb") as file,
                    pytest.raises(OSError, match="more than"),
                ):
                    file.read()

            for _ in range(20):  # more than the places there are
                await asyncio.wait_for(asyncio.to_thread(read_all), 5)

    scanner.run(job)
    closed = [record for record in records(scanner.ledger_path) if record["kind"] == "close"]
    assert len(closed) == 20
    assert {record["outcome"] for record in closed} == {"too_large"}
    assert all(300_000 < record["received"] < 400_000 for record in closed)


def test_the_ledger_has_what_the_server_saw(scanner: Scanner, address: str) -> None:
    seen: list[int] = []

    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        data = await reader.read(100)
        seen.append(len(data))
        writer.write(data * 2)
        await writer.drain()

    async def job(session: Session) -> None:
        async with serving(address, echo) as port:
            for size in range(1, 11):
                async with session.door.tcp(address, port, "test") as stream:
                    await stream.write(b"x" * size)
                    await stream.read_exactly(size * 2)

    scanner.run(job)
    closed = [record for record in records(scanner.ledger_path) if record["kind"] == "close"]
    assert [record["sent"] for record in closed] == seen == list(range(1, 11))
    assert [record["received"] for record in closed] == [size * 2 for size in seen]
    assert verify(scanner.ledger_path).error is None


# ------------------------------------------------------------------ pace


def run_paced(pace: Pace, count: int) -> tuple[int, list[float]]:
    """Most connections at once, and the moments they were admitted."""

    async def main() -> tuple[int, list[float]]:
        governor = Governor(pace)
        loop, at_once, most, moments = asyncio.get_running_loop(), 0, 0, list[float]()

        async def one() -> None:
            nonlocal at_once, most
            async with governor.admit("192.0.2.1"):
                at_once += 1
                most = max(most, at_once)
                moments.append(loop.time())
                await asyncio.sleep(0.02)
                at_once -= 1

        await asyncio.gather(*(one() for _ in range(count)))
        return most, moments

    return asyncio.run(main())


def test_no_more_at_once_than_allowed() -> None:
    most, _ = run_paced(Pace(host_rate=1000, host_open=3, total_rate=1000), 20)
    assert most <= 3


def test_no_faster_than_allowed() -> None:
    _, moments = run_paced(Pace(host_rate=50, host_open=20), 20)
    gaps = [later - earlier for earlier, later in itertools.pairwise(moments)]
    assert sum(gaps) >= 19 / 50 * 0.95


def test_trouble_slows_a_host_and_then_leaves_it_alone() -> None:
    async def main() -> None:
        governor = Governor(Pace(host_rate=10_000))
        for _ in range(11):
            governor.report("192.0.2.1", ok=False)
        assert not governor.given_up("192.0.2.1")
        assert governor._host("192.0.2.1").factor == 32
        governor.report("192.0.2.1", ok=True, latency=0.01)
        assert governor._host("192.0.2.1").factor < 32
        for _ in range(12):
            governor.report("192.0.2.1", ok=False)
        assert governor.given_up("192.0.2.1")
        with pytest.raises(Throttled):
            async with governor.admit("192.0.2.1"):
                pass
        async with governor.admit("192.0.2.2"):
            pass

    asyncio.run(main())


def test_the_first_reason_to_stop_stands() -> None:
    stop = StopSignal()
    called = threading.Event()
    with stop.calling(called.set):
        stop.stop("one")
        stop.stop("two")
    assert (stop.reason, called.is_set()) == ("one", True)
    with pytest.raises(Stopped, match="one"), stop.calling(called.set):
        pass


# ------------------------------------------------------------------ nobody else opens sockets

_NETWORK = {"socket", "ssl", "http.client", "urllib.request", "ftplib", "smtplib", "imaplib", "poplib", "telnetlib",
            "socketserver", "xmlrpc", "dns.query", "dns.asyncquery", "dns.resolver", "dns.asyncresolver", "dns.zone",
            "requests", "urllib3", "subprocess", "nmap"}  # fmt: skip
_ALLOWED = {
    "scanner/transport.py": {"socket", "ssl"},
    # Exceptions and types of the libraries that are plugged into the door; checked further below.
    "scanner/http_session.py": {"socket", "ssl", "http.client", "requests", "urllib3"},
    # Reads answers that came through the door; checked further below.
    "scanner/plain_http.py": {"http.client"},
    "scanner/nmap_worker.py": {"subprocess", "nmap"},
    "scanner/nmap_process.py": {"subprocess"},
    "scanner/discovery.py": {"subprocess"},
    "scanner/cli/run.py": {"ssl"},
    # Its version, for the account of the software.
    "scanner/cli/case_contents.py": {"ssl"},
    # Asks fontconfig for a Chinese font.
    "scanner/cli/doctor.py": {"subprocess"},
}


def _imports(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            found.add(node.module)
            found.update(f"{node.module}.{alias.name}" for alias in node.names)
    return found


def _sources() -> list[Path]:
    folders = [Path(package.__path__[0]) for package in (scanner_package, checks, reports)]
    return [path for folder in folders for path in sorted(folder.rglob("*.py"))]


@pytest.mark.parametrize("path", _sources(), ids=lambda path: path.name)
def test_only_the_door_imports_sockets(path: Path) -> None:
    root = Path(scanner_package.__path__[0]).parent
    name = path.relative_to(root).as_posix()
    network = {
        item for item in _imports(path) for known in _NETWORK if item == known or item.startswith(f"{known}.")
    }
    top = {
        next(known for known in _NETWORK if item == known or item.startswith(f"{known}.")) for item in network
    }
    assert top <= _ALLOWED.get(name, set())


def _calls(path: Path) -> set[str]:
    return {
        ast.unparse(node.func) for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call)
    }


def test_libraries_plugged_in_never_connect_by_themselves() -> None:
    root = Path(scanner_package.__path__[0])
    http = _calls(root / "http_session.py")
    assert not http & {"requests.get", "requests.post", "requests.request", "HTTPAdapter", "urllib3.PoolManager",
                       "socket.socket", "socket.create_connection"}  # fmt: skip
    answers = {call for call in _calls(root / "plain_http.py") if call.startswith("http.")}
    assert answers == {"http.client.HTTPResponse"}
    resolve = _calls(root / "resolve.py")
    assert not {
        call for call in resolve if call.startswith(("dns.resolver.resolve", "resolver.resolve", "dns.query"))
    }
    everywhere = {call for path in root.rglob("*.py") for call in _calls(path)}
    assert not everywhere & {
        "asyncio.open_connection",
        "loop.create_connection",
        "loop.create_datagram_endpoint",
    }
