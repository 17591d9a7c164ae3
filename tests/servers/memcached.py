"""Real memcached servers."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

from tests.servers.process import loopback_address, program, running


@contextlib.contextmanager
def memcached_server(folder: Path, *, password: str | None = None, port: int = 11211) -> Iterator[str]:
    """A memcached on an address of its own, with the text protocol's authentication when ``password`` is given."""
    address = loopback_address()
    command = [program("memcached"), "-u", "nobody", "-l", address, "-p", str(port), "-U", "0", "-m", "8"]
    if password is not None:
        users = folder / "users"
        users.write_text(f"tester:{password}\n")
        users.chmod(0o644)
        for parent in (folder, *folder.parents):
            # memcached reads the file as nobody, and pytest's folders are closed to others.
            if parent.stat().st_uid == 0 and str(parent).startswith("/tmp/"):
                parent.chmod(parent.stat().st_mode | 0o011)
        command += ["-Y", str(users)]
    with running(command, address=address, port=port, log=folder / "memcached.log"):
        yield address
