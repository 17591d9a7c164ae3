"""What log files show of one service, in a few lines for a terminal."""

from __future__ import annotations

from collections.abc import Iterator

from reports.wording import Wording
from scanner.facts import LogFacts


def lines(label: str, facts: LogFacts, lang: str) -> Iterator[str]:
    """Sentences, and the lines that show our connections.

    :raises ValueError: no such language.
    """
    words = Wording(lang)
    yield words(
        "logs.head",
        label=label,
        files=len(facts.files),
        lines=words.number(sum(f.lines for f in facts.files)),
    )
    yield "  " + words("logs.found", found=facts.found, expected=facts.expected)
    for seq in facts.missing:
        yield "    " + words("logs.missing", seq=seq)
    if facts.skew_median is not None:
        yield "  " + words(
            "logs.skew",
            median=facts.skew_median,
            p95=facts.skew_p95,
            drift=facts.skew_drift or 0,
            shift=facts.zone_shift,
        )
    if facts.first and facts.last:
        yield "  " + words(
            "logs.span", first=words.moment(facts.first), last=words.moment(facts.last), days=len(facts.days)
        )
    present = words.listing(words.word("log_field", name) for name in facts.fields)
    yield "  " + words("logs.fields", fields=present or "-")
    for gap in facts.gaps:
        yield "  " + words(
            "logs.gap", start=words.moment(gap.start), end=words.moment(gap.end), n=gap.expected
        )
    for sign in facts.signs:
        kind = words.word("log_sign", sign.kind)
        yield "  " + words(
            "logs.sign", kind=kind, file=sign.file, line=sign.line, lines=sign.lines, detail=sign.detail
        )
    if facts.file_times:
        yield "  " + words.word("log_file_times", facts.file_times)
    for file in facts.files:
        if file.troubles:
            told = words.listing(words.word("log_trouble", trouble) for trouble in file.troubles)
            yield "  " + words("logs.trouble", file=file.name, told=told)
    for mark in facts.earlier:
        yield "  " + words("logs.earlier", scan=mark.scan, at=words.moment(mark.at), n=mark.lines)
    for line in facts.evidence:
        yield "  | " + line
