"""Servers that cannot be told to listen on loopback alone, in a network namespace that has nothing but loopback.

Two socat processes carry each connection over a Unix socket, which crosses namespaces: one listens on the test's own
loopback address, the other stands inside.
"""

from __future__ import annotations

import contextlib
import functools
import subprocess
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from tests.servers.process import program, running, running_udp

_INSIDE = """
set -eu
ip link set lo up
port=$1 socket=$2 protocol=$3 own_run=$4
shift 4
[ "$own_run" = "" ] || mount -t tmpfs tmpfs /run
if [ "$protocol" = UDP ]; then listed=-Hlun; else listed=-Hltn; fi
"$@" &
server=$!
until ss "$listed" "sport = :$port" | grep -q .; do
    kill -0 "$server"
    sleep 0.05
done
exec socat "UNIX-LISTEN:$socket,fork,backlog=64" "$protocol:127.0.0.1:$port"
"""
_UNSHARE = ("--map-root-user", "--net")
# Servers that go to the background end with the first process of their namespace, which is the socat inside.
_AS_ROOT = ("--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc")


@functools.cache
def why_not() -> str:
    """Why network namespaces cannot be made here; empty when they can."""
    try:
        unshare = program("unshare")
        program("ip"), program("ss"), program("socat")
    except RuntimeError as error:
        return str(error)
    made = subprocess.run(
        [unshare, *_UNSHARE, "sh", "-c", "ip link set lo up"],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    return "" if made.returncode == 0 else f"no network namespace can be made here: {made.stderr.strip()}"


@contextlib.contextmanager
def inside(
    command: Sequence[str], *, folder: Path, address: str, port: int, inner_port: int, cwd: Path | None = None
) -> Iterator[None]:
    """Run ``command``, which listens on ``inner_port`` of a new namespace, and lead ``address:port`` to it."""
    with _beginning(_UNSHARE, "TCP", command, folder, inner_port, cwd) as socket:
        outside = [
            program("socat"),
            f"TCP-LISTEN:{port},bind={address},fork,reuseaddr,backlog=64",
            f"UNIX-CONNECT:{socket}",
        ]
        with running(outside, address=address, port=port, log=folder / "relay.log"):
            yield


@contextlib.contextmanager
def inside_udp(command: Sequence[str], *, folder: Path, address: str, port: int) -> Iterator[None]:
    """The same for a server of datagrams, which keeps its port inside, and finds an empty ``/run`` there.

    Only for root: such servers take on users of their own.
    """
    with _beginning(_AS_ROOT, "UDP", command, folder, port, None) as socket:
        outside = [program("socat"), f"UDP-LISTEN:{port},bind={address},fork", f"UNIX-CONNECT:{socket}"]
        with running_udp(outside, address=address, port=port, log=folder / "relay.log"):
            yield


@contextlib.contextmanager
def inside_as_root(
    command: Sequence[str], *, folder: Path, address: str, ports: Sequence[int]
) -> Iterator[None]:
    """The same for a server of connections, which may listen on several ports; it is ready when it listens on the last."""
    with contextlib.ExitStack() as stack:
        sockets = {port: folder / f"relay{port}" for port in ports[:-1]}
        further = " ".join(
            f"socat UNIX-LISTEN:{path},fork,backlog=64 TCP:127.0.0.1:{port} &"
            for port, path in sockets.items()
        )
        start = ["sh", "-c", f'{further} exec "$@"', "start", *command]
        last = ports[-1]
        sockets[last] = stack.enter_context(_beginning(_AS_ROOT, "TCP", start, folder, last, None))
        for port, path in sockets.items():
            outside = [
                program("socat"), f"TCP-LISTEN:{port},bind={address},fork,reuseaddr,backlog=64", f"UNIX-CONNECT:{path}",
            ]  # fmt: skip
            log = folder / f"relay{port}.log"
            stack.enter_context(running(outside, address=address, port=port, log=log))
        yield


@contextlib.contextmanager
def _beginning(
    unshare: Sequence[str], protocol: str, command: Sequence[str], folder: Path, port: int, cwd: Path | None
) -> Iterator[Path]:
    """The server in its namespace; the Unix socket that leads to it."""
    log, socket = folder / "namespace.log", folder / "relay"
    shell = [program("unshare"), *unshare, "sh", "-c", _INSIDE, "inside", str(port), str(socket), protocol]
    shell.append("own" if unshare == _AS_ROOT else "")
    with running([*shell, *command], address="", port=0, log=log, cwd=cwd, wait=False) as process:
        deadline = time.monotonic() + 30
        while not socket.exists():
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"{command[0]} does not listen\n{log.read_text(errors='replace')[-4000:]}")
            time.sleep(0.05)
        yield socket
