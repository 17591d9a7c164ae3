"""Articles are read and written as the law does."""

from __future__ import annotations

import pytest

from reports.law.position import Position, chinese, number


@pytest.mark.parametrize(
    ("value", "text"),
    [(1, "一"), (10, "十"), (11, "十一"), (20, "二十"), (23, "二十三"), (99, "九十九"), (100, "一百"), (105, "一百零五"),
     (110, "一百一十"), (111, "一百一十一"), (220, "二百二十"), (999, "九百九十九")],
)  # fmt: skip
def test_numbers_are_written_and_read(value: int, text: str) -> None:
    assert chinese(value) == text
    assert number(text) == value


def test_every_number_comes_back() -> None:
    assert [number(chinese(value)) for value in range(1, 1000)] == list(range(1, 1000))


@pytest.mark.parametrize("text", ["", "零", "0", "十十", "二三", "x", "²", "٣"])
def test_what_is_no_number_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a number"):
        number(text)


@pytest.mark.parametrize(
    ("text", "position"),
    [
        ("第二十三条", Position(23)),
        ("第二十三条第（三）项", Position(23, None, 3)),
        ("第二十三条第三项", Position(23, None, 3)),
        ("第23条第(3)项", Position(23, None, 3)),
        ("第七十一条第一款第（二）项", Position(71, 1, 2)),
        ("第六十一条第三款", Position(61, 3)),
        ("23", Position(23)),
        ("23(3)", Position(23, None, 3)),
        ("61.3", Position(61, 3)),
        ("71.1(2)", Position(71, 1, 2)),
        ("71.1（2）", Position(71, 1, 2)),
    ],
)
def test_positions_are_read(text: str, position: Position) -> None:
    assert Position.parse(text) == position
    assert Position.parse(str(position)) == position


@pytest.mark.parametrize(
    "text",
    ["", "条", "第条", "第二十三", "23(", "23.", "-1", "0", "第零条", "第二三条", "23(3)x", "a" * 10_000],
)
def test_what_is_no_position_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"not an article|not a number"):
        Position.parse(text)
