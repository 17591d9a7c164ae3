"""A list of drawn objects (双随机), as rows of text."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from reports.inspection.credit_code import problem

_HEADS = {
    "name": ("检查对象", "对象名称", "单位名称", "企业名称", "对象", "名称", "object", "name"),
    "credit_code": ("统一社会信用代码", "信用代码", "credit code", "code"),
    "address": ("地址", "住所", "经营场所", "address"),
    "contact": ("联系人", "联系方式", "联系电话", "contact"),
    "officers": ("检查人员", "执法人员", "抽取人员", "人员", "officers"),
}
_JOINTS = re.compile(r"[、,，;；/\s]+")
_MOST = 5000


@dataclass(frozen=True, slots=True)
class Row:
    """One drawn object."""

    name: str
    credit_code: str
    address: str
    contact: str
    officers: tuple[str, ...]


def rows_of(table: Sequence[Sequence[str]]) -> tuple[list[Row], list[str]]:
    """The rows that can be used, and for each other one its number and what is wrong with it."""
    heads = [cell.strip().lower() for cell in table[0]] if table else []
    columns = {
        field: next((heads.index(head) for head in names if head in heads), None)
        for field, names in _HEADS.items()
    }
    if columns["name"] is None:
        return [], [f"row 1: no column is headed {_HEADS['name'][0]}"]
    good: list[Row] = []
    bad: list[str] = []
    seen: dict[str, int] = {}
    for number, cells in enumerate(table[1 : _MOST + 1], start=2):

        def cell(field: str, cells: Sequence[str] = cells) -> str:
            column = columns[field]
            return cells[column].strip() if column is not None and column < len(cells) else ""

        if not any(one.strip() for one in cells):
            continue
        row = Row(
            cell("name"), cell("credit_code").upper(), cell("address"), cell("contact"),
            tuple(filter(None, _JOINTS.split(cell("officers")))),
        )  # fmt: skip
        wrong = []
        if not row.name or len(row.name) > 200 or not row.name.isprintable():
            wrong.append(
                f"{heads[columns['name']]} is empty, too long, or has characters that cannot be seen"
            )
        if row.credit_code and (why := problem(row.credit_code)):
            wrong.append(f"统一社会信用代码 {row.credit_code!r} ({why})")
        key = row.credit_code or row.name
        if key in seen:
            wrong.append(f"the same object as row {seen[key]}")
        seen.setdefault(key, number)
        if wrong:
            bad.append(f"row {number}: {'; '.join(wrong)}")
        else:
            good.append(row)
    return good, bad
