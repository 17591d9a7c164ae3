"""What ``zijian inspect`` and ``zijian case`` share: the store's dossiers of one kind, opened and begun in the same way."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from scanner.cli.options import new_id
from scanner.errors import UsageError

if TYPE_CHECKING:
    from scanner.store import Dossiers, Store
    from scanner.store.dossiers import Kind

by_option = click.option(
    "--by", metavar="NAME", help="Who does this, for the trail; your login name by default."
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print it for programs.")


@contextmanager
def opened(kind: Kind) -> Iterator[tuple[Store, Dossiers]]:
    """The store, and its dossiers of one kind, while the block lasts."""
    from scanner.store import Dossiers, open_store

    store = open_store()
    try:
        yield store, Dossiers(store, kind)
    finally:
        store.close()


def create(dossiers: Dossiers, kind: Kind, record: dict[str, Any], *, who: str, at: datetime) -> str:
    """Keep a new dossier and return its id.

    :raises UsageError: there is one with its number already.
    """
    number = record["number"]
    if number and any(one.record.get("number") == number for one in dossiers.all()):
        raise UsageError(
            f"编号 {number} 已经用于另一{'次检查' if kind == 'inspection' else '个案卷'}",
            f"there is {'an' if kind == 'inspection' else 'a'} {kind} with the number {number} already",
        )
    made = new_id(at)
    dossiers.create(made, record, who=who, at=at)
    return made
