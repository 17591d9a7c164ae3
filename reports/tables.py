"""The result as tables: one row a finding, a duty, a service, a domain, an address, a thing not checked, a file imported.

Spreadsheet, CSV and the tables of the DOCX document are made from these rows and from nothing else. Text is
:func:`reports.shown.shown`, cut so that a cell of a spreadsheet can hold it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from checks.model import Finding, Text
from reports.digest import digest, stands
from reports.html.view import encryption, host_state, place, reason
from reports.result import CitationRole, Result
from reports.shown import shown
from reports.summary import short_title
from reports.wording import Wording

Cell = str | int

LIMIT = 3500
"""Characters of one cell. Each may become up to eight when shown as a symbol, and a spreadsheet's cell holds 32,767."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Rows under their heads, in the language of the report."""

    key: str
    """``findings``, ``duties`` ...: what a file is named after."""
    title: str
    columns: tuple[str, ...]
    """Keys of the columns."""
    heads: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]


def _table(words: Wording, key: str, columns: tuple[str, ...], rows: Iterable[tuple[Cell, ...]]) -> Table:
    return Table(
        key=key,
        title=words.word("sheet", key),
        columns=columns,
        heads=tuple(words.word("column", column) for column in columns),
        rows=tuple(
            tuple(shown(cell, LIMIT) if isinstance(cell, str) else cell for cell in row) for row in rows
        ),
    )


def tables(result: Result, words: Wording) -> tuple[Table, ...]:
    """All tables of ``result``: findings, duties, services, domains, hosts, not checked, other tools' files."""
    return (
        findings(result, words),
        duties(result, words),
        services(result, words),
        domains(result, words),
        hosts(result, words),
        not_checked(result, words),
        imports(result, words),
    )


def ordered(result: Result) -> tuple[Finding, ...]:
    """All findings, what to mend first."""
    counted = digest(result)
    groups = (*counted.to_mend, *counted.notes, *counted.unclear, *counted.passes)
    return tuple(finding for group in groups for finding in group.findings)


def evidence(finding: Finding) -> str:
    """What a finding rests on: a line for each fact and its value."""
    return "\n".join(f"{item.fact}: {shown(item.value, 600)}" for item in finding.evidence)


def findings(result: Result, words: Wording) -> Table:
    """Every finding, passes and unclear ones too."""
    names = {duty.key: duty.name for duty in result.duties}
    return _table(
        words,
        "findings",
        (
            "severity", "status", "title", "place", "seen", "remedy", "evidence", "basis", "confirmation",
            "duties", "hosting", "target", "at", "looks", "check", "subject", "key",
        ),
        (
            (
                words.word("severity", finding.severity),
                words.word("status", finding.status),
                words.pick(finding.title),
                words.place(finding),
                words.pick(finding.detail),
                words.pick(finding.remediation) if finding.status.deviates else "",
                evidence(finding),
                words.word("basis", finding.basis),
                words.word("confirmation", finding.confirmation),
                words.listing(words.pick(names.get(key, Text(key, key))) for key in finding.duties),
                words.pick(finding.hosting.provider) if finding.hosting else "",
                finding.target,
                words.moment(finding.seen) if finding.seen else "",
                finding.looks,
                finding.check,
                finding.subject,
                finding.key,
            )
            for finding in ordered(result)
        ),
    )  # fmt: skip


def duties(result: Result, words: Wording) -> Table:
    """Every duty, worst first, with the articles in force that it rests on."""
    standing = {finding.key for finding in result.findings if stands(finding)}
    return _table(
        words,
        "duties",
        ("duty", "status", "reason", "count", "articles", "verification", "questions", "key"),
        (
            (
                words.pick(duty.name),
                words.word("duty_status", duty.status),
                words.pick(duty.reason),
                len(standing.intersection(duty.findings)),
                words.listing(
                    dict.fromkeys(
                        words(
                            "law.short_citation",
                            instrument=short_title(item.instrument),
                            article=item.article,
                        )
                        for item in duty.citations
                        if item.role is CitationRole.DUTY and item.in_force
                    )
                ),
                words.pick(duty.verification),
                "\n".join(words.pick(question) for question in duty.questions),
                duty.key,
            )
            for duty in digest(result).duties
        ),
    )


def services(result: Result, words: Wording) -> Table:
    """Every service."""
    problems = Counter(finding.subject for finding in result.findings if stands(finding))
    return _table(
        words,
        "services",
        (
            "place", "address", "port", "transport", "service", "product", "version", "encrypted", "problems",
            "hosting", "subject",
        ),
        (
            (
                place(service),
                service.ip,
                service.port,
                service.transport,
                service.name or words("format.unknown" if service.asked else "services.not_asked"),
                service.product or "",
                service.version or "",
                encryption(service, words),
                problems[service.id],
                words.pick(service.hosting.provider) if service.hosting else "",
                service.id,
            )
            for service in result.services
        ),
    )  # fmt: skip


def domains(result: Result, words: Wording) -> Table:
    """Every domain, with what was found on it."""
    found: dict[str, list[str]] = {}
    for finding in result.findings:
        if stands(finding):
            found.setdefault(finding.subject, []).append(words.pick(finding.title))
    return _table(
        words,
        "domains",
        ("domain", "problems", "titles", "subject"),
        (
            (
                domain.name,
                len(found.get(domain.id, ())),
                words.listing(dict.fromkeys(found.get(domain.id, ()))),
                domain.id,
            )
            for domain in result.domains
        ),
    )


def hosts(result: Result, words: Wording) -> Table:
    """Every address examined."""
    return _table(
        words,
        "hosts",
        ("address", "names", "target", "state", "open_ports", "note"),
        (
            (
                host.ip,
                words.listing(host.names),
                host.target,
                host_state(host, words),
                words.listing(host.ports_open),
                host.note,
            )
            for host in result.hosts
        ),
    )


def not_checked(result: Result, words: Wording) -> Table:
    """What was wanted and could not be checked: a row for each kind and reason."""
    return _table(
        words,
        "not_checked",
        ("what", "name", "reason", "count", "subjects", "message"),
        (
            (
                words.word("what", entry.what),
                entry.name or words.listing(entry.rules),
                reason(entry, words),
                len(entry.subjects),
                words.listing(subject for subject in entry.subjects if subject != "*"),
                "\n".join(shown(message, 600) for message in entry.messages[:3]),
            )
            for entry in digest(result).undone
        ),
    )


def imports(result: Result, words: Wording) -> Table:
    """Every file of another tool that was taken in: leads, which zijian did not verify."""
    return _table(
        words,
        "imports",
        (
            "tool", "version", "format", "file", "taken", "refused", "outside_window", "ran", "imported_by",
            "imported", "sha256",
        ),
        (
            (
                file.tool,
                file.version,
                file.format,
                file.file,
                file.taken,
                file.refused,
                file.outside_window,
                words.moment(file.ran) if file.ran else "",
                file.imported_by,
                words.moment(file.imported),
                file.sha256,
            )
            for file in result.imports
        ),
    )  # fmt: skip
