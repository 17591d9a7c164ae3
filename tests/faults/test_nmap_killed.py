"""nmap is killed, or the program that runs it: that is named, nothing is taken for absent, and the resumed scan is complete."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from scanner.ledger import records
from tests.faults.conftest import Reference
from tests.faults.scans import FieldScan, Watch, canonical, kill, ledger_holds, wait_until, whole_tree
from tests.leftovers import marked
from tests.servers.process import loopback_address

pytestmark = pytest.mark.server


def of_scan(process: subprocess.Popen[str], wanted: Callable[[list[str]], bool]) -> list[int]:
    """The scan's processes whose command line is wanted."""
    found = []
    for pid in whole_tree(process.pid):
        try:
            words = Path(f"/proc/{pid}/cmdline").read_text().split("\0")
        except OSError:
            continue
        if wanted(words):
            found.append(pid)
    return found


def kill_when_it_runs(process: subprocess.Popen[str], wanted: Callable[[list[str]], bool]) -> None:
    """Kill the first such process of the scan as soon as it is there."""
    pids: list[int] = []

    def there() -> bool:
        pids[:] = of_scan(process, wanted)
        return bool(pids)

    assert wait_until(there, process=process)
    kill(pids)


def not_done(scan: FieldScan) -> set[tuple[str, str, str]]:
    return {
        (entry["subject"], entry["name"], entry["reason"])
        for entry in scan.result()["not_checked"]  # type: ignore[attr-defined]
        if entry["what"] == "discovery"
    }


@pytest.mark.parametrize("option", ["-sS", "-sV"])
def test_nmap_killed_is_named_and_done_again(scan: FieldScan, reference: Reference, option: str) -> None:
    process = scan.start(*scan.begin())
    kill_when_it_runs(process, lambda words: words[0] == "nmap" and option in words)
    told, _ = process.communicate(timeout=300)
    assert process.returncode == 3, told
    result = scan.result()
    assert result["scan"]["status"] == "partial"  # type: ignore[index]
    name = "nmap" if option == "-sS" else "versions"
    subjects = reference.addresses if option == "-sS" else reference.addresses[:1]
    assert not_done(scan) == {(subject, name, "nmap_cut") for subject in subjects}
    said = [entry["message"] for entry in result["not_checked"] if entry["reason"] == "nmap_cut"]  # type: ignore[attr-defined]
    assert set(said) == {"nmap was ended by SIGKILL"}
    assert "cut" in {record["outcome"] for record in records(scan.ledger()) if record["kind"] == "nmap_end"}
    watch = Watch(scan)
    assert canonical(scan.finish()) == reference.findings
    assert scan.result()["hosts"] == reference.hosts
    assert not not_done(scan)
    ledger_holds(scan.ledger())
    watch.holds(last=True)


def test_hosts_that_a_killed_nmap_did_not_ask_are_not_taken_for_absent(
    scan: FieldScan, tmp_path: Path
) -> None:
    """nmap's host discovery is killed: what it had not asked yet is named, and asked when the scan is resumed."""
    first = loopback_address().rpartition(".")[0]
    arguments = ("scan", f"{first}.0/26", "--ports", "6379", "--checks", "exposure", "-q", "-o", "out")
    process = scan.start(*arguments)
    kill_when_it_runs(process, lambda words: words[0] == "nmap" and "-sn" in words)
    process.communicate(timeout=300)
    assert process.returncode == 3
    assert {name for _, name, _ in not_done(scan)} == {"nmap"}
    assert not [host for host in scan.result()["hosts"] if host["up"] is False]  # type: ignore[attr-defined]
    result = scan.finish()
    assert result["scan"]["status"] == "completed"
    assert {host["up"] for host in result["hosts"]} == {True}


def test_when_the_program_that_runs_nmap_is_killed_no_nmap_goes_on_alone(
    scan: FieldScan, reference: Reference
) -> None:
    process = scan.start(*scan.begin())
    assert wait_until(lambda: bool(of_scan(process, lambda words: words[0] == "nmap")), process=process)
    kill(of_scan(process, lambda words: "scanner.nmap_worker" in words))
    told, _ = process.communicate(timeout=300)
    assert process.returncode == 3, told
    assert not [
        pid for pid, command in marked(os.environ["ZIJIAN_TEST_RUN"]).items() if command.startswith("nmap ")
    ]
    assert "nmap worker ended" in scan.result()["scan"]["status_reason"]  # type: ignore[index]
    assert canonical(scan.finish()) == reference.findings
    ledger_holds(scan.ledger())
