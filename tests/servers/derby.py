"""Apache Derby's network server, which speaks DRDA as Db2 does."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

from tests.servers.process import loopback_address, program, running


@contextlib.contextmanager
def derby_server(folder: Path, port: int = 1527) -> Iterator[str]:
    """A Derby without a database."""
    address = loopback_address()
    command = [
        program("java"), "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx96m",
        "-cp", "/usr/share/java/derby.jar:/usr/share/java/derbynet.jar", "org.apache.derby.drda.NetworkServerControl",
        "start", "-h", address, "-p", str(port), "-noSecurityManager",
    ]  # fmt: skip
    with running(command, address=address, port=port, log=folder / "derby.log", cwd=folder, patience=60):
        yield address
