"""A case as it is kept: what it is called, and the items that were taken in. Nothing of it is ever replaced."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

import msgspec

from scanner.intake import Kept

ItemKind = Literal["scan", "inspection", "file"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """Something that was attached: one or several files, taken in at one time."""

    kind: ItemKind
    source: str
    """A scan's or an inspection's id; of a file its path on the machine it was taken in on."""
    label: str
    """The name of the item's folder in the export, behind its number."""
    taken: datetime
    by: str
    note: str = ""
    folder: str
    """Where the files lie below the case's folder in the data folder."""
    files: tuple[Kept, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A case."""

    title: str
    number: str = ""
    """The unit's own, such as 京公网检〔2026〕1号."""
    unit: str = ""
    opened: datetime
    opened_by: str
    items: Mapping[str, Item] = field(default_factory=dict)
    """Number of two digits or more -> item."""

    def folder_of(self, number: str) -> str:
        """Where the files of an item lie in the export."""
        item = self.items[number]
        return f"items/{number}-{item.kind}-{item.label}"


def to_record(case: Case) -> dict[str, Any]:
    """What the store keeps."""
    record: dict[str, Any] = msgspec.to_builtins(case)
    return record


def from_record(record: Mapping[str, Any]) -> Case:
    """The case that :func:`to_record` wrote.

    :raises msgspec.ValidationError: it is none.
    """
    return msgspec.convert(record, Case)
