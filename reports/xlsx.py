"""XLSX: a workbook with the overview first, then a sheet for each table, heads frozen and filterable.

No cell is ever a formula: text is written as text, whatever it begins with.
"""

from __future__ import annotations

import io
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet._write_only import WriteOnlyWorksheet

from reports.csv_export import harmless
from reports.overview import overview
from reports.result import Result
from reports.shown import shown
from reports.tables import Cell, tables
from reports.wording import Wording

_WIDTHS = {
    "severity": 9, "status": 12, "title": 34, "place": 26, "seen": 56, "remedy": 56, "evidence": 44, "basis": 14,
    "confirmation": 16, "duties": 30, "hosting": 18, "target": 24, "at": 20, "looks": 8, "check": 28, "subject": 32,
    "key": 20, "duty": 34, "reason": 44, "count": 8, "articles": 44, "verification": 40, "questions": 50,
    "address": 18, "port": 8, "transport": 8, "service": 14, "product": 20, "version": 14, "encrypted": 14,
    "problems": 8, "names": 30, "open_ports": 30, "state": 10, "note": 40, "domain": 30, "titles": 50, "what": 10,
    "name": 28, "subjects": 44, "message": 50, "tool": 16, "format": 16, "file": 30, "taken": 10, "refused": 12,
    "outside_window": 14, "ran": 22, "imported_by": 16, "imported": 22, "sha256": 66,
}  # fmt: skip
"""In characters."""
_FONT = "仿宋"
_HEAD = Font(name="黑体", bold=True, color="FFFFFF")
_HEAD_FILL = PatternFill("solid", fgColor="1C4D69")
_TOP = Alignment(vertical="top", wrap_text=True)


def xlsx(result: Result, lang: str) -> bytes:
    """The workbook.

    :raises ValueError: no such language.
    """
    words = Wording(lang)
    book = Workbook(write_only=True)
    book.properties.creator = "zijian"
    book.properties.title = words("title.police" if result.scan.mode == "police" else "title.self")
    first = book.create_sheet(words.word("sheet", "overview"))
    first.column_dimensions["A"].width, first.column_dimensions["B"].width = 26, 110
    for label, value in overview(result, words):
        first.append([_cell(first, label, head=True), _cell(first, value)])
    for table in tables(result, words):
        sheet = book.create_sheet(table.title)
        sheet.freeze_panes = "B2" if table.key in ("duties", "domains") else "A2"
        last = get_column_letter(len(table.heads))
        sheet.auto_filter.ref = f"A1:{last}{len(table.rows) + 1}"
        sheet.print_title_rows = "1:1"
        sheet.page_setup.orientation = "landscape"
        sheet.page_setup.paperSize = 9  # A4
        sheet.page_setup.fitToHeight = 0
        sheet.sheet_properties.pageSetUpPr.fitToPage = True
        for number, column in enumerate(table.columns, 1):
            sheet.column_dimensions[get_column_letter(number)].width = _WIDTHS[column]
        sheet.append([_cell(sheet, head, head=True) for head in table.heads])
        for row in table.rows:
            sheet.append([_cell(sheet, value) for value in row])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _cell(sheet: WriteOnlyWorksheet, value: Cell, *, head: bool = False) -> Any:
    cell = WriteOnlyCell(sheet, value=shown(value, 3500) if isinstance(value, str) else value)
    if isinstance(value, str):
        cell.data_type = "s"
        # Kept as text even when someone edits the cell or saves the sheet as CSV.
        cell.quotePrefix = harmless(value) != value
    cell.alignment = _TOP
    cell.font = _HEAD if head else Font(name=_FONT)
    if head:
        cell.fill = _HEAD_FILL
    return cell
