"""Which law on which day: duties to citations, numbers to values.

A citation carries words only where all of them were seen in a source. What was repealed before the day is not law:
where the instrument that repealed it is in force, an inspection basis is still shown as 原依据, with
``in_force`` false and a note that says so.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta

from checks.model import Text
from reports.law.corpus import Corpus, Instrument, Threshold, ThresholdValue, load
from reports.law.position import Position
from reports.result import Citation, CitationRole

_UNSEEN = Text(
    "条文文字未与官方文本核对，只列条号，不作引文。",
    "The wording was not seen in a source: the number is given, the words are not quoted.",
)

_UNMAPPED = Text(
    "条文已由本单位导入，但尚未对应到本项义务，只列名称（见 zijian law map）。",
    "Its text was imported, but not yet mapped to this duty: it is named without an article (see: zijian law map).",
)


def citations(
    duty_key: str, on: date, *, critical_infrastructure: bool = False, corpus: Corpus | None = None
) -> tuple[Citation, ...]:
    """The law that duty ``duty_key`` rests on, as it stands on ``on``: duty, inspection, penalty, in this order.

    :raises LawLookupError: no such duty.
    """
    corpus = corpus or load()
    duty = corpus.duty(duty_key)
    sets = [duty.cites, *([duty.cii] if critical_infrastructure else []), corpus.common]
    found: list[Citation] = []
    for role in CitationRole:
        current: list[Citation] = []
        former: list[Citation] = []
        seen: set[str] = set()
        named = {
            address.partition(":")[0]
            for cites in sets
            for address in getattr(cites, role.value)
            if ":" in address
        }
        for cites in sets:
            for address in getattr(cites, role.value):
                # An instrument that is cited by its article need not be named without one as well.
                if address in seen or address in named:
                    continue
                seen.add(address)
                instrument = corpus.instruments[address.partition(":")[0]]
                if instrument.in_force(on):
                    current.append(_cite(corpus, instrument, address, role))
                elif role is CitationRole.INSPECTION and (by := _repealed_by(corpus, instrument, on)):
                    former.append(_cite(corpus, instrument, address, role, by))
        found += [*current, *former]
    return tuple(found)


def instruments_in_force(on: date, *, corpus: Corpus | None = None) -> tuple[Instrument, ...]:
    """The versions that are law on ``on``."""
    corpus = corpus or load()
    return tuple(one for one in corpus.instruments.values() if one.in_force(on))


def thresholds(on: date, *, corpus: Corpus | None = None) -> Mapping[str, int]:
    """The numbers that hold on ``on``.

    A threshold with a schedule is there for every one of its days too, as ``key@2026-03-15`` (``key@`` for the
    value without a first day): a certificate is judged by the number of the day it was issued on.
    """
    corpus = corpus or load()
    found: dict[str, int] = {}
    for threshold in corpus.thresholds.values():
        if (value := threshold_value(threshold, on)) is not None:
            found[threshold.key] = value.value
        if threshold.schedule:
            for step in threshold.values:
                found[f"{threshold.key}@{step.valid_from or ''}"] = step.value
    return found


def threshold_value(threshold: Threshold, on: date) -> ThresholdValue | None:
    """The value that holds on ``on``, with where it is set; None when nothing sets one then."""
    return next((value for value in threshold.values if value.holds(on)), None)


def _repealed_by(corpus: Corpus, instrument: Instrument, on: date) -> Instrument | None:
    """What repealed ``instrument`` before ``on``, if that is the law on ``on``."""
    by = corpus.instruments.get(instrument.head.repealed_by)
    ended = instrument.head.in_force_to
    return by if by is not None and ended is not None and ended < on and by.in_force(on) else None


def _cite(
    corpus: Corpus,
    instrument: Instrument,
    address: str,
    role: CitationRole,
    repealed_by: Instrument | None = None,
) -> Citation:
    head = instrument.head
    place = address.partition(":")[2]
    notes: list[Text] = []
    if address in corpus.notes:
        notes.append(corpus.notes[address].text)
    if repealed_by is not None and head.in_force_to is not None:
        end = head.in_force_to + timedelta(days=1)
        notes.append(
            Text(
                f"原依据：自{end.year}年{end.month}月{end.day}日起由《{repealed_by.head.title}》（{repealed_by.head.number}）"
                "取代，列出供衔接参照，不是现行依据。",
                f"Former basis: replaced from {end} by {repealed_by.head.title_en}; shown for continuity, "
                "not as the law in force.",
            )
        )
    if not place and instrument.articles:
        notes[:] = [_UNMAPPED]
    label, text, verified, source, former = "", None, False, "；".join(head.sources.values()), ""
    if place:
        passage = instrument.passage(Position.parse(place))
        label, text, verified = passage.label, passage.text, passage.verified
        source = "；".join(passage.sources)
        former = corpus.former(instrument, passage.position)
        if not verified:
            notes.append(_UNSEEN)
    return Citation(
        instrument=head.title,
        instrument_key=head.key,
        version=head.version,
        article=label,
        role=role,
        text=text,
        verified=verified,
        source=source,
        former=former,
        note=_join(notes),
        in_force=repealed_by is None,
    )


def _join(notes: list[Text]) -> Text | None:
    if not notes:
        return None
    return Text("".join(note.zh for note in notes), " ".join(note.en for note in notes))


def cited_addresses(corpus: Corpus) -> Iterator[tuple[str, CitationRole, str]]:
    """Every (duty key, role, address) of the catalogue, critical infrastructure and common ones included."""
    for duty in corpus.duties.values():
        for cites in (duty.cites, duty.cii, corpus.common):
            for role in CitationRole:
                for address in getattr(cites, role.value):
                    yield duty.key, role, address
