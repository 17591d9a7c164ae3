"""A real telnetd behind a listener that hands it each connection, as inetd does."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

from tests.servers.process import loopback_address, program, running


@contextlib.contextmanager
def telnet_server(folder: Path) -> Iterator[str]:
    """The inetutils telnetd on port 23 of an address of its own; its login program only shows a prompt."""
    address = loopback_address()
    login = folder / "login"
    login.write_text("#!/bin/sh\nprintf 'test machine\\r\\n'\nprintf 'login: '\nread name\nexit 1\n")
    login.chmod(0o755)
    command = [
        program("socat"), f"TCP-LISTEN:23,bind={address},reuseaddr,fork",
        f"EXEC:{program('telnetd')} -h -E {login},nofork",
    ]  # fmt: skip
    with running(command, address=address, port=23, log=folder / "telnetd.log"):
        yield address


@contextlib.contextmanager
def telnets_server(folder: Path, certificate: Path) -> Iterator[str]:
    """The same inside TLS, on port 992; ``certificate`` holds its key too."""
    address = loopback_address()
    with telnet_server(folder) as inner:
        command = [
            program("socat"), f"OPENSSL-LISTEN:992,cert={certificate},verify=0,openssl-min-proto-version=TLS1.2,cipher=ECDHE+AESGCM,bind={address},reuseaddr,fork",
            f"TCP:{inner}:23",
        ]  # fmt: skip
        with running(command, address=address, port=992, log=folder / "tls.log"):
            yield address
