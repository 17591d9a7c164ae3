"""``kill -9`` at any moment: the resumed scan finds what an undisturbed one finds, and nothing is asked twice.

``ZIJIAN_KILLS=100`` runs as many; by default eight. Moments are drawn the same each time: half by the clock, from before the
store is there until after the report, half by how far the ledger has come.
"""

from __future__ import annotations

import os
import random
import time
from pathlib import Path

import pytest

from tests.faults.conftest import Reference
from tests.faults.scans import FieldScan, Watch, canonical, kill, ledger_holds, wait_until, whole_tree
from tests.leftovers import marked

KILLS = int(os.environ.get("ZIJIAN_KILLS", "8"))

pytestmark = pytest.mark.server


def kill_once(scan: FieldScan, reference: Reference, drawn: random.Random, *, by_clock: bool) -> None:
    """Begin or go on, and kill: zijian alone, which nmap must not outlive, or the whole tree at once."""
    before = scan.written()
    process = scan.start(*scan.again())
    if by_clock:
        time.sleep(drawn.uniform(0, reference.seconds))
    else:
        wanted = before + drawn.randint(1, reference.records)
        wait_until(lambda: scan.written() >= wanted, process=process)
    kill(whole_tree(process.pid) if drawn.random() < 0.5 else [process.pid])
    process.communicate()


def nmaps_of(folder: Path) -> dict[int, str]:
    """nmap's processes that still run for a scan of this folder."""
    return {
        pid: command
        for pid, command in marked(os.environ["ZIJIAN_TEST_RUN"]).items()
        if command.startswith("nmap ") and str(folder) in Path(f"/proc/{pid}/environ").read_text()
    }


@pytest.mark.parametrize("seed", range(KILLS))
def test_killed_at_any_moment_it_resumes_to_the_same_findings(
    scan: FieldScan, reference: Reference, seed: int
) -> None:
    drawn = random.Random(seed)
    watches: list[Watch] = []
    for _ in range(drawn.choice((1, 1, 2, 3))):
        kill_once(scan, reference, drawn, by_clock=seed % 2 == 0)
        wait_until(lambda: not nmaps_of(scan.folder))
        watches.append(Watch(scan))
    result = scan.finish()
    assert canonical(result) == reference.findings
    assert result["hosts"] == reference.hosts
    assert result["scan"]["status"] == "completed"
    ledger_holds(scan.ledger())
    for watch in watches:
        watch.holds(last=watch is watches[-1])
