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


@contextlib.contextmanager
def squid(folder: Path, access: str) -> Iterator[str]:
    """Squid on port 3128 with these rules of access."""
    address = loopback_address()
    folder.chmod(0o777)
    settings = folder / "squid.conf"
    settings.write_text(
        f"http_port {address}:3128\n{access}\npid_filename {folder}/squid.pid\ncache deny all\naccess_log none\n"
        f"cache_log {folder}/cache.log\ncoredump_dir {folder}\nvisible_hostname tester\nshutdown_lifetime 0 seconds\npinger_enable off\n"
    )
    command = [program("squid"), "-N", "-f", str(settings)]
    with running(command, address=address, port=3128, log=folder / "squid.log"):
        yield address


@contextlib.contextmanager
def tinyproxy(folder: Path, access: str) -> Iterator[str]:
    """tinyproxy on port 8888 with these lines of configuration."""
    address = loopback_address()
    settings = folder / "tinyproxy.conf"
    settings.write_text(f"Port 8888\nListen {address}\nTimeout 20\nMaxClients 10\n{access}\n")
    command = [program("tinyproxy"), "-d", "-c", str(settings)]
    with running(command, address=address, port=8888, log=folder / "tinyproxy.log"):
        yield address
