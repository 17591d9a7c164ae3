"""``zijian scans``: what is in the store."""

from __future__ import annotations

import click


@click.command()
def scans() -> int:
    """List stored scans, newest first: id, start (UTC), mode, profile, status, targets."""
    from scanner.store import open_store

    store = open_store()
    try:
        for record in store.scans():
            targets = ", ".join(record.scope["targets"])
            shown = targets if len(targets) <= 60 else targets[:59] + "…"
            started = f"{record.started:%Y-%m-%d %H:%M}"
            click.echo(
                f"{record.id}  {started}  {record.mode:6}  {record.profile:8}  {record.status:11}  {shown}"
            )
    finally:
        store.close()
    return 0
