"""``zijian assess``: judge stored facts again, with other rules or by the law of another day; no network."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from scanner.cli.options import (
    DateType,
    checks_dir_option,
    chosen_formats,
    event_option,
    fail_on_option,
    formats_option,
    lang_option,
    load_registry,
    names,
    provider_kinds,
    provider_option,
    select_rules,
)


@click.command()
@click.argument("scan", default="latest")
@click.option("--law-date", type=DateType(), help="Cite the law in force on this day.")
@click.option(
    "--settings",
    "settings_file",
    type=click.Path(path_type=Path),
    metavar="FILE.toml",
    help="Thresholds of your own, protection level, CII (docs/law.md); named in the report.",
)
@click.option("--checks", "only", metavar="IDS", help="Only these rules or families.")
@click.option("--skip", metavar="IDS", help="Not these rules or families.")
@provider_option
@event_option
@fail_on_option
@formats_option()
@click.option("--output", "-o", type=click.Path(path_type=Path), metavar="DIR", help="Folder for the files.")
@click.option("--quiet", "-q", is_flag=True)
@lang_option
@checks_dir_option
def assess(
    scan: str,
    law_date: date | None,
    settings_file: Path | None,
    only: str | None,
    skip: str | None,
    provider: str | None,
    event: bool,
    fail_on: str | None,
    formats: str,
    output: Path | None,
    quiet: bool,
    lang: str,
    checks_dir: Path | None,
) -> int:
    """Judge the stored facts of SCAN (an id, the start of one, or "latest") again. Nothing is sent to anyone."""
    from scanner.cli.deliver import deliver, exit_for_findings, show
    from scanner.cli.judge import Choice, build_result
    from scanner.cli.settings_file import read_settings
    from scanner.paths import scan_folder
    from scanner.store import open_store

    wanted = chosen_formats(formats)
    own = read_settings(settings_file) if settings_file is not None else None
    registry = load_registry(checks_dir)
    rules, left_out = select_rules(registry, names(only), names(skip))
    store = open_store()
    try:
        record = store.scan(scan)
        choice = Choice(
            registry=registry,
            rules=rules,
            left_out=left_out,
            law_date=law_date or record.law_date,
            provider_kinds=provider_kinds(provider) or record.authorization.provider_kinds,
            event=event or record.authorization.event,
            law_date_given=law_date is not None,
            own=own,
        )
        ledger = scan_folder(record.id) / "ledger.jsonl"
        result = build_result(store, record, ledger, choice)
        folder = output or Path(f"zijian-{record.id}")
        written = deliver(result, folder, ledger, lang, wanted, keep_in=store)
    finally:
        store.close()
    if not quiet:
        show(result, written, lang)
    return exit_for_findings(result.findings, fail_on)
