"""``zijian report``: render a stored result again, in another language or format; no network."""

from __future__ import annotations

from pathlib import Path

import click

from scanner.cli.options import chosen_formats, formats_option, lang_option
from scanner.errors import UsageError


@click.command()
@click.argument("scan", default="latest")
@formats_option()
@click.option("--output", "-o", type=click.Path(path_type=Path), metavar="DIR", help="Folder for the files.")
@lang_option
def report(scan: str, formats: str, output: Path | None, lang: str) -> int:
    """Write the newest result of SCAN (an id, the start of one, or "latest") as files."""
    from reports.json_export import from_json
    from scanner.cli.deliver import write_formats
    from scanner.cli.output import prepare_folder
    from scanner.store import open_store

    wanted = chosen_formats(formats)
    store = open_store()
    try:
        record = store.scan(scan)
        document = store.result(record.id)
    finally:
        store.close()
    if document is None:
        raise UsageError(
            f"扫描 {record.id} 还没有结果（生成结果：zijian assess {record.id}）",
            f"scan {record.id} has no result yet (see: zijian assess {record.id})",
        )
    folder = prepare_folder(output or Path(f"zijian-{record.id}"))
    for path in write_formats(from_json(document), folder, lang, wanted):
        click.echo(path)
    return 0
