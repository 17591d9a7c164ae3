"""An inspection in words, for a terminal and a calendar."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from reports.inspection.model import Inspection
from reports.inspection.rules import (
    Deadline,
    Missing,
    basis,
    day_of,
    deadlines,
    key_inspection,
    missing,
    proposed,
)
from reports.inspection.workdays import Calendar
from reports.law.corpus import load as corpus
from reports.wording import Wording
from scanner.text import printable


def _said(one: Missing, inspection: Inspection, words: Wording) -> str:
    said = words.word("inspection_missing", one.key).format_map(
        {
            "detail": printable(
                words.word("credit_code", one.detail) if one.key == "credit_code" else one.detail, 500
            )
        }
    )
    if not one.article:
        return said
    return words("inspection.by", said=said, basis=words.pick(basis(one.article, day_of(inspection))))


def refusal(one: Missing, inspection: Inspection, lang: str) -> str:
    """Why something cannot be done, with the article."""
    return _said(one, inspection, Wording(lang))


def missing_lines(inspection: Inspection, duties: Sequence[str], lang: str) -> Iterator[str]:
    """What must still be there, each with the article that asks for it."""
    words = Wording(lang)
    for one in missing(inspection, duties):
        yield words("inspection.missing", said=_said(one, inspection, words))


def list_line(id_: str, inspection: Inspection, lang: str) -> str:
    """One inspection in one line."""
    words = Wording(lang)
    state = "closed" if inspection.closed else "open"
    kind = words.word("inspection_result", inspection.result.type) if inspection.result else "-"
    shown = [
        id_,
        inspection.number or "-",
        words.word("inspection_mode", inspection.mode),
        words.word("inspection_state", state),
    ]
    return "  ".join((*shown, kind, printable(inspection.object.name, 200)))


def lines(
    id_: str,
    inspection: Inspection,
    duties: Sequence[str],
    calendar: Calendar,
    trail: Iterable[Mapping[str, Any]],
    lang: str,
) -> Iterator[str]:
    """An inspection whole."""
    words = Wording(lang)
    yield list_line(id_, inspection, lang)
    for reason in key_inspection(inspection):
        article = words.pick(basis("第九条第二款", day_of(inspection)))
        yield words("inspection.key", reason=words.word("key_inspection", reason), basis=article)
    yield words("inspection.officers", names=words.listing(one.name for one in inspection.officers) or "-")
    if inspection.notice is not None:
        notice = inspection.notice
        yield words(
            "inspection.notice", number=notice.number, start=words.moment(notice.not_before), end=words.moment(notice.not_after),
            scope=words.listing(notice.scope),
        )  # fmt: skip
    for key, finding in inspection.findings.items():
        decision = inspection.decisions.get(key)
        state = "waits" if decision is None else "adopted" if decision.adopted else "set_aside"
        reason = f" {printable(decision.reason, 300)}" if decision else ""
        severity = words.word("severity", finding.severity)
        state = words.word("decision", state)
        yield f"  {key}  {state}  {severity}  {printable(finding.where, 100)}  {printable(finding.title, 200)}{reason}"
    for key in duties:
        answer = inspection.answers.get(key)
        name = words.pick(corpus().duty(key).name)
        if answer is None:
            yield words("inspection.unanswered", duty=name, duty_key=key)
            continue
        yield words(
            "inspection.answer", duty=name, duty_key=key, answer=words.word("duty_answer", answer.answer),
            source=words.word("answer_source", answer.source), note=printable(answer.note, 500),
        )  # fmt: skip
        for kept in answer.attachments:
            yield f"    {kept.name}  {words.size(kept.size)}  SHA-256 {kept.sha256}  SM3 {kept.sm3}  {words.moment(kept.taken)}"
    offer, rule = proposed(inspection)
    yield words(
        "inspection.proposed",
        type=words.word("inspection_result", offer),
        rule=words.word("result_rule", rule),
    )
    yield from missing_lines(inspection, duties, lang)
    for due in deadlines(inspection, calendar):
        yield words(
            "inspection.due",
            what=words.word("deadline", due.key),
            day=due.due.isoformat(),
            state=words("format.yes" if due.done else "format.no"),
        )
    for entry in trail:
        at = words.moment(datetime.fromisoformat(str(entry["time"])))
        yield words(
            "case.trail",
            seq=entry["seq"],
            time=at,
            who=printable(str(entry["who"]), 200),
            what=words.word("trail", str(entry["what"])),
        )


def deadline_line(due: Deadline, id_: str, inspection: Inspection, today: date, lang: str) -> str:
    """One deadline in one line."""
    words = Wording(lang)
    state = words.word(
        "due_state", "overdue" if due.due < today else "today" if due.due == today else "to_come"
    )
    return f"{due.due.isoformat()}  {state}  {words.word('deadline', due.key)}  {id_}  {printable(inspection.object.name, 200)}"


def ics_pieces(rows: Iterable[tuple[Deadline, str, Inspection]], now: datetime, lang: str) -> Iterator[bytes]:
    """What is due as a calendar of all-day events (RFC 5545)."""
    words = Wording(lang)
    yield from _folded("BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//zijian//inspection deadlines//ZH")
    for due, id_, inspection in rows:
        summary = f"{words.word('deadline', due.key)} {printable(inspection.object.name, 200)}"
        yield from _folded(
            "BEGIN:VEVENT", f"UID:{id_}-{due.key}@zijian", f"DTSTAMP:{now.astimezone(UTC):%Y%m%dT%H%M%SZ}",
            f"DTSTART;VALUE=DATE:{due.due:%Y%m%d}", f"DTEND;VALUE=DATE:{due.due + timedelta(days=1):%Y%m%d}",
            f"SUMMARY:{_escaped(summary)}", "END:VEVENT",
        )  # fmt: skip
    yield from _folded("END:VCALENDAR")


def _escaped(text: str) -> str:
    """RFC 5545 §3.3.11."""
    return text.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,").replace("\n", "\\n")


def _folded(*content: str) -> Iterator[bytes]:
    """Lines of at most 75 octets (RFC 5545 §3.1), cut between characters."""
    for line in content:
        piece = b""
        for character in line:
            encoded = character.encode()
            if len(piece) + len(encoded) > 74:
                yield piece + b"\r\n"
                piece = b" "
            piece += encoded
        yield piece + b"\r\n"
