"""Files that were changed after the challenge although their entries had ended before it.

A file's time of last change tells something only where it was kept: a copy bears the time of the copying. It counts as kept when
most of the files whose entries ended before the scan were last changed before it too. The last file before the scan is left out: it
may have been rotated, or cut down by copytruncate, after it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Literal

from scanner.facts.logs import LogFileFacts, LogSign

_LATER = timedelta(minutes=10)
_LEAST_FILES = 3
"""Files that must have ended before the scan: of fewer it cannot be told what is usual."""
_ROTATED = re.compile(r"[-._]?\d{1,14}|\.(?:gz|bz2|xz|zst|old)\b")


def touched(
    files: Iterable[LogFileFacts], scanned: datetime, ahead: timedelta
) -> tuple[Literal["kept", "copied"] | None, tuple[LogSign, ...]]:
    """Whether the files' times were kept, and the files that were changed later than their entries explain.

    :param scanned: when the challenge was first left.
    :param ahead: how far the log's clock is ahead of ours.
    """
    ended = [
        (file, file.modified - max(ahead, timedelta(0)))
        for family in _families(files)
        for file in _succeeded(family, scanned + ahead - _LATER)
        if file.modified is not None
    ]
    if len(ended) < _LEAST_FILES:
        return None, ()
    later = [(file, modified) for file, modified in ended if modified > scanned + _LATER]
    if 2 * len(later) >= len(ended):
        return ("copied" if len(later) == len(ended) else None), ()
    return "kept", tuple(
        LogSign(
            kind="touched_later", file=file.name, line=0, lines=file.lines,
            detail=f"{file.last:%Y-%m-%dT%H:%M:%SZ} → {modified:%Y-%m-%dT%H:%M:%SZ}",
        )
        for file, modified in later
    )  # fmt: skip


def _families(files: Iterable[LogFileFacts]) -> Iterable[Sequence[LogFileFacts]]:
    """The files that one log was rotated into, oldest first."""
    found: dict[str, list[LogFileFacts]] = {}
    for file in files:
        if file.first is not None and file.last is not None:
            found.setdefault(_ROTATED.sub("", file.name), []).append(file)
    for family in found.values():
        yield sorted(family, key=lambda file: (file.last, file.first))


def _succeeded(family: Sequence[LogFileFacts], before: datetime) -> Iterable[LogFileFacts]:
    """Those behind which another file of the family was begun before ``before``."""
    for file, successor in pairwise(family):
        if successor.first is not None and file.last is not None and file.last <= successor.first < before:
            yield file
