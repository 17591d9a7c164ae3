"""Reading and writing the store.

Everything a scan learns is written as it comes, each write in a transaction of its own, so that a process killed at any
moment leaves a store that reads well and lacks at most what was in flight.
"""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from typing import Any

import msgspec

from scanner.errors import UsageError
from scanner.facts import FACTS, Endpoint, HostFacts, ProbeRun, RunStatus, ServiceFacts
from scanner.paths import database_url
from scanner.records import AuthorizationRecord, ToolInfo
from scanner.store.database import Connection, Database, Json, Row, open_database

_PACKING = 1
"""zlib's level: results are repetitive, and the fastest level makes them about fifteen times smaller."""

_SCANS = "SELECT CAST(record AS TEXT) FROM scans"
_NEWEST_FIRST = "ORDER BY started DESC, id DESC"
_STEPS = "SELECT key, CAST(value AS TEXT) FROM steps WHERE scan = :scan"
_HOSTS = "SELECT CAST(host AS TEXT) FROM hosts WHERE scan = :scan ORDER BY number"
_SERVICES = "SELECT CAST(service AS TEXT) FROM services WHERE scan = :scan ORDER BY number"
_RUNS = "SELECT CAST(run AS TEXT) FROM runs WHERE scan = :scan ORDER BY number"
_PUT_STEP = (
    "INSERT INTO steps (scan, key, value) VALUES (:scan, :key, :value)"
    " ON CONFLICT (scan, key) DO UPDATE SET value = excluded.value"
)
_PUT_HOST = (
    "INSERT INTO hosts (scan, ip, host) VALUES (:scan, :ip, :host)"
    " ON CONFLICT (scan, ip) DO UPDATE SET host = excluded.host"
)
_PUT_SERVICE = (
    "INSERT INTO services (scan, endpoint, service) VALUES (:scan, :endpoint, :service)"
    " ON CONFLICT (scan, endpoint) DO UPDATE SET service = excluded.service"
)
_PUT_RUN = (
    "INSERT INTO runs (scan, endpoint, probe, attempt, run) VALUES (:scan, :endpoint, :probe, :attempt, :run)"
    " ON CONFLICT (scan, endpoint, probe, attempt) DO UPDATE SET run = excluded.run"
)
_DROP_RUN = (
    "DELETE FROM runs WHERE scan = :scan AND endpoint = :endpoint AND probe = :probe AND attempt = :attempt"
)


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
    return Store(open_database(url or database_url()))


def _moment(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat()


class Store:
    """All stored scans. Used by one thread at a time; several processes may hold one each."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def close(self) -> None:
        """Let go of the database."""
        self._database.close()

    def writing(self) -> AbstractContextManager[Connection]:
        """A transaction that is written when the block ends, or undone when it fails.

        :raises LocalError: the database cannot be used.
        """
        return self._database.writing()

    def reading(self) -> AbstractContextManager[Connection]:
        """A connection to read by; raises as :meth:`writing` does."""
        return self._database.reading()

    def _write(self, statement: str, **values: str | int | bytes | Json) -> None:
        with self.writing() as connection:
            connection.execute(statement, values)

    def _read(self, statement: str, **values: str) -> list[Row]:
        with self.reading() as connection:
            return connection.execute(statement, values)

    # ------------------------------------------------------------------ scans

    def create_scan(self, scan: ScanRecord) -> None:
        """Keep a new scan."""
        self._write(
            "INSERT INTO scans (id, started, status, record) VALUES (:id, :started, :status, :record)",
            id=scan.id,
            started=_moment(scan.started),
            status=scan.status,
            record=Json(msgspec.to_builtins(scan)),
        )

    def scan(self, scan_id: str) -> ScanRecord:
        """The scan called ``scan_id``: a whole id, the start of just one, or ``latest``.

        :raises UsageError: there is none, or several begin so.
        """
        if scan_id == "latest":
            rows = self._read(f"{_SCANS} {_NEWEST_FIRST} LIMIT 1")
        else:
            begins = re.sub(r"([%_/])", r"/\1", scan_id) + "%"
            rows = self._read(
                f"{_SCANS} WHERE id LIKE :begins ESCAPE '/' {_NEWEST_FIRST} LIMIT 2", begins=begins
            )
        found = [json.loads(record) for (record,) in rows]
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
        return tuple(
            msgspec.convert(json.loads(record), ScanRecord)
            for (record,) in self._read(f"{_SCANS} {_NEWEST_FIRST}")
        )

    def set_status(
        self, scan_id: str, status: str, *, reason: str = "", finished: datetime | None = None
    ) -> None:
        """Say how the scan stands now."""
        record = replace(self.scan(scan_id), status=status, status_reason=reason, finished=finished)
        self._write(
            "UPDATE scans SET status = :status, record = :record WHERE id = :id",
            id=record.id,
            status=status,
            record=Json(msgspec.to_builtins(record)),
        )

    # ------------------------------------------------------------------ what a scan learns

    def put_step(self, scan_id: str, key: str, value: Any) -> None:
        """Keep a step's outcome, anything that JSON can hold; a second time replaces the first."""
        self._write(_PUT_STEP, scan=scan_id, key=key, value=Json(value))

    def steps(self, scan_id: str) -> dict[str, Any]:
        """Key -> value of all steps."""
        return {key: json.loads(value) for key, value in self._read(_STEPS, scan=scan_id)}

    def put_host(self, scan_id: str, host: HostFacts) -> None:
        """Keep a host, without its services."""
        value = msgspec.to_builtins(host)
        del value["services"]
        self._write(_PUT_HOST, scan=scan_id, ip=host.ip, host=Json(value))

    def hosts(self, scan_id: str) -> tuple[HostFacts, ...]:
        """Hosts in the order in which they were first kept, without their services."""
        return tuple(
            HostFacts(**{**value, "names": tuple(value["names"]), "ports_open": tuple(value["ports_open"])})
            for value in self._values(_HOSTS, scan_id)
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
        self._write(_PUT_SERVICE, scan=scan_id, endpoint=service.endpoint.id, service=Json(value))

    def services(self, scan_id: str) -> tuple[ServiceFacts, ...]:
        """Services with all their runs, ordered by address, port and name."""
        looks: tuple[dict[str, dict[str, ProbeRun]], ...] = ({}, {})
        for run in self.runs(scan_id):
            looks[run.attempt - 1].setdefault(run.endpoint.id, {})[run.probe] = run
        found: list[ServiceFacts] = []
        for value in self._values(_SERVICES, scan_id):
            endpoint = msgspec.convert(value.pop("endpoint"), Endpoint)
            first, second = (look.get(endpoint.id, {}) for look in looks)
            found.append(ServiceFacts(endpoint=endpoint, runs=first, second=second, **value))
        return tuple(sorted(found, key=_service_order))

    def put_run(self, scan_id: str, run: ProbeRun) -> None:
        """Keep a probe run; a run of the same probe, endpoint and attempt is replaced."""
        self._write(
            _PUT_RUN,
            scan=scan_id,
            endpoint=run.endpoint.id,
            probe=run.probe,
            attempt=run.attempt,
            run=Json(msgspec.to_builtins(run)),
        )

    def drop_run(self, scan_id: str, endpoint: str, probe: str, attempt: int) -> None:
        """Forget a probe run."""
        self._write(_DROP_RUN, scan=scan_id, endpoint=endpoint, probe=probe, attempt=attempt)

    def runs(self, scan_id: str) -> tuple[ProbeRun, ...]:
        """All probe runs. Runs of probes that this zijian does not know are left out."""
        return tuple(_run(value) for value in self._values(_RUNS, scan_id) if value["probe"] in FACTS)

    def rows(self, scan_id: str) -> Iterator[tuple[str, Any]]:
        """Table and content of everything that is stored of a scan but its results, in the order in which it came."""
        yield "scans", msgspec.to_builtins(self.scan(scan_id))
        for key, value in self.steps(scan_id).items():
            yield "steps", {"key": key, "value": value}
        for table, query in (("hosts", _HOSTS), ("services", _SERVICES), ("runs", _RUNS)):
            for value in self._values(query, scan_id):
                yield table, value

    def _values(self, query: str, scan_id: str) -> list[Any]:
        return [json.loads(value) for (value,) in self._read(query, scan=scan_id)]

    def put_result(self, scan_id: str, law_date: date, made: datetime, pieces: Iterable[bytes]) -> None:
        """Keep a result beside the earlier ones; a large one is never whole in memory."""
        packing = zlib.compressobj(_PACKING)
        packed = [packing.compress(piece) for piece in pieces]
        document = b"".join((*packed, packing.flush()))
        self._write(
            "INSERT INTO results (scan, law_date, made, document) VALUES (:scan, :law_date, :made, :document)",
            scan=scan_id,
            law_date=law_date.isoformat(),
            made=_moment(made),
            document=document,
        )

    def result(self, scan_id: str) -> bytes | None:
        """The newest result, or None."""
        newest = "SELECT document FROM results WHERE scan = :scan ORDER BY number DESC LIMIT 1"
        rows = self._read(newest, scan=scan_id)
        if not rows:
            return None
        document: bytes = rows[0][0]
        # What the first versions kept is not packed.
        return document if document.startswith(b"{") else zlib.decompress(document)


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
