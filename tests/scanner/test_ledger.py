"""The ledger shows any change, survives a torn line, and refuses to go on when it cannot write."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanner.errors import LocalError, UsageError
from scanner.hashchain import GENESIS, ChainReader, verify_lines
from scanner.ledger import Ledger, records, source_addresses, summarize, verify


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
    assert source_addresses(path) == ("127.0.0.1",)


def test_a_full_disk_stops_everything(tmp_path: Path) -> None:
    full = Path("/dev/full")
    ledger = Ledger(tmp_path / "ledger.jsonl")
    ledger._file.close()
    ledger._file = full.open("ab", buffering=0)
    with pytest.raises(LocalError) as caught:
        ledger.append("open")
    assert caught.value.kind == "disk_full"


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot read"):
        verify(tmp_path / "none")
