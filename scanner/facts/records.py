"""What exports of address records show: who had which address, port or account when. Gathered by :mod:`scanner.logs.records`.

The subject is the operator as a whole (:meth:`scanner.facts.Endpoint.of_operator`): such records belong to no single service.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar, Literal

RecordKind = Literal["assignment", "nat", "wifi"]
"""Which address a user had; which public address and ports a private address had; which account used public Wi-Fi."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordSign:
    """Records of one kind that do not say, or that say against each other, who it was. It is no proof of anything."""

    kind: Literal[
        "unreadable_time", "end_before_start", "bad_address", "bad_port", "overlap", "malformed"
    ]  # fmt: skip
    records: int
    examples: tuple[str, ...]
    """``file:record``, counted from 1 with the head; at most five."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressRecordFacts:
    """All files of one kind of record, as handed over. Accounts, numbers and addresses of people are not kept."""

    kind: RecordKind
    files: tuple[str, ...] = ()
    records: int = 0
    columns: Mapping[str, str] = field(default_factory=dict)
    """Our name of a column -> how the first file heads it."""
    absent: tuple[str, ...] = ()
    """What must be told and has no column in at least one file: ``start``, ``user``, ``address``, ``public_address``,
    ``private_address``, ``ports``."""
    lacking: Mapping[str, int] = field(default_factory=dict)
    """The same names -> records that leave it empty, or come from a file without its column."""
    first: datetime | None = None
    last: datetime | None = None
    days: Mapping[str, int] = field(default_factory=dict)
    """Day in China (ISO 8601) -> records that begin on it."""
    signs: tuple[RecordSign, ...] = ()
    overlap_bounded: bool = False
    """Whether there were more addresses than are kept, so that overlaps far from each other may have been passed over."""
    troubles: tuple[str, ...] = ()
    """``file: word``, the words of :attr:`scanner.facts.logs.LogFileFacts.troubles`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AssignmentRecordFacts(AddressRecordFacts):
    """Which user had which address."""

    PROBE: ClassVar[str] = "assignment_records"
    kind: RecordKind = "assignment"


@dataclass(frozen=True, slots=True, kw_only=True)
class NatRecordFacts(AddressRecordFacts):
    """Which private address stood behind a public address and its ports."""

    PROBE: ClassVar[str] = "nat_records"
    kind: RecordKind = "nat"


@dataclass(frozen=True, slots=True, kw_only=True)
class WifiRecordFacts(AddressRecordFacts):
    """Which account used public Wi-Fi, from where."""

    PROBE: ClassVar[str] = "wifi_records"
    kind: RecordKind = "wifi"


RecordFacts = AssignmentRecordFacts | NatRecordFacts | WifiRecordFacts

OF_KIND: Mapping[RecordKind, type[RecordFacts]] = {
    "assignment": AssignmentRecordFacts,
    "nat": NatRecordFacts,
    "wifi": WifiRecordFacts,
}
