"""The record of every connection: append-only, one JSON object a line, each chained to the one before.

The chain is that of :mod:`scanner.hashchain`; its head hash is printed in the report.

Every connection gives two records: ``open`` before the first packet leaves, so that a crash hides nothing, and
``close`` with the local address, the bytes and the outcome. nmap runs give ``nmap_start`` and ``nmap_end``. What the
guarded door refused is a ``refused`` record. That this machine's clock was set is a ``clock`` record, before the first record
by the new time; the order of records is that of ``seq``, never that of ``time``.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import threading
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO, Any

from scanner.clock import Clock
from scanner.errors import LocalError, UsageError
from scanner.hashchain import GENESIS, ChainReader, Verification, chain_hash, verify_lines
from scanner.records import ClockStep, LedgerSummary, NmapRun
from scanner.said import zh

OUTSIDER = "revocation: "
"""How the purpose begins of a connection to a host that no target names, but a certificate."""
_MOST_OUTSIDERS = 200


def timestamp(at: datetime | None = None) -> str:
    """``at`` (now by default) in UTC to the millisecond, as RFC 3339 with ``Z``."""
    return (at or datetime.now(UTC)).astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class Ledger:
    """One scan's ledger file, opened for appending. Safe to use from several threads.

    A torn last line, left by a crash in the middle of a write, is cut off and named in a ``torn`` record.

    :raises LocalError: the file cannot be written (kind ``disk_full`` or ``no_permission``).
    :raises UsageError: the file is there but its chain is broken.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.Lock()
        self._seq = 0
        self._head = GENESIS
        self._clock = Clock()
        torn = b""
        if path.exists():
            torn = self._recover()
        try:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
            self._file: IO[bytes] = os.fdopen(descriptor, "ab", buffering=0)
        except OSError as error:
            raise LocalError(
                f"无法写入连接台账 {path}：{zh(error)}",
                f"cannot write the ledger {path}: {error.strerror}",
                kind="no_permission",
            ) from error
        if torn:
            self.append("torn", bytes=len(torn), sha256=hashlib.sha256(torn).hexdigest())

    def _recover(self) -> bytes:
        data = self.path.read_bytes()
        end = data.rfind(b"\n") + 1
        torn = data[end:]
        check = verify_lines(data[:end].splitlines())
        if check.error:
            raise UsageError(f"{self.path}：{zh(check.error)}", f"{self.path}: {check.error}")
        self._seq, self._head = check.records, check.head
        if torn:
            with self.path.open("r+b") as file:
                file.truncate(end)
        return torn

    @property
    def head(self) -> str:
        """Hash of the last record."""
        return self._head

    def append(self, kind: str, **values: Any) -> int:
        """Write one record and return its sequence number, counted from 1.

        :raises LocalError: the disk is full or the file is gone; then nothing more may be sent.
        """
        with self._lock:
            self._note_clock()
            return self._append(kind, values)

    def note_clock(self) -> float:
        """Record that this machine's clock was set, if it was since the last record or call; by how many seconds.

        :raises LocalError: as :meth:`append` does.
        """
        with self._lock:
            return self._note_clock()

    def compare_clock(self, came_to: datetime) -> None:
        """Record that the clock was set back since an earlier attempt came to that moment, if it was.

        :raises LocalError: as :meth:`append` does.
        """
        with self._lock:
            now = datetime.now(UTC)
            if now < came_to:
                self._append("clock", {"seconds": round((now - came_to).total_seconds(), 3)}, now)

    def _note_clock(self) -> float:
        now, step = self._clock.look()
        if step:
            self._append("clock", {"seconds": round(step, 3)}, now)
        return step

    def _append(self, kind: str, values: Mapping[str, Any], at: datetime | None = None) -> int:
        record = {"seq": self._seq + 1, "time": timestamp(at), "kind": kind, **values, "prev": self._head}
        digest = chain_hash(self._head, record)
        line = json.dumps({**record, "hash": digest}, ensure_ascii=False, separators=(",", ":")) + "\n"
        try:
            self._write(line.encode())
        except OSError as error:
            raise LocalError(
                f"无法写入连接台账 {self.path}：{zh(error)}；已停止发送",
                f"cannot write the ledger {self.path}: {error.strerror}; nothing more is sent",
                kind="disk_full",
            ) from error
        self._seq += 1
        self._head = digest
        return self._seq

    def _write(self, data: bytes) -> None:
        size = os.fstat(self._file.fileno()).st_size
        written = self._file.write(data)
        if written != len(data):
            # Half a record must not stay: the next one would be written on its line, and the chain be broken.
            self._file.truncate(size)
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def close(self) -> None:
        """Flush to the disk and close.

        :raises LocalError: the disk does not take what was written.
        """
        with self._lock:
            if self._file.closed:
                return
            try:
                os.fsync(self._file.fileno())
            except OSError as error:
                raise LocalError(
                    f"无法写入连接台账 {self.path}：{zh(error)}",
                    f"cannot write the ledger {self.path}: {error.strerror}",
                    kind="disk_full",
                ) from error
            finally:
                self._file.close()


def verify(path: Path) -> Verification:
    """Check a ledger file. A torn last line is reported, not hidden.

    :raises UsageError: the file cannot be read.
    """
    reader = ChainReader()
    try:
        with path.open("rb") as file:
            while data := file.read(1 << 20):
                reader.feed(data)
    except OSError as error:
        raise UsageError(f"无法读取 {path}：{zh(error)}", f"cannot read {path}: {error.strerror}") from error
    return reader.finish()


def records(path: Path) -> Iterator[dict[str, Any]]:
    """The whole records of a ledger file, in order; a torn last line is left out."""
    with path.open("rb") as file:
        for line in file:
            if line.endswith(b"\n"):
                yield json.loads(line)


def moment(text: str) -> datetime:
    """The moment that :func:`timestamp` wrote."""
    return datetime.fromisoformat(text)


def reached(path: Path) -> datetime | None:
    """The latest moment that a scan came to, by the clock with which it was begun: what was set later is taken back.

    None where there is no ledger, or nothing in it.
    """
    latest: datetime | None = None
    shift = timedelta()
    previous = b""

    def settle() -> None:
        nonlocal latest
        if previous:
            at = moment(json.loads(previous)["time"]) - shift
            latest = at if latest is None else max(latest, at)

    if not path.exists():
        return None
    with path.open("rb") as file:
        for line in file:
            if not line.endswith(b"\n"):
                break
            # Cheap for long ledgers; in a value, the quotation marks would be escaped.
            if b'"kind":"clock"' in line or b'"kind":"resume"' in line:
                settle()
                record = json.loads(line)
                shift = timedelta() if record["kind"] == "resume" else shift + _seconds(record)
            previous = line
    settle()
    return latest


def _seconds(record: Mapping[str, Any]) -> timedelta:
    return timedelta(seconds=record["seconds"])


def summarize(path: Path) -> LedgerSummary:
    """Count a ledger: connections, bytes, the busiest second, outcomes, nmap's runs."""
    seconds: Counter[str] = Counter()
    minutes: Counter[str] = Counter()
    outcomes: Counter[str] = Counter()
    connections = refusals = sent = received = count = 0
    head = GENESIS
    outsiders: dict[str, None] = {}
    nmap: dict[int, dict[str, Any]] = {}
    steps: list[ClockStep] = []
    for record in records(path):
        count += 1
        head = record["hash"]
        match record["kind"]:
            case "open":
                connections += 1
                if record["purpose"].startswith(OUTSIDER) and len(outsiders) < _MOST_OUTSIDERS:
                    asked = record["purpose"].removeprefix(OUTSIDER)
                    outsiders.setdefault(f"{asked} ({record['remote']})")
                seconds[record["time"][:19]] += 1
                minutes[record["time"][:16] + "Z"] += 1
            case "close":
                sent += record["sent"]
                received += record["received"]
                outcomes[record["outcome"]] += 1
            case "refused":
                refusals += 1
            case "clock":
                steps.append(ClockStep(at=moment(record["time"]), seconds=record["seconds"]))
            case "nmap_start":
                nmap[record["seq"]] = {
                    "command": record["command"],
                    "started": moment(record["time"]),
                    "finished": None,
                    "packets_sent": None,
                    "packets_received": None,
                    "outcome": "interrupted",
                }
            case "nmap_end":
                nmap[record["of"]].update(
                    finished=moment(record["time"]),
                    packets_sent=record.get("packets_sent"),
                    packets_received=record.get("packets_received"),
                    outcome=record["outcome"],
                )
    return LedgerSummary(
        connections=connections,
        nmap_runs=len(nmap),
        bytes_sent=sent,
        bytes_received=received,
        peak_rate=float(max(seconds.values(), default=0)),
        refusals=refusals,
        head_hash=head,
        records=count,
        outcomes=dict(sorted(outcomes.items())),
        per_minute=dict(sorted(minutes.items())),
        nmap=tuple(NmapRun(**run) for run in nmap.values()),
        outsiders=tuple(outsiders),
        clock=tuple(steps),
    )


def source_addresses(path: Path) -> tuple[str, ...]:
    """Local addresses that connections went out from, in order of first use."""
    seen: dict[str, None] = {}
    for record in records(path):
        if record["kind"] == "close" and record.get("local"):
            seen.setdefault(record["local"].rpartition(":")[0].strip("[]"))
    return tuple(seen)
