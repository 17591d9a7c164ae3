"""Plain text for ``zijian law list``, ``zijian law show`` and ``zijian law diff``.

Functions return text (or the structures behind it) and print nothing. The law's own words are Chinese in either
language; what stands around them follows ``lang``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from checks.model import Text
from reports.law.corpus import Corpus, Duty, Head, Instrument, LawLookupError, load
from reports.law.position import Position, chinese
from reports.law.resolver import citations
from reports.law.text import ReadInstrument
from reports.result import Citation, CitationRole

_ROLES = {
    CitationRole.DUTY: Text("义务", "duty"),
    CitationRole.INSPECTION: Text("检查", "inspection"),
    CitationRole.PENALTY: Text("罚则", "penalty"),
}
_WORDS = {
    "in_force": Text("现行", "in force"),
    "not_yet": Text("未施行", "not yet in force"),
    "ended": Text("已失效", "no longer in force"),
    "all": Text("全部 {count} 条", "all {count} articles"),
    "some": Text("摘录 {count} 条", "{count} articles"),
    "quotable": Text("，其中 {quotable} 条文字可引", ", the wording of {quotable} seen in a source"),
    "none": Text("没有条文", "no articles"),
    "found_title": Text("题名", "Title"),
    "found_other_title": Text(
        "注意：题名与所说的文件不同，请核对",
        "Note: the title is not that of the instrument named; compare them",
    ),
    "found_headings": Text("编章节标题 {count} 个", "{count} headings"),
    "found_articles": Text("条文 {count} 条，{first}至{last}", "{count} articles, {first} to {last}"),
    "found_missing": Text("缺少", "Missing"),
    "found_expected": Text("应有 {count} 条", "{count} were expected"),
    "found_first": Text("首条", "First"),
    "found_last": Text("末条", "Last"),
    "unseen": Text("文字未在来源中看到，不作引文", "wording not seen in a source, so not quoted"),
    "source": Text("来源", "Source"),
    "note": Text("说明", "Note"),
    "verify": Text("怎样核实", "How it is verified"),
    "ask": Text("现场问", "Asked on site"),
    "basis": Text("依据（{day}）", "Basis on {day}"),
    "former": Text("原依据", "former basis"),
    "from": Text("施行", "from"),
    "to": Text("至", "to"),
    "no_change": Text("{start} 与 {end} 的依据相同。", "The basis is the same on {start} and {end}."),
    "confidence": Text("可信度", "Confidence"),
    "no_penalty": Text("罚则", "Penalty"),
}


def _say(text: Text, lang: str) -> str:
    return text.zh if lang == "zh" else text.en


def _word(name: str, lang: str, **values: object) -> str:
    return _say(_WORDS[name], lang).format(**values)


def _labelled(name: str, lang: str, text: str = "", **values: object) -> str:
    """``Note: text``, with the language's own colon."""
    return f"{_word(name, lang, **values)}{'：' if lang == 'zh' else ': '}{text}".rstrip()


def _joined(lang: str, *parts: str) -> str:
    return ("；" if lang == "zh" else "; ").join(parts)


# --------------------------------------------------------------------------- list


def law_list(on: date, lang: str = "zh", *, corpus: Corpus | None = None) -> str:
    """Every instrument with its dates and how much of it is held, and the duties, as of ``on``."""
    corpus = corpus or load()
    lines: list[str] = []
    for one in sorted(corpus.instruments.values(), key=lambda one: (one.head.in_force_from, one.id)):
        state = "in_force" if one.in_force(on) else "not_yet" if on < one.head.in_force_from else "ended"
        lines.append(f"{one.id}  {_title(one, lang)}")
        lines.append("    " + _joined(lang, _word(state, lang), _days(one, lang), _held(one, lang)))
    lines.append("")
    lines += [f"{duty.key}  {_say(duty.name, lang)}" for duty in corpus.duties.values()]
    return "\n".join(lines) + "\n"


def _title(one: Instrument, lang: str) -> str:
    number = f"  {one.head.number}" if one.head.number else ""
    return one.name + number if lang == "zh" else one.head.title_en


def _days(one: Instrument, lang: str) -> str:
    start = f"{_word('from', lang)} {one.head.in_force_from}"
    return f"{start} {_word('to', lang)} {one.head.in_force_to}" if one.head.in_force_to else start


def _held(one: Instrument, lang: str) -> str:
    count = len(one.articles)
    if not count:
        return _word("none", lang)
    text = _word("all" if one.head.complete else "some", lang, count=count)
    quotable = sum(one.passage(Position(number)).verified for number in one.articles)
    return text if quotable == count else text + _word("quotable", lang, quotable=quotable)


# --------------------------------------------------------------------------- understood


def understood(text: ReadInstrument, head: Head, lang: str = "zh") -> str:
    """What was understood of a text before it is taken in as ``head``: for whoever has to say yes."""
    first, last = text.articles[0], text.articles[-1]
    lines = [f"{head.id}  {head.title}"]
    lines.append("  " + _labelled("found_title", lang, text.title))
    if head.title not in text.title:
        lines.append("  " + _word("found_other_title", lang))
    if text.headings:
        lines.append("  " + _word("found_headings", lang, count=len(text.headings)))
    counted = _word("found_articles", lang, count=len(text.articles), first=first.label, last=last.label)
    lines.append("  " + counted)
    if head.article_count is not None and head.article_count != len(text.articles):
        lines.append("  " + _word("found_expected", lang, count=head.article_count))
    if missing := text.missing:
        shown = "、".join(f"第{chinese(number)}条" for number in missing[:20])
        lines.append("  " + _labelled("found_missing", lang, shown + ("……" if len(missing) > 20 else "")))
    for name, article in (("found_first", first), ("found_last", last)):
        lines.append("  " + _labelled(name, lang, f"{article.label} {article.paragraphs[0].text[:60]}"))
    return "\n".join(lines) + "\n"


# --------------------------------------------------------------------------- show


def law_show(subject: str, on: date, lang: str = "zh", *, corpus: Corpus | None = None) -> str:
    """Show a duty (``log_retention``), an article (``csl:23``, ``csl-2016:21(3)``) or an instrument (``mps-176``).

    A key without a version means the version in force on ``on``.

    :raises LawLookupError: there is no such duty, instrument or article.
    """
    corpus = corpus or load()
    if subject in corpus.duties:
        return _show_duty(corpus, corpus.duties[subject], on, lang)
    try:
        instrument, position = corpus.locate(subject, on)
    except LawLookupError as error:
        if ":" in subject or any(subject in (one.id, one.head.key) for one in corpus.instruments.values()):
            raise
        raise LawLookupError(
            f"{subject!r} 不是义务，也不是条文（如 csl:23）；义务有：{'、'.join(corpus.duties)}",
            f"{subject!r} is neither a duty nor an article such as csl:23; duties: {', '.join(corpus.duties)}",
        ) from error
    lines = [_title(instrument, lang), _joined(lang, _days(instrument, lang), _held(instrument, lang))]
    lines.append(_labelled("confidence", lang, instrument.head.confidence))
    places = [position] if position else [Position(number) for number in instrument.articles]
    for place in places:
        lines += ["", *_show_place(corpus, instrument, place, lang)]
    if not places:
        lines += ["", *(_labelled("source", lang, source) for source in instrument.head.sources.values())]
    return "\n".join(lines) + "\n"


def _show_place(corpus: Corpus, instrument: Instrument, place: Position, lang: str) -> list[str]:
    passage = instrument.passage(place)
    former = corpus.former(instrument, passage.position)
    lines = [passage.label + (f"（{former}）" if former else "")]
    if passage.text is not None:
        lines += _indented(passage.text)
    else:
        lines.append(f"    [{_word('unseen', lang)}]")
        if place == Position(place.article):
            lines += _seen_parts(instrument, place)
    if passage.note:
        lines.append("    " + _labelled("note", lang, passage.note))
    if passage.sources:
        lines.append("    " + _labelled("source", lang, "；".join(passage.sources)))
    return lines


def _seen_parts(instrument: Instrument, article: Position) -> list[str]:
    """The paragraphs and items of an article whose words were seen, where the whole was not."""
    lines: list[str] = []
    for place in instrument.positions():
        if place.article == article.article and place != article:
            part = instrument.passage(place)
            if part.text is not None:
                lines += [f"    {part.label}", *(f"    {line}" for line in _indented(part.text))]
    return lines


def _show_duty(corpus: Corpus, duty: Duty, on: date, lang: str) -> str:
    lines = [f"{duty.key}  {_say(duty.name, lang)}", ""]
    lines.append(_labelled("verify", lang, _say(duty.verify.text, lang)))
    lines.append(_labelled("ask", lang))
    lines += [f"    {_say(question.text, lang)}" for question in duty.questions]
    lines += ["", _labelled("basis", lang, day=on)]
    for citation in citations(duty.key, on, corpus=corpus):
        lines += ["", f"[{_say(_ROLES[citation.role], lang)}] {_cited(citation, lang)}"]
        if citation.text is not None:
            lines += _indented(citation.text)
        if citation.note is not None:
            lines.append("    " + _labelled("note", lang, _say(citation.note, lang)))
    if duty.penalty_note is not None:
        lines += ["", _labelled("no_penalty", lang, _say(duty.penalty_note.text, lang))]
    return "\n".join(lines) + "\n"


def _indented(text: str) -> list[str]:
    return [f"    {line}" for line in text.split("\n")]


def _cited(citation: Citation, lang: str) -> str:
    """《网络安全法》 with version, article and former number on one line."""
    text = f"《{citation.instrument}》（{citation.version}）{citation.article}"
    if citation.former:
        text += f"（{citation.former}）"
    return text if citation.in_force else _labelled("former", lang, text)


# --------------------------------------------------------------------------- diff


@dataclass(frozen=True, slots=True)
class Change:
    """How one duty's basis differs between two days. ``renumbered`` pairs what is the same provision by another number."""

    duty: str
    name: Text
    removed: tuple[Citation, ...]
    added: tuple[Citation, ...]
    renumbered: tuple[tuple[Citation, Citation], ...]


def law_changes(start: date, end: date, *, corpus: Corpus | None = None) -> tuple[Change, ...]:
    """The duties whose citations differ between ``start`` and ``end``, in the catalogue's order.

    Citations for critical information infrastructure are included.
    """
    corpus = corpus or load()
    changes: list[Change] = []
    for duty in corpus.duties.values():
        before, after = (
            {
                _identity(one): one
                for one in citations(duty.key, on, critical_infrastructure=True, corpus=corpus)
            }
            for on in (start, end)
        )
        removed = [one for key, one in before.items() if key not in after]
        added = [one for key, one in after.items() if key not in before]
        pairs = [(old, new) for new in added if (old := _old_number(new, removed)) is not None]
        paired = [one for pair in pairs for one in pair]
        if removed or added:
            changes.append(
                Change(
                    duty.key,
                    duty.name,
                    tuple(one for one in removed if one not in paired),
                    tuple(one for one in added if one not in paired),
                    tuple(pairs),
                )
            )
    return tuple(changes)


def _identity(one: Citation) -> tuple[str, str, str, CitationRole, bool]:
    return one.instrument_key, one.version, one.article, one.role, one.in_force


def _old_number(new: Citation, removed: Sequence[Citation]) -> Citation | None:
    former = new.former.removeprefix("原") or new.article
    for old in removed:
        same = (old.instrument_key, old.role) == (new.instrument_key, new.role)
        if same and old.version != new.version and old.article == former:
            return old
    return None


def law_diff(start: date, end: date, lang: str = "zh", *, corpus: Corpus | None = None) -> str:
    """Which citations change for each duty between two days: ``-`` gone, ``+`` new, ``~`` renumbered."""
    changes = law_changes(start, end, corpus=corpus)
    if not changes:
        return _word("no_change", lang, start=start, end=end) + "\n"
    lines: list[str] = []
    for change in changes:
        lines.append(f"{change.duty}  {_say(change.name, lang)}")
        for old, new in change.renumbered:
            role = _say(_ROLES[old.role], lang)
            lines.append(
                f"  ~ [{role}] 《{old.instrument}》（{old.version}）{old.article} → （{new.version}）{new.article}"
            )
        for sign, cited in (("-", change.removed), ("+", change.added)):
            lines += [f"  {sign} [{_say(_ROLES[one.role], lang)}] {_cited(one, lang)}" for one in cited]
        lines.append("")
    return "\n".join(lines)
