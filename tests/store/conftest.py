"""A PostgreSQL of the tests' own."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.servers.databases import wait_for_postgres
from tests.servers.process import loopback_address, wait_for_port


@pytest.fixture(scope="session")
def postgresql(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A PostgreSQL of the tests' own, on a loopback address; gone afterwards."""
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    assert versions, "PostgreSQL is not installed; run ./test.sh"
    # Not pytest's folder: PostgreSQL's own user must be able to pass through.
    folder = Path(tempfile.mkdtemp(prefix="zijian-pg-", dir="/tmp"))
    folder.chmod(0o755)
    owner = "postgres" if os.geteuid() == 0 else None
    if owner:
        shutil.chown(folder, owner, owner)
    address, binaries = loopback_address(), versions[-1].parent
    data = folder / "data"
    try:
        subprocess.run(
            [binaries / "initdb", "-D", data, "-A", "trust", "-U", "postgres", "--no-sync"],
            check=True, capture_output=True, user=owner, cwd=folder,
        )  # fmt: skip
        process = subprocess.Popen(
            [binaries / "postgres", "-D", data, "-h", address, "-p", "5432", "-k", "", "-F"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, user=owner, cwd=folder,
        )  # fmt: skip
        try:
            wait_for_port(address, 5432, process=process)
            wait_for_postgres(binaries, address)
            yield f"postgresql+pg8000://postgres@{address}:5432/postgres"
        finally:
            process.send_signal(signal.SIGQUIT)
            process.wait(timeout=20)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
