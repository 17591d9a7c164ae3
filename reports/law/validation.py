"""Checks a whole corpus: every article is well-formed, every link ends at an article, every number agrees.

Slower than loading, because it reads every file; the tests run it on the package's corpus, and whoever adds files
of their own should run it before relying on them.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from reports.law.corpus import Corpus, Instrument, LawDataError, LawLookupError
from reports.law.position import Position, chinese


def problems(corpus: Corpus) -> tuple[str, ...]:
    """One sentence for each thing wrong, naming the file or the key; empty when all is well."""
    return (
        *(problem for one in corpus.instruments.values() for problem in _instrument_problems(corpus, one)),
        *_citation_problems(corpus),
        *_threshold_problems(corpus),
    )


def _instrument_problems(corpus: Corpus, one: Instrument) -> Iterator[str]:
    file = one.path.name
    try:
        articles = one.articles
    except LawDataError as error:
        yield str(error)
        return
    if one.head.complete and (count := one.head.article_count) != len(articles):
        yield f"{file}: says it is complete with {count} articles, but has {len(articles)}"
    if one.head.complete and list(articles) != list(range(1, len(articles) + 1)):
        yield f"{file}: articles are missing or out of order"
    for article in articles.values():
        place = f"{file}: {article.label}"
        if article.label != f"第{chinese(article.number)}条":
            yield f"{place}: label and number {article.number} differ"
        if not article.paragraphs:
            yield f"{place}: has no paragraph"
        for paragraph in article.paragraphs:
            if [item.number for item in paragraph.items] != list(range(1, len(paragraph.items) + 1)):
                yield f"{place}: items are missing or out of order"
            for text in (paragraph.text, *(item.text for item in paragraph.items)):
                if not text or text != text.strip():
                    yield f"{place}: empty text, or blanks around it"
        if article.verified and not article.sources:
            yield f"{place}: verified, but no source is named"
    yield from _renumbering_problems(corpus, one)


def _renumbering_problems(corpus: Corpus, one: Instrument) -> Iterator[str]:
    if not one.renumbered:
        return
    former = corpus.instruments.get(one.head.former)
    if former is None:
        yield f"{one.path.name}: has a table of renumbering, but no former version"
        return
    if not _readable(former):
        return
    for entry in one.renumbered:
        for instrument, place in ((former, entry.former), *((one, to) for to in entry.to)):
            if problem := _place_problem(instrument, place):
                yield f"{one.path.name}: renumbered: {problem}"
    covered = {Position.parse(entry.former).article for entry in one.renumbered}
    for article in former.articles.values():
        if article.number not in covered:
            yield f"{one.path.name}: renumbered: {article.label} of {former.id} is not in the table"


def _readable(instrument: Instrument) -> bool:
    """False when the file is broken, which is said once, for the file itself."""
    try:
        return instrument.articles is not None
    except LawDataError:
        return False


def _place_problem(instrument: Instrument, place: str) -> str:
    """Empty when ``place`` is there, written in the canonical form."""
    if not _readable(instrument):
        return ""
    try:
        passage = instrument.passage(Position.parse(place))
    except (LawLookupError, ValueError) as error:
        return str(error)
    return "" if passage.label == place else f"{instrument.id}: write {passage.label} for {place}"


def _cite_problem(corpus: Corpus, cite: str) -> str:
    name, colon, place = cite.partition(":")
    instrument = corpus.instruments.get(name)
    if instrument is None:
        return f"there is no instrument {name}"
    return _place_problem(instrument, place) if colon else ""


def _citation_problems(corpus: Corpus) -> Iterator[str]:
    owners = [("common", corpus.common)]
    owners += [(duty.key, cites) for duty in corpus.duties.values() for cites in (duty.cites, duty.cii)]
    used: set[str] = set()
    for owner, cites in owners:
        for cite in (*cites.duty, *cites.inspection, *cites.penalty):
            used.add(cite)
            if problem := _cite_problem(corpus, cite):
                yield f"duty {owner}: {problem}"
    for duty in corpus.duties.values():
        if not duty.cites.penalty and duty.penalty_note is None:
            yield f"duty {duty.key}: neither a penalty nor a word on why there is none"
        if not 2 <= len(duty.questions) <= 5:
            yield f"duty {duty.key}: wants 2 to 5 questions"
        if (duty.remote == "none") == ("remote" in duty.methods):
            yield f"duty {duty.key}: remote and methods disagree"
    for cite in corpus.notes:
        if cite not in used:
            yield f"note {cite}: nothing cites it"


def _threshold_problems(corpus: Corpus) -> Iterator[str]:
    for threshold in corpus.thresholds.values():
        for value in threshold.values:
            if not value.cite:
                continue
            if problem := _cite_problem(corpus, value.cite):
                yield f"threshold {threshold.key}: {problem}"
                continue
            head = corpus.instruments[value.cite.partition(":")[0]].head
            if (value.valid_to or date.max) > (head.in_force_to or date.max):
                yield f"threshold {threshold.key}: {value.cite} is not in force to the end of its days"
