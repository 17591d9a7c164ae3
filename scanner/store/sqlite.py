"""The store in a SQLite file."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from scanner.errors import LocalError
from scanner.said import Sentence, zh
from scanner.store import database
from scanner.store.database import Json, NoAddress, Row, Values, is_current


def _pragmas() -> tuple[str, ...]:
    return (
        f"busy_timeout = {database.BUSY_SECONDS * 1000}",
        "journal_mode = WAL",
        "synchronous = NORMAL",
        "foreign_keys = ON",
    )


class SqliteConnection:
    """The one connection of a :class:`SqliteDatabase`."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def execute(self, statement: str, values: Values) -> list[Row]:
        """See :class:`scanner.store.database.Connection`."""
        given = {
            name: json.dumps(value.value) if isinstance(value, Json) else value
            for name, value in values.items()
        }
        return self._connection.execute(statement, given).fetchall()

    def lock(self, subject: str) -> None:
        """Nothing to do: who writes has the file to himself."""


class SqliteDatabase:
    """A file with the tables; see :class:`scanner.store.database.Database`.

    :raises NoAddress: no file is named.
    :raises OSError: the file cannot be made.
    :raises LocalError: SQLite cannot use it.
    :raises UsageError: it was made by a newer zijian.
    """

    def __init__(self, path: str) -> None:
        if path in ("", ":memory:"):
            raise NoAddress(
                "需要写明文件，例如 sqlite:////var/lib/zijian.sqlite",
                "a file is needed, as in sqlite:////var/lib/zijian.sqlite",
            )
        Path(path).parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        Path(path).touch(mode=0o600)
        self._address = f"sqlite:///{path}"
        with self._plain_errors():
            # The store is used by one thread at a time, which need not be the one that opened it. Transactions are begun by name.
            self._connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
            try:
                for pragma in _pragmas():
                    self._connection.execute(f"PRAGMA {pragma}")
                if not is_current(self._revision(), self._address):
                    self._migrate(path)
            except BaseException:
                self._connection.close()
                raise

    def _revision(self) -> str | None:
        listed = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'alembic_version'"
        if self._connection.execute(listed).fetchone() is None:
            return None
        row = self._connection.execute("SELECT version_num FROM alembic_version").fetchone()
        return None if row is None else str(row[0])

    def _migrate(self, path: str) -> None:
        # Imported only when there is something to migrate: a scan must not wait for it.
        from scanner.store.migrate import migrate_sqlite

        migrate_sqlite(path, _pragmas())

    @contextmanager
    def writing(self) -> Iterator[SqliteConnection]:
        """A transaction that has the file to itself; written when the block ends, or undone when it fails."""
        with self._plain_errors():
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield SqliteConnection(self._connection)
            except BaseException:
                self._connection.rollback()
                raise
            self._commit()

    def _commit(self) -> None:
        try:
            self._connection.commit()
        except BaseException:
            # Of a transaction that could not be written nothing may stay open.
            self._connection.rollback()
            raise

    @contextmanager
    def reading(self) -> Iterator[SqliteConnection]:
        """The connection, to read by."""
        with self._plain_errors():
            yield SqliteConnection(self._connection)

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()

    @contextmanager
    def _plain_errors(self) -> Iterator[None]:
        """Turn SQLite's errors into one sentence and a kind."""
        try:
            yield
        except sqlite3.Error as error:
            kind, says = _cause(error)
            raise LocalError(
                f"数据库 {self._address} {zh(says)}", f"the store {self._address} {says}", kind=kind
            ) from error


def _cause(error: sqlite3.Error) -> tuple[str, Sentence]:
    """Kind and the end of the sentence, by the result code (https://www.sqlite.org/rescode.html)."""
    name = str(getattr(error, "sqlite_errorname", ""))
    if name == "SQLITE_FULL":
        return "disk_full", Sentence("无法写入：磁盘已满", "cannot be written: the disk is full")
    if name.startswith(("SQLITE_IOERR_WRITE", "SQLITE_IOERR_SHMSIZE")):
        return "disk_full", Sentence(
            "无法写入：磁盘已满、超过配额或者出错",
            "cannot be written: the disk is full, over quota or at fault",
        )
    if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        seconds = database.BUSY_SECONDS
        return "locked", Sentence(
            f"被另一个进程锁定已有 {seconds} 秒", f"was locked by another process for {seconds} s"
        )
    if name.startswith(("SQLITE_READONLY", "SQLITE_CANTOPEN", "SQLITE_PERM")):
        return "no_permission", Sentence(
            f"无法打开或者写入：{error}", f"cannot be opened or written to: {error}"
        )
    return "store", Sentence(f"无法使用：{error}", f"cannot be used: {error}")
