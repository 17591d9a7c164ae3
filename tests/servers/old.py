"""Real services of old, started by OpenBSD's inetd: its own small ones, rsh-redone, and the netkit finger."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

from tests.servers.process import loopback_address, program, running

PORTS = {"echo": 7, "daytime": 13, "chargen": 19, "finger": 79, "login": 513, "shell": 514}
_SERVERS = {"finger": "in.fingerd", "login": "in.rlogind", "shell": "in.rshd"}


@contextlib.contextmanager
def inetd(folder: Path, service: str) -> Iterator[str]:
    """One of :data:`PORTS`, on its own port."""
    address = loopback_address()
    server = _SERVERS.get(service)
    does = f"{program(server)} {server}" if server else "internal"
    config = folder / "inetd.conf"
    config.write_text(f"{address}:{service} stream tcp nowait root {does}\n")
    with running(
        [program("inetd"), "-d", "-i", str(config)],
        address=address,
        port=PORTS[service],
        log=folder / "inetd.log",
    ):
        yield address
