"""The table of division codes (GB/T 2260) and the provinces' short names, as filing numbers use them."""

from __future__ import annotations

from functools import cache
from importlib import resources

PROVINCES = {
    "京": "11", "津": "12", "冀": "13", "晋": "14", "蒙": "15", "辽": "21", "吉": "22", "黑": "23", "沪": "31", "苏": "32",
    "浙": "33", "皖": "34", "闽": "35", "赣": "36", "鲁": "37", "豫": "41", "鄂": "42", "湘": "43", "粤": "44", "桂": "45",
    "琼": "46", "渝": "50", "川": "51", "蜀": "51", "贵": "52", "黔": "52", "云": "53", "滇": "53", "藏": "54", "陕": "61",
    "秦": "61", "甘": "62", "陇": "62", "青": "63", "宁": "64", "新": "65",
}  # fmt: skip
"""Short name -> first two digits of the division code; some provinces have two short names."""


@cache
def divisions() -> dict[str, str]:
    """Code of six digits -> name (empty for groupings without one), for every edition that the table holds."""
    table = resources.files("checks.filing").joinpath("divisions.txt").read_text(encoding="utf-8")
    rows = (line.partition(" ") for line in table.splitlines() if line and not line.startswith("#"))
    return {code: name for code, _, name in rows}


@cache
def prefectures() -> frozenset[str]:
    """First four digits that some code in the table begins with."""
    return frozenset(code[:4] for code in divisions())


def full_name(code: str) -> str:
    """Province, prefecture and county of a code, as far as the table names them."""
    table = divisions()
    names = (table.get(part, "") for part in dict.fromkeys((f"{code[:2]}0000", f"{code[:4]}00", code)))
    return "".join(name for name in names if name)
