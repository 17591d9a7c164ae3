"""Reading and writing the store.

Everything a scan learns is written as it comes, each write in a transaction of its own, so that a process killed at any
moment leaves a store that reads well and lacks at most what was in flight.
"""

from __future__ import annotations

import errno
import re
import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, TypeVar

import msgspec
from sqlalchemy import Connection, Engine, Table, create_engine, event, select, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from scanner.errors import LocalError, UsageError
from scanner.facts import FACTS, Endpoint, HostFacts, ProbeRun, RunStatus, ServiceFacts
from scanner.paths import database_url
from scanner.records import AuthorizationRecord, ToolInfo
from scanner.said import Sentence, zh
from scanner.store import tables

_BUSY_SECONDS = 20
_PASSWORD = re.compile(r":[^:/@]*@")
_PACKING = 1
"""zlib's level: results are repetitive, and the fastest level makes them about fifteen times smaller."""
T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanRecord:
    """A scan as it was begun, and how it stands."""

    id: str
    mode: str
    profile: str
    law_date: date
    started: datetime
    finished: datetime | None = None
    status: str
    """``running``, ``completed``, ``partial``, ``interrupted`` or ``failed``."""
    status_reason: str = ""
    authorization: AuthorizationRecord
    options: Mapping[str, str] = field(default_factory=dict)
    tool: ToolInfo
    privileged: bool = False
    scope: Mapping[str, Any] = field(default_factory=dict)
    """What :meth:`scanner.scope.Scope.from_json` needs to make the scope again."""


def open_store(url: str | None = None) -> Store:
    """Open the store at ``url`` (the configured one by default), made or migrated when that is due.

    :raises UsageError: the URL is wrong, or the database was made by a newer zijian.
    :raises LocalError: it cannot be opened; the sentence says why.
    """
    chosen = url or database_url()
    try:
        parsed = make_url(chosen)
        if parsed.get_backend_name() == "sqlite" and parsed.database and parsed.database != ":memory:":
            path = Path(parsed.database)
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            path.touch(mode=0o600)
        engine = create_engine(parsed)
    except OSError as error:
        kind = "disk_full" if error.errno in (errno.ENOSPC, errno.EDQUOT) else "no_permission"
        raise LocalError(
            f"无法打开数据库 {chosen}：{zh(error)}",
            f"cannot open the store {chosen}: {error.strerror}",
            kind=kind,
        ) from error
    except (SQLAlchemyError, ImportError) as error:
        # Without the cause, which may repeat the password.
        shown = _PASSWORD.sub(":***@", chosen)
        reason = _PASSWORD.sub(":***@", str(error))
        raise UsageError(
            f"ZIJIAN_DATABASE {shown!r} 不是可用的数据库地址：{reason}",
            f"ZIJIAN_DATABASE {shown!r} is no usable database address: {reason}",
        ) from None
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _set_up_sqlite)
    with _plain_errors(engine):
        _migrate_if_due(engine)
    return Store(engine)


def _set_up_sqlite(connection: Any, _: object) -> None:
    for pragma in (
        f"busy_timeout = {_BUSY_SECONDS * 1000}",
        "journal_mode = WAL",
        "synchronous = NORMAL",
        "foreign_keys = ON",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _migrate_if_due(engine: Engine) -> None:
    with engine.connect() as connection:
        found = _revision(connection)
    if found == tables.HEAD:
        return
    if found is not None and found > tables.HEAD:
        raise UsageError(
            f"数据库 {engine.url.render_as_string()} 由更新版本的自检建立（版本 {found}，本程序支持到 {tables.HEAD}）；请改用新版本，或者另设 ZIJIAN_HOME",
            f"the store {engine.url.render_as_string()} was made by a newer zijian (revision {found}, this one knows "
            f"{tables.HEAD}); use that version, or another ZIJIAN_HOME",
        )
    # Alembic is imported only when there is something to migrate: a scan must not wait for it.
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    with engine.begin() as connection:
        # One process migrates, the others wait, and a kill half-way leaves the store as it was.
        if engine.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(7262635)"))
        else:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        if _revision(connection) == tables.HEAD:
            return
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def _revision(connection: Connection) -> str | None:
    if not connection.dialect.has_table(connection, "alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


@contextmanager
def _plain_errors(engine: Engine) -> Iterator[None]:
    """Turn the database's errors into one sentence and a kind."""
    try:
        yield
    except DBAPIError as error:
        kind, says = _cause(error.orig)
        raise LocalError(
            f"数据库 {engine.url.render_as_string()} {zh(says)}",
            f"the store {engine.url.render_as_string()} {says}",
            kind=kind,
        ) from error


def _cause(error: BaseException | None) -> tuple[str, Sentence]:
    """Kind and the end of the sentence. SQLite tells by its result code, PostgreSQL by SQLSTATE."""
    # Result codes: https://www.sqlite.org/rescode.html
    name = str(getattr(error, "sqlite_errorname", ""))
    fields = error.args[0] if error is not None and error.args and isinstance(error.args[0], dict) else {}
    state, message = str(fields.get("C", "")), str(fields.get("M", error))
    if name == "SQLITE_FULL" or state == "53100":
        return "disk_full", Sentence("无法写入：磁盘已满", "cannot be written: the disk is full")
    if name.startswith(("SQLITE_IOERR_WRITE", "SQLITE_IOERR_SHMSIZE")):
        return "disk_full", Sentence(
            "无法写入：磁盘已满、超过配额或者出错",
            "cannot be written: the disk is full, over quota or at fault",
        )
    if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        return "locked", Sentence(
            f"被另一个进程锁定已有 {_BUSY_SECONDS} 秒", f"was locked by another process for {_BUSY_SECONDS} s"
        )
    if name.startswith(("SQLITE_READONLY", "SQLITE_CANTOPEN", "SQLITE_PERM")) or state.startswith(
        ("28", "42501", "25006")
    ):
        return "no_permission", Sentence(
            f"无法打开或者写入：{message}", f"cannot be opened or written to: {message}"
        )
    return "store", Sentence(f"无法使用：{message}", f"cannot be used: {message}")


def _moment(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat()


class Store:
    """All stored scans. Used by one thread at a time; several processes may hold one each."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def close(self) -> None:
        """Let go of the database."""
        self._engine.dispose()

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction that is written when the block ends, or undone when it fails.

        :raises LocalError: the database cannot be used.
        """
        with _plain_errors(self._engine), self._engine.begin() as connection:
            yield connection

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection to read by; raises as :meth:`writing` does."""
        with _plain_errors(self._engine), self._engine.connect() as connection:
            yield connection

    def _insert(self, table: Table) -> Any:
        # A dialect costs tens of milliseconds to import: only the one in use is.
        if self._engine.dialect.name == "postgresql":
            from sqlalchemy.dialects.postgresql import insert as insert_postgresql

            return insert_postgresql(table)
        from sqlalchemy.dialects.sqlite import insert as insert_sqlite

        return insert_sqlite(table)

    def _upsert(self, table: Table, keys: tuple[str, ...], **values: Any) -> None:
        statement = self._insert(table).values(**values)
        changed = {name: statement.excluded[name] for name in values if name not in keys}
        with self.writing() as connection:
            connection.execute(statement.on_conflict_do_update(index_elements=list(keys), set_=changed))

    def _rows(self, table: Table, column: str, scan_id: str) -> list[Any]:
        query = select(table.c[column]).where(table.c.scan == scan_id).order_by(table.c.number)
        with self.reading() as connection:
            return list(connection.execute(query).scalars())

    # ------------------------------------------------------------------ scans

    def create_scan(self, scan: ScanRecord) -> None:
        """Keep a new scan."""
        with self.writing() as connection:
            connection.execute(
                tables.scans.insert().values(
                    id=scan.id,
                    started=_moment(scan.started),
                    status=scan.status,
                    record=msgspec.to_builtins(scan),
                )
            )

    def scan(self, scan_id: str) -> ScanRecord:
        """The scan called ``scan_id``: a whole id, the start of just one, or ``latest``.

        :raises UsageError: there is none, or several begin so.
        """
        query = select(tables.scans.c.record).order_by(
            tables.scans.c.started.desc(), tables.scans.c.id.desc()
        )
        if scan_id == "latest":
            query = query.limit(1)
        else:
            query = query.where(tables.scans.c.id.startswith(scan_id, autoescape=True)).limit(2)
        with self.reading() as connection:
            found = list(connection.execute(query).scalars())
        exact = [record for record in found if record["id"] == scan_id]
        if len(found) > 1 and not exact:
            raise UsageError(
                f"以 {scan_id!r} 开头的扫描不止一次（查看：zijian scans）",
                f"several scans begin with {scan_id!r} (see: zijian scans)",
            )
        if not found:
            raise UsageError(
                "还没有做过扫描" if scan_id == "latest" else f"没有扫描 {scan_id!r}（查看：zijian scans）",
                "there is no scan yet"
                if scan_id == "latest"
                else f"there is no scan {scan_id!r} (see: zijian scans)",
            )
        return msgspec.convert((exact or found)[0], ScanRecord)

    def scans(self) -> tuple[ScanRecord, ...]:
        """All scans, newest first."""
        query = select(tables.scans.c.record).order_by(
            tables.scans.c.started.desc(), tables.scans.c.id.desc()
        )
        with self.reading() as connection:
            return tuple(
                msgspec.convert(record, ScanRecord) for record in connection.execute(query).scalars()
            )

    def set_status(
        self, scan_id: str, status: str, *, reason: str = "", finished: datetime | None = None
    ) -> None:
        """Say how the scan stands now."""
        record = replace(self.scan(scan_id), status=status, status_reason=reason, finished=finished)
        with self.writing() as connection:
            connection.execute(
                tables.scans.update()
                .where(tables.scans.c.id == record.id)
                .values(status=status, record=msgspec.to_builtins(record))
            )

    # ------------------------------------------------------------------ what a scan learns

    def put_step(self, scan_id: str, key: str, value: Any) -> None:
        """Keep a step's outcome, anything that JSON can hold; a second time replaces the first."""
        self._upsert(tables.steps, ("scan", "key"), scan=scan_id, key=key, value=value)

    def steps(self, scan_id: str) -> dict[str, Any]:
        """Key -> value of all steps."""
        query = select(tables.steps.c.key, tables.steps.c.value).where(tables.steps.c.scan == scan_id)
        with self.reading() as connection:
            return {key: value for key, value in connection.execute(query)}  # noqa: C416 - rows are not pairs

    def put_host(self, scan_id: str, host: HostFacts) -> None:
        """Keep a host, without its services."""
        value = msgspec.to_builtins(host)
        del value["services"]
        self._upsert(tables.hosts, ("scan", "ip"), scan=scan_id, ip=host.ip, host=value)

    def hosts(self, scan_id: str) -> tuple[HostFacts, ...]:
        """Hosts in the order in which they were first kept, without their services."""
        return tuple(
            HostFacts(**{**value, "names": tuple(value["names"]), "ports_open": tuple(value["ports_open"])})
            for value in self._rows(tables.hosts, "host", scan_id)
        )

    def put_service(self, scan_id: str, service: ServiceFacts) -> None:
        """Keep a service, without its runs."""
        value = {
            "endpoint": msgspec.to_builtins(service.endpoint),
            "target": service.target,
            "protocol": service.protocol,
            "tls": service.tls,
            "product": service.product,
            "version": service.version,
            "own_address": service.own_address,
        }
        key = service.endpoint.id
        self._upsert(tables.services, ("scan", "endpoint"), scan=scan_id, endpoint=key, service=value)

    def services(self, scan_id: str) -> tuple[ServiceFacts, ...]:
        """Services with all their runs, ordered by address, port and name."""
        looks: tuple[dict[str, dict[str, ProbeRun]], ...] = ({}, {})
        for run in self.runs(scan_id):
            looks[run.attempt - 1].setdefault(run.endpoint.id, {})[run.probe] = run
        found: list[ServiceFacts] = []
        for value in self._rows(tables.services, "service", scan_id):
            endpoint = msgspec.convert(value.pop("endpoint"), Endpoint)
            first, second = (look.get(endpoint.id, {}) for look in looks)
            found.append(ServiceFacts(endpoint=endpoint, runs=first, second=second, **value))
        return tuple(sorted(found, key=_service_order))

    def put_run(self, scan_id: str, run: ProbeRun) -> None:
        """Keep a probe run; a run of the same probe, endpoint and attempt is replaced."""
        self._upsert(
            tables.runs,
            ("scan", "endpoint", "probe", "attempt"),
            scan=scan_id,
            endpoint=run.endpoint.id,
            probe=run.probe,
            attempt=run.attempt,
            run=msgspec.to_builtins(run),
        )

    def runs(self, scan_id: str) -> tuple[ProbeRun, ...]:
        """All probe runs. Runs of probes that this zijian does not know are left out."""
        return tuple(
            _run(value) for value in self._rows(tables.runs, "run", scan_id) if value["probe"] in FACTS
        )

    def rows(self, scan_id: str) -> Iterator[tuple[str, Any]]:
        """Table and content of everything that is stored of a scan but its results, in the order in which it came."""
        yield "scans", msgspec.to_builtins(self.scan(scan_id))
        for key, value in self.steps(scan_id).items():
            yield "steps", {"key": key, "value": value}
        for table, column in ((tables.hosts, "host"), (tables.services, "service"), (tables.runs, "run")):
            for value in self._rows(table, column, scan_id):
                yield table.name, value

    def put_result(self, scan_id: str, law_date: date, made: datetime, pieces: Iterable[bytes]) -> None:
        """Keep a result beside the earlier ones; a large one is never whole in memory."""
        packing = zlib.compressobj(_PACKING)
        packed = [packing.compress(piece) for piece in pieces]
        document = b"".join((*packed, packing.flush()))
        with self.writing() as connection:
            connection.execute(
                tables.results.insert().values(
                    scan=scan_id, law_date=law_date.isoformat(), made=_moment(made), document=document
                )
            )

    def result(self, scan_id: str) -> bytes | None:
        """The newest result, or None."""
        results = tables.results
        newest = (
            select(results.c.document)
            .where(results.c.scan == scan_id)
            .order_by(results.c.number.desc())
            .limit(1)
        )
        with self.reading() as connection:
            document: bytes | None = connection.execute(newest).scalar()
        # What the first versions kept is not packed.
        return document if document is None or document.startswith(b"{") else zlib.decompress(document)


@dataclass(frozen=True, slots=True, kw_only=True)
class _StoredRun:
    """A probe run but for its facts, whose type depends on the probe."""

    probe: str
    endpoint: Endpoint
    attempt: int
    status: RunStatus
    started: datetime
    finished: datetime
    reason: str | None
    message: str | None
    ledger: tuple[int, ...]


def _run(value: dict[str, Any]) -> ProbeRun:
    facts = value.pop("facts")
    stored = msgspec.convert(value, _StoredRun)
    known = msgspec.convert(facts, FACTS[stored.probe]) if facts is not None else None
    return ProbeRun(**{name: getattr(stored, name) for name in _StoredRun.__slots__}, facts=known)


def _service_order(service: ServiceFacts) -> tuple[str, str, int, str]:
    endpoint = service.endpoint
    return endpoint.ip, endpoint.transport, endpoint.port, endpoint.name or ""
