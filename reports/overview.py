"""The first page in words: who, when, by what right, and the counts. Spreadsheet, DOCX and Markdown begin with it."""

from __future__ import annotations

from reports.digest import Digest, digest, headline
from reports.result import Result
from reports.shown import one_line
from reports.wording import Wording
from scanner.records import ClockStep


def title(result: Result, words: Wording) -> str:
    """Return what the document calls itself."""
    return words("title.police" if result.scan.mode == "police" else "title.self")


def circumstances(result: Result, words: Wording) -> list[tuple[str, str]]:
    """Return label and value of each circumstance of the scan."""
    scan, authorization = result.scan, result.scan.authorization
    police = scan.mode == "police"
    if police:
        notice = authorization.notice
        right = (
            words(
                "cover.by_notice",
                unit=authorization.unit,
                kind=words.word("notice_kind", notice.kind),
                number=notice.number,
            )
            if notice
            else authorization.unit
        )
    elif authorization.authorized_by:
        right = words("cover.by_statement", name=authorization.authorized_by)
    else:
        right = words("cover.own_machine")
    inside = scan.vantage.inside
    vantage = words(
        "cover.vantage_unknown"
        if inside is None
        else "cover.vantage_inside"
        if inside
        else "cover.vantage_outside"
    )
    sources = scan.vantage.source_addresses
    if sources:
        vantage = words(
            "format.with_detail",
            word=vantage,
            detail=words("cover.sources", addresses=words.listing(sources)),
        )
    time = words.moment(scan.started)
    if scan.finished:
        time = f"{time} – {words.moment(scan.finished)}"
    else:
        time = words("format.with_detail", word=time, detail=words("cover.not_finished"))
    rows = [
        (words("authorization.object_name"), authorization.object_name or words("cover.object_unnamed")),
        (words("cover.credit_code"), authorization.object_credit_code),
        (
            words("cover.targets"),
            words.listing(authorization.targets or dict.fromkeys(host.target for host in result.hosts)),
        ),
        (words("cover.time"), time),
        (words("cover.mode"), words.word("mode", scan.mode)),
        (words("cover.authorization"), right),
        (words("cover.officers"), words.listing(person.name for person in authorization.officers)),
        (words("cover.company"), authorization.company),
        (words("cover.vantage"), vantage),
        (words("cover.law_date"), words.day(scan.law_date)),
        (words("cover.scan_id"), scan.id),
        (words("versions.status"), words.word("scan_status", scan.status)),
    ]
    return [(label, value) for label, value in rows if value]


def counts(counted: Digest, words: Wording) -> list[tuple[str, int]]:
    """Return the counts that every format shows: duties by status, standing deviations by severity."""
    return [
        *((words.word("duty_status", status), number) for status, number in counted.duty_counts.items()),
        *((words.word("severity", severity), number) for severity, number in counted.severities.items()),
    ]


def footprint(result: Result, words: Wording) -> list[tuple[str, str]]:
    """Return what the scan left behind."""
    ledger = result.ledger
    return [
        (words("footprint.connections"), words.number(ledger.connections)),
        (words("footprint.nmap_runs"), words.number(ledger.nmap_runs)),
        (words("footprint.bytes_sent"), words.size(ledger.bytes_sent)),
        (words("footprint.bytes_received"), words.size(ledger.bytes_received)),
        (
            words("footprint.peak_rate"),
            words("footprint.per_second", n=words.number(ledger.peak_rate)),
        ),
        (words("footprint.head_hash"), ledger.head_hash or words("footprint.no_hash")),
        *((words("footprint.clock"), clock_step(step, words)) for step in ledger.clock),
    ]


def clock_step(step: ClockStep, words: Wording) -> str:
    """Return when, and by how much, the clock of the machine that scanned was set."""
    at, seconds = words.moment(step.at), words.number(round(abs(step.seconds)))
    if step.seconds < 0:
        return words("footprint.clock_back", at=at, n=seconds)
    return words("footprint.clock_forward", at=at, n=seconds)


def imports(result: Result, words: Wording) -> list[str]:
    """Return a sentence or more on each file of another tool, with its SHA-256."""
    told = []
    for file in result.imports:
        parts = [
            words(
                "versions.imported_file",
                tool=one_line(file.tool, 80),
                version=one_line(file.version, 40),
                file=one_line(file.file, 120),
                by=one_line(file.imported_by, 200),
                at=words.moment(file.imported, seconds=False),
                taken=file.taken,
            )
        ]
        if file.ran:
            parts.append(words("versions.import_ran", at=words.moment(file.ran, seconds=False)))
        if file.refused:
            parts.append(words("versions.import_refused", count=file.refused))
        if file.outside_window:
            parts.append(words("versions.import_outside", count=file.outside_window))
        told.append(" ".join((*parts, f"SHA-256: {file.sha256}")))
    return told


def overview(result: Result, words: Wording) -> list[tuple[str, str | int]]:
    """Return all of it as rows of two cells."""
    counted = digest(result)
    return [
        (title(result, words), headline(result, words, counted)),
        *circumstances(result, words),
        *counts(counted, words),
        *footprint(result, words),
        ("zijian", result.scan.tool.version),
        ("nmap", result.scan.tool.nmap or words("versions.none")),
    ]
