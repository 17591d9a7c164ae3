"""A comparison for people and programs: rows for a terminal, a JSON document, an HTML page."""

from __future__ import annotations

import msgspec

from reports.comparison import Compared, Comparison, Fate
from reports.html.document import single_page
from reports.result import Result
from reports.shown import one_line
from reports.wording import Wording

SCHEMA = "zijian-diff/1"


def rows(comparison: Comparison, lang: str) -> list[tuple[str, list[tuple[str, ...]]]]:
    """A heading and its rows (severity, finding, place, why) for the whole and for each fate; then the cautions.

    :raises ValueError: no such language.
    """
    words = Wording(lang)
    parts: list[tuple[str, list[tuple[str, ...]]]] = [(_counted(comparison, words), [])]
    for fate in Fate:
        lines: list[tuple[str, ...]] = [
            (
                words.word("severity", line.finding.severity),
                one_line(words.pick(line.finding.title)),
                one_line(words.place(line.finding), 160),
                _why(line, words),
            )
            for line in comparison.of(fate)
        ]
        if lines:
            parts.append((words("compared.heading", fate=words.word("fate", fate), count=len(lines)), lines))
    parts += [(words.word("caution", caution), []) for caution in comparison.cautions]
    return parts


def as_document(comparison: Comparison) -> bytes:
    """The comparison as JSON: see ``docs/result-json.md``."""

    def scan(result: Result) -> dict[str, object]:
        return {"id": result.scan.id, "started": result.scan.started, "law_date": result.scan.law_date}

    def line(one: Compared) -> dict[str, object]:
        finding = one.finding
        return {
            "key": finding.key,
            "check": finding.check,
            "service": finding.subject,
            "severity": finding.severity,
            "title": finding.title,
            "duties": finding.duties,
            "reason": one.reason,
            "now": one.now,
        }

    scans = {"old": scan(comparison.old), "new": scan(comparison.new)}
    document: dict[str, object] = {"schema": SCHEMA, "scans": scans}
    document |= {fate.value: [line(one) for one in comparison.of(fate)] for fate in Fate}
    document["cautions"] = comparison.cautions
    return msgspec.json.format(msgspec.json.encode(document), indent=2)


def page(comparison: Comparison, lang: str) -> str:
    """The comparison as one self-contained HTML page.

    :raises ValueError: no such language.
    """
    words = Wording(lang)
    fates = [(fate, comparison.of(fate)) for fate in Fate]
    return single_page(
        "comparison.html.jinja2",
        words,
        words("compared.title"),
        comparison.new.scan.id,
        comparison=comparison,
        fates=[(fate, lines) for fate, lines in fates if lines],
        counted=_counted(comparison, words),
        why={id(line): _why(line, words) for line in comparison.lines},
        object_name=comparison.new.scan.authorization.object_name,
    )


def _counted(comparison: Comparison, words: Wording) -> str:
    counts: dict[str, object] = {fate.value: len(comparison.of(fate)) for fate in Fate}
    counts["new_count"] = counts.pop("new")
    return words("compared.summary", old=comparison.old.scan.id, new=comparison.new.scan.id, **counts)


def _why(line: Compared, words: Wording) -> str:
    known = words.knows("compared_reason", line.reason)
    said = words.word("compared_reason", line.reason) if known else words.word("reason", line.reason)
    now = one_line(words.pick(line.now), 300)
    return words("compared.with_now", reason=said, now=now) if now else said
