"""Windows event logs, written by the published format: logons with account, address and time; whole, packed, cut and damaged."""

from __future__ import annotations

import gzip
import io
import random
import struct
import tarfile
from datetime import timedelta
from pathlib import Path

import pytest

from scanner.logs.redact import redactor
from scanner.logs.sources import sources
from tests.logs import evtx_file
from tests.logs.evtx_file import Event, evtx
from tests.logs.test_survey import END, _facts, _surveys


def logons(count: int, first: int = 1) -> list[Event]:
    return [
        Event(
            4625 if number % 5 == 0 else 4624,
            END - timedelta(minutes=count - number),
            first + number,
            {
                "SubjectUserName": "WEB1$", "TargetUserName": f"zhang{number % 7}", "LogonType": "3",
                "IpAddress": "-" if number % 4 == 0 else "203.0.113.9", "IpPort": str(49152 + number),
            },
        )
        for number in range(count)
    ]  # fmt: skip


def text(path: Path) -> str:
    return b"".join(block for _, blocks in sources([path]) for block in blocks).decode()


def test_logons_have_account_address_port_and_time(tmp_path: Path) -> None:
    path = tmp_path / "Security.evtx"
    path.write_bytes(evtx(logons(100)))
    lines = text(path).splitlines()
    assert len(lines) == 100
    assert lines[1] == (
        "2026-11-27T02:21:00Z web1 Security[4624]: logon succeeded SubjectUserName=WEB1$ account=zhang1 LogonType=3 "
        "source_address=203.0.113.9 port=49153"
    )
    assert "logon failed" in lines[5]
    facts = _facts(path, protocol="ssh")
    (file,) = facts.files
    assert (file.format, file.lines, file.unrecognised, file.troubles) == ("evtx", 100, 0, ())
    assert file.first == END - timedelta(minutes=100)
    assert file.last == END - timedelta(minutes=1)
    assert set(facts.fields) == {"time", "source_address", "source_port", "account", "action"}
    assert facts.signs == ()
    assert facts.zone_written


def test_our_address_is_found_in_it(tmp_path: Path) -> None:
    ours = Event(4, END, 101, {"process": "sshd", "payload": "Connection from 198.51.100.7 port 40000 on 192.0.2.1 port 22"}, channel="OpenSSH/Operational", provider="OpenSSH")  # fmt: skip
    path = tmp_path / "OpenSSH.evtx"
    path.write_bytes(evtx([*logons(100), ours]))
    facts = _facts(path, protocol="ssh")
    assert (facts.expected, facts.found, facts.matched_by) == (1, 1, ("port",))


@pytest.mark.parametrize("packed", ["gz", "tar.gz"])
def test_it_is_read_from_archives(tmp_path: Path, packed: str) -> None:
    data = evtx(logons(90))
    path = tmp_path / f"Security.evtx.{packed}"
    if packed == "gz":
        path.write_bytes(gzip.compress(data))
    else:
        with tarfile.open(path, "w:gz") as tar:
            member = tarfile.TarInfo("Logs/Security.evtx")
            member.size = len(data)
            tar.addfile(member, io.BytesIO(data))
    (one,) = _surveys(path)
    assert (one.facts.format, one.facts.lines) == ("evtx", 90)


def test_missing_numbers_and_a_cleared_log_are_named(tmp_path: Path) -> None:
    events = logons(400)
    del events[200:203]
    events[300] = Event(1102, events[300].at, events[300].number, {"SubjectUserName": "zhang"})
    path = tmp_path / "Security.evtx"
    path.write_bytes(evtx(events))
    (one,) = _surveys(path)
    assert [(sign.kind, sign.line, sign.detail) for sign in one.signs] == [
        ("cleared", 301, "Security 1102"), ("sequence_hole", 201, "201–203"),
    ]  # fmt: skip


def test_a_filtered_export_lacks_numbers_by_right(tmp_path: Path) -> None:
    path = tmp_path / "failed.evtx"
    path.write_bytes(evtx([event for event in logons(400) if event.id == 4625]))
    (one,) = _surveys(path)
    assert (one.facts.lines, one.signs) == (80, [])


def test_a_cut_file_gives_the_chunks_before(tmp_path: Path) -> None:
    path = tmp_path / "Security.evtx"
    path.write_bytes(evtx(logons(100))[: 4096 + 65536 * 2 + 700])
    (one,) = _surveys(path)
    assert (one.facts.lines, one.facts.troubles) == (80, ("truncated",))
    path.write_bytes(b"ElfFile\0")
    assert _surveys(path)[0].facts.troubles == ("truncated",)


def test_a_damaged_chunk_costs_its_own_events(tmp_path: Path) -> None:
    data = bytearray(evtx(logons(120)))
    at = 4096 + 65536 + 512
    data[at : at + 6000] = random.Random(1).randbytes(6000)
    path = tmp_path / "Security.evtx"
    path.write_bytes(bytes(data))
    (one,) = _surveys(path)
    assert one.facts.troubles == ("damaged",)
    assert 80 <= one.facts.lines < 120


def test_no_change_of_bytes_breaks_it(tmp_path: Path) -> None:
    chance = random.Random(2)
    whole = evtx(logons(40))
    path = tmp_path / "x.evtx"
    for _ in range(150):
        data = bytearray(whole)
        for _ in range(chance.randrange(1, 12)):
            data[chance.randrange(4096, 4096 + 12000)] = chance.randrange(256)
        path.write_bytes(bytes(data))
        (one,) = _surveys(path)
        assert one.facts.lines <= 60


def test_an_event_that_unfolds_without_measure_is_left(tmp_path: Path) -> None:
    start = 512 + 24 + 4 + 10
    out = evtx_file._Writer(start + 24)
    out.raw(b"\x0f\x01\x01\x00")
    out.element("Event", lambda: out.raw(struct.pack("<BHB", 0x0D, 0, 1) * 3000))
    out.raw(b"\0")
    value = ("x" * 15000).encode("utf-16-le")
    xml = b"\x0f\x01\x01\x00" + struct.pack("<BBII", 0x0C, 1, 7, start)
    xml += struct.pack("<I16sI", 0, bytes(16), len(out.data)) + out.data
    xml += struct.pack("<IHBB", 1, len(value), 1, 0) + value
    bomb = evtx_file.chunk_of(evtx_file.record_of(xml, 1, END), 1, 1, 512)
    whole = evtx(logons(80))
    path = tmp_path / "x.evtx"
    path.write_bytes(whole[: 4096 + 65536] + bomb + whole[4096 + 65536 :])
    (one,) = _surveys(path)
    assert (one.facts.lines, one.facts.troubles) == (40, ("too_large",))


def test_accounts_are_masked_in_what_is_handed_over(tmp_path: Path) -> None:
    path = tmp_path / "Security.evtx"
    path.write_bytes(evtx(logons(10)))
    masked = redactor(b"k" * 32)(text(path).encode()).decode()
    assert "zhang" not in masked
    assert "WEB1$" not in masked
    assert masked.count("203.0.113.9") == text(path).count("203.0.113.9")
