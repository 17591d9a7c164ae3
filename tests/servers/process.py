"""Start a real server program, wait until it answers, and make sure that it is gone afterwards."""

from __future__ import annotations

import contextlib
import itertools
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

_hosts = itertools.count()
# Processes of one run, and runs beside each other, keep to blocks of their own: 2,000 addresses each.
_block = os.getpid() * 8 % (230 * 250)


def loopback_address() -> str:
    """A loopback address that no other test uses meanwhile: servers can keep their own standard ports on it."""
    number = next(_hosts)
    block = (_block + number // 250) % (230 * 250)
    return f"127.{20 + block // 250}.{block % 250}.{number % 250 + 1}"


def let_pass(folder: Path) -> None:
    """Let a server's own user pass through to ``folder`` and read what is in it; pytest's folders are closed to others."""
    top = Path(tempfile.gettempdir())
    for part in (folder, *folder.parents):
        if part != top and part.is_relative_to(top):
            part.chmod(part.stat().st_mode | 0o055)


@contextlib.contextmanager
def short_folder() -> Iterator[Path]:
    """A folder for one server: sockets want short paths, and the servers' own users must be able to pass through."""
    folder = Path(tempfile.mkdtemp(prefix="zj-", dir="/tmp"))
    try:
        folder.chmod(0o755)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def program(*names: str) -> str:
    """Full path of the first program found, looking in the sbin folders too.

    :raises RuntimeError: none is installed; ``./test.sh`` installs them.
    """
    path = os.environ.get("PATH", "") + ":/usr/sbin:/sbin:/usr/local/sbin"
    for name in names:
        if found := shutil.which(name, path=path):
            return found
    raise RuntimeError(
        f"none of {', '.join(names)} is installed; run ./test.sh, which installs what the tests need"
    )


def wait_for_port(
    address: str, port: int, seconds: float = 20.0, process: subprocess.Popen[bytes] | None = None
) -> None:
    """Return once a TCP connection to ``address:port`` succeeds."""
    deadline = time.monotonic() + seconds
    while True:
        if process is not None and process.poll() is not None:
            raise RuntimeError(f"server ended with exit code {process.returncode} before it listened")
        with contextlib.suppress(OSError), socket.create_connection((address, port), timeout=1):
            return
        if time.monotonic() > deadline:
            raise RuntimeError(f"nothing listens on {address}:{port} after {seconds} s")
        time.sleep(0.05)


@contextlib.contextmanager
def running(
    command: Sequence[str],
    *,
    address: str,
    port: int,
    more_ports: Sequence[int] = (),
    log: Path,
    environment: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    wait: bool = True,
    patience: float = 20.0,
    user: str | None = None,
) -> Iterator[subprocess.Popen[bytes]]:
    """Run ``command`` in a process group of its own while the block lasts; its output goes to ``log``.

    The block begins when ``port`` and each of ``more_ports`` takes connections: a server opens them one after the other, and may
    load much in between.
    """
    with log.open("ab") as output:
        process = subprocess.Popen(
            list(command),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            cwd=cwd,
            user=user,
            env={**os.environ, **(environment or {})},
        )
    try:
        if wait:
            try:
                for each in (port, *more_ports):
                    wait_for_port(address, each, patience, process)
            except RuntimeError as error:
                raise RuntimeError(
                    f"{error}\n--- {log} ---\n{log.read_text(errors='replace')[-4000:]}"
                ) from None
        yield process
    finally:
        for sign in (signal.SIGTERM, signal.SIGKILL):
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, sign)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(timeout=5)
                break
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)


@contextlib.contextmanager
def running_udp(
    command: Sequence[str], *, address: str, port: int, log: Path, cwd: Path | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    """As :func:`running`, for a server of datagrams: it is there when the kernel lists its socket; nothing is sent."""
    with running(command, address=address, port=port, log=log, cwd=cwd, wait=False) as process:
        wanted = f"{int.from_bytes(socket.inet_aton(address), sys.byteorder):08X}:{port:04X}"
        deadline = time.monotonic() + 20
        while wanted not in Path("/proc/net/udp").read_text():
            if process.poll() is not None or time.monotonic() > deadline:
                told = log.read_text(errors="replace")[-4000:]
                raise RuntimeError(f"{command[0]} does not listen on {address}:{port}\n--- {log} ---\n{told}")
            time.sleep(0.05)
        yield process
