"""The result for a terminal: plain tuples of text, which the command line lays out.

Every cell is on one line and free of control characters, whatever a target sent.
"""

from __future__ import annotations

from checks.model import Finding
from reports import digest as counting
from reports.result import CitationRole, Result
from reports.shown import one_line
from reports.wording import Wording


def duty_rows(result: Result, lang: str) -> list[tuple[str, str, str, str]]:
    """Return (duty, status, deviations that bear on it, articles), worst first.

    :raises ValueError: no such language.
    """
    words = Wording(lang)
    standing = {finding.key for finding in result.findings if counting.stands(finding)}
    rows = []
    for duty in counting.digest(result).duties:
        articles = words.listing(
            dict.fromkeys(
                words("law.short_citation", instrument=short_title(item.instrument), article=item.article)
                for item in duty.citations
                if item.role is CitationRole.DUTY
            )
        )
        count = len(standing.intersection(duty.findings))
        cells = (
            words.pick(duty.name),
            words.word("duty_status", duty.status),
            str(count) if count else "–",
            articles,
        )
        rows.append((one_line(cells[0]), one_line(cells[1]), cells[2], one_line(cells[3])))
    return rows


def finding_rows(result: Result, lang: str) -> list[tuple[str, str, str, str, str]]:
    """Return (severity, status, place, rule's title, what was seen) of every standing deviation, worst first.

    :raises ValueError: no such language.
    """
    words = Wording(lang)
    return [
        (
            words.word("severity", finding.severity),
            words.word("status", finding.status),
            one_line(_place(finding, words), 160),
            one_line(words.pick(finding.title)),
            one_line(words.pick(finding.detail)),
        )
        for group in counting.digest(result).to_mend
        for finding in group.findings
        if counting.stands(finding)
    ]


def _place(finding: Finding, words: Wording) -> str:
    """Where it was seen, and on whose edge where that is a third party's."""
    if finding.hosting is None:
        return words.place(finding)
    provider = words("hosting.tag", provider=words.pick(finding.hosting.provider))
    return words("format.with_detail", word=words.place(finding), detail=provider)


def headline(result: Result, lang: str) -> str:
    """Return the whole result in two or three sentences.

    :raises ValueError: no such language.
    """
    return one_line(counting.headline(result, Wording(lang)), 2000)


def short_title(instrument: str) -> str:
    """Return a law's title as it is cited in running text: without 中华人民共和国."""
    return instrument.removeprefix("中华人民共和国")
