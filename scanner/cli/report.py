"""``zijian report``: render a stored result again, in another language or format; no network."""

from __future__ import annotations

from pathlib import Path

import click

from scanner.cli.options import lang_option, names
from scanner.errors import UsageError

_FORMATS = ("html", "json")


@click.command()
@click.argument("scan", default="latest")
@click.option(
    "--format", "formats", default="html,json", show_default=True, help="Formats, separated by commas."
)
@click.option("--output", "-o", type=click.Path(path_type=Path), metavar="DIR", help="Folder for the files.")
@lang_option
def report(scan: str, formats: str, output: Path | None, lang: str) -> int:
    """Write the newest result of SCAN (an id, the start of one, or "latest") as files."""
    from reports.html import pieces
    from reports.json_export import from_json, json_pieces
    from scanner.cli.output import prepare_folder, write_pieces
    from scanner.store import open_store

    wanted = names(formats)
    for name in wanted:
        if name not in _FORMATS:
            raise UsageError(f"--format {name!r} is not one of {', '.join(_FORMATS)}")
    store = open_store()
    try:
        record = store.scan(scan)
        document = store.result(record.id)
    finally:
        store.close()
    if document is None:
        raise UsageError(f"scan {record.id} has no result yet (see: zijian assess {record.id})")
    result = from_json(document)
    folder = prepare_folder(output or Path(f"zijian-{record.id}"))
    if "json" in wanted:
        write_pieces(folder / "result.json", json_pieces(result))
        click.echo(folder / "result.json")
    if "html" in wanted:
        write_pieces(folder / "report.html", (piece.encode() for piece in pieces(result, lang)))
        click.echo(folder / "report.html")
    return 0
