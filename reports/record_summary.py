"""What exports of address records show, in a few lines for a terminal; held against the numbers of the law of a day."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from checks.months import months_before
from reports.law.corpus import load
from reports.law.resolver import threshold_value
from reports.wording import BEIJING, Wording
from scanner.facts.records import AddressRecordFacts

_KEPT_FOR = ("log_retention_months", "log_backup_days")
"""Six months for network logs; Order 82 article 13 for what records are kept by."""


def lines(facts: AddressRecordFacts, lang: str, at: date) -> Iterator[str]:
    """Sentences about one kind of record; ``at`` is the day to which it is kept and whose law counts.

    :raises ValueError: no such language.
    """
    words = Wording(lang)
    kind = words.word("record_kind", facts.kind)
    yield words("records.head", kind=kind, files=len(facts.files), records=words.number(facts.records))
    columns = (
        words.word("record_column", name) + f" ← {head or '-'}" for name, head in facts.columns.items()
    )
    yield "  " + words("records.columns", columns=words.listing(columns))
    for name in facts.absent:
        yield "  " + words("records.absent", name=words.word("record_need", name))
    for name, number in facts.lacking.items():
        yield "  " + words(
            "records.lacking", name=words.word("record_need", name), n=number, records=facts.records
        )
    if facts.first is None or facts.last is None:
        yield "  " + words("records.no_time")
    else:
        first = facts.first.astimezone(BEIJING).date()
        yield "  " + words(
            "records.span", first=words.moment(facts.first), last=words.moment(facts.last), days=len(facts.days),
            span=(facts.last.astimezone(BEIJING).date() - first).days + 1, reach=(at - first).days, at=at.isoformat(),
        )  # fmt: skip
        yield from (f"  {line}" for line in _reach(words, first, at))
    for sign in facts.signs:
        yield "  " + words(
            "records.sign", kind=words.word("record_sign", sign.kind), n=sign.records,
            examples=words.listing(sign.examples),
        )  # fmt: skip
    if facts.overlap_bounded:
        yield "  " + words("records.bounded")
    for trouble in facts.troubles:
        file, _, code = trouble.rpartition(": ")
        yield "  " + words("logs.trouble", file=file, told=words.word("log_trouble", code))
    yield "  " + words("records.handed_over")


def _reach(words: Wording, first: date, at: date) -> Iterator[str]:
    corpus = load()
    for key in _KEPT_FOR:
        threshold = corpus.thresholds[key]
        value = threshold_value(threshold, at)
        if value is None:
            continue
        instrument, _, article = value.cite.partition(":")
        head = corpus.instruments[instrument].head
        days = (at - months_before(at, value.value)).days if threshold.unit == "months" else value.value
        said = {
            "value": value.value,
            "unit": words.word("record_unit", threshold.unit),
            "title": head.short if words.lang == "zh" else head.title_en,
            "article": article,
        }
        yield (
            words("records.reaches", **said) if (at - first).days >= days else words("records.short", **said)
        )
