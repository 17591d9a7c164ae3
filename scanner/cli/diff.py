"""``zijian diff``: two scans of one object, for a re-inspection."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from scanner.cli.options import checks_dir_option, fail_on_option, lang_option
from scanner.errors import UsageError
from scanner.said import zh

if TYPE_CHECKING:
    from checks.registry import Registry
    from reports.result import Result
    from scanner.store import Store


def _read(name: str, registry: Registry, store: Store) -> Result:
    """A result file, or the stored facts of a scan judged by the rules of today.

    :raises UsageError: it is neither.
    """
    from reports.json_export import from_json
    from scanner.cli.judge import Choice, build_result
    from scanner.cli.options import select_rules
    from scanner.paths import scan_folder

    path = Path(name)
    if path.is_file():
        try:
            return from_json(path.read_bytes())
        except OSError as error:
            raise UsageError(
                f"无法读取 {path}：{zh(error)}", f"cannot read {path}: {error.strerror}"
            ) from error
    record = store.scan(name)
    choice = Choice(
        registry=registry,
        rules=select_rules(registry, (), ())[0],
        law_date=record.law_date,
        provider_kinds=record.authorization.provider_kinds,
        event=record.authorization.event,
    )
    return build_result(store, record, scan_folder(record.id) / "ledger.jsonl", choice)


@click.command()
@click.argument("old", metavar="OLD")
@click.argument("new", metavar="NEW")
@click.option("--json", "as_json", is_flag=True, help="Print it for programs (docs/result-json.md).")
@click.option(
    "--output",
    "-o",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Write it as an HTML page as well.",
)
@fail_on_option
@lang_option
@checks_dir_option
def diff(
    old: str,
    new: str,
    as_json: bool,
    output: Path | None,
    fail_on: str | None,
    lang: str,
    checks_dir: Path | None,
) -> int:
    """Say what became of the findings of OLD in NEW: fixed, remaining, new, not re-checked. Nothing is sent to anyone.

    Each is a scan (an id, the start of one, or "latest") or a result.json. Stored scans are judged again by the rules of today, so
    that both are measured alike. With --fail-on only what is new counts.
    """
    from reports.comparison import Fate, compare
    from reports.comparison_export import as_document, page, rows
    from scanner.cli.deliver import exit_for_findings
    from scanner.cli.options import load_registry
    from scanner.cli.output import write_file
    from scanner.store import open_store

    registry = load_registry(checks_dir)
    store = open_store()
    try:
        comparison = compare(
            _read(old, registry, store), _read(new, registry, store), judged_again=not Path(old).is_file()
        )
    finally:
        store.close()
    if output is not None:
        write_file(output, page(comparison, lang).encode())
    if as_json:
        click.echo(as_document(comparison).decode())
    else:
        _show(rows(comparison, lang))
    fresh = [line.finding for line in comparison.lines if line.fate in (Fate.NEW, Fate.NEWLY_EXAMINED)]
    return exit_for_findings(fresh, fail_on)


def _show(parts: list[tuple[str, list[tuple[str, ...]]]]) -> None:
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console(highlight=False)
    for title, lines in parts:
        if not lines:
            console.print(Text(title), soft_wrap=True)
            continue
        table = Table(
            title=Text(title), title_justify="left", box=SIMPLE_HEAD, pad_edge=False, show_header=False
        )
        for _ in lines[0]:
            table.add_column(overflow="fold")
        for line in lines:
            # Text, not markup: cells hold text that came from targets.
            table.add_row(*map(Text, line))
        console.print(table)
