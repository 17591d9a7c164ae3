"""A list of drawn objects (双随机), as rows of text."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from reports.inspection.credit_code import problem
from reports.wording import LANGUAGES, Wording
from scanner.said import Sentence

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


def rows_of(table: Sequence[Sequence[str]]) -> tuple[list[Row], list[Sentence]]:
    """The rows that can be used, and for each other one its number and what is wrong with it."""
    heads = [cell.strip().lower() for cell in table[0]] if table else []
    columns = {
        field: next((heads.index(head) for head in names if head in heads), None)
        for field, names in _HEADS.items()
    }
    if columns["name"] is None:
        return [], [
            Sentence(
                f"第 1 行：没有“{_HEADS['name'][0]}”列", f"row 1: no column is headed {_HEADS['name'][0]}"
            )
        ]
    good: list[Row] = []
    bad: list[Sentence] = []
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
        wrong: list[Sentence] = []
        if not row.name or len(row.name) > 200 or not row.name.isprintable():
            wrong.append(
                Sentence(
                    f"{heads[columns['name']]}是空的、过长，或者含有不能显示的字符",
                    f"{heads[columns['name']]} is empty, too long, or has characters that cannot be seen",
                )
            )
        if row.credit_code and (why := problem(row.credit_code)):
            zh_why, en_why = (Wording(lang).word("credit_code", why) for lang in LANGUAGES)
            wrong.append(
                Sentence(
                    f"统一社会信用代码 {row.credit_code!r} 不正确：{zh_why}",
                    f"统一社会信用代码 {row.credit_code!r}: {en_why}",
                )
            )
        key = row.credit_code or row.name
        if key in seen:
            wrong.append(Sentence(f"与第 {seen[key]} 行是同一对象", f"the same object as row {seen[key]}"))
        seen.setdefault(key, number)
        if wrong:
            bad.append(
                Sentence(
                    f"第 {number} 行：{'；'.join(one.zh for one in wrong)}",
                    f"row {number}: {'; '.join(wrong)}",
                )
            )
        else:
            good.append(row)
    return good, bad
