"""Real memcached servers."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

from tests.servers.process import let_pass, loopback_address, program, running


@contextlib.contextmanager
def memcached_server(folder: Path, *, password: str | None = None, port: int = 11211) -> Iterator[str]:
    """A memcached on an address of its own, with the text protocol's authentication when ``password`` is given."""
    address = loopback_address()
    command = [program("memcached"), "-u", "nobody", "-l", address, "-p", str(port), "-U", "0", "-m", "8"]
    if password is not None:
        users = folder / "users"
        users.write_text(f"tester:{password}\n")
        users.chmod(0o644)
        let_pass(folder)
        command += ["-Y", str(users)]
    with running(command, address=address, port=port, log=folder / "memcached.log"):
        yield address
