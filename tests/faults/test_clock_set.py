"""The clock of the machine is set during a scan: the ledger's order holds, the notified time is kept, and it is all named.

libfaketime gives the scan, and nothing else, a clock that a file sets.
"""

from __future__ import annotations

import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from scanner.ledger import reached, records, verify
from tests.faults.conftest import Reference
from tests.faults.scans import FieldScan, canonical, ledger_holds, wait_until
from tests.test_scan import scope_file

pytestmark = pytest.mark.server
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
_LIBRARIES = sorted(Path("/usr/lib").glob("*/faketime/libfaketime.so.1"))

_ZIJIAN = (
    "import select, sys, time; time.sleep = lambda seconds: select.select([], [], [], seconds) and None;"
    "from scanner.cli import main; sys.argv = ['zijian', *sys.argv[1:]]; main()"
)
"""libfaketime 0.9.10 fails clock_nanosleep(2) until an absolute time, which Python's sleep uses, with EINVAL."""


class Clock:
    """The clock of the scan: that of the machine, and an offset."""

    def __init__(self, scan: FieldScan) -> None:
        if not _LIBRARIES:
            raise RuntimeError(
                "libfaketime is not installed; run ./test.sh, which installs what the tests need"
            )
        scan.command = lambda *arguments: [sys.executable, "-c", _ZIJIAN, *arguments]  # type: ignore[method-assign]
        self._file = scan.folder / "clock"
        self.set(timedelta())
        scan.environment |= {
            "LD_PRELOAD": str(_LIBRARIES[0]),
            "FAKETIME_TIMESTAMP_FILE": str(self._file),
            "FAKETIME_CACHE_DURATION": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "DONT_FAKE_MONOTONIC": "1",
            "FAKETIME_DONT_RESET": "1",
        }

    def set(self, offset: timedelta) -> None:
        """Set the clock, in one step."""
        new = self._file.with_suffix(".new")
        new.write_text(f"{offset.total_seconds():+.0f}s\n")
        new.rename(self._file)


@pytest.fixture
def clock(scan: FieldScan) -> Clock:
    return Clock(scan)


def moved(path: Path) -> float:
    """Seconds by which the clock was set, in all.

    A look while another thread has libfaketime read its file may get the machine's own time: one step more, and one back.
    """
    return sum(record["seconds"] for record in records(path) if record["kind"] == "clock")


def about(wanted: timedelta) -> object:
    return pytest.approx(wanted.total_seconds(), abs=90)


def started(scan: FieldScan, written: int) -> subprocess.Popen[str]:
    process = scan.start(*scan.begin())
    assert wait_until(lambda: scan.written() >= written, process=process)
    return process


@pytest.mark.parametrize(("offset", "written"), [(-HOUR, 100), (DAY, 3)], ids=["back", "forward"])
def test_a_clock_that_is_set_changes_no_finding_and_is_named(
    scan: FieldScan, reference: Reference, clock: Clock, offset: timedelta, written: int
) -> None:
    process = started(scan, written)
    clock.set(offset)
    told, _ = process.communicate(timeout=300)
    assert (process.returncode, told, scan.undone()) == (0, "", [])
    assert canonical(scan.result()) == reference.findings
    ledger_holds(scan.ledger())
    assert [record["seq"] for record in records(scan.ledger())] == list(range(1, scan.written() + 1))
    assert moved(scan.ledger()) == about(offset)
    named = scan.result()["ledger"]["clock"]  # type: ignore[index]
    assert sum(step["seconds"] for step in named) == about(offset)
    said = "back by" if offset < timedelta() else "forward by"
    assert said in (scan.folder / "out/report.html").read_text(encoding="utf-8")


def test_set_back_while_it_is_killed_the_ledger_says_so_when_it_is_gone_on_with(
    scan: FieldScan, reference: Reference, clock: Clock
) -> None:
    process = started(scan, 60)
    process.kill()
    process.communicate()
    came_to = reached(scan.ledger())
    clock.set(-HOUR)
    assert canonical(scan.finish()) == reference.findings
    assert moved(scan.ledger()) == about(-HOUR)
    assert verify(scan.ledger()).error is None
    assert came_to is not None
    assert came_to < (reached(scan.ledger()) or came_to)


# ------------------------------------------------------------------ the notified time


def police(scan: FieldScan, ends: timedelta, *more: str) -> None:
    """The scan by a notice whose time ends soon; the scan is slow, so that it would go on for long."""
    targets = "[" + ", ".join(f'"{address}"' for address in scan.addresses) + "]"
    name = scope_file(scan.folder, targets, begins=-2 * HOUR, ends=ends)
    first = scan.begin()
    scan.begin = lambda: ("scan", "--scope", name, *first[3:], *more)  # type: ignore[method-assign]


def test_forward_over_the_end_nothing_is_sent_any_more(
    scan: FieldScan, reference: Reference, clock: Clock
) -> None:
    police(scan, HOUR)
    process = started(scan, 100)
    clock.set(DAY)
    told, _ = process.communicate(timeout=300)
    assert process.returncode == 130, told
    result = scan.result()
    assert result["scan"]["status"] == "interrupted"  # type: ignore[index]
    assert "notified time" in result["scan"]["status_reason"]  # type: ignore[index]
    kinds = [record["kind"] for record in records(scan.ledger())]
    assert "open" not in kinds[kinds.index("clock") :]
    refused = scan(*scan.again())
    assert (refused.returncode, "ended at" in refused.stderr) == (2, True)
    # It was a mistake, and is mended: the ledger tells the two apart.
    clock.set(timedelta())
    assert canonical(scan.finish()) == reference.findings
    assert verify(scan.ledger()).error is None


def test_set_back_before_the_end_it_ends_in_time_all_the_same(scan: FieldScan, clock: Clock) -> None:
    police(scan, timedelta(seconds=60), "--rate", "0.5")
    process = started(scan, 5)
    clock.set(-HOUR)
    told, _ = process.communicate(timeout=300)
    assert process.returncode == 130, told
    assert "notified time has ended" in scan.result()["scan"]["status_reason"]  # type: ignore[index]
    assert moved(scan.ledger()) == about(-HOUR)
    # By the clock there is an hour left; by the ledger there is none.
    refused = scan(*scan.again())
    assert refused.returncode == 2
    assert "clock was set back" in refused.stderr
    assert len(refused.stderr.strip().splitlines()) == 1
    ledger_holds(scan.ledger())
