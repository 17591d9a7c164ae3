"""Real servers of protocols of controllers."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

from tests.servers.process import loopback_address, running
from tests.servers.tls import Issued

_PROGRAM = Path(__file__).parent / "programs" / "modbus_server.py"


@contextlib.contextmanager
def modbus_server(folder: Path) -> Iterator[str]:
    """pymodbus on port 502."""
    address = loopback_address()
    command = ["/usr/bin/python3", "-I", str(_PROGRAM), address, "502"]
    with running(command, address=address, port=502, log=folder / "modbus.log"):
        yield address


@contextlib.contextmanager
def modbus_tls_server(folder: Path, leaf: Issued, authority: Issued) -> Iterator[str]:
    """pymodbus on port 802, inside TLS and for clients with a certificate of ``authority`` alone (Modbus/TCP Security)."""
    address = loopback_address()
    certificate, key = leaf.write(folder, "modbus", authority)
    trusted, _ = authority.write(folder, "modbus-authority")
    command = [
        "/usr/bin/python3",
        "-I",
        str(_PROGRAM),
        address,
        "802",
        str(certificate),
        str(key),
        str(trusted),
    ]
    with running(command, address=address, port=802, log=folder / "modbus.log"):
        yield address
