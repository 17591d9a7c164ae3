"""``zijian data``: the dated tables that judgements rest on."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click

from scanner.cli.language import say, told
from scanner.cli.options import importer
from scanner.errors import ZijianError
from scanner.records import TableRecord
from scanner.said import Sentence, zh


@click.group()
def data() -> None:
    """Dated tables that judgements rest on: which are in use, and newer ones taken in without a network."""


def _line(record: TableRecord) -> str:
    origin = Sentence("（随自检发布）", "(ships with zijian)")
    if record.imported:
        at = f"{record.imported:%Y-%m-%d %H:%M} UTC"
        origin = Sentence(
            f"（{record.imported_by} 于 {at} 收录）", f"(imported by {record.imported_by}, {at})"
        )
    entries = Sentence(f"{record.entries} 条", f"{record.entries} entries")
    return f"{record.name}  {record.date}  {told(entries)}  sha256 {record.sha256}  {told(origin)}"


@data.command("list")
def list_tables() -> int:
    """List the tables in use: date, entries, hash, and where they come from."""
    from scanner.cli.data_tables import KINDS, in_use

    for kind in KINDS.values():
        click.echo(_line(in_use(kind).record))
    return 0


@data.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--by", metavar="NAME", help="Who imports it, for the report; your login name by default.")
def import_table(file: Path, by: str | None) -> int:
    """Take the newer table in FILE into use, after checking it. What was there before is kept."""
    from scanner.cli.data_tables import import_table as take

    name = importer(by)
    click.echo(_line(take(file, name, datetime.now(UTC))))
    return 0


@data.command()
def verify() -> int:
    """Read the tables in use again and hold them against the hashes noted at their import."""
    from scanner.cli import EXIT_DONE, EXIT_INCOMPLETE
    from scanner.cli.data_tables import KINDS, in_use

    code = EXIT_DONE
    for kind in KINDS.values():
        try:
            say(f"完好  {_line(in_use(kind).record)}", f"ok  {_line(in_use(kind).record)}")
        except ZijianError as error:
            say(f"{kind.name}：{zh(error)}", f"{kind.name}: {error}", err=True)
            code = EXIT_INCOMPLETE
    return code
