"""The ledger shows any change, survives a torn line, and refuses to go on when it cannot write."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanner.errors import LocalError, UsageError
from scanner.hashchain import GENESIS, ChainReader, verify_lines
from scanner.ledger import OUTSIDER, Ledger, moment, records, source_addresses, summarize, timestamp, verify
from scanner.records import LedgerSummary, NmapRun


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "ledger.jsonl"
    ledger = Ledger(path)
    first = ledger.append("open", remote="127.0.0.1:80", transport="tcp", purpose="测试")
    ledger.append("close", of=first, local="127.0.0.1:5000", sent=3, received=4, outcome="ok", milliseconds=1)
    run = ledger.append("nmap_start", command="nmap -sS 127.0.0.1", purpose="x")
    ledger.append("nmap_end", of=run, outcome="ok", packets_sent=5, packets_received=6)
    ledger.append("refused", remote="192.0.2.1:80", purpose="y", reason="out_of_scope", message="no")
    ledger.close()
    return path


def test_an_untouched_ledger_holds(path: Path) -> None:
    result = verify(path)
    assert (result.records, result.error, result.torn) == (5, None, False)
    assert result.head == list(records(path))[-1]["hash"] != GENESIS
    assert path.stat().st_mode & 0o777 == 0o600


def test_every_change_of_one_byte_shows(path: Path) -> None:
    data = path.read_bytes()
    for place in range(0, len(data), 7):
        changed = bytearray(data)
        changed[place] ^= 0x01
        path.write_bytes(bytes(changed))
        assert verify(path).error is not None, f"byte {place}"


@pytest.mark.parametrize("index", range(5))
def test_a_line_taken_out_or_swapped_shows(path: Path, index: int) -> None:
    lines = path.read_bytes().splitlines()
    if index < 4:
        assert verify_lines(lines[:index] + lines[index + 1 :]).error is not None
    swapped = [*lines]
    swapped[index], swapped[index - 1] = swapped[index - 1], swapped[index]
    assert verify_lines(swapped).error is not None


@pytest.mark.parametrize("size", [1, 7, 10_000])
def test_a_chain_that_comes_in_pieces_is_checked_as_a_whole(path: Path, size: int) -> None:
    data = path.read_bytes()
    reader = ChainReader()
    for start in range(0, len(data), size):
        reader.feed(data[start : start + size])
    assert reader.finish() == verify(path)


@pytest.mark.parametrize(
    "line", [b"", b"[" * 100_000, b'"\\ud800"', b'{"seq":1,"prev":"\\ud800"}', b"\xff", b"1"]
)
def test_what_is_no_record_is_an_error(line: bytes) -> None:
    assert verify_lines([line]).error


@given(cut=st.integers(1, 200))
@settings(max_examples=40)
def test_a_torn_last_line_is_named_and_the_chain_goes_on(
    tmp_path_factory: pytest.TempPathFactory, cut: int
) -> None:
    path = tmp_path_factory.mktemp("torn") / "ledger.jsonl"
    ledger = Ledger(path)
    for number in range(3):
        ledger.append("open", number=number)
    ledger.close()
    data = path.read_bytes()
    length = len(data.splitlines()[-1])
    path.write_bytes(data[: -min(cut, length)])
    assert verify(path).torn is True
    again = Ledger(path)
    again.append("resume")
    again.close()
    kinds = [record["kind"] for record in records(path)]
    assert kinds == ["open", "open", "torn", "resume"]
    assert verify(path).error is None


def test_a_broken_chain_is_not_continued(path: Path) -> None:
    lines = path.read_text().splitlines()
    lines[1] = json.dumps({**json.loads(lines[1]), "sent": 999})
    path.write_text("\n".join(lines) + "\n")
    with pytest.raises(UsageError, match="line 2"):
        Ledger(path)


def test_the_summary_counts(path: Path) -> None:
    summary = summarize(path)
    assert (summary.connections, summary.nmap_runs, summary.refusals, summary.records) == (1, 1, 1, 5)
    assert (summary.bytes_sent, summary.bytes_received, summary.outcomes) == (3, 4, {"ok": 1})
    assert summary.nmap[0].packets_sent == 5
    assert summary.head_hash == verify(path).head
    assert source_addresses(path) == ("127.0.0.1",)


def test_the_summary_of_nothing_is_nothing(tmp_path: Path) -> None:
    Ledger(tmp_path / "ledger.jsonl").close()
    assert summarize(tmp_path / "ledger.jsonl") == LedgerSummary(head_hash=GENESIS)


def _written(path: Path, *entries: dict[str, Any]) -> Path:
    """A ledger of ``entries`` at the times that they say; summaries do not look at the chain."""
    path.write_text("".join(json.dumps({"hash": "00", "seq": 1, **entry}) + "\n" for entry in entries))
    return path


def _opened(time: str, remote: str = "127.0.0.1:80", purpose: str = "http") -> dict[str, Any]:
    return {"kind": "open", "time": time, "remote": remote, "purpose": purpose}


def test_the_summary_adds_up_and_knows_the_busiest_second(tmp_path: Path) -> None:
    close = {"kind": "close", "time": "2026-11-28T08:00:03.000Z", "received": 20}
    path = _written(
        tmp_path / "ledger.jsonl",
        _opened("2026-11-28T08:00:00.999Z"),
        _opened("2026-11-28T08:00:01.000Z"),
        _opened("2026-11-28T08:00:01.500Z"),
        _opened("2026-11-28T08:00:01.999Z"),
        _opened("2026-11-28T08:01:00.000Z"),
        {**close, "sent": 3, "outcome": "ok"},
        {**close, "sent": 4, "outcome": "reset"},
        {**close, "sent": 5, "outcome": "ok"},
        {"kind": "refused", "time": "2026-11-28T08:01:00.000Z"},
        {"kind": "refused", "time": "2026-11-28T08:01:00.000Z", "hash": "77"},
    )
    assert summarize(path) == LedgerSummary(
        connections=5, bytes_sent=12, bytes_received=60, peak_rate=3.0, refusals=2, head_hash="77", records=10,
        outcomes={"ok": 2, "reset": 1}, per_minute={"2026-11-28T08:00Z": 4, "2026-11-28T08:01Z": 1},
    )  # fmt: skip


def test_the_summary_tells_each_run_of_nmap_and_the_one_that_was_cut_short(tmp_path: Path) -> None:
    path = _written(
        tmp_path / "ledger.jsonl",
        {"kind": "nmap_start", "time": "2026-11-28T08:00:00.000Z", "seq": 4, "command": "nmap -sS"},
        {"kind": "nmap_start", "time": "2026-11-28T08:00:01.000Z", "seq": 5, "command": "nmap -sU"},
        {"kind": "nmap_end", "time": "2026-11-28T08:00:02.500Z", "seq": 6, "of": 4, "outcome": "ok", "packets_sent": 7,
         "packets_received": 8},
    )  # fmt: skip
    start = datetime(2026, 11, 28, 8, tzinfo=UTC)
    assert summarize(path).nmap == (
        NmapRun(command="nmap -sS", started=start, finished=start + timedelta(seconds=2.5), packets_sent=7, packets_received=8,
                outcome="ok"),
        NmapRun(command="nmap -sU", started=start + timedelta(seconds=1), finished=None, packets_sent=None,
                packets_received=None, outcome="interrupted"),
    )  # fmt: skip
    assert summarize(path).nmap_runs == 2


def test_the_summary_names_outsiders_once_and_not_without_end(tmp_path: Path) -> None:
    """Hosts that certificates name are asked under ``--revocation online``; a report lists two hundred of them."""
    at = "2026-11-28T08:00:00.000Z"
    path = _written(
        tmp_path / "ledger.jsonl",
        _opened(at, "192.0.2.7:80", OUTSIDER + "OCSP of ca.example"),
        _opened(at, "192.0.2.7:80", OUTSIDER + "OCSP of ca.example"),
        _opened(at, "192.0.2.8:80", "http: " + OUTSIDER),
        *(_opened(at, f"192.0.2.9:{port}", OUTSIDER + "CRL") for port in range(1, 300)),
    )
    found = summarize(path).outsiders
    assert found[:2] == ("OCSP of ca.example (192.0.2.7:80)", "CRL (192.0.2.9:1)")
    assert len(found) == 200


def test_source_addresses_come_once_in_order_of_first_use(tmp_path: Path) -> None:
    path = _written(
        tmp_path / "ledger.jsonl",
        {"kind": "open", "local": "192.0.2.1:1"},
        {"kind": "close", "local": "[2001:db8::1]:5000"},
        {"kind": "close", "local": ""},
        {"kind": "close"},
        {"kind": "close", "local": "192.0.2.9:5000"},
        {"kind": "close", "local": "[2001:db8::1]:5001"},
    )
    assert source_addresses(path) == ("2001:db8::1", "192.0.2.9")


@pytest.mark.parametrize(
    ("at", "text"),
    [
        (datetime(2026, 11, 28, 8, 0, 1, 999_600, tzinfo=UTC), "2026-11-28T08:00:01.999Z"),
        (datetime(2026, 11, 28, 16, tzinfo=timezone(timedelta(hours=8))), "2026-11-28T08:00:00.000Z"),
    ],
)
def test_times_are_written_in_utc_and_read_back(at: datetime, text: str) -> None:
    assert timestamp(at) == text
    assert moment(text) == at.replace(microsecond=at.microsecond // 1000 * 1000)
    assert moment(text).tzinfo is not None
    assert abs(moment(timestamp()) - datetime.now(UTC)) < timedelta(minutes=1)


def test_times_are_written_in_utc_whatever_the_machine_s_zone_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Asia/Shanghai")
    time.tzset()
    try:
        assert timestamp(datetime(2026, 11, 28, 8, tzinfo=UTC)) == "2026-11-28T08:00:00.000Z"
        assert abs(moment(timestamp()) - datetime.now(UTC)) < timedelta(minutes=1)
    finally:
        monkeypatch.undo()
        time.tzset()


def test_a_record_is_one_line_in_utf_8_and_on_disk_when_append_returns(tmp_path: Path) -> None:
    path = tmp_path / "new" / "scan" / "ledger.jsonl"
    ledger = Ledger(path)
    ledger.append("open", purpose="测试", ports=[1, 2])
    raw = path.read_bytes()
    (record,) = records(path)
    assert raw == json.dumps(record, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
    assert [folder.stat().st_mode & 0o777 for folder in (path.parent, path)] == [0o700, 0o600]
    ledger.close()
    ledger.close()


def test_the_record_of_a_torn_line_tells_what_was_cut_off(path: Path) -> None:
    torn = path.read_bytes().splitlines(keepends=True)[-1][:-9]
    path.write_bytes(path.read_bytes()[:-9])
    Ledger(path).close()
    last = list(records(path))[-1]
    assert (last["kind"], last["bytes"]) == ("torn", len(torn))
    assert last["sha256"] == hashlib.sha256(torn).hexdigest()
    Ledger(path).close()
    assert list(records(path))[-1] == last, "a whole ledger is left as it is"


def test_a_ledger_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(LocalError) as caught:
        Ledger(tmp_path / "file" / "ledger.jsonl")
    assert caught.value.kind == "no_permission"
    assert str(caught.value).startswith(f"cannot write the ledger {tmp_path / 'file' / 'ledger.jsonl'}: ")


def test_a_full_disk_stops_everything(tmp_path: Path) -> None:
    full = Path("/dev/full")
    path = tmp_path / "ledger.jsonl"
    ledger = Ledger(path)
    ledger._file.close()
    ledger._file = full.open("ab", buffering=0)
    with pytest.raises(LocalError) as caught:
        ledger.append("open")
    assert caught.value.kind == "disk_full"
    assert (
        str(caught.value) == f"cannot write the ledger {path}: No space left on device; nothing more is sent"
    )
    # Nor can /dev/full be made to keep what it took: fsync(2) refuses it.
    with pytest.raises(LocalError) as caught:
        ledger.close()
    assert caught.value.kind == "disk_full"
    assert str(caught.value) == f"cannot write the ledger {path}: Invalid argument"
    ledger.close()


CUT_SHORT = """
import resource, signal, sys
from pathlib import Path
from scanner.errors import LocalError
from scanner.ledger import Ledger
path = Path(sys.argv[1])
ledger = Ledger(path)
ledger.append("open", purpose="first")
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
whole = path.stat().st_size
resource.setrlimit(resource.RLIMIT_FSIZE, (whole + int(sys.argv[2]), resource.RLIM_INFINITY))
try:
    ledger.append("open", purpose="second")
except LocalError as error:
    print(error.kind, error, path.stat().st_size == whole)
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
ledger.append("open", purpose="third")
ledger.close()
"""


@pytest.mark.parametrize("room", [1, 40])
def test_half_a_record_does_not_stay(tmp_path: Path, room: int) -> None:
    path = tmp_path / "ledger.jsonl"
    done = subprocess.run(
        [sys.executable, "-c", CUT_SHORT, str(path), str(room)], capture_output=True, text=True, check=True
    )
    says = f"disk_full cannot write the ledger {path}: No space left on device; nothing more is sent True\n"
    assert done.stdout == says
    assert verify(path).error is None
    assert [record["purpose"] for record in records(path)] == ["first", "third"]


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot read"):
        verify(tmp_path / "none")
