"""The table of division codes (GB/T 2260) and the provinces' short names, as filing numbers use them.

The table holds withdrawn codes too, since a number keeps the code of the day it was issued. A code that it does not hold
is not thereby wrong: public security organs have codes of their own for development zones, and new ones are set up.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import resources

PROVINCES: Mapping[str, str] = {
    "京": "11", "津": "12", "冀": "13", "晋": "14", "蒙": "15", "辽": "21", "吉": "22", "黑": "23", "沪": "31", "苏": "32",
    "浙": "33", "皖": "34", "闽": "35", "赣": "36", "鲁": "37", "豫": "41", "鄂": "42", "湘": "43", "粤": "44", "桂": "45",
    "琼": "46", "渝": "50", "川": "51", "蜀": "51", "贵": "52", "黔": "52", "云": "53", "滇": "53", "藏": "54", "陕": "61",
    "秦": "61", "甘": "62", "陇": "62", "青": "63", "宁": "64", "新": "65",
}  # fmt: skip
"""Short name of a province -> first two digits of its division code; some provinces have two."""


@cache
def divisions() -> Mapping[str, str]:
    """Code of six digits -> name; empty for groupings without one (110100)."""
    table = resources.files("checks.filing").joinpath("divisions.txt").read_text(encoding="utf-8")
    rows = (line.partition(" ") for line in table.splitlines() if not line.startswith("#"))
    return {code: name for code, _, name in rows}


def place(code: str) -> str | None:
    """Province, prefecture and county of a code of six digits; None when the table does not hold it."""
    table = divisions()
    if code not in table:
        return None
    return "".join(table.get(part, "") for part in dict.fromkeys((f"{code[:2]}0000", f"{code[:4]}00", code)))
