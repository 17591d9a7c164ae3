"""What log files that were handed over show of one service: gathered by :mod:`scanner.logs`, judged by ``checks/logs``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar, Literal

from scanner.facts.base import ProbeError


@dataclass(frozen=True, slots=True, kw_only=True)
class LogFileFacts:
    """One file, or one member of an archive."""

    name: str
    format: str
    """``combined``, ``haproxy``, ``sshd``, ``postfix``, ``dovecot``, ``vsftpd``, ``bind``, ``syslog``, ``json``, ``iis``,
    ``journald``, ``evtx``, ``custom`` (by ``--format``), or empty where none was recognised."""
    lines: int
    octets: int
    """Bytes after decompression."""
    unrecognised: int = 0
    """Lines without a time where the others have theirs."""
    first: datetime | None = None
    last: datetime | None = None
    zones: tuple[str, ...] = ()
    """Offsets written in the file, such as ``+08:00``; none where it writes none."""
    modified: datetime | None = None
    troubles: tuple[str, ...] = ()
    """``truncated``, ``overlong_lines``, ``nul_bytes``, ``too_large``, ``unreadable``, ``damaged``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LogSign:
    """Something in a file that calls for an explanation. It is no proof of anything."""

    kind: Literal[
        "out_of_order", "clock_set_back", "zone_change", "rotation_hole", "sequence_hole", "sequence_back",
        "hash_mismatch", "duplicated", "foreign_shape", "touched_later", "cleared",
    ]  # fmt: skip
    file: str
    line: int
    """Its first line, from 1; 0 where it is about the files as a whole."""
    lines: int
    """How many lines it is about."""
    detail: str
    """Times or numbers, without words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LogGap:
    """A silence that the traffic of the other days does not explain."""

    start: datetime
    end: datetime
    expected: int
    """Entries that the same hours of other days usually have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EarlierMark:
    """An earlier scan's challenge that is still in the log: what was written on that day was kept until now."""

    scan: str
    at: datetime
    lines: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LogFacts:
    """Our own connections to one service, held against the log files that were handed over."""

    PROBE: ClassVar[str] = "logs"
    protocol: str = ""
    files: tuple[LogFileFacts, ...] = ()
    expected: int = 0
    """Connections of this scan that a log of this kind shows."""
    found: int = 0
    matched_by: tuple[str, ...] = ()
    """``mark``, ``port``, ``time``: what tied lines to connections."""
    missing: tuple[str, ...] = ()
    """Connections that no line shows: number in the ledger and time; at most twenty."""
    evidence: tuple[str, ...] = ()
    """Lines that show our connections, ``file:line: text``; a few."""
    covers_scan: bool | None = None
    """Whether the files reach over the time of the scan; None where they have no times."""
    source: Literal["ours", "other", "none"] | None = None
    """Whose address stands in the lines that bear our mark."""
    source_seen: str = ""
    """The other address."""
    skew_median: float | None = None
    """Seconds that the log is ahead of the ledger."""
    skew_p95: float | None = None
    skew_drift: float | None = None
    """Last difference less the first."""
    zone_written: bool | None = None
    """Whether times carry their zone."""
    zone_shift: int = 0
    """Whole minutes (of quarter hours) by which all times are off."""
    fields: tuple[str, ...] = ()
    """Of ``time``, ``source_address``, ``source_port``, ``account``, ``action``: those that its lines have."""
    first: datetime | None = None
    last: datetime | None = None
    days: Mapping[str, int] = field(default_factory=dict)
    """Day in China (ISO 8601) -> entries."""
    gaps: tuple[LogGap, ...] = ()
    signs: tuple[LogSign, ...] = ()
    file_times: Literal["kept", "copied"] | None = None
    """Whether the files' times of last change are those of their writing, or of a copy, which tell nothing; None: not to be told."""
    earlier: tuple[EarlierMark, ...] = ()
    errors: tuple[ProbeError, ...] = ()
