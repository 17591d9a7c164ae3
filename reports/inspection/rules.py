"""What an inspection must have, each with the article that asks for it, and which deadlines run.

Order 151 was repealed on 2026-10-01. Where Order 176's text is not known, what 151 asked for is still held, and said to be that.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from checks.model import Text
from checks.months import months_before
from reports.inspection.credit_code import problem as code_problem
from reports.inspection.model import Inspection
from reports.inspection.workdays import Calendar
from reports.law.corpus import load as corpus
from reports.law.resolver import thresholds
from reports.wording import BEIJING

_ORDER_151 = "mps-151-2018"
RESULTS = (
    "no_problem", "not_published", "false_published", "unreachable", "ordered", "uncooperative", "no_activity",
    "pending", "cancelled",
)  # fmt: skip
"""The nine of the 双随机 platform, in its order; their words are in the section ``inspection_result``."""
CIRCUMSTANCES = (
    "not_published",
    "false_published",
    "unreachable",
    "uncooperative",
    "no_activity",
    "cancelled",
)
"""Results that follow from what the officers met, not from findings."""


@dataclass(frozen=True, slots=True)
class Missing:
    """Something that is not there yet: a key of the section ``inspection_missing``, particulars, and the articles."""

    key: str
    article: str = ""
    detail: str = ""


def day_of(inspection: Inspection) -> date:
    """The day whose law counts: that on which checking ended, or else began."""
    return inspection.ended or inspection.opened.astimezone(BEIJING).date()


def basis(article: str, on: date) -> Text:
    """How an article of Order 151 is cited on a day."""
    order = corpus().instruments[_ORDER_151]
    if order.in_force(on):
        return Text(f"公安部令第151号{article}", f"MPS Order 151 {article}")
    return Text(
        f"公安部令第176号（条文未收录；原依据：公安部令第151号{article}）",
        f"MPS Order 176 (text not held; formerly MPS Order 151 {article})",
    )


def key_inspection(inspection: Inspection) -> list[str]:
    """Why this object needs 重点监督检查 (Order 151 art. 9(2)): keys of the section ``key_inspection``; none when it does not."""
    subject, today = inspection.object, inspection.opened.astimezone(BEIJING).date()
    found = []
    if subject.service_since is not None and months_before(today, 12) < subject.service_since:
        found.append("young")
    found += [event.kind for event in subject.history if months_before(today, 24) <= event.on <= today]
    return list(dict.fromkeys(found))


def missing(inspection: Inspection, duties: Sequence[str]) -> Iterator[Missing]:
    """What must still be there before the inspection can be closed.

    :param duties: keys of those that apply to the object.
    """
    on = day_of(inspection)
    least = thresholds(on)["officers_min"]
    if inspection.object.credit_code and (wrong := code_problem(inspection.object.credit_code)):
        yield Missing("credit_code", detail=wrong)
    if not inspection.object.inquired:
        yield Missing("history", "第九条第二款")
    if inspection.circumstance in ("unreachable", "cancelled", "no_activity"):
        yield from _result(inspection)
        return
    if len(inspection.officers) < least:
        yield Missing("officers", "第十八条第二款" if inspection.mode == "remote" else "第十四条", str(least))
    uncooperative = inspection.circumstance == "uncooperative"
    if inspection.remote and not uncooperative:
        if inspection.notice is None:
            yield Missing("notice", "第十六条第二款")
        if not inspection.scans:
            yield Missing("scan", "第十六条第一款")
    if inspection.at_the_place and inspection.on_site is None:
        yield Missing("on_site", "第十四条")
    elif inspection.on_site is not None and not inspection.on_site.credentials_shown:
        yield Missing("credentials", "第十四条")
    undecided = [key for key in inspection.findings if key not in inspection.decisions]
    if undecided:
        yield Missing("decisions", detail=str(len(undecided)))
    unanswered = [key for key in duties if key not in inspection.answers]
    if unanswered and not uncooperative:
        yield Missing("answers", "第十条", ", ".join(unanswered))
    if inspection.ended is None:
        yield Missing("ended")
    if inspection.at_the_place and inspection.opinion is None:
        yield Missing("opinion", "第十八条第一款")
    yield from _result(inspection)


def _result(inspection: Inspection) -> Iterator[Missing]:
    if inspection.result is None:
        yield Missing("result")
    elif inspection.result.type == "ordered" and inspection.rectification is None:
        yield Missing("rectification", "第十九条第一款")
    if inspection.rectification is not None and inspection.recheck is None:
        yield Missing("recheck", "第十九条第三款")


def proposed(inspection: Inspection) -> tuple[str, str]:
    """The result type that follows, and by which rule: a key of the section ``result_rule``."""
    if inspection.circumstance:
        return inspection.circumstance, "circumstance"
    wrong = inspection.adopted or [
        key for key, answer in inspection.answers.items() if answer.answer == "not_met"
    ]
    if not wrong:
        return "no_problem", "none_found"
    return ("ordered", "ordered") if inspection.rectification is not None else ("pending", "not_ordered")


def check_scan(
    inspection: Inspection,
    object_name: str | None,
    started: datetime,
    ended: datetime | None,
    outside: Sequence[str],
) -> Missing | None:
    """Why a scan cannot be attached; None when it can.

    :param outside: its targets that the notice does not cover.
    """
    if not inspection.remote:
        return Missing("not_remote", "第十三条")
    if inspection.notice is None:
        return Missing("notice", "第十六条第二款")
    if (object_name or "").strip() != inspection.object.name:
        return Missing("other_object", detail=object_name or "-")
    if started < inspection.notice.not_before or (ended or started) > inspection.notice.not_after:
        return Missing("outside_window", "第十六条第二款", f"{started:%Y-%m-%dT%H:%MZ}")
    return Missing("outside_scope", "第十六条第二款", ", ".join(outside[:5])) if outside else None


@dataclass(frozen=True, slots=True)
class Deadline:
    """Something that is due: a key of the section ``deadline``, the day, and whether it is done."""

    key: str
    due: date
    done: bool
    article: str = ""


def deadlines(inspection: Inspection, calendar: Calendar) -> Iterator[Deadline]:
    """What is due, and when."""
    values = thresholds(day_of(inspection))
    if inspection.ended is not None:
        due = calendar.after(inspection.ended, values["publication_working_days"])
        if inspection.task_end is not None:
            due = min(due, inspection.task_end)
        yield Deadline("publish", due, inspection.published is not None)
    order = inspection.rectification
    if order is None:
        return
    recheck = inspection.recheck
    yield Deadline("rectify", order.deadline, recheck is not None)
    starts = min(filter(None, (order.deadline, order.asked_early)))
    yield Deadline(
        "recheck",
        calendar.after(starts, values["recheck_working_days"]),
        recheck is not None,
        "第十九条第三款",
    )
    if recheck is not None:
        due = calendar.after(recheck.done, values["recheck_feedback_working_days"])
        yield Deadline("feedback", due, recheck.told is not None, "第十九条第三款")
