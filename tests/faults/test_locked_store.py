"""The store is locked by another process: for a while, which a scan waits out, or for longer, which it says."""

from __future__ import annotations

import contextlib
import sqlite3
import sys
import time
from collections.abc import Iterator

import pytest

from tests.faults.conftest import Reference
from tests.faults.scans import FieldScan, Watch, canonical, ledger_holds, wait_until

pytestmark = pytest.mark.server

_IMPATIENT = (
    "import sys, scanner.store.database as database; database.BUSY_SECONDS = 1;"
    "from scanner.cli import main; sys.argv = ['zijian', *sys.argv[1:]]; main()"
)


@contextlib.contextmanager
def locked(scan: FieldScan) -> Iterator[None]:
    """Another connection holds the lock for writing, as a backup or a second zijian does."""
    with contextlib.closing(sqlite3.connect(scan.home / "zijian.sqlite", timeout=30)) as other:
        other.isolation_level = None
        other.execute("BEGIN EXCLUSIVE")
        yield
        other.execute("ROLLBACK")


def impatient(scan: FieldScan) -> FieldScan:
    """The same scan with a store that waits one second instead of twenty."""
    scan.command = lambda *arguments: [sys.executable, "-c", _IMPATIENT, *arguments]  # type: ignore[method-assign]
    return scan


def test_a_lock_that_is_let_go_is_waited_for(scan: FieldScan, reference: Reference) -> None:
    process = scan.start(*scan.begin())
    assert wait_until(lambda: scan.written() >= 30, process=process)
    with locked(scan):
        time.sleep(4)
    told, _ = process.communicate(timeout=300)
    assert (process.returncode, told) == (0, "")
    assert canonical(scan.result()) == reference.findings


@pytest.mark.parametrize("written", [1, 20, 120, 250])
def test_a_lock_that_stays_is_said_and_nothing_is_lost(
    scan: FieldScan, reference: Reference, written: int
) -> None:
    impatient(scan)
    process = scan.start(*scan.begin())
    assert wait_until(lambda: scan.written() >= written, process=process)
    with locked(scan):
        told, _ = process.communicate(timeout=300)
        assert process.returncode == 3, told
        (line,) = told.strip().splitlines()
        assert "was locked by another process for 1 s" in line
        assert "zijian scan --resume" in line
        refused = scan("scan", "--resume", "latest", "-q", "-o", "out")
        assert refused.returncode == 3
        assert "was locked by another process" in refused.stderr
        assert len(refused.stderr.strip().splitlines()) == 1
    watch = Watch(scan)
    result = scan.finish()
    assert canonical(result) == reference.findings
    assert result["hosts"] == reference.hosts
    ledger_holds(scan.ledger())
    watch.holds(last=True)


def test_a_store_that_is_locked_before_it_is_made_is_said(scan: FieldScan) -> None:
    impatient(scan)
    scan.home.mkdir()
    with locked(scan):
        done = scan(*scan.begin())
    assert done.returncode == 3
    (line,) = done.stderr.strip().splitlines()
    assert "was locked by another process for 1 s" in line
    assert scan.written() == 0
