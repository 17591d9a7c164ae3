"""Real X11 and VNC servers: Xvfb and TigerVNC, each on a loopback address of its own."""

from __future__ import annotations

import contextlib
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

from tests.servers.process import loopback_address, program, running


@contextlib.contextmanager
def vnc_server(folder: Path, *, security: str = "VncAuth") -> Iterator[str]:
    """A TigerVNC on port 5900 with ``security`` types, and without X11 over the network."""
    address = loopback_address()
    secret = folder / "vnc.passwd"
    secret.write_bytes(
        subprocess.run(
            [program("tigervncpasswd", "vncpasswd"), "-f"],
            input=b"not-used\n",
            capture_output=True,
            check=True,
        ).stdout
    )
    secret.chmod(0o600)
    command = [
        program("Xtigervnc"), f":{_display()}", "-rfbport", "5900", "-interface", address, "-SecurityTypes", security,
        "-rfbauth", str(secret), "-geometry", "64x64", "-depth", "24", "-nolisten", "tcp",
    ]  # fmt: skip
    with running(command, address=address, port=5900, log=folder / "vnc.log"):
        yield address


@contextlib.contextmanager
def x11vnc_server(folder: Path, *, password: bool) -> Iterator[str]:
    """An x11vnc on port 5900 that shows an Xvfb, with a password or without."""
    address = loopback_address()
    secret = folder / "x11vnc.passwd"
    subprocess.run(
        [program("x11vnc"), "-storepasswd", "not-used", str(secret)], check=True, capture_output=True
    )
    with x11_server(folder, open_to_all=True) as (_, port):
        command = [
            program("x11vnc"), "-display", f"127.0.0.1:{port - 6000}", "-rfbport", "5900", "-listen", address, "-noipv6",
            "-forever", "-noshm", *(["-rfbauth", str(secret)] if password else ["-nopw"]),
        ]  # fmt: skip
        with running(command, address=address, port=5900, log=folder / "x11vnc.log"):
            yield address


@contextlib.contextmanager
def x11_server(folder: Path, *, open_to_all: bool) -> Iterator[tuple[str, int]]:
    """An Xvfb that listens for X11 over TCP; where not ``open_to_all`` it wants a cookie."""
    display = _display()
    # Xvfb listens on every address of IPv4; the loopback one alone is used.
    cookie = folder / "cookie"
    cookie.touch()
    subprocess.run(
        [program("xauth"), "-f", str(cookie), "add", f":{display}", ".", "0" * 32],
        check=True,
        capture_output=True,
    )
    access = ["-ac"] if open_to_all else ["-auth", str(cookie)]
    command = [program("Xvfb"), f":{display}", "-screen", "0", "64x64x24", "-listen", "tcp", *access]
    with running(command, address="127.0.0.1", port=6000 + display, log=folder / "xvfb.log"):
        yield "127.0.0.1", 6000 + display


def _display() -> int:
    """A display that no other test uses: X11's ports begin at 6000, and identification knows the first 64."""
    return next(
        number for number in range(1 + os.getpid() % 40, 63) if not Path(f"/tmp/.X{number}-lock").exists()
    )
