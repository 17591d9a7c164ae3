"""Markdown: the summary for a ticket, a chat or a terminal. Findings by rule, with their places; facts are in the other formats.

Text from outside can neither format, link, show a picture nor address anyone: what Markdown (CommonMark and GitHub's) takes
for markup is escaped.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from reports.digest import digest, headline, stands
from reports.html.view import reason
from reports.overview import circumstances, counts, footprint, imports, title
from reports.result import Result
from reports.shown import one_line, steps
from reports.summary import duty_rows
from reports.wording import Wording

PLACES = 12
"""Named of one rule."""
_MARKUP = re.compile(r"([\\`*_\[\]|~#])")
_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "@": "&#64;", "!": "&#33;"}


def plain(value: str, limit: int = 400) -> str:
    """Return ``value`` as one line of Markdown that shows exactly its characters."""
    text = "".join(_ENTITIES.get(char, char) for char in one_line(value, limit))
    text = _MARKUP.sub(r"\\\1", text)
    # A bare address becomes a link by itself on most sites; a backslash within keeps it text.
    text = re.sub(r"(?i)(javascript|data|vbscript|https?|ftp)(:)", r"\1\\:", text)
    text = re.sub(r"(?i)\bwww\.", r"www\\.", text)
    return re.sub(r"^([-+=]|\d+[.)])", r"\\\1", text)


def markdown(result: Result, lang: str) -> str:
    """The summary.

    :raises ValueError: no such language.
    """
    words = Wording(lang)
    counted = digest(result)
    lines = [f"# {plain(title(result, words))}", "", plain(headline(result, words, counted), 2000), ""]
    lines += [
        f"- {plain(label)}{words('document.colon')}{plain(value)}"
        for label, value in circumstances(result, words)
    ]
    lines += ["", f"## {words('cover.verdict')}", ""]
    lines += _table(
        (words("document.kind"), words("footprint.count")),
        ((label, str(number)) for label, number in counts(counted, words)),
    )
    if counted.first_five:
        lines += [
            "",
            f"## {words('cover.first_five' if len(counted.first_five) == 5 else 'cover.first_some')}",
            "",
        ]
        for number, group in enumerate(counted.first_five, 1):
            places = words("cover.places", n=group.open)
            lines.append(
                f"{number}. **{words.word('severity', group.severity)}** {plain(words.pick(group.title))} "
                f"({plain(places)})  "
            )
            lines.append(f"   {plain(''.join(steps(words.pick(group.first.remediation))[:1]))}")
    lines += ["", f"## {words('duties.heading')}", ""]
    lines += _table(
        tuple(words(f"duties.{name}") for name in ("duty", "status", "count", "basis")),
        duty_rows(result, lang),
    )
    lines += ["", f"## {words('findings.heading')}", ""]
    open_groups = [group for group in counted.to_mend if group.open]
    if open_groups:
        rows = []
        for group in open_groups:
            labels = list(dict.fromkeys(words.place(f) for f in group.findings if stands(f)))
            named = words.listing(labels[:PLACES])
            if len(labels) > PLACES:
                named += words("format.more", n=len(labels) - PLACES)
            rows.append(
                (
                    words.word("severity", group.severity),
                    words.word("status", group.status),
                    words.pick(group.title),
                    str(group.open),
                    named,
                    group.check,
                )
            )
        heads = ("severity", "status", "title", "problems", "place", "check")
        lines += _table(tuple(words.word("column", head) for head in heads), rows, limit=2000)
    else:
        lines.append(plain(words("findings.none" if counted.examined else "headline.nothing_seen")))
    lines += ["", f"## {words('not_checked.heading')}", ""]
    if counted.undone:
        lines += [
            f"- {plain(words.word('what', entry.what))} {plain(entry.name or words.listing(entry.rules[:8]))}"
            f"{words('document.colon')}{plain(reason(entry, words))} "
            f"({plain(words.listing(entry.subjects[:PLACES]))})"
            for entry in counted.undone
        ]
    else:
        lines.append(plain(words("not_checked.none")))
    lines += ["", f"## {words('footprint.heading')}", ""]
    lines += [
        f"- {plain(label)}{words('document.colon')}{plain(value)}"
        for label, value in footprint(result, words)
    ]
    if result.imports:
        lines += ["", f"## {words('versions.import')}", ""]
        lines += [f"- {plain(told, 1200)}" for told in imports(result, words)]
    return "\n".join(lines) + "\n"


def _table(heads: tuple[str, ...], rows: Iterable[tuple[str, ...]], limit: int = 400) -> list[str]:
    made = [f"| {' | '.join(plain(head) for head in heads)} |", f"|{' --- |' * len(heads)}"]
    made += [f"| {' | '.join(plain(cell, limit) for cell in row)} |" for row in rows]
    return made
