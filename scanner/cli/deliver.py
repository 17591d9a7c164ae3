"""Hands a result to people: files in the output folder, a short table on standard output."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

from checks.model import Finding, Severity
from reports.formats import DEFAULT, files
from reports.html import prepare as prepare_report
from reports.json_export import json_pieces
from reports.law.corpus import load as corpus
from reports.result import DutyStatus, Result
from reports.summary import duty_rows, finding_rows, headline
from scanner.cli import EXIT_DONE, EXIT_FOUND
from scanner.cli.output import copy_file, prepare_folder, write_pieces
from scanner.paths import template_cache
from scanner.store import Store

_TITLES = {
    "zh": {"duties": "义务", "findings": "需要处理的发现"},
    "en": {"duties": "Duties", "findings": "Findings to act on"},
}
_HEADS = {
    "zh": {
        "duties": ("义务", "结论", "发现"),
        "findings": ("严重程度", "状态", "发现", "位置"),
    },
    "en": {
        "duties": ("duty", "status", "found"),
        "findings": ("severity", "status", "finding", "where"),
    },
}


def _by_title(rows: Sequence[tuple[str, ...]], lang: str) -> list[tuple[str, ...]]:
    """One row a rule: (severity, status, title, where), worst first; the sentences are in the report."""
    places: dict[tuple[str, ...], list[str]] = {}
    for severity, status, place, title, _ in rows:
        places.setdefault((severity, status, title), []).append(place)
    more = {"zh": "{} 等 {} 处", "en": "{} and {} in all"}[lang]
    return [
        (*key, found[0] if len(found) == 1 else more.format(found[0], len(found)))
        for key, found in places.items()
    ]


def prepare(lang: str, law_date: date) -> None:
    """Read beforehand what :func:`deliver` will need: the law of that day, and the report's templates and words."""
    for instrument in corpus().instruments.values():
        if instrument.in_force(law_date):
            _ = instrument.articles
    prepare_report(lang, cache=template_cache())


def write_formats(result: Result, folder: Path, lang: str, formats: Iterable[str]) -> list[Path]:
    """Write ``result`` into ``folder`` in each of ``formats``; return the files in that order."""
    written = []
    for name in formats:
        for file, made in files(result, lang, name, cache=template_cache()):
            write_pieces(folder / file, made)
            written.append(folder / file)
    return written


def keep_result(result: Result, store: Store) -> None:
    """Keep ``result`` in ``store`` beside the earlier ones."""
    store.put_result(result.scan.id, result.scan.law_date, datetime.now(UTC), json_pieces(result))


def deliver(
    result: Result,
    folder: Path,
    ledger: Path,
    lang: str,
    formats: Iterable[str] = DEFAULT,
    *,
    keep_in: Store | None = None,
) -> list[Path]:
    """Write the files of ``formats`` and ``ledger.jsonl`` into ``folder``, after keeping the result in a store.

    :return: the files written.
    """
    if keep_in is not None:
        keep_result(result, keep_in)
    prepare_folder(folder)
    written = write_formats(result, folder, lang, formats)
    if ledger.exists():
        copy_file(ledger, folder / "ledger.jsonl")
        written.append(folder / "ledger.jsonl")
    return written


def show(result: Result, written: Iterable[Path], lang: str) -> None:
    """Print the short table: duties, then findings, then where the files are."""
    # Imported here, since a quiet run has no use for it.
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text as RichText

    console = Console(highlight=False)
    console.print(RichText(headline(result, lang)), soft_wrap=True)
    concerned = replace(
        result, duties=tuple(duty for duty in result.duties if duty.status is not DutyStatus.NOT_APPLICABLE)
    )
    # The law stays in the report: on a terminal it would push everything else out of sight.
    duties = [row[:3] for row in duty_rows(concerned, lang)]
    for kind, rows in (("duties", duties), ("findings", _by_title(finding_rows(result, lang), lang))):
        if not rows:
            continue
        table = Table(
            title=RichText(_TITLES[lang][kind]), title_justify="left", box=SIMPLE_HEAD, pad_edge=False
        )
        for head in _HEADS[lang][kind]:
            table.add_column(RichText(head), overflow="fold")
        for row in rows:
            # RichText, not markup: cells hold text that came from targets.
            table.add_row(*(RichText(cell) for cell in row))
        console.print(table)
    for path in written:
        console.print(RichText(str(path)), soft_wrap=True)


def exit_for_findings(findings: Iterable[Finding], fail_on: str | None) -> int:
    """1 when a deviation is at least as severe as ``fail_on``, else 0."""
    if fail_on is None:
        return EXIT_DONE
    least = Severity(fail_on).rank
    found = any(finding.status.deviates and finding.severity.rank >= least for finding in findings)
    return EXIT_FOUND if found else EXIT_DONE
