"""What goes into a case: a scan with all that is known of it, a file, and the account of the software that made the export."""

from __future__ import annotations

import hashlib
import json
import platform
import ssl
from collections.abc import Iterable, Iterator
from importlib import metadata
from pathlib import Path

import checks
import reports
import scanner
from scanner.errors import UsageError
from scanner.hashchain import verify_lines
from scanner.intake import Kept, changed, keep, take_in
from scanner.ledger import verify as verify_ledger
from scanner.paths import data_home, scan_folder, template_cache
from scanner.said import zh
from scanner.store import Dossier, ScanRecord, Store
from scanner.version import VERSION


def take_in_scan(store: Store, scan: ScanRecord, folder: Path, *, lang: str) -> tuple[Kept, ...]:
    """Copy result, report, ledger and stored facts of ``scan`` into ``folder``.

    :raises UsageError: the scan still runs, has no result, or its ledger does not hold.
    """
    from reports.formats import files
    from reports.json_export import from_json

    if scan.status == "running":
        raise UsageError(
            f"扫描 {scan.id} 还没有结束（继续扫描：zijian scan --resume {scan.id}）",
            f"scan {scan.id} has not ended (see: zijian scan --resume {scan.id})",
        )
    document = store.result(scan.id)
    if document is None:
        raise UsageError(
            f"扫描 {scan.id} 还没有结果（生成结果：zijian assess {scan.id}）",
            f"scan {scan.id} has no result yet (see: zijian assess {scan.id})",
        )
    ledger = scan_folder(scan.id) / "ledger.jsonl"
    chain = verify_ledger(ledger)
    if chain.error is not None:
        raise UsageError(
            f"扫描 {scan.id} 的连接台账核对不上：{zh(chain.error)}；没有放入这次扫描",
            f"the ledger of scan {scan.id} does not hold: {chain.error}; the scan was not attached",
        )
    kept = [
        take_in(ledger, folder, "ledger.jsonl"),
        keep((document,), folder, "result.json"),
        keep(_facts(store, scan.id), folder, "facts.jsonl"),
    ]
    for name, pieces in files(from_json(document), lang, "html", cache=template_cache()):
        kept.append(keep(pieces, folder, name))
    return tuple(kept)


def take_in_inspection(store: Store, found: Dossier, folder: Path) -> tuple[Kept, ...]:
    """Copy an inspection as it stands into ``folder``: its record, its trail, and the originals of its attachments.

    :raises UsageError: its trail does not hold, or an attachment was changed since it was taken in.
    """
    from reports.inspection.model import DutyAnswer, OnSite, from_record
    from scanner.store import Dossiers

    trail = list(Dossiers(store, "inspection").trail(found.id))
    if (chain := verify_lines(trail)).error is not None:
        raise UsageError(
            f"检查 {found.id} 的操作记录核对不上：{zh(chain.error)}",
            f"the trail of inspection {found.id} does not hold: {chain.error}",
        )
    record = json.dumps({"id": found.id, **found.record}, ensure_ascii=False, indent=1).encode() + b"\n"
    kept = [keep((record,), folder, "inspection.json"), keep(trail, folder, "audit.jsonl")]
    inspection = from_record(found.record)
    holders: dict[str, DutyAnswer | OnSite] = {**inspection.answers}
    if inspection.on_site is not None:
        holders["on_site"] = inspection.on_site
    for label, holder in holders.items():
        for attachment in holder.attachments:
            place = data_home() / "inspections" / found.id / holder.folder
            if wrong := changed(attachment, place):
                raise UsageError(f"检查 {found.id}：{zh(wrong)}", f"inspection {found.id}: {wrong}")
            kept.append(take_in(place / attachment.name, folder, f"attachments/{label}/{attachment.name}"))
    return tuple(kept)


def _facts(store: Store, scan_id: str) -> Iterator[bytes]:
    for table, row in store.rows(scan_id):
        yield json.dumps({"table": table, "row": row}, ensure_ascii=False, sort_keys=True).encode() + b"\n"


def software() -> bytes:
    """Versions of zijian and of everything it runs on, and a digest of its own source, as JSON."""
    installed = {one.metadata["Name"]: one.version for one in metadata.distributions()}
    account = {
        "zijian": VERSION,
        "source_sha256": _source_digest(),
        "python": platform.python_version(),
        "openssl": ssl.OPENSSL_VERSION,
        "platform": platform.platform(),
        "libraries": dict(sorted(installed.items(), key=lambda one: one[0].lower())),
    }
    return json.dumps(account, ensure_ascii=False, indent=1).encode() + b"\n"


def _source_digest() -> str:
    digest = hashlib.sha256()
    for path in _sources():
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def _sources() -> Iterable[Path]:
    for package in (scanner, checks, reports):
        yield from sorted(
            path for path in Path(package.__path__[0]).rglob("*") if path.suffix in (".py", ".toml")
        )
