"""A disk that is full: one clear sentence, nothing stored is lost, no half report; with space again, the same findings."""

from __future__ import annotations

import json
import random
import resource
from collections.abc import Iterator
from pathlib import Path

import pytest

from scanner.errors import LocalError
from scanner.ledger import Ledger, verify
from tests.faults.conftest import Reference
from tests.faults.namespaces import Disk, small_disk, why_no
from tests.faults.scans import FieldScan, Watch, canonical, ledger_holds, wait_until
from tests.test_scan import Zijian

pytestmark = pytest.mark.server
needs_mount = pytest.mark.skipif(bool(why_no("mount")), reason=why_no("mount"))


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    with small_disk(tmp_path / "disk", 16) as disk:
        yield disk


def on(disk: Disk, reference: Reference, folder: Path) -> FieldScan:
    """A scan all of whose files lie on the disk, nmap's too."""
    scan = FieldScan(disk.outside, reference.addresses, within=disk.within)
    (disk.outside / "tmp").mkdir()
    scan.environment |= {"ZIJIAN_HOME": str(folder / "disk/home"), "TMPDIR": str(folder / "disk/tmp")}
    return scan


def one_sentence(text: str) -> bool:
    (line,) = text.strip().splitlines()
    return line.startswith("zijian: ") and "Traceback" not in line


@needs_mount
@pytest.mark.parametrize("seed", range(4))
def test_full_at_any_moment_it_resumes_to_the_same_findings(
    disk: Disk, reference: Reference, tmp_path: Path, seed: int
) -> None:
    drawn = random.Random(seed)
    scan = on(disk, reference, tmp_path)
    process = scan.start(*scan.begin())
    wanted = drawn.randint(0, reference.records)
    wait_until(lambda: scan.written() >= wanted, process=process)
    disk.fill(leave=drawn.choice((0, 0, 4096, 65536, 262144)))
    told, _ = process.communicate(timeout=300)
    if process.returncode == 0:
        # It was all but done.
        assert told == ""
    else:
        assert process.returncode == 3, told
        assert one_sentence(told), told
        assert "disk is full" in told or "No space left" in told
    assert not list(disk.outside.glob("out/.*"))
    again = scan(*scan.again())
    assert again.returncode in {0, 2, 3}, again.stderr
    assert again.returncode == 0 or one_sentence(again.stderr), again.stderr
    disk.free()
    watch = Watch(scan)
    result = scan.finish()
    assert canonical(result) == reference.findings
    assert result["hosts"] == reference.hosts
    ledger_holds(scan.ledger())
    watch.holds(last=True)


@needs_mount
@pytest.mark.parametrize("leave", [0, 60_000, 400_000])
def test_no_half_report_is_left_under_its_name(
    disk: Disk, reference: Reference, tmp_path: Path, leave: int
) -> None:
    """The disk that the report goes to is full; the store is elsewhere."""
    scan = Zijian(tmp_path)
    scan.command = lambda *arguments: [*disk.within, *Zijian.command(scan, *arguments)]  # type: ignore[method-assign]
    out = disk.outside / "out"
    common = ("--format", "html,json,csv,docx", "-o", str(tmp_path / "disk/out"))
    disk.fill(leave=leave)
    done = scan("scan", reference.addresses[1], "--ports", "6379", "-q", *common)
    assert done.returncode == 3, done.stderr
    assert one_sentence(done.stderr), done.stderr
    assert "zijian report" in done.stderr
    assert not list(out.glob(".*"))
    for path in out.iterdir():
        whole = {
            ".html": lambda data: data.rstrip().endswith(b"</html>"),
            ".json": json.loads,
            ".jsonl": lambda data: data.endswith(b"\n"),
            ".csv": lambda data: data.endswith(b"\n"),
            ".docx": lambda data: b"PK\x05\x06" in data[-64:],
        }[path.suffix]
        assert whole(path.read_bytes()), path
    disk.free()
    done = scan("report", "latest", *common)
    assert done.returncode == 0, done.stderr
    assert {path.suffix for path in out.iterdir()} >= {".html", ".json", ".csv", ".docx"}


def test_half_a_record_does_not_stay_in_the_ledger(tmp_path: Path) -> None:
    """The disk ends at each byte of a record; with space again the chain goes on."""
    path = tmp_path / "ledger.jsonl"
    ledger = Ledger(path)
    ledger.append("open", remote="127.0.0.1:80")
    size = path.stat().st_size
    ledger.append("open", remote="127.0.0.1:81")
    longest = path.stat().st_size - size
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    for cut in range(longest):
        size, count = path.stat().st_size, verify(path).records
        resource.setrlimit(resource.RLIMIT_FSIZE, (size + cut, hard))
        try:
            with pytest.raises(LocalError, match="nothing more is sent") as caught:
                ledger.append("open", remote="127.0.0.1:82")
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        assert caught.value.kind == "disk_full"
        assert path.stat().st_size == size
        ledger.append("open", remote="127.0.0.1:83")
        assert (verify(path).error, verify(path).records) == (None, count + 1)
    ledger.close()
