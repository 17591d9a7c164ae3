"""Real OpenSSH and dropbear servers with keys and algorithms of the test's choosing."""

from __future__ import annotations

import contextlib
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

from tests.servers.process import loopback_address, program, running

_WITH_ACCOUNT = """
set -eu
folder=$1 name=$2
shift 2
(cat /etc/passwd; echo "$name:x:65533:65534::/nonexistent:/bin/sh") >"$folder/passwd"
(cat /etc/shadow; echo "$name::20000:0:99999:7:::") >"$folder/shadow"
mount --bind "$folder/passwd" /etc/passwd
mount --bind "$folder/shadow" /etc/shadow
exec "$@"
"""


def _with_account(folder: Path, name: str, command: list[str]) -> list[str]:
    """``command``, for which there is a user called ``name`` without a password. Only for root."""
    return [program("unshare"), "--mount", "sh", "-c", _WITH_ACCOUNT, "sh", str(folder), name, *command]


@contextlib.contextmanager
def ssh_server(
    folder: Path,
    *,
    keys: Mapping[str, int | None],
    settings: Mapping[str, str] | None = None,
    open_account: str | None = None,
    syslog: Path | None = None,
) -> Iterator[str]:
    """An sshd on port 22 of an address of its own, with fresh ``keys`` (type -> bits, None for the default).

    ``syslog`` is the socket to log to. ``open_account`` is a user without a password whom this sshd alone sees. Only for root.
    """
    address = loopback_address()
    lines = [
        f"ListenAddress {address}:22",
        "PidFile none",
        "UsePAM no",
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
    chosen = {"PasswordAuthentication": "no", "KbdInteractiveAuthentication": "no", **(settings or {})}
    lines += [f"{key} {value}" for key, value in chosen.items()]
    config = folder / "sshd_config"
    config.write_text("\n".join(lines) + "\n")
    Path("/run/sshd").mkdir(exist_ok=True)
    command = [program("sshd"), "-D", "-e", "-f", str(config)]
    if syslog is not None:
        # A /dev/log that this sshd alone sees.
        mounts = 'touch /dev/log; mount --bind "$0" /dev/log && exec "$@"'
        command = [
            program("unshare"),
            "--mount",
            "sh",
            "-c",
            mounts,
            str(syslog),
            program("sshd"),
            "-D",
            "-f",
            str(config),
        ]
    if open_account is not None:
        command = _with_account(folder, open_account, command)
    with running(command, address=address, port=22, log=folder / "sshd.log"):
        yield address


@contextlib.contextmanager
def dropbear_server(
    folder: Path, *options: str, key: str = "ed25519", port: int = 22, open_account: str | None = None
) -> Iterator[str]:
    """dropbear on an address of its own, with one host ``key``: its type, and its size behind a space.

    ``open_account`` as for :func:`ssh_server`.
    """
    address = loopback_address()
    kind, _, bits = key.partition(" ")
    path = folder / f"dropbear_{kind}"
    size = ["-s", bits] if bits else []
    subprocess.run(
        [program("dropbearkey"), "-t", kind, *size, "-f", str(path)], check=True, capture_output=True
    )
    command = [
        program("dropbear"),
        "-F",
        "-E",
        "-P",
        str(folder / "pid"),
        "-r",
        str(path),
        "-p",
        f"{address}:{port}",
        *options,
    ]
    if open_account is not None:
        command = _with_account(folder, open_account, command)
    with running(command, address=address, port=port, log=folder / "dropbear.log"):
        yield address
