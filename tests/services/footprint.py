"""What a probe run cost, read from the ledger."""

from __future__ import annotations

import json
from dataclasses import dataclass

from tests.conftest import Scanner


@dataclass(frozen=True)
class Footprint:
    """Connections of a run, and what came and went through them."""

    opened: int
    closed: int
    sent: int
    received: int
    outcomes: tuple[str, ...]


def footprint(scanner: Scanner) -> Footprint:
    """The footprint of everything that ``scanner`` has done."""
    records = [json.loads(line) for line in scanner.ledger_path.read_text().splitlines()]
    closes = [record for record in records if record["kind"] == "close"]
    return Footprint(
        opened=sum(record["kind"] == "open" for record in records),
        closed=len(closes),
        sent=sum(record["sent"] for record in closes),
        received=sum(record["received"] for record in closes),
        outcomes=tuple(record["outcome"] for record in closes),
    )
