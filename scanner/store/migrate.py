"""Brings a database's tables up to date, with Alembic."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from pathlib import Path

from sqlalchemy import URL, Connection, Engine, create_engine, event, text
from sqlalchemy.exc import DBAPIError

from scanner.store.database import HEAD


def revision(connection: Connection) -> str | None:
    """The migration that the tables are at; None where there are none yet."""
    if not connection.dialect.has_table(connection, "alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def migrate(engine: Engine, lock: str) -> None:
    """Bring the tables to :data:`HEAD`.

    One process migrates, the others wait for the statement ``lock``, and a kill half-way leaves the store as it was.
    """
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    with engine.begin() as connection:
        connection.exec_driver_sql(lock)
        if revision(connection) == HEAD:
            return
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def migrate_sqlite(path: str, pragmas: Sequence[str]) -> None:
    """The same for the SQLite file at ``path``, which is opened with ``pragmas``.

    :raises sqlite3.Error: what SQLite says.
    """
    engine = create_engine(URL.create("sqlite", database=path))

    def set_up(connection: sqlite3.Connection, _: object) -> None:
        for pragma in pragmas:
            connection.execute(f"PRAGMA {pragma}")

    event.listen(engine, "connect", set_up)
    try:
        migrate(engine, "BEGIN IMMEDIATE")
    except DBAPIError as error:
        if isinstance(error.orig, sqlite3.Error):
            raise error.orig from error
        raise
    finally:
        engine.dispose()
