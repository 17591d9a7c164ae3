"""Signs that call for an explanation: short copies, another writer's lines, changed journals, files touched after the scan."""

from __future__ import annotations

import gzip
import os
import random
import subprocess
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from scanner.logs.lookup3 import hashes
from tests.logs.test_survey import END, _clf, _every, _facts, _iso, _random, _surveys
from tests.servers.process import program

BUSY = list(_every(timedelta(seconds=3), 0.2))


def kinds(path: Path) -> list[tuple[str, int, int]]:
    (one,) = _surveys(path)
    return [(sign.kind, sign.line, sign.lines) for sign in one.signs]


@pytest.mark.parametrize("write", [_clf, _iso])
@pytest.mark.parametrize(("at", "length"), [(3000, 12), (3000, 150), (4000, 6)])
def test_a_short_copy_is_named(tmp_path: Path, write: Callable[..., str], at: int, length: int) -> None:
    lines = [write(moment, number) for number, moment in enumerate(BUSY)]
    path = tmp_path / "x.log"
    path.write_text("".join((*lines[:at], *lines[at - length : at], *lines[at:])))
    assert kinds(path) == [("duplicated", at + 1, length)]


def test_a_copy_over_two_blocks_is_named(tmp_path: Path) -> None:
    from scanner.logs.sources import BLOCK

    lines = [_clf(moment, number) for number, moment in enumerate(_every(timedelta(seconds=3), 4))]
    at = next(n for n in range(len(lines)) if sum(map(len, lines[:n])) > BLOCK)
    path = tmp_path / "x.log"
    path.write_text("".join((*lines[: at + 20], *lines[at - 40 : at + 20], *lines[at + 20 :])))
    assert kinds(path) == [("duplicated", at + 21, 60)]


def _shape(line: str) -> str:
    return line.replace(' "-" "Mozilla/5.0"', "")


@pytest.mark.parametrize("changed", [_shape, lambda line: line.replace("\n", "\r\n")])
def test_a_few_lines_of_another_shape_are_told(tmp_path: Path, changed: Callable[[str], str]) -> None:
    lines = [_clf(moment, number) for number, moment in enumerate(BUSY)]
    lines[2000:2003] = map(changed, lines[2000:2003])
    path = tmp_path / "access.log"
    path.write_text("".join(lines), newline="")
    assert kinds(path) == [("foreign_shape", 2001, 3)]


def _workers() -> str:
    """Two workers that each write their own buffer (nginx: access_log ... buffer=), asked for their health by three others."""
    made = []
    for start in range(0, len(BUSY), 50):
        part = BUSY[start : start + 50]
        for worker in (1, 2):
            made += [_clf(moment, probe) for moment in part for probe in (1, 2, 3)]
            made += [_clf(part[-1], 10_000 + start * 2 + worker)]
    return "".join(made)


def _two_hosts() -> str:
    """A second virtual host with a format of its own, asked for now and then."""
    return "".join(
        (_shape if number % 90 == 0 else str)(_clf(moment, number)) for number, moment in enumerate(BUSY)
    )


def _escaped() -> str:
    return "".join(
        _clf(moment, number).replace("Mozilla", 'a \\"b\\" c' if number == 77 else "Mozilla")
        for number, moment in enumerate(BUSY)
    )


def _upgraded() -> str:
    """A format that was changed in the middle."""
    return "".join(
        (_shape if number < 2000 else str)(_clf(moment, number)) for number, moment in enumerate(BUSY)
    )


def _cut() -> str:
    """A machine that lost its power while it wrote."""
    lines = [_clf(moment, number) for number, moment in enumerate(BUSY)]
    lines[3000] = lines[3000][:60]
    return "".join(lines)


HONEST: dict[str, Callable[[], str]] = {
    "workers": _workers,
    "two_hosts": _two_hosts,
    "escaped": _escaped,
    "upgraded": _upgraded,
    "cut": _cut,
    "windows_ends": lambda: "".join(_clf(m, n) for n, m in enumerate(BUSY)).replace("\n", "\r\n"),
    "one_page": lambda: "".join(_clf(m, 1) * 3 for m in BUSY),
    "shuffled": lambda: "".join(
        _clf(m - timedelta(seconds=random.Random(n).randrange(90)), n) for n, m in enumerate(_random(20, 4))
    ),
    "refused": lambda: "".join(_clf(m, n).replace("GET /", "\\x16\\x03" if n == 9 else "GET /") for n, m in enumerate(BUSY)),
}  # fmt: skip


@pytest.mark.parametrize("name", HONEST)
def test_no_honest_log_has_a_sign(tmp_path: Path, name: str) -> None:
    path = tmp_path / "access.log"
    path.write_text(HONEST[name](), newline="")
    assert kinds(path) == []


# ------------------------------------------------------------------ a journal that systemd wrote


@pytest.fixture(scope="module")
def journal(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A journal of three services, written by systemd itself."""
    folder = tmp_path_factory.mktemp("journal")
    entries = []
    for number in range(400):
        stamp = int((END - timedelta(minutes=400 - number)).timestamp() * 1e6)
        unit = "ssh" if number % 4 == 0 else "cron" if number % 4 == 1 else "smartd"
        entries.append(
            f"__REALTIME_TIMESTAMP={stamp}\n__MONOTONIC_TIMESTAMP={number * 60_000_000}\n_BOOT_ID={'a' * 32}\n"
            f"_HOSTNAME=web1\nSYSLOG_IDENTIFIER={unit}d\n_SYSTEMD_UNIT={unit}.service\n_PID={number}\n"
            f"MESSAGE=session {number} {'x' * (number % 40)}\n"
            # Some programs send a field twice.
            + ("PRIORITY=6\n" * (number % 3) + "CODE_LINE=7\n" * (number % 4))
            + "\n"
        )
    (folder / "in.export").write_text("".join(entries))
    written = folder / "system.journal"
    remote = "/lib/systemd/systemd-journal-remote"
    subprocess.run(
        [remote, "-o", str(written), str(folder / "in.export")], check=True, capture_output=True, timeout=60
    )
    return written


def exported(journal: Path, *options: str) -> list[bytes]:
    done = subprocess.run(
        [program("journalctl"), "--file", str(journal), "-o", "export", *options],
        check=True, capture_output=True, timeout=60,
    )  # fmt: skip
    return [entry + b"\n\n" for entry in done.stdout.split(b"\n\n") if entry.strip()]


@pytest.mark.parametrize(
    "options", [(), ("-u", "ssh"), ("-r",), ("--output-fields=MESSAGE,_HOSTNAME",), ("-n", "100")]
)
def test_an_export_as_systemd_makes_it_has_no_sign(
    journal: Path, tmp_path: Path, options: tuple[str, ...]
) -> None:
    entries = exported(journal, *options)
    path = tmp_path / "journal.export"
    path.write_bytes(b"".join(entries))
    (one,) = _surveys(path)
    assert one.facts.format == "journald"
    assert one.facts.lines == len(entries) >= 100
    # Read backwards, its times go back as well, which is told as what it may be.
    assert {sign.kind for sign in one.signs} == ({"clock_set_back"} if options == ("-r",) else set())


def test_an_entry_that_was_changed_or_taken_out_is_named(journal: Path, tmp_path: Path) -> None:
    entries = exported(journal)
    entries[10] = entries[10].replace(b"MESSAGE=session 10", b"MESSAGE=session 99")
    del entries[200:203]
    path = tmp_path / "journal.export"
    path.write_bytes(b"".join(entries))
    (one,) = _surveys(path)
    found = {(sign.kind, sign.line): sign.detail for sign in one.signs}
    assert found["hash_mismatch", 11] == "__CURSOR x="
    assert found["sequence_hole", 201] == "201–203"
    assert len(found) == 2


def test_entries_in_another_order_are_named(journal: Path, tmp_path: Path) -> None:
    entries = exported(journal)
    entries[300:302] = reversed(entries[300:302])
    path = tmp_path / "journal.export"
    path.write_bytes(b"".join(entries))
    assert ("sequence_back", 302, 0) in kinds(path)


def test_hashes_are_those_of_the_reference() -> None:
    # From lookup3.c's driver5(): hashlittle2() of "" with both halves 0, and of its sentence.
    assert hashes([b""]).tolist() == [0xDEADBEEFDEADBEEF]
    assert hashes([b"Four score and seven years ago"]).tolist() == [0x17770551CE7226E6]


# ------------------------------------------------------------------ files touched after the scan


def rotated(folder: Path, *, kept: bool = True) -> list[Path]:
    """Ten daily files; of each its last entry's time is its time of last change, or that of the copying."""
    made = []
    for back in range(10):
        start = END - timedelta(days=back + 0.5)
        moments = [start + timedelta(minutes=10 * n) for n in range(140)]
        path = folder / ("access.log" if back == 0 else f"access.log.{back}.gz")
        text = "".join(_clf(m, n) for n, m in enumerate(m for m in moments if m < END + timedelta(hours=1)))
        path.write_bytes(text.encode() if back == 0 else gzip.compress(text.encode()))
        stamp = (moments[-1] if kept else END + timedelta(days=2)).timestamp()
        os.utime(path, (stamp, stamp))
        made.append(path)
    return made


def touch(path: Path, moment: datetime) -> None:
    os.utime(path, (moment.timestamp(), moment.timestamp()))


def test_a_file_changed_after_the_scan_is_named(tmp_path: Path) -> None:
    paths = rotated(tmp_path)
    facts = _facts(*paths)
    assert (facts.file_times, facts.signs) == ("kept", ())
    touch(paths[6], END + timedelta(days=1))
    facts = _facts(*paths)
    assert facts.file_times == "kept"
    assert [(sign.kind, sign.file) for sign in facts.signs] == [("touched_later", "access.log.6.gz")]


def test_times_of_copies_tell_nothing(tmp_path: Path) -> None:
    facts = _facts(*rotated(tmp_path, kept=False))
    assert (facts.file_times, facts.signs) == ("copied", ())


def test_what_was_rotated_after_the_scan_is_explained(tmp_path: Path) -> None:
    paths = rotated(tmp_path)
    # copytruncate, a day later, of a log that had been silent since before the scan.
    touch(paths[0], END + timedelta(days=1))
    assert _facts(*paths).signs == ()
    assert _facts(*paths[:2]).file_times is None
