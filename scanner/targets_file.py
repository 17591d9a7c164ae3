"""Targets from a file: plain text, CSV or Excel."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterator
from pathlib import Path

from scanner.errors import UsageError
from scanner.said import Sentence, zh
from scanner.scope import Target, parse_target

_COLUMNS = ("target", "目标", "ip", "ip地址", "地址", "域名", "网址", "url", "host", "address", "domain")
"""Heads of the column that holds targets, in lower case."""


def read_targets(path: Path) -> tuple[Target, ...]:
    """Read targets from ``.txt`` (one a line, ``#`` begins a comment), ``.csv`` or ``.xlsx``.

    A table's targets are in the column headed target, 目标, IP, 域名 ... or, without such a head, in the first column.

    :raises UsageError: the file cannot be read, is empty, or a line is no target; all bad lines are named.
    """
    suffix = path.suffix.lower()
    try:
        if suffix == ".xlsx":
            entries = list(_from_rows(_excel_rows(path)))
        elif suffix == ".csv":
            entries = list(_from_rows(_csv_rows(path)))
        else:
            entries = list(_from_text(path))
    except OSError as error:
        raise UsageError(
            f"无法从 {path} 读取目标：{zh(error)}", f"cannot read targets from {path}: {error.strerror}"
        ) from error
    targets: list[Target] = []
    wrong: list[Sentence] = []
    for where, text in entries:
        try:
            targets.append(parse_target(text))
        except UsageError as error:
            wrong.append(Sentence(f"{zh(where)}：{zh(error)}", f"{where}: {error}"))
    if wrong:
        rest = len(wrong) - 5
        more = Sentence(f"（另有 {rest} 处）", f" (and {rest} more)") if rest > 0 else ""
        raise UsageError(
            f"{path}：{'；'.join(map(zh, wrong[:5]))}{zh(more)}", f"{path}: {'; '.join(wrong[:5])}{more}"
        )
    if not targets:
        raise UsageError(f"{path} 中没有目标", f"{path} holds no target")
    return tuple(targets)


def _decoded(path: Path) -> str:
    data = path.read_bytes()
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise UsageError(
        f"{path} 不是 UTF-8 或者 GB 18030 编码的文本", f"{path} is neither UTF-8 nor GB 18030 text"
    )


def _from_text(path: Path) -> Iterator[tuple[Sentence, str]]:
    for number, line in enumerate(_decoded(path).splitlines(), start=1):
        text = line.partition("#")[0].strip()
        if text:
            yield Sentence(f"第 {number} 行", f"line {number}"), text


def _csv_rows(path: Path) -> list[list[str]]:
    try:
        return list(csv.reader(io.StringIO(_decoded(path))))
    except csv.Error as error:
        raise UsageError(f"{path} 不是 CSV 格式：{zh(error)}", f"{path} is not CSV: {error}") from error


def _excel_rows(path: Path) -> list[list[str]]:
    import openpyxl  # heavy, and needed only here

    try:
        book = openpyxl.load_workbook(path, read_only=True, data_only=True)
        sheet = book.worksheets[0]
        return [
            ["" if cell is None else str(cell) for cell in row] for row in sheet.iter_rows(values_only=True)
        ]
    except (zipfile.BadZipFile, KeyError, ValueError, IndexError) as error:
        raise UsageError(
            f"{path} 不是 Excel 工作簿（.xlsx）：{zh(error)}",
            f"{path} is not an Excel workbook (.xlsx): {error}",
        ) from error


def read_table(path: Path) -> list[list[str]]:
    """The rows of a ``.csv`` or ``.xlsx`` file.

    :raises UsageError: it is neither, or cannot be read.
    """
    try:
        match path.suffix.lower():
            case ".xlsx":
                return _excel_rows(path)
            case ".csv":
                return _csv_rows(path)
    except OSError as error:
        raise UsageError(f"无法读取 {path}：{zh(error)}", f"cannot read {path}: {error.strerror}") from error
    raise UsageError(f"{path} 不是 .xlsx 或者 .csv 文件", f"{path} is neither .xlsx nor .csv")


def _from_rows(rows: list[list[str]]) -> Iterator[tuple[Sentence, str]]:
    column, start = 0, 0
    if rows:
        heads = [cell.strip().lower() for cell in rows[0]]
        found = next((heads.index(name) for name in _COLUMNS if name in heads), None)
        if found is not None:
            column, start = found, 1
    for number, row in enumerate(rows[start:], start=start + 1):
        text = row[column].strip() if column < len(row) else ""
        if text and not text.startswith("#"):
            yield Sentence(f"第 {number} 行", f"row {number}"), text
