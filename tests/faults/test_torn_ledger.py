"""The ledger's last record is torn, as a power cut leaves it: it is named, and never hidden."""

from __future__ import annotations

import hashlib
import random
from pathlib import Path

import pytest

from scanner.ledger import Ledger, records, summarize, verify
from tests.faults.conftest import Reference
from tests.faults.scans import FieldScan, canonical, ledger_holds, wait_until
from tests.test_scan import Zijian

pytestmark = pytest.mark.server


@pytest.fixture
def torn(tmp_path: Path, reference: Reference) -> tuple[Path, list[bytes]]:
    """Where a ledger goes, and the lines of a whole one."""
    return tmp_path / "ledger.jsonl", reference.ledger.read_bytes().splitlines(keepends=True)


def test_cut_at_each_byte_of_its_last_record_it_says_so(torn: tuple[Path, list[bytes]]) -> None:
    path, lines = torn
    whole, last = b"".join(lines[:-1]), lines[-1]
    for cut in range(1, len(last)):
        path.write_bytes(whole + last[:cut])
        found = verify(path)
        assert (found.records, found.torn) == (len(lines) - 1, True)
        assert found.error == f"line {len(lines)} is torn (no line end)"
    path.write_bytes(whole + last)
    assert verify(path).error is None


def test_gone_on_with_the_torn_record_is_named_by_size_and_digest(torn: tuple[Path, list[bytes]]) -> None:
    path, lines = torn
    kept, last = lines[:5], lines[5]
    for cut in range(1, len(last)):
        path.write_bytes(b"".join(kept) + last[:cut])
        ledger = Ledger(path)
        ledger.close()
        (named,) = list(records(path))[len(kept) :]
        assert (named["kind"], named["bytes"]) == ("torn", cut)
        assert named["sha256"] == hashlib.sha256(last[:cut]).hexdigest()
        assert verify(path).error is None


@pytest.mark.parametrize("share", [0.01, 0.5, 0.99])
def test_the_command_says_which_record_is_torn(
    tmp_path: Path, torn: tuple[Path, list[bytes]], share: float
) -> None:
    path, lines = torn
    path.write_bytes(b"".join(lines[:-1]) + lines[-1][: max(1, round(len(lines[-1]) * share))])
    done = Zijian(tmp_path)("ledger", "verify", str(path))
    assert done.returncode == 2
    assert f"line {len(lines)} is torn" in done.stderr
    assert f"the {len(lines) - 1} records before it hold" in done.stderr
    assert summarize(path).records == len(lines) - 1


@pytest.mark.parametrize("seed", range(2))
def test_a_scan_whose_ledger_is_torn_goes_on(scan: FieldScan, reference: Reference, seed: int) -> None:
    drawn = random.Random(seed)
    process = scan.start(*scan.begin())
    wanted = drawn.randint(10, 200)
    wait_until(lambda: scan.written() >= wanted, process=process)
    process.kill()
    process.communicate()
    data = scan.ledger().read_bytes()
    start = data.rstrip(b"\n").rfind(b"\n") + 1
    scan.ledger().write_bytes(data[: drawn.randint(start + 1, len(data) - 2)])
    assert "is torn" in scan("ledger", "verify", "latest").stderr
    assert canonical(scan.finish()) == reference.findings
    assert [record["kind"] for record in records(scan.ledger())].count("torn") == 1
    assert scan("ledger", "verify", "latest").returncode == 0
    ledger_holds(scan.ledger())
