"""Real proxies: microsocks, squid, tinyproxy."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

from tests.servers.process import loopback_address, program, running


@contextlib.contextmanager
def microsocks(folder: Path, *, password: bool) -> Iterator[str]:
    """A SOCKS 5 proxy on port 1080, with a password or without."""
    address = loopback_address()
    wants = ["-u", "tester", "-P", "not-guessed"] if password else []
    command = [program("microsocks"), "-i", address, "-p", "1080", *wants]
    with running(command, address=address, port=1080, log=folder / "microsocks.log"):
        yield address
