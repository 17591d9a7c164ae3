"""Real rsync daemons."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

from tests.servers.process import loopback_address, program, running


@contextlib.contextmanager
def rsync_daemon(folder: Path, modules: str, *, general: str = "") -> Iterator[str]:
    """A daemon on port 873; ``{folder}`` in ``modules`` stands for a folder with a file that nobody should get."""
    address = loopback_address()
    data = folder / "data"
    data.mkdir()
    (data / "secret.txt").write_text("nobody's business\n")
    secrets = folder / "secrets"
    secrets.write_text("tester:not-guessed-by-anyone\n")
    secrets.chmod(0o600)
    settings = folder / "rsyncd.conf"
    settings.write_text(
        f"use chroot = no\nlog file = {folder}/rsync.log\n{general}\n"
        + modules.format(folder=data, secrets=secrets)
    )
    command = [
        program("rsync"), "--daemon", "--no-detach", f"--address={address}", "--port=873", f"--config={settings}",
    ]  # fmt: skip
    with running(command, address=address, port=873, log=folder / "daemon.log"):
        yield address
