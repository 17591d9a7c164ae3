"""``zijian logs``: what to ask an operator for, and what the logs that are handed over prove."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from scanner.cli import EXIT_DONE
from scanner.cli.language import say
from scanner.cli.options import lang_option
from scanner.errors import UsageError
from scanner.said import zh

if TYPE_CHECKING:
    from scanner.challenge import LeftBehind, Trace
    from scanner.facts import Endpoint, LogFacts
    from scanner.facts.records import RecordFacts, RecordKind
    from scanner.store import ScanRecord, Store

_ABOUT_A_DAY = timedelta(hours=26)
"""How far a wrong clock or zone may put a line from the scan."""

_zone_option = click.option(
    "--zone", default="+08:00", show_default=True, help="Zone of times that are written without one."
)


@click.group()
def logs() -> None:
    """Log retention: ask for logs, and hold them against what a scan left behind."""


def _left(scan_id: str) -> LeftBehind:
    from scanner.challenge import left_behind
    from scanner.ledger import records
    from scanner.ledger import verify as verify_chain
    from scanner.paths import scan_folder

    path = scan_folder(scan_id) / "ledger.jsonl"
    if not path.is_file():
        raise UsageError(
            f"扫描 {scan_id} 的连接台账不在本机（{path}）",
            f"the ledger of scan {scan_id} is not on this machine ({path})",
        )
    chain = verify_chain(path)
    if chain.error is not None and not chain.torn:
        raise UsageError(
            f"扫描 {scan_id} 的连接台账核对不上：{zh(chain.error)}；不能用作证明",
            f"the ledger of scan {scan_id} does not hold: {chain.error}; it proves nothing",
        )
    return left_behind(records(path))


def _by_service(left: LeftBehind) -> dict[tuple[str, str], list[Trace]]:
    found: dict[tuple[str, str], list[Trace]] = {}
    for trace in left.traces:
        found.setdefault((trace.remote, trace.protocol), []).append(trace)
    return found


@logs.command()
@click.argument("scan", default="latest")
@lang_option
def challenge(scan: str, lang: str) -> int:
    """Print a letter to the operator of SCAN: which logs, for which time, in which form, and how they are judged.

    It tells none of the marks: who knows them could write the lines that are looked for.
    """
    from reports.law.resolver import thresholds
    from reports.log_letter import letter
    from scanner.store import open_store

    store = open_store()
    try:
        record = store.scan(scan)
    finally:
        store.close()
    services = sorted(_by_service(_left(record.id)))
    if not services:
        raise UsageError(
            f"扫描 {record.id} 没有与会在日志中留下记录的服务通信过",
            f"scan {record.id} spoke with no service whose logs would show it",
        )
    months = thresholds(record.law_date)["log_retention_months"]
    times = record.started, record.finished or record.started
    click.echo(letter(record.id, record.authorization.object_name or "", times, services, months, lang))
    return EXIT_DONE


@logs.command()
@click.argument("paths", type=click.Path(path_type=Path), nargs=-1, required=True, metavar="FILES|DIRS...")
@click.option(
    "--scan", "scan_id", default="latest", show_default=True, help="The scan whose challenge is looked for."
)
@_zone_option
@click.option(
    "--format",
    "pattern",
    metavar="PATTERN",
    help="A web server's own format, as its log_format (nginx) or LogFormat (Apache) states it.",
)
@click.option("--json", "as_json", is_flag=True, help="Print what was found for programs.")
@lang_option
def verify(
    paths: tuple[Path, ...], scan_id: str, zone: str, pattern: str | None, as_json: bool, lang: str
) -> int:
    """Hold log FILES against what a scan left behind, and keep what they show with it; then: zijian assess SCAN.

    Files may be plain, gz, bz2, xz, zst, or a tar of them; formats are found by themselves. Nothing is sent to anyone.
    """
    import msgspec

    from scanner.facts import ProbeRun, RunStatus
    from scanner.logs.custom import custom
    from scanner.logs.reconcile import reconcile
    from scanner.logs.sources import sources
    from scanner.logs.survey import Wanted, survey
    from scanner.logs.times import day_after
    from scanner.privacy import without_personal_data
    from scanner.store import open_store

    offset = _minutes(zone)
    own = None if pattern is None else custom(pattern)
    store = open_store()
    try:
        record = store.scan(scan_id)
        left = _left(record.id)
        if not left.traces:
            raise UsageError(
                f"扫描 {record.id} 没有与会在日志中留下记录的服务通信过",
                f"scan {record.id} spoke with no service whose logs would show it",
            )
        earlier = _earlier(store, record, {trace.remote for trace in left.traces})
        start, end = left.traces[0].opened - _ABOUT_A_DAY, left.traces[-1].closed + _ABOUT_A_DAY
        marks = [nonce for nonces, _ in earlier.values() for nonce in nonces]
        wanted = Wanted(
            [nonce.encode() for nonce in (*left.nonces, *marks)],
            [address.encode() for address in sorted(left.sources)],
            int(start.timestamp()),
            int(end.timestamp()),
        )
        begun = datetime.now(UTC)
        newest = day_after(max(begun, end).date())
        surveys = [survey(source, blocks, wanted, newest, offset, own) for source, blocks in sources(paths)]
        if not any(one.facts.lines for one in surveys):
            raise UsageError("提供的文件中没有任何一行", "there is no line in what was given")
        if own and not any(one.facts.format == "custom" for one in surveys):
            raise UsageError(
                f"--format {pattern!r} 与所有文件都不相符", f"--format {pattern!r} fits none of the files"
            )
        found: list[tuple[Endpoint, LogFacts]] = []
        endpoints = _endpoints(store, record.id)
        for (remote, protocol), traces in sorted(_by_service(left).items()):
            facts = reconcile(protocol, traces, left.nonces, surveys, earlier)
            endpoint = endpoints.get(remote)
            if facts.files and endpoint is not None:
                found.append((endpoint, facts))
        unknown = [one.facts.name for one in surveys if not one.facts.format]
        if not found:
            kinds = ", ".join(sorted({trace.protocol for trace in left.traces}))
            raise UsageError(
                f"所有文件都不是这次扫描所涉及服务（{kinds}）的日志",
                f"none of the files is a log that shows one of this scan's services ({kinds})",
            )
        for endpoint, facts in found:
            run = ProbeRun(
                probe=facts.PROBE, endpoint=endpoint, status=RunStatus.COMPLETED, started=begun,
                finished=datetime.now(UTC), facts=facts,
            )  # fmt: skip
            store.put_run(record.id, without_personal_data(run))
    finally:
        store.close()
    if as_json:
        document = [{"service": endpoint.id, **msgspec.to_builtins(facts)} for endpoint, facts in found]
        click.echo(json.dumps(document, ensure_ascii=False, indent=1, default=str))
    else:
        from reports.log_summary import lines

        for endpoint, facts in found:
            for line in lines(endpoint.label, facts, lang):
                click.echo(line)
    for name in unknown:
        say(f"{name}：没有认出格式", f"{name}: not recognised", err=True)
    click.echo(f"zijian assess {record.id}", err=as_json)
    return EXIT_DONE


def _minutes(zone: str) -> int:
    import re

    from scanner.logs.times import minutes

    if zone != "Z" and not re.fullmatch(r"[+-](0\d|1[0-4]):?[0-5]\d", zone):
        raise UsageError(
            f"--zone {zone!r} 不是时区，写法如 +08:00 或者 Z", f"--zone {zone!r} is none, such as +08:00 or Z"
        )
    return minutes(zone)


def _earlier(
    store: Store, record: ScanRecord, remotes: set[str]
) -> Mapping[str, tuple[Sequence[str], datetime]]:
    """Scans before this one that left their marks in the same services."""
    found: dict[str, tuple[Sequence[str], datetime]] = {}
    for other in store.scans():
        if other.started >= record.started or other.id == record.id:
            continue
        try:
            left = _left(other.id)
        except UsageError:
            continue
        if left.nonces and any(trace.remote in remotes for trace in left.traces):
            found[other.id] = left.nonces, other.started
    return found


def _endpoints(store: Store, scan_id: str) -> Mapping[str, Endpoint]:
    """``ip:port`` -> its service; where several names share it, the first."""
    endpoints = [service.endpoint for service in store.services(scan_id) if service.endpoint.is_service]
    found: dict[str, Endpoint] = {}
    for endpoint in sorted(endpoints, key=lambda one: one.name or ""):
        found.setdefault(f"{endpoint.address}:{endpoint.port}", endpoint)
    return found


@logs.command()
@click.argument("paths", type=click.Path(path_type=Path), nargs=-1, required=True, metavar="FILES|DIRS...")
@click.option(
    "--kind",
    type=click.Choice(["assignment", "nat", "wifi"]),
    help="What the records are of; found by their columns otherwise.",
)
@click.option(
    "--columns",
    metavar="NAME=HEAD,...",
    help="Which column is which, by its head or its number from 1: start=开始时间,account=3. Found by themselves otherwise.",
)
@click.option(
    "--scan",
    "scan_id",
    help="Keep what was found with this scan, in place of earlier records of the same kind; then: zijian assess SCAN.",
)
@_zone_option
@click.option(
    "--law-date",
    type=click.DateTime(["%Y-%m-%d"]),
    help="The day to which records are kept, and whose law counts; today otherwise.",
)
@click.option("--json", "as_json", is_flag=True, help="Print what was found for programs.")
@lang_option
def records(
    paths: tuple[Path, ...],
    kind: RecordKind | None,
    columns: str | None,
    scan_id: str | None,
    zone: str,
    law_date: datetime | None,
    as_json: bool,
    lang: str,
) -> int:
    """Read address records in CSV FILES: addresses assigned, NAT mappings, accounts of public Wi-Fi.

    Files may be packed as for verify. It tells how far back they reach, on which days there are records, and which
    records do not tell who it was. No account, number or address of a person is printed or stored; without --scan nothing is
    stored at all.
    """
    import msgspec

    from scanner.cli.law_day import LAW_TIME_ZONE
    from scanner.logs.record_columns import stated
    from scanner.logs.records import gather
    from scanner.logs.sources import sources

    mapping = stated(columns) if columns is not None else None
    begun = datetime.now(UTC)
    scan = None if scan_id is None else _scan(scan_id)
    found, unknown = gather(sources(paths), _minutes(zone), kind, mapping)
    if not any(facts.records for facts in found):
        raise UsageError(
            f"在 {'、'.join(unknown or map(str, paths))[:300]} 中没有认出地址分配记录；请用 --columns 说明各列",
            f"no address records were recognised in {', '.join(unknown or map(str, paths))[:300]}; state the columns by --columns",
        )
    if scan is not None:
        _keep(scan, [facts for facts in found if facts.records], begun)
    if as_json:
        click.echo(json.dumps(msgspec.to_builtins(found), ensure_ascii=False, indent=1))
    else:
        from reports.record_summary import lines

        at = (law_date or datetime.now(LAW_TIME_ZONE)).date()
        for facts in found:
            for line in lines(facts, lang, at):
                click.echo(line)
    for name in unknown:
        say(f"{name}：没有认出格式", f"{name}: not recognised", err=True)
    if scan is not None:
        click.echo(f"zijian assess {scan.id}", err=as_json)
    return EXIT_DONE


def _scan(scan_id: str) -> ScanRecord:
    from scanner.store import open_store

    store = open_store()
    try:
        return store.scan(scan_id)
    finally:
        store.close()


def _keep(scan: ScanRecord, found: Iterable[RecordFacts], begun: datetime) -> None:
    """Store records with a scan, under its operator; earlier ones of the same kind are replaced."""
    from scanner.facts import Endpoint, ProbeRun, RunStatus, ServiceFacts
    from scanner.privacy import without_personal_data
    from scanner.store import open_store

    operator = Endpoint.of_operator(scan.authorization.object_name)
    store = open_store()
    try:
        store.put_service(scan.id, ServiceFacts(endpoint=operator, target=""))
        for facts in found:
            run = ProbeRun(
                probe=facts.PROBE, endpoint=operator, status=RunStatus.COMPLETED, started=begun,
                finished=datetime.now(UTC), facts=facts,
            )  # fmt: skip
            store.put_run(scan.id, without_personal_data(run))
    finally:
        store.close()


_LEAST_KEY = 16


@logs.command()
@click.argument("paths", type=click.Path(path_type=Path), nargs=-1, required=True, metavar="FILES|DIRS...")
@click.option(
    "--output",
    "-o",
    type=click.Path(path_type=Path),
    required=True,
    metavar="DIR",
    help="A folder for the masked copies.",
)
@click.option(
    "--key-file",
    type=click.Path(path_type=Path),
    required=True,
    metavar="FILE",
    help="Your key; made when it is not there. Keep it to yourself.",
)
def redact(paths: tuple[Path, ...], output: Path, key_file: Path) -> int:
    """Mask accounts, cookies, query values, mail addresses, telephone and identity numbers in copies of log FILES.

    One value has one token everywhere, made with your key. Times, addresses, paths and the order of lines stay, so that
    the copies verify as the originals do. They are packed by gzip where the original was packed.
    """
    from reports.wording import LANGUAGES, Wording
    from scanner.cli.output import prepare_folder, write_pieces
    from scanner.logs.redact import redactor
    from scanner.logs.sources import sources

    mask = redactor(_key(key_file))
    folder = prepare_folder(output)
    written: set[Path] = set()
    for source, blocks in sources(paths):
        name = source.name.replace("!", "/").replace("..", "_").lstrip("/")
        packed = name.endswith((".gz", ".bz2", ".xz", ".zst", ".tgz"))
        stem = name.rpartition(".")[0] if packed else name
        # The events are handed over as lines.
        stem += ".log" if stem.lower().endswith(".evtx") else ""
        target = folder / (f"{stem}.gz" if packed else stem)
        if target in written or target.exists():
            raise UsageError(
                f"{target} 已经存在，没有替换", f"{target} is there already; nothing is replaced"
            )
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        masked = (mask(block) for block in blocks)
        write_pieces(target, _packed(masked) if packed else masked)
        written.add(target)
        click.echo(target)
        for trouble in source.troubles:
            words = [Wording(lang).word("log_trouble", trouble) for lang in LANGUAGES]
            say(*(f"{source.name}: {word}" for word in words), err=True)
    return EXIT_DONE


def _packed(pieces: Iterable[bytes]) -> Iterator[bytes]:
    import zlib

    packing = zlib.compressobj(6, zlib.DEFLATED, 31)
    for piece in pieces:
        yield packing.compress(piece)
    yield packing.flush()


def _key(path: Path) -> bytes:
    """The key in ``path``, or a new one that is kept there.

    :raises UsageError: it is too short, or cannot be read or kept.
    """
    import secrets

    from scanner.cli.output import new_file

    try:
        if not path.exists():
            with new_file(path) as file:
                file.write(secrets.token_hex(32).encode() + b"\n")
        key = path.read_bytes().strip()
    except OSError as error:
        raise UsageError(
            f"无法读取或者建立 {path}：{zh(error)}", f"cannot read or make {path}: {error.strerror}"
        ) from error
    if len(key) < _LEAST_KEY:
        raise UsageError(
            f"{path} 中没有不少于 {_LEAST_KEY} 字节的密钥",
            f"{path} holds no key of {_LEAST_KEY} bytes or more",
        )
    return key
