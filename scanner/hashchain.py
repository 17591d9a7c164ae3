"""Append-only records that show a later change: one JSON object a line, each chained to the one before.

A line's ``hash`` is SHA-256 over the previous line's hash and the line's own canonical JSON (keys sorted, no spaces)
without ``hash``; ``prev`` repeats the previous hash, ``seq`` counts from 1. A change anywhere breaks every hash after it; the
last hash fixes the whole. It shows *no change since*, not *true when made*.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from scanner.said import Sentence

GENESIS = "0" * 64
"""The hash before the first record."""
_MOST_LINE = 16 << 20
"""Bytes. No record that zijian writes comes near it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """Result of checking a chain. ``error`` names the first broken line; None when all hold."""

    records: int
    head: str
    error: Sentence | None = None
    torn: bool = False


def chain_hash(previous: str, record: Mapping[str, Any]) -> str:
    """The hash of ``record`` (its ``hash`` key left out) chained to ``previous``."""
    body = {key: value for key, value in record.items() if key != "hash"}
    canonical = json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(f"{previous}\n{canonical}".encode()).hexdigest()


class ChainReader:
    """Checks a chain that comes piece by piece; it holds one line at a time."""

    def __init__(self) -> None:
        self._head = GENESIS
        self._records = 0
        self._error: Sentence | None = None
        self._rest = b""

    def feed(self, data: bytes) -> None:
        """Take in the next bytes."""
        if self._error is not None:
            return
        lines = (self._rest + data).split(b"\n")
        self._rest = lines.pop()
        self.feed_lines(lines)
        if len(self._rest) > _MOST_LINE and self._error is None:
            self._error = Sentence(f"第 {self._records + 1} 行过长", f"line {self._records + 1} is too long")

    def feed_lines(self, lines: Iterable[bytes]) -> None:
        """Take in whole lines, without their ends."""
        for line in lines:
            if self._error is None:
                self._error = self._check(line)

    def finish(self) -> Verification:
        """The result. A last line without its end is ``torn``."""
        torn = bool(self._rest) and self._error is None
        at = self._records + 1
        error = (
            Sentence(f"第 {at} 行不完整（没有换行）", f"line {at} is torn (no line end)")
            if torn
            else self._error
        )
        return Verification(records=self._records, head=self._head, error=error, torn=torn)

    def _check(self, line: bytes) -> Sentence | None:
        number = self._records + 1
        try:
            record = json.loads(line)
            if not isinstance(record, dict) or record.get("seq") != number:
                return Sentence(
                    f"第 {number} 行的序号不是 {number}",
                    f"line {number} does not have sequence number {number}",
                )
            holds = record.get("prev") == self._head and record.get("hash") == chain_hash(self._head, record)
        except (ValueError, RecursionError):
            return Sentence(f"第 {number} 行不是 JSON", f"line {number} is not JSON")
        if not holds:
            return Sentence(f"第 {number} 行与其哈希值不符", f"line {number} does not match its hash")
        self._records, self._head = number, str(record["hash"])
        return None


def verify_lines(lines: Iterable[bytes]) -> Verification:
    """Check ``lines``, which are whole lines without their ends."""
    reader = ChainReader()
    reader.feed_lines(lines)
    return reader.finish()
