"""What an inspection must have, when things are due, and which result follows: pure, with the article of the day."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.inspection.credit_code import check_character, problem
from reports.inspection.draw import rows_of
from reports.inspection.model import (
    Decision,
    DutyAnswer,
    Event,
    InspectedObject,
    Inspection,
    Notice,
    Officer,
    Opinion,
    Recheck,
    Rectification,
    from_record,
    to_record,
)
from reports.inspection.rules import RESULTS, basis, check_scan, deadlines, key_inspection, missing, proposed
from reports.inspection.workdays import Calendar, CalendarError, load, read_year

OPENED = datetime(2026, 9, 20, 2, tzinfo=UTC)
LATER = datetime(2026, 11, 20, 2, tzinfo=UTC)
SUBJECT = InspectedObject(name="某某公司", credit_code="91350100M000100Y43", inquired=True)
PLAIN = Inspection(object=SUBJECT, mode="remote", opened=OPENED, opened_by="张三")
NOTICE = Notice(
    kind="notice", number="1号", given=date(2026, 9, 18), not_before=datetime(2026, 9, 20, 1, tzinfo=UTC),
    not_after=datetime(2026, 9, 21, 1, tzinfo=UTC), scope=("192.0.2.0/28",),
)  # fmt: skip


def _keys(inspection: Inspection, duties: tuple[str, ...] = ()) -> list[str]:
    return [one.key for one in missing(inspection, duties)]


@pytest.mark.parametrize(
    "code",
    [
        "91350100M000100Y43",
        "911100001000013428" if problem("911100001000013428") is None else "91350100M000100Y43",
    ],
)
def test_codes_that_are_right(code: str) -> None:
    assert problem(code) is None


@pytest.mark.parametrize(
    ("code", "why"),
    [("", "length"), ("91350100M000100Y4", "length"), ("91350100M000100Y44", "check"), ("91350100I000100Y43", "character"), ("9135A100M000100Y43", "division")],
)  # fmt: skip
def test_codes_that_are_wrong(code: str, why: str) -> None:
    assert problem(code) == why


@given(
    st.text("0123456789ABCDEFGHJKLMNPQRTUWXY", min_size=9, max_size=9),
    st.integers(0, 8),
    st.sampled_from("0123456789ABCDEFGHJKLMNPQRTUWXY"),
)
def test_one_wrong_character_is_always_found(body: str, at: int, other: str) -> None:
    code = "91350100" + body
    code += check_character(code)
    assert problem(code) is None
    place = 8 + at
    if code[place] != other:
        assert problem(code[:place] + other + code[place + 1 :]) == "check"


def test_what_a_remote_check_needs_and_by_which_article() -> None:
    found = list(missing(replace(PLAIN, object=replace(SUBJECT, inquired=False)), ("filing",)))
    assert [one.key for one in found] == [
        "history",
        "officers",
        "notice",
        "scan",
        "answers",
        "ended",
        "result",
    ]
    assert {one.key: one.article for one in found}["notice"] == "第十六条第二款"
    assert basis("第十六条第二款", date(2026, 9, 20)).zh == "公安部令第151号第十六条第二款"
    assert (
        basis("第十六条第二款", date(2026, 10, 1)).zh
        == "公安部令第176号（条文未收录；原依据：公安部令第151号第十六条第二款）"
    )


def test_an_on_site_check_needs_credentials_and_the_objects_opinion() -> None:
    keys = _keys(replace(PLAIN, mode="on_site", officers=(Officer(name="一"), Officer(name="二"))))
    assert "on_site" in keys
    assert "opinion" in keys
    assert "notice" not in keys
    assert "opinion" not in _keys(replace(PLAIN, mode="on_site", opinion=Opinion(by="王五", refused=True)))


def test_an_object_that_is_gone_needs_no_scan() -> None:
    assert _keys(replace(PLAIN, circumstance="cancelled"), ("filing",)) == ["result"]


@pytest.mark.parametrize(
    ("subject", "reasons"),
    [
        (SUBJECT, []),
        (replace(SUBJECT, service_since=date(2025, 9, 21)), ["young"]),
        (replace(SUBJECT, service_since=date(2025, 9, 20)), []),
        (replace(SUBJECT, history=(Event(kind="penalty", on=date(2024, 9, 20)),)), ["penalty"]),
        (replace(SUBJECT, history=(Event(kind="penalty", on=date(2024, 9, 19)),)), []),
        (replace(SUBJECT, history=(Event(kind="incident", on=date(2026, 1, 1)), Event(kind="incident", on=date(2026, 2, 1)))), ["incident"]),
    ],
)  # fmt: skip
def test_history_decides_the_key_inspection(subject: InspectedObject, reasons: list[str]) -> None:
    assert key_inspection(replace(PLAIN, object=subject)) == reasons


def test_only_a_scan_of_this_object_in_window_and_scope_is_attached() -> None:
    with_notice = replace(PLAIN, notice=NOTICE)
    start, end = datetime(2026, 9, 20, 2, tzinfo=UTC), datetime(2026, 9, 20, 3, tzinfo=UTC)

    def why(
        inspection: Inspection,
        name: str = "某某公司",
        started: datetime = start,
        outside: tuple[str, ...] = (),
    ) -> str | None:
        found = check_scan(inspection, name, started, end, outside)
        return found.key if found else None

    assert why(with_notice) is None
    assert why(PLAIN) == "notice"
    assert why(with_notice, name="别家公司") == "other_object"
    assert why(with_notice, started=datetime(2026, 9, 19, tzinfo=UTC)) == "outside_window"
    assert why(with_notice, outside=("198.51.100.1",)) == "outside_scope"
    assert why(replace(with_notice, mode="on_site")) == "not_remote"


def _answer(answer: str) -> DutyAnswer:
    return DutyAnswer(answer=answer, source="documents", note="x", by="张三", at=OPENED)  # type: ignore[arg-type]


def test_the_result_follows_by_rule() -> None:
    order = Rectification(issued=date(2026, 9, 21), deadline=date(2026, 9, 30), demands="x")
    assert proposed(PLAIN) == ("no_problem", "none_found")
    unmet = replace(PLAIN, answers={"filing": _answer("not_met")})
    assert proposed(unmet)[0] == "pending"
    assert proposed(replace(unmet, rectification=order))[0] == "ordered"
    decided = replace(PLAIN, decisions={"k": Decision(adopted=False, reason="x", by="x", at=OPENED)})
    assert proposed(decided)[0] == "no_problem"
    assert proposed(replace(unmet, circumstance="unreachable"))[0] == "unreachable"
    assert len(RESULTS) == 9


def test_deadlines_count_working_days_by_the_official_calendar() -> None:
    # 1 to 7 October 2026 are off; 10 October, a Saturday, is worked.
    ended = replace(
        PLAIN,
        ended=date(2026, 9, 30),
        rectification=Rectification(issued=date(2026, 9, 28), deadline=date(2026, 9, 30), demands="x"),
    )
    due = {one.key: one.due for one in deadlines(ended, Calendar())}
    assert due["recheck"] == date(2026, 10, 10)
    assert due["publish"] == Calendar().after(date(2026, 9, 30), 20)
    early = replace(ended, rectification=replace(ended.rectification, asked_early=date(2026, 9, 28)))  # type: ignore[arg-type,type-var]
    assert {one.key: one.due for one in deadlines(early, Calendar())}["recheck"] < due["recheck"]
    done = replace(
        ended, recheck=Recheck(done=date(2026, 10, 10), result="mended"), task_end=date(2026, 10, 12)
    )
    due = {one.key: one.due for one in deadlines(done, Calendar())}
    assert due["feedback"] == date(2026, 10, 14)
    assert due["publish"] == date(2026, 10, 12)


YEAR_2027 = """
year = 2027
source = "国务院办公厅关于2027年部分节假日安排的通知"
off = [2027-01-01, 2027-02-05, 2027-02-06, 2027-02-07, 2027-02-08, 2027-02-09, 2027-02-10, 2027-02-11, 2027-04-05, 2027-05-01, 2027-06-09]
worked = [2027-01-30]
"""


def test_an_unknown_year_is_said_and_a_year_can_be_added(tmp_path: Path) -> None:
    unknown = load(tmp_path / "none")
    assert unknown.after(date(2026, 12, 31), 1) == date(2027, 1, 1)
    assert unknown.unknown == {2027}
    (tmp_path / "2027.toml").write_text(YEAR_2027)
    known = load(tmp_path)
    assert known.after(date(2026, 12, 31), 1) == date(2027, 1, 4)
    assert known.is_workday(date(2027, 1, 30))
    assert not known.unknown


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (("year = 2027", "year = 1"), "needs year"), (("2027-01-30", "2027-02-01"), "is no Saturday or Sunday"),
        (("2027-01-30", "2027-02-06"), "both off and worked"), (("2027-06-09", "2028-06-09"), "is not in 2027"),
        (("2027-01-01, ", ""), "fewer than any year"), (("off = [", "off = ["[:-1]), "is no TOML"),
        (("2027-06-09", '"x"'), "list of dates"),
    ],
)  # fmt: skip
def test_a_year_that_cannot_be_is_refused(change: tuple[str, str], why: str) -> None:
    with pytest.raises(CalendarError, match=why):
        read_year(YEAR_2027.replace(*change).encode(), "2027.toml")


def test_rows_of_a_draw() -> None:
    table = [
        ["序号", "检查对象", "统一社会信用代码", "地址", "联系人", "检查人员"],
        ["1", "甲公司", "91350100M000100Y43", "某路1号", "王", "张三、李四"],
        ["2", "乙公司", "91350100M000100Y44", "", "", ""],
        ["", "", "", "", "", ""],
        ["4", "", "", "", "", ""],
        ["5", "甲公司", "91350100m000100y43", "", "", ""],
        ["6", "丙公司"],
    ]
    good, bad = rows_of(table)
    assert [(row.name, row.officers) for row in good] == [("甲公司", ("张三", "李四")), ("丙公司", ())]
    assert [line.partition(":")[0] for line in bad] == ["row 3", "row 5", "row 6"]
    assert rows_of([["x"]]) == ([], ["row 1: no column is headed 检查对象"])
    assert rows_of([]) == ([], ["row 1: no column is headed 检查对象"])


def test_an_inspection_comes_back_from_the_store_as_it_was() -> None:
    full = replace(
        PLAIN,
        notice=NOTICE,
        answers={"filing": _answer("met")},
        officers=(Officer(name="一", number="1"),),
        opened=LATER,
    )
    assert from_record(to_record(full)) == full
