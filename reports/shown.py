"""Text of any origin, made fit to be seen in a document or on a terminal.

Facts hold printable text already (:func:`scanner.text.printable`), but a report may also be made from a file that came
from elsewhere, with findings of a third party's rule. So whatever is put on paper goes through :func:`shown` again.
"""

from __future__ import annotations

from scanner.text import printable

LIMIT = 8000
"""Characters kept of one value. Longer than any article of law; short enough that no value drowns the report."""

_LAYOUT = str.maketrans("", "", "\n\t\u3000\xa0")
"""White space that our own texts use, and that does no harm."""


def shown(value: str, limit: int = LIMIT) -> str:
    """Return ``value`` with control, bidirectional and unassigned characters shown as symbols, cut to ``limit``.

    Line feeds, tabs and wide spaces stay. A cut is marked with the number of characters left out.
    """
    if len(value) <= limit and value.translate(_LAYOUT).isprintable():
        return value
    over = len(value) - limit
    kept = value[:limit] if over > 0 else value
    lines = (_layout_kept(line) for line in kept.split("\n"))
    return "\n".join(lines) + (f"…(+{over})" if over > 0 else "")


def one_line(value: str, limit: int = 400) -> str:
    """Return ``value`` as :func:`shown`, on a single line: for a cell of a table on a terminal."""
    return " ".join(shown(value, limit).split())


def _layout_kept(line: str) -> str:
    if line.translate(_LAYOUT).isprintable():
        return line
    return "".join(char if char in "\t\u3000\xa0" else printable(char) for char in line)
