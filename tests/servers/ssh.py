"""Real OpenSSH servers with keys and algorithms of the test's choosing."""

from __future__ import annotations

import contextlib
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

from tests.servers.process import loopback_address, program, running


@contextlib.contextmanager
def ssh_server(
    folder: Path, *, keys: Mapping[str, int | None], settings: Mapping[str, str] | None = None
) -> Iterator[str]:
    """An sshd on port 22 of an address of its own, with fresh ``keys`` (type -> bits, None for the default)."""
    address = loopback_address()
    lines = [
        f"ListenAddress {address}:22",
        "PidFile none",
        "UsePAM no",
        "PasswordAuthentication no",
        "StrictModes no",
        "MaxStartups 100:30:200",
    ]
    for kind, bits in keys.items():
        path = folder / f"host_{kind}"
        size = ["-b", str(bits)] if bits else []
        subprocess.run(
            ["ssh-keygen", "-q", "-t", kind, *size, "-N", "", "-f", str(path)],
            check=True,
            capture_output=True,
        )
        lines.append(f"HostKey {path}")
    lines += [f"{key} {value}" for key, value in (settings or {}).items()]
    config = folder / "sshd_config"
    config.write_text("\n".join(lines) + "\n")
    Path("/run/sshd").mkdir(exist_ok=True)
    command = [program("sshd"), "-D", "-e", "-f", str(config)]
    with running(command, address=address, port=22, log=folder / "sshd.log"):
        yield address
