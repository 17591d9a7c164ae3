"""CSV: a file for each table, safe to open in a spreadsheet.

UTF-8 with a byte order mark, since Excel takes CSV without one for the system's own encoding. A cell that a spreadsheet would
take for a formula is written with an apostrophe before it (OWASP, "CSV Injection").
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from reports.result import Result
from reports.tables import Cell, Table, tables
from reports.wording import Wording

_FORMULA = tuple("=+-@\t\r\n|＝＋－＠")
"""What a formula may begin with, in full width too, as spreadsheets of East Asia take it."""


def harmless(cell: Cell) -> Cell:
    """Return ``cell`` so that no spreadsheet takes it for a formula."""
    if isinstance(cell, str) and cell.lstrip(" \u3000\xa0").startswith(_FORMULA):
        return "'" + cell
    return cell


def csv_pieces(table: Table) -> Iterator[bytes]:
    """The file of one table."""
    yield b"\xef\xbb\xbf"
    for row in (table.heads, *table.rows):
        line = io.StringIO(newline="")
        csv.writer(line).writerow([harmless(cell) for cell in row])
        yield line.getvalue().encode()


def csv_files(result: Result, lang: str) -> Iterator[tuple[str, Iterator[bytes]]]:
    """Name and content of each file.

    :raises ValueError: no such language.
    """
    for table in tables(result, Wording(lang)):
        yield f"{table.key.replace('_', '-')}.csv", csv_pieces(table)
