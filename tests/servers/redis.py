"""Real Redis servers."""

from __future__ import annotations

import contextlib
import subprocess
from collections.abc import Iterator
from pathlib import Path

from tests.servers.process import loopback_address, program, running


@contextlib.contextmanager
def redis_server(
    folder: Path,
    *,
    password: str | None = None,
    options: tuple[str, ...] = (),
    port: int = 6379,
    tls: bool = False,
) -> Iterator[str]:
    """A Redis on an address of its own; yields the address."""
    address = loopback_address()
    listen = ["--port", str(port)]
    if tls:
        key, certificate = folder / "key.pem", folder / "certificate.pem"
        subprocess.run(
            [
                "openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost",
                "-keyout", str(key), "-out", str(certificate),
            ],
            check=True, capture_output=True,
        )  # fmt: skip
        listen = ["--port", "0", "--tls-port", str(port), "--tls-auth-clients", "no"]
        listen += ["--tls-cert-file", str(certificate), "--tls-key-file", str(key)]
    command = [
        program("redis-server"), "--bind", address, *listen, "--save", "", "--appendonly", "no",
        "--dir", str(folder), "--daemonize", "no", *options,
    ]  # fmt: skip
    if password is not None:
        command += ["--requirepass", password]
    with running(command, address=address, port=port, log=folder / "redis.log"):
        yield address


@contextlib.contextmanager
def sentinel_server(folder: Path, *, password: str | None = None, port: int = 26379) -> Iterator[str]:
    """A Redis Sentinel that watches nothing."""
    address = loopback_address()
    settings = folder / "sentinel.conf"
    lines = [f"bind {address}", f"port {port}", f"dir {folder}", "protected-mode no"]
    if password is not None:
        lines.append(f"requirepass {password}")
    settings.write_text("\n".join(lines) + "\n")
    command = [program("redis-server"), str(settings), "--sentinel"]
    with running(command, address=address, port=port, log=folder / "sentinel.log"):
        yield address
