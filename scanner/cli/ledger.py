"""``zijian ledger``: check that a record of connections was not changed."""

from __future__ import annotations

from pathlib import Path

import click

from scanner.cli.language import say
from scanner.errors import UsageError
from scanner.said import zh


@click.group()
def ledger() -> None:
    """The record of every connection."""


@ledger.command()
@click.argument("scan", metavar="SCAN|FILE")
def verify(scan: str) -> int:
    """Check the hash chain of SCAN's ledger, or of a ledger FILE; exit 2 when it does not hold."""
    from scanner.ledger import verify as verify_chain
    from scanner.paths import scan_folder
    from scanner.store import open_store

    path = Path(scan)
    if not path.is_file():
        store = open_store()
        try:
            path = scan_folder(store.scan(scan).id) / "ledger.jsonl"
        finally:
            store.close()
    result = verify_chain(path)
    if result.error is not None:
        raise UsageError(
            f"{path}：{zh(result.error)}；此前的 {result.records} 条记录完好",
            f"{path}: {result.error}; the {result.records} records before it hold",
        )
    say(
        f"{path}：{result.records} 条记录完好；链头 {result.head}",
        f"{path}: {result.records} records hold; head {result.head}",
    )
    return 0
