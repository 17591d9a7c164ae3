"""``zijian import``: another tool's results as evidence beside a scan's own."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click
import msgspec

from scanner.cli.language import say
from scanner.cli.options import importer
from scanner.errors import UsageError
from scanner.said import zh

if TYPE_CHECKING:
    from reports.other_tools import Entry
    from scanner.scope import Scope

_FORMATS = ("nmap-xml", "nuclei-jsonl", "testssl-json", "sslyze-json", "sarif")


def _in_scope(
    entries: Iterable[Entry], scope: Scope, addresses: Mapping[str, str]
) -> tuple[list[Entry], list[str]]:
    """Entries about addresses that the scan was authorised to touch; and the places of the others."""
    kept: list[Entry] = []
    refused: list[str] = []
    for entry in entries:
        ip = entry.ip or addresses.get(entry.host.rstrip(".").lower(), "")
        if ip and scope.allows(ip, entry.port or None):
            kept.append(replace(entry, ip=ip))
        else:
            refused.append(entry.ip or entry.host or "(no address)")
    return kept, refused


def _outside(
    entries: Iterable[Entry], ran: datetime | None, window: tuple[datetime | None, datetime | None]
) -> int:
    """How many were seen outside the authorised time; where an entry has no time of its own, that of the run counts."""
    start, end = window
    times = [seen for entry in entries if (seen := entry.seen or ran) is not None]
    return sum((start is not None and at < start) or (end is not None and at > end) for at in times)


@click.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--format", "kind", type=click.Choice(_FORMATS), required=True)
@click.option("--scan", "scan_id", default="latest", show_default=True, help="The scan to attach it to.")
@click.option("--by", metavar="NAME", help="Who imports it, for the report; your login name by default.")
def import_results(file: Path, kind: str, scan_id: str, by: str | None) -> int:
    """Attach another tool's results in FILE to a stored scan, as that tool's word; then: zijian assess SCAN.

    What is said of addresses outside the scan's scope is refused and not kept.
    """
    from reports.other_tools import MOST_BYTES, ForeignError, read
    from scanner.cli.judge import IMPORTED
    from scanner.records import ImportRecord
    from scanner.scope import Scope
    from scanner.store import open_store

    name = importer(by)
    try:
        with file.open("rb") as opened:
            data = opened.read(MOST_BYTES + 1)
    except OSError as error:
        raise UsageError(f"无法读取 {file}：{zh(error)}", f"cannot read {file}: {error.strerror}") from error
    try:
        report = read(kind, data)
    except ForeignError as error:
        raise UsageError(f"{file} 不是 {kind}：{zh(error)}", f"{file} is no {kind}: {error}") from error
    store = open_store()
    try:
        scan = store.scan(scan_id)
        scope = Scope.from_json(scan.authorization, scan.scope)
        addresses = {one.rstrip(".").lower(): host.ip for host in store.hosts(scan.id) for one in host.names}
        kept, refused = _in_scope(report.entries, scope, addresses)
        digest = hashlib.sha256(data).hexdigest()
        record = ImportRecord(
            format=kind, file=file.name, sha256=digest, tool=report.tool, version=report.version, ran=report.ran,
            imported_by=name, imported=datetime.now(UTC), taken=len(kept), refused=len(refused),
            outside_window=_outside(kept, report.ran, scope.window()),
        )  # fmt: skip
        if refused and not kept:
            shown = ", ".join(list(dict.fromkeys(refused))[:5])
            raise UsageError(
                f"{file} 没有涉及扫描 {scan.id} 授权范围内的地址（涉及的是：{shown}）；没有收录任何内容",
                f"{file} speaks of nothing in the scope of {scan.id} (but of: {shown}); nothing was kept",
            )
        value = {"record": msgspec.to_builtins(record), "entries": msgspec.to_builtins(kept)}
        store.put_step(scan.id, f"{IMPORTED}{digest}", value)
    finally:
        store.close()
    say(
        f"{report.tool}：已将 {len(kept)} 条放入扫描 {scan.id}",
        f"{report.tool}: {len(kept)} entries attached to {scan.id}",
    )
    if refused:
        shown = ", ".join(list(dict.fromkeys(refused))[:5])
        say(
            f"{len(refused)} 条在授权范围以外，没有收录：{shown}",
            f"{len(refused)} entries refused, outside the scope: {shown}",
            err=True,
        )
    if record.outside_window:
        say(
            f"{record.outside_window} 条的时间在授权时段以外",
            f"{record.outside_window} entries were seen outside the authorised time",
            err=True,
        )
    click.echo(f"zijian assess {scan.id}")
    return 0
