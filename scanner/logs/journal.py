"""systemd's journal in its export format, as lines of syslog (https://systemd.io/JOURNAL_EXPORT_FORMATS/)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from scanner.logs.sources import Source

_MOST_ENTRY = 4 << 20


def as_lines(blocks: Iterator[bytes], source: Source) -> Iterator[bytes]:
    """Each entry as one line ``TIME HOST NAME[PID]: MESSAGE``, with the time of its receipt in UTC.

    An entry whose number does not follow the one before is kept; that a number is missing is noted as ``sequence_hole``.
    """
    entry: dict[bytes, bytes] = {}
    rest = b""
    previous: int | None = None
    out: list[bytes] = []
    for block in blocks:
        rest += block
        while (end := rest.find(b"\n")) >= 0:
            line, after = rest[:end], rest[end + 1 :]
            if not line:
                if entry:
                    made, previous = _line(entry, previous, source)
                    out.append(made)
                entry, rest = {}, after
                continue
            name, equals, value = line.partition(b"=")
            if not equals:
                # A field with binary content: its length in eight bytes, little-endian, and then a line's end.
                size = int.from_bytes(after[:8], "little")
                if size > _MOST_ENTRY:
                    source.note("damaged")
                    rest = after
                    continue
                if len(after) < 8 + size + 1:
                    break
                value, after = after[8 : 8 + size], after[8 + size + 1 :]
            entry[name] = value
            rest = after
        if out:
            yield b"".join(out)
            out = []
        if len(rest) > 4 * _MOST_ENTRY:
            source.note("damaged")
            rest = b""
    if entry:
        made, _ = _line(entry, previous, source)
        yield made


def _line(entry: dict[bytes, bytes], previous: int | None, source: Source) -> tuple[bytes, int | None]:
    number = int(entry[b"__SEQNUM"]) if entry.get(b"__SEQNUM", b"").isdigit() else None
    if number is not None and previous is not None and number > previous + 1:
        source.note("sequence_hole")
    stamp = entry.get(b"__REALTIME_TIMESTAMP", b"")
    seconds = int(stamp) / 1e6 if stamp.isdigit() and len(stamp) < 18 else 0.0
    moment = f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S.%f}Z".encode()
    name = entry.get(b"SYSLOG_IDENTIFIER", b"-")
    pid = entry.get(b"_PID", entry.get(b"SYSLOG_PID", b"0"))
    message = entry.get(b"MESSAGE", b"").replace(b"\n", b" ")
    host = entry.get(b"_HOSTNAME", b"-")
    return moment + b" " + host + b" " + name + b"[" + pid + b"]: " + message + b"\n", number or previous
