"""What the store needs of a database, and how one is opened.

SQL is written once, in what SQLite and PostgreSQL both understand, with named values (``:scan``). SQLite is spoken to as Python
brings it: SQLAlchemy takes longer to import than one service takes to be scanned, and only PostgreSQL and a migration need it.
"""

from __future__ import annotations

import errno
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Protocol

from scanner.errors import LocalError, UsageError
from scanner.said import Told, zh
from scanner.text import without_credentials

HEAD = "0002"
"""The migration that the tables are at."""
BUSY_SECONDS = 20
"""How long another process may hold a lock of SQLite."""
_SQLITE = "sqlite:///"


@dataclass(frozen=True, slots=True)
class Json:
    """A value that is kept as JSON. To be read it is asked for as text: ``CAST(record AS TEXT)``."""

    value: Any


Row = tuple[Any, ...]
Values = Mapping[str, "str | int | bytes | Json"]


class NoAddress(Told):
    """The URL names no database that the store can be in; the sentence says why."""


class Connection(Protocol):
    """An open transaction, or a connection to read by."""

    def execute(self, statement: str, values: Values) -> list[Row]:
        """Do what ``statement`` says, and give the rows that it asks for."""

    def lock(self, subject: str) -> None:
        """Wait until no other transaction works on ``subject``, and keep others away from it until this one ends."""


class Database(Protocol):
    """A database whose tables are there. Its errors are :class:`LocalError`, each a sentence and a kind."""

    def writing(self) -> AbstractContextManager[Connection]:
        """A transaction that is written when the block ends, or undone when it fails."""

    def reading(self) -> AbstractContextManager[Connection]:
        """A connection to read by."""

    def close(self) -> None:
        """Let go of it."""


def open_database(url: str) -> Database:
    """The database at ``url``, made or migrated when that is due.

    :raises UsageError: the URL is wrong, or the database was made by a newer zijian.
    :raises LocalError: it cannot be opened; the sentence says why.
    """
    shown = without_credentials(url)
    try:
        if url.startswith(_SQLITE):
            from scanner.store.sqlite import SqliteDatabase

            return SqliteDatabase(url.removeprefix(_SQLITE))
        from scanner.store.postgresql import PostgresDatabase

        return PostgresDatabase(url)
    except OSError as error:
        kind = "disk_full" if error.errno in (errno.ENOSPC, errno.EDQUOT) else "no_permission"
        raise LocalError(
            f"无法打开数据库 {shown}：{zh(error)}",
            f"cannot open the store {shown}: {error.strerror}",
            kind=kind,
        ) from error
    except (NoAddress, ImportError) as error:
        # Without the cause, which may repeat the password.
        english, chinese = (text.replace(url, shown) for text in (str(error), zh(error)))
        raise UsageError(
            f"ZIJIAN_DATABASE {shown!r} 不是可用的数据库地址：{chinese}",
            f"ZIJIAN_DATABASE {shown!r} is no usable database address: {english}",
        ) from None


def is_current(revision: str | None, address: str) -> bool:
    """Whether the tables are at :data:`HEAD`, by the ``revision`` that the database at ``address`` names.

    :raises UsageError: they are those of a newer zijian.
    """
    if revision is not None and revision > HEAD:
        raise UsageError(
            f"数据库 {address} 由更新版本的自检建立（版本 {revision}，本程序支持到 {HEAD}）；请改用新版本，或者另设 ZIJIAN_HOME",
            f"the store {address} was made by a newer zijian (revision {revision}, this one knows {HEAD}); use that version, "
            "or another ZIJIAN_HOME",
        )
    return revision == HEAD
