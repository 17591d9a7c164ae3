"""Text of any origin, made fit to be seen in a document or on a terminal.

Facts hold printable text already (:func:`scanner.text.printable`), but a report may also be made from a file that came
from elsewhere, with findings of a third party's rule. So whatever is put on paper goes through :func:`shown` again.
"""

from __future__ import annotations

import re

from scanner.text import printable

LIMIT = 8000
"""Characters kept of one value. Longer than any article of law; short enough that no value drowns the report."""

_LAYOUT = str.maketrans("", "", "\n\t\u3000\xa0")
"""White space that our own texts use, and that does no harm."""

_PRODUCT = re.compile(
    "\\u3000|(?<=[。；])(?=[A-Za-z][\\w .+/-]{1,24}：)|(?<=[.;}]) (?=[A-Za-z]\\w{2,14}(?: [A-Z]\\w+)?: )"
)
"""Where the way for another product begins."""


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


def steps(remediation: str) -> list[str]:
    """Return a mend in lines: what to do, then a line for each product that it names (``nginx：...``, ``Apache: ...``)."""
    parts = (part for line in remediation.split("\n") for part in _PRODUCT.split(line))
    return [part.strip() for part in parts if part.strip()]


def _layout_kept(line: str) -> str:
    if line.translate(_LAYOUT).isprintable():
        return line
    return "".join(char if char in "\t\u3000\xa0" else printable(char) for char in line)
