"""What every reader makes of another tool's file."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import islice
from typing import Any

from checks.model import Severity
from reports.shown import one_line
from scanner.said import Told

MOST_BYTES = 64 * 1024 * 1024
MOST_ENTRIES = 100_000
_MOST_TAGS = 40


class ForeignError(Told, ValueError):
    """The file is not of the format; one sentence, with the place."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One thing that another tool says of one place. All text is printable and cut."""

    host: str
    """As the tool wrote it: an address, or a name."""
    ip: str = ""
    """Empty where the tool gave none."""
    port: int = 0
    """0 where the tool named none."""
    transport: str = "tcp"
    rule: str
    """The tool's own name of what it found."""
    title: str
    severity: Severity
    message: str = ""
    cwe: tuple[str, ...] = ()
    """Such as ``CWE-200``."""
    tags: tuple[str, ...] = ()
    seen: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ForeignReport:
    """A file as a whole."""

    tool: str
    version: str = ""
    ran: datetime | None = None
    entries: tuple[Entry, ...] = field(default=())


def text(value: object, limit: int = 300) -> str:
    """Any value as one line."""
    return one_line(
        value if isinstance(value, str) else "" if value is None else str(value)[: 4 * limit], limit
    )


def texts(value: object) -> tuple[str, ...]:
    """A list, or a string with commas, as lines."""
    if isinstance(value, str):
        value = value.split(",")
    if not isinstance(value, list):
        return ()
    return tuple(part for one in value[:_MOST_TAGS] if (part := text(one, 80)))


def number(value: object) -> int:
    """A port, or 0."""
    try:
        found = int(str(value))
    except ValueError:
        return 0
    return found if 0 < found < 65536 else 0


def address(value: object) -> str:
    """An address in the usual form, or nothing."""
    try:
        return str(ipaddress.ip_address(str(value).strip("[] ").partition("%")[0]))
    except ValueError:
        return ""


def moment(value: object) -> datetime | None:
    """A time of ISO 8601, or seconds since 1970, in UTC; None where it is neither. One without a zone is left out."""
    try:
        if isinstance(value, int | float) or (isinstance(value, str) and value.isdecimal()):
            return datetime.fromtimestamp(float(value), UTC)
        found = datetime.fromisoformat(str(value).replace("Z", "+00:00"))
    except (ValueError, OverflowError, OSError):
        return None
    return found.astimezone(UTC) if found.tzinfo else None


def table(value: object) -> Mapping[str, Any]:
    """``value`` where it is an object, else an empty one."""
    return value if isinstance(value, dict) else {}


def rows(value: object) -> list[Any]:
    """``value`` where it is an array, else an empty one."""
    return value if isinstance(value, list) else []


def counted(entries: Iterable[Entry]) -> tuple[Entry, ...]:
    """All of them; a file with too many is refused, since one that was cut would look whole.

    :raises ForeignError: there are more than :data:`MOST_ENTRIES`.
    """
    found = tuple(islice(entries, MOST_ENTRIES + 1))
    if len(found) > MOST_ENTRIES:
        raise ForeignError(
            f"超过 {MOST_ENTRIES} 条，请拆分", f"it has more than {MOST_ENTRIES} entries; split it"
        )
    return found


_SEVERITIES = {
    "critical": Severity.CRITICAL, "high": Severity.HIGH, "error": Severity.HIGH, "medium": Severity.MEDIUM,
    "warning": Severity.MEDIUM, "low": Severity.LOW, "note": Severity.LOW,
}  # fmt: skip


def severity(value: object) -> Severity:
    """The severity that a tool names; information where it names none that is known."""
    return _SEVERITIES.get(str(value).lower(), Severity.INFO)
