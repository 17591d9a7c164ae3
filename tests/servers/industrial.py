"""Real servers of protocols of controllers."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

from tests.servers.process import loopback_address, running

_PROGRAM = Path(__file__).parent / "programs" / "modbus_server.py"


@contextlib.contextmanager
def modbus_server(folder: Path) -> Iterator[str]:
    """pymodbus on port 502."""
    address = loopback_address()
    command = ["/usr/bin/python3", "-I", str(_PROGRAM), address, "502"]
    with running(command, address=address, port=502, log=folder / "modbus.log"):
        yield address
