"""Scans that are disturbed on purpose, and what must hold of them afterwards."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from scanner.ledger import records, verify
from tests.faults.field import PORTS
from tests.test_scan import Zijian

Result = dict[str, Any]
_WHO_IDENTIFIED = re.compile(r"^(nmap|identify)\.")
"""On a busy machine zijian's own question may come too late, and nmap's be the one that names the version."""
_PATIENCE = 300.0
"""Seconds: so that what never comes fails the test. A machine that is busy takes its time."""


class FieldScan(Zijian):
    """The scan of the field in a folder of its own; ``within`` starts the commands, such as ``nsenter``."""

    def __init__(self, folder: Path, addresses: Sequence[str], *, within: Sequence[str] = ()) -> None:
        super().__init__(folder)
        folder.mkdir(exist_ok=True)
        self.addresses = tuple(addresses)
        self.within = tuple(within)

    def command(self, *arguments: str) -> list[str]:
        return [*self.within, *super().command(*arguments)]

    def begin(self) -> tuple[str, ...]:
        """The arguments of the first attempt."""
        return ("scan", *self.addresses, "--ports", PORTS, "-q", "-o", "out")

    def again(self) -> tuple[str, ...]:
        """The arguments of the next attempt: to resume, once there is something to resume."""
        return ("scan", "--resume", "latest", "-q", "-o", "out") if self.known() else self.begin()

    def known(self) -> bool:
        """Whether the store holds the scan."""
        return bool(self._select("SELECT id FROM scans"))

    def runs(self) -> dict[tuple[str, str, int], dict[str, Any]]:
        """The stored probe runs, but for nmap's word, which is kept again under each name: key -> run."""
        found = [json.loads(run) for run in self._select("SELECT run FROM runs")]
        return {
            (json.dumps(run["endpoint"], sort_keys=True), run["probe"], run["attempt"]): run
            for run in found
            if run["probe"] != "nmap"
        }

    def heard(self) -> bool:
        """Whether any host answered anything."""
        return any(json.loads(host)["up"] for host in self._select("SELECT host FROM hosts"))

    def steps(self) -> set[str]:
        """The keys of the stored steps."""
        return set(self._select("SELECT key FROM steps"))

    def _select(self, query: str) -> list[str]:
        """What a copy of the store answers, while no scan runs: it may lie on a disk that only the scan sees, or that is full."""
        with tempfile.TemporaryDirectory() as folder:
            for path in self.home.glob("zijian.sqlite*"):
                if not path.name.endswith("-shm"):
                    shutil.copy(path, folder)
            with contextlib.closing(sqlite3.connect(Path(folder) / "zijian.sqlite")) as connection:
                try:
                    return [value for (value,) in connection.execute(query)]
                except sqlite3.OperationalError:
                    # The tables are not there yet.
                    return []

    def written(self) -> int:
        """Records in the ledger so far."""
        return sum(path.read_bytes().count(b"\n") for path in self.home.glob("scans/*/ledger.jsonl"))

    def finish(self, *, allowed: Iterable[int] = (0,)) -> Result:
        """Resume until the report is there; it."""
        done = self(*self.again(), timeout=_PATIENCE)
        if "is complete" in done.stderr:
            # It was ended when the result was kept already, perhaps before its files were written.
            done = self("report", "latest", "-o", "out")
        assert done.returncode in allowed, (done.stderr, self.undone())
        return self.result()

    def undone(self) -> list[dict[str, Any]]:
        """What the report says was not checked, but for what a rule had no use for."""
        entries: list[dict[str, Any]] = self.result()["not_checked"]  # type: ignore[assignment]
        return [entry for entry in entries if entry["what"] != "check"]


def canonical(result: Result) -> list[tuple[Any, ...]]:
    """What was found, without times and numbers of connections: the same for two scans that saw the same."""
    return sorted(
        (
            finding["check"],
            finding["service"] or finding["target"],
            finding["outcome"],
            finding["status"],
            finding["severity"],
            finding["looks"],
            tuple(_WHO_IDENTIFIED.sub("identified.", entry["fact"]) for entry in finding["evidence"]),
            finding["key"],
        )
        for finding in result["findings"]
    )


def whole_tree(pid: int) -> list[int]:
    """The process and all that descend from it, children first."""
    found = []
    for task in Path(f"/proc/{pid}/task").glob("*"):
        with contextlib.suppress(OSError):
            for child in (task / "children").read_text().split():
                found += whole_tree(int(child))
    return [*found, pid]


def kill(pids: Iterable[int]) -> None:
    """End them at once, as ``kill -9`` does."""
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def wait_until(
    condition: Callable[[], bool], *, process: subprocess.Popen[str] | None = None, seconds: float = _PATIENCE
) -> bool:
    """Wait until the condition holds; false when the process ended before."""
    deadline = time.monotonic() + seconds
    while not condition():
        if process is not None and process.poll() is not None:
            return False
        assert time.monotonic() < deadline, "what was waited for did not come"
        time.sleep(0.005)
    return True


NOT_ANSWERED = {"not_reached", "timeout", "unreachable", "throttled"}
"""Reasons of runs that a resumed scan repeats, with the other look of the two."""


class Watch:
    """Holds that nothing is asked twice but what was in flight when the scan was ended, or got no answer."""

    def __init__(self, scan: FieldScan) -> None:
        self._scan = scan
        runs = scan.runs()
        again = {key[:2] for key, run in runs.items() if run["reason"] in NOT_ANSWERED}
        self._runs = {key: run for key, run in runs.items() if key[:2] not in again}
        # Where nothing answered at all, nothing that was seen counts.
        self._steps = scan.steps() if scan.heard() else set()
        self._written = max((record["seq"] for record in self._records()), default=0)

    def _records(self) -> Iterator[dict[str, Any]]:
        for path in self._scan.home.glob("scans/*/ledger.jsonl"):
            yield from records(path)

    def holds(self, *, last: bool) -> None:
        """What was stored at this moment stayed as it was, and what was sent since belongs to what was not stored.

        ``last``: the scan was not ended again after this moment, so that every connection since has led to a stored run.
        """
        now = self._scan.runs()
        for key, run in self._runs.items():
            assert now[key] == run
        stored_since = {seq for key, run in now.items() if key not in self._runs for seq in run["ledger"]}
        done = Counter((_where(run), run["probe"]) for run in self._runs.values())
        in_all = Counter((_where(run), run["probe"]) for run in now.values())
        for record in self._records():
            if record["seq"] <= self._written:
                continue
            if record["kind"] == "open" and record["seq"] not in stored_since:
                # It belongs to a run that a later kill cut short: a first or second look that was not stored yet.
                key = (record["remote"], record["purpose"].partition(":")[0])
                assert not last, record
                assert done[key] < in_all[key], record
            if record["kind"] == "nmap_start":
                self._nmap_holds(record["command"].split())

    def _nmap_holds(self, words: list[str]) -> None:
        ports = words[words.index("-p") + 1]
        kind = "versions" if "-sV" in words else "tcp"
        for address in words[words.index("out.xml") + 1 :]:
            assert f"{kind}:{address}:{ports}" not in self._steps, words


def _where(run: dict[str, Any]) -> str:
    endpoint = run["endpoint"]
    return f"{endpoint['ip']}:{endpoint['port']}"


def ledger_holds(path: Path) -> None:
    """The chain verifies from the first record to the last, and every connection that was opened is accounted for once."""
    assert verify(path).error is None
    opened = [record["seq"] for record in records(path) if record["kind"] == "open"]
    closed = [record["of"] for record in records(path) if record["kind"] == "close"]
    assert len(closed) == len(set(closed))
    assert set(closed) <= set(opened)
