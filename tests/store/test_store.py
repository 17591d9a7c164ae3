"""The store keeps what it is given, in SQLite and in PostgreSQL, and says plainly when it cannot."""

from __future__ import annotations

import contextlib
import resource
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import textwrap
import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from subprocess import PIPE
from typing import get_args

import pytest
import sqlalchemy
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from hypothesis import HealthCheck, given, settings, strategies

import scanner.store.migrations
from scanner.errors import LocalError, UsageError
from scanner.facts import (
    FACTS,
    CertificateFacts,
    CookieFacts,
    Endpoint,
    HostFacts,
    HttpFacts,
    NmapServiceFacts,
    PathFacts,
    ProbeError,
    ProbeRun,
    PublicKeyFacts,
    RunStatus,
    ServiceFacts,
    TlsFacts,
)
from scanner.records import AuthorizationRecord, Notice, Person, ToolInfo
from scanner.store import ScanRecord, Store, open_store, tables
from scanner.store.database import HEAD

MIGRATIONS = Path(scanner.store.migrations.__file__).parent
strategies.register_type_strategy(
    Mapping, lambda kind: strategies.dictionaries(*(strategies.from_type(part) for part in get_args(kind)))
)
strategies.register_type_strategy(datetime, strategies.datetimes(timezones=strategies.just(UTC)))
NOW = datetime(2026, 11, 23, 8, 0, 1, 123000, tzinfo=UTC)


def record(scan_id: str = "20261123-080001-aaaa", started: datetime = NOW) -> ScanRecord:
    return ScanRecord(
        id=scan_id,
        mode="police",
        profile="standard",
        law_date=date(2026, 11, 23),
        started=started,
        status="running",
        authorization=AuthorizationRecord(
            mode="police",
            object_name="某某公司",
            notice=Notice(kind="notice", number="1号", not_before=NOW, not_after=NOW),
            officers=(Person(name="张三", number="1"), Person(name="李四", number="2")),
        ),
        tool=ToolInfo(version="0", nmap="7"),
        scope={"targets": ["192.0.2.1"]},
    )


ENDPOINT = Endpoint(ip="192.0.2.1", port=443, name="www.example.cn")
TLS = TlsFacts(
    protocols=("TLSv1.2",),
    ciphers={"TLSv1.2": ("TLS_A", "TLS_B")},
    certificates=(
        CertificateFacts(
            sha256="00", not_after=NOW, san=("a", "b"), key=PublicKeyFacts(type="RSA", bits=2048)
        ),
    ),
    trust={"mozilla": "ok"},
    errors=(ProbeError(step="SSLv3", kind="timeout", message="静默"),),
)


def run(facts: object, attempt: int = 1, **more: object) -> ProbeRun:
    return ProbeRun(
        probe=type(facts).PROBE,  # type: ignore[attr-defined]
        endpoint=ENDPOINT,
        attempt=attempt,
        status=RunStatus.COMPLETED,
        started=NOW,
        finished=NOW,
        facts=facts,  # type: ignore[arg-type]
        ledger=(1, 2),
        **more,  # type: ignore[arg-type]
    )


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'store.sqlite'}"
    address: str = request.getfixturevalue("postgresql")
    return address


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    opened = open_store(url)
    try:
        yield opened
    finally:
        with opened.writing() as connection:
            for table in reversed(tables.metadata.sorted_tables):
                connection.execute(f"DELETE FROM {table.name}", {})
        opened.close()


def test_a_scan_comes_back_as_it_was(store: Store) -> None:
    scan = record()
    store.create_scan(scan)
    assert store.scan(scan.id) == scan
    assert store.scan("latest") == scan
    store.set_status(scan.id, "partial", reason="因为", finished=NOW)
    assert store.scan(scan.id) == replace(scan, status="partial", status_reason="因为", finished=NOW)


def test_scans_are_found_by_the_start_of_their_id(store: Store) -> None:
    later = NOW.replace(hour=9)
    store.create_scan(record("20261123-080001-aaaa"))
    store.create_scan(record("20261123-090001-bbbb", later))
    assert [scan.id for scan in store.scans()] == ["20261123-090001-bbbb", "20261123-080001-aaaa"]
    assert store.scan("20261123-08").id == "20261123-080001-aaaa"
    assert store.scan("latest").id == "20261123-090001-bbbb"
    for name, says in (("20261123", "several"), ("x", "no scan 'x'"), ("%", "no scan"), ("", "several")):
        with pytest.raises(UsageError, match=says):
            store.scan(name)


def test_no_scan_yet(store: Store) -> None:
    with pytest.raises(UsageError, match="no scan yet"):
        store.scan("latest")


@pytest.mark.parametrize("kind", FACTS.values(), ids=list(FACTS))
def test_every_kind_of_facts_comes_back(store: Store, kind: type) -> None:
    facts = kind(state="open") if kind is NmapServiceFacts else kind()
    store.create_scan(record())
    store.put_run(record().id, run(facts))
    assert store.runs(record().id) == (run(facts),)


@given(data=strategies.data())
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_a_probe_saw_comes_back(store: Store, data: strategies.DataObject) -> None:
    facts = data.draw(strategies.sampled_from(list(FACTS.values())).flatmap(strategies.from_type))
    if not store.scans():
        store.create_scan(record())
    store.put_run(record().id, run(facts))
    assert run(facts) in store.runs(record().id)


def test_full_facts_and_second_looks_come_back(store: Store) -> None:
    scan = record()
    store.create_scan(scan)
    http = HttpFacts(
        headers={"a": "b"},
        cookies=(CookieFacts(name="c", secure=True, http_only=False),),
        paths={"/.env": PathFacts(status=200, matched=True)},
    )
    service = ServiceFacts(endpoint=ENDPOINT, target="www.example.cn", protocol="http", tls=True)
    store.put_service(scan.id, service)
    store.put_run(scan.id, run(TLS))
    store.put_run(scan.id, run(http))
    store.put_run(scan.id, run(http, attempt=2))
    failed = replace(run(TLS, attempt=2), facts=None, status=RunStatus.FAILED, reason="timeout", message="…")
    store.put_run(scan.id, failed)
    (found,) = store.services(scan.id)
    assert found.get(TlsFacts) == TLS
    assert found.get(HttpFacts) == http
    assert found.second == {"http": run(http, attempt=2), "tls": failed}
    assert replace(found, runs={}, second={}) == service


def test_what_is_put_twice_is_kept_once(store: Store) -> None:
    scan = record()
    store.create_scan(scan)
    host = HostFacts(target="t", ip="192.0.2.1", names=("n",), ports_open=("80/tcp",))
    for note in ("a", "b"):
        store.put_step(scan.id, "key", [note])
        store.put_host(scan.id, replace(host, note=note))
        store.put_run(scan.id, run(HttpFacts(title=note)))
    assert store.steps(scan.id) == {"key": ["b"]}
    assert store.hosts(scan.id) == (replace(host, note="b"),)
    assert [found.facts for found in store.runs(scan.id)] == [HttpFacts(title="b")]


def test_the_newest_result_is_given(store: Store) -> None:
    scan = record()
    store.create_scan(scan)
    assert store.result(scan.id) is None
    for document in (b"one", b"two"):
        store.put_result(scan.id, scan.law_date, NOW, (document[:2], document[2:]))
    assert store.result(scan.id) == b"two"


def test_a_result_that_an_earlier_version_kept_unpacked_is_read(store: Store) -> None:
    scan = record()
    store.create_scan(scan)
    values = {
        "scan": scan.id,
        "law_date": "2026-11-01",
        "made": NOW.isoformat(),
        "document": b'{"schema": 1}',
    }
    with store.writing() as connection:
        connection.execute(
            "INSERT INTO results (scan, law_date, made, document) VALUES (:scan, :law_date, :made, :document)",
            values,
        )
    assert store.result(scan.id) == b'{"schema": 1}'


def test_tables_and_migrations_agree(store: Store, url: str) -> None:
    engine = sqlalchemy.create_engine(url)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection)
        assert compare_metadata(context, tables.metadata) == []
        assert context.get_current_revision() == HEAD
    engine.dispose()


def test_a_second_opening_needs_neither_alembic_nor_sqlalchemy(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'store.sqlite'}"
    open_store(url).close()
    code = (
        f"import sys; from scanner.store import open_store; open_store({url!r}).scans()\n"
        "print({'alembic', 'sqlalchemy'} & set(sys.modules))"
    )
    assert (
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False).stdout
        == "set()\n"
    )


def test_the_tables_are_at_the_only_head() -> None:
    assert ScriptDirectory(str(MIGRATIONS)).get_heads() == [HEAD]


@pytest.mark.parametrize(
    "revision", [script.revision for script in ScriptDirectory(str(MIGRATIONS)).walk_revisions()]
)
def test_every_older_store_is_brought_up_to_date(tmp_path: Path, revision: str) -> None:
    url = f"sqlite:///{tmp_path / 'store.sqlite'}"
    engine = sqlalchemy.create_engine(url)
    configuration = Config()
    configuration.set_main_option("script_location", str(MIGRATIONS))
    with engine.begin() as connection:
        configuration.attributes["connection"] = connection
        command.upgrade(configuration, revision)
    with contextlib.closing(open_store(url)) as opened, engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), tables.metadata) == []
        opened.create_scan(record())
        assert opened.scan("latest") == record()


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_a_migration_that_breaks_off_leaves_nothing_behind(
    kind: str, request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = (
        f"sqlite:///{tmp_path / 'store.sqlite'}"
        if kind == "sqlite"
        else request.getfixturevalue("postgresql")
    )
    engine = sqlalchemy.create_engine(url)
    with engine.begin() as connection:
        for table in (*reversed(tables.metadata.sorted_tables), "alembic_version"):
            connection.execute(sqlalchemy.text(f"DROP TABLE IF EXISTS {table}"))
    upgrade = command.upgrade

    def broken(configuration: Config, revision: str) -> None:
        upgrade(configuration, revision)
        raise KeyboardInterrupt

    monkeypatch.setattr(command, "upgrade", broken)
    with pytest.raises(KeyboardInterrupt):
        open_store(url)
    monkeypatch.undo()
    assert sqlalchemy.inspect(engine).get_table_names() == []
    open_store(url).close()
    engine.dispose()


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_several_may_open_a_new_store_at_once(
    kind: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    url = (
        f"sqlite:///{tmp_path / 'store.sqlite'}"
        if kind == "sqlite"
        else request.getfixturevalue("postgresql")
    )
    if kind == "postgresql":
        with sqlalchemy.create_engine(url).begin() as connection:
            for table in (*reversed(tables.metadata.sorted_tables), "alembic_version"):
                connection.execute(sqlalchemy.text(f"DROP TABLE IF EXISTS {table}"))
    code = textwrap.dedent(f"""
        import sys, alembic.command
        from scanner.store import open_store
        print("ready", flush=True)
        sys.stdin.read()
        open_store({url!r}).close()
    """)
    started = [
        subprocess.Popen([sys.executable, "-c", code], stdin=PIPE, stdout=PIPE, stderr=PIPE, text=True)
        for _ in range(4)
    ]
    for process in started:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in started:
        assert process.stdin is not None
        process.stdin.close()
    for process in started:
        with process:
            assert process.stderr is not None
            assert (process.stderr.read(), process.wait()) == ("", 0)


def test_a_store_of_a_newer_zijian_is_refused(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'store.sqlite'}"
    open_store(url).close()
    with sqlalchemy.create_engine(url).begin() as connection:
        connection.execute(sqlalchemy.text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(UsageError, match="newer zijian"):
        open_store(url)


def test_the_file_is_its_owners_alone(tmp_path: Path) -> None:
    path = tmp_path / "new" / "store.sqlite"
    open_store(f"sqlite:///{path}").close()
    assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    "address",
    [
        "nonsense",
        "mysql+nodriver://x",
        "oracle+none://x",
        "sqlite://",
        "sqlite:///",
        "sqlite:///:memory:",
        "sqlite+x:///a",
    ],
)
def test_a_wrong_address_is_named(address: str) -> None:
    with pytest.raises(UsageError, match="ZIJIAN_DATABASE"):
        open_store(address)


def test_a_name_is_never_read_as_part_of_a_statement(store: Store) -> None:
    store.create_scan(record())
    for name in ("%", "_", "2026%", "' OR 1=1 --", "/"):
        with pytest.raises(UsageError, match="there is no scan"):
            store.scan(name)
    for value in (None, 12, 1.5, "12", "某", '"', {"a": [1, None]}):
        store.put_step(record().id, "':x", value)
        assert store.steps(record().id) == {"':x": value}


def test_what_failed_half_way_is_undone_and_the_store_goes_on(store: Store) -> None:
    store.create_scan(record())

    def half() -> None:
        with store.writing() as connection:
            connection.execute("DELETE FROM scans", {})
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        half()
    assert store.scan("latest") == record()
    with pytest.raises(LocalError, match="cannot be used"), store.writing() as connection:
        connection.execute("INSERT INTO scans (id) VALUES (:id)", {"id": "x"})
    store.set_status(record().id, "failed")
    assert [scan.status for scan in store.scans()] == ["failed"]


def test_a_folder_in_the_way_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(LocalError, match="cannot open the store"):
        open_store(f"sqlite:///{tmp_path / 'file' / 'store.sqlite'}")


def test_a_password_is_never_shown() -> None:
    for url in (
        "postgresql+nodriver://u:geheim@127.0.0.1:1/x",
        "postgresql+pg8000://u:geheim@127.0.0.1:1/x",
        "x:geheim@",
    ):
        with pytest.raises((UsageError, LocalError)) as caught:
            open_store(url)
        assert "geheim" not in str(caught.value)


def test_a_locked_store_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "store.sqlite"
    monkeypatch.setattr("scanner.store.database.BUSY_SECONDS", 0)
    with (
        contextlib.closing(open_store(f"sqlite:///{path}")) as opened,
        contextlib.closing(sqlite3.connect(path)) as other,
    ):
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(LocalError, match="locked by another process") as caught:
            opened.create_scan(record())
        assert caught.value.kind == "locked"
        other.rollback()
        opened.create_scan(record())


def test_a_store_that_may_not_be_written_is_named() -> None:
    folder = Path(tempfile.mkdtemp(prefix="zijian-read-only-", dir="/tmp"))
    try:
        url = f"sqlite:///{folder / 'store.sqlite'}"
        with contextlib.closing(open_store(url)) as opened:
            opened.create_scan(record())
        folder.chmod(0o555)
        (folder / "store.sqlite").chmod(0o444)
        code = textwrap.dedent(f"""
            import os
            import scanner.store.sqlite  # while it may be read
            from scanner.errors import LocalError
            from scanner.store import open_store
            if os.geteuid() == 0:
                os.seteuid(65534)  # root may write anywhere
            try:
                open_store({url!r}).set_status({record().id!r}, "failed")
            except LocalError as error:
                print(error.kind)
        """)
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
        assert (done.stdout, done.stderr) == ("no_permission\n", "")
    finally:
        folder.chmod(0o755)
        shutil.rmtree(folder)


def test_a_file_that_is_no_store_is_named(tmp_path: Path) -> None:
    (tmp_path / "store.sqlite").write_bytes(b"no database " * 100)
    with pytest.raises(LocalError, match="file is not a database"):
        open_store(f"sqlite:///{tmp_path / 'store.sqlite'}")


def test_a_full_disk_is_named_and_loses_nothing(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'store.sqlite'}"
    opened = open_store(url)
    opened.create_scan(record())
    code = textwrap.dedent(f"""
        import resource, signal
        from scanner.errors import LocalError
        from scanner.store import open_store
        store = open_store({url!r})
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, resource.RLIM_INFINITY))
        try:
            for number in range(1000):
                store.put_step({record().id!r}, f"k{{number}}", "x" * 4000)
        except LocalError as error:
            print(number, error.kind)
    """)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    number, kind = done.stdout.split()
    assert kind == "disk_full", done.stderr
    assert len(opened.steps(record().id)) == int(number) > 0
    opened.close()
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[0] == resource.RLIM_INFINITY


def test_killed_at_any_moment_it_still_reads_well(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'store.sqlite'}"
    opened = open_store(url)
    opened.create_scan(record())
    code = textwrap.dedent(f"""
        from scanner.store import open_store
        store = open_store({url!r})
        for number in range(10**6):
            store.put_step({record().id!r}, "number", number)
            print(number, flush=True)
    """)
    for pause in (0.02, 0.05, 0.11):
        process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE)
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(pause)
        process.kill()
        told = [int(line) for line in process.stdout.read().split()]
        process.wait()
        kept = opened.steps(record().id)["number"]
        assert not told or kept >= told[-1]
    with contextlib.closing(opened):
        assert opened.scan("latest") == record()
