"""Real Redis servers."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

from tests.servers.process import loopback_address, program, running


@contextlib.contextmanager
def redis_server(
    folder: Path, *, password: str | None = None, options: tuple[str, ...] = (), port: int = 6379
) -> Iterator[str]:
    """A Redis on an address of its own; yields the address."""
    address = loopback_address()
    command = [
        program("redis-server"), "--bind", address, "--port", str(port), "--save", "", "--appendonly", "no",
        "--dir", str(folder), "--daemonize", "no", *options,
    ]  # fmt: skip
    if password is not None:
        command += ["--requirepass", password]
    with running(command, address=address, port=port, log=folder / "redis.log"):
        yield address
