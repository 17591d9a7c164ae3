"""The store in PostgreSQL, by way of SQLAlchemy."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import JSON, Engine, bindparam, create_engine, text
from sqlalchemy import Connection as Session
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from scanner.errors import LocalError
from scanner.said import Sentence, zh
from scanner.store.database import Json, NoAddress, Row, Values, is_current
from scanner.store.migrate import migrate, revision
from scanner.text import without_credentials


class PostgresConnection:
    """A connection of a :class:`PostgresDatabase`."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def execute(self, statement: str, values: Values) -> list[Row]:
        """See :class:`scanner.store.database.Connection`."""
        as_json = (bindparam(name, type_=JSON) for name, value in values.items() if isinstance(value, Json))
        given = {name: value.value if isinstance(value, Json) else value for name, value in values.items()}
        result = self._session.execute(text(statement).bindparams(*as_json), given)
        return [tuple(row) for row in result] if result.returns_rows else []

    def lock(self, subject: str) -> None:
        """An advisory lock, which ends with the transaction."""
        locking = text("SELECT pg_advisory_xact_lock(hashtextextended(:subject, 0))")
        self._session.execute(locking, {"subject": subject})


class PostgresDatabase:
    """A PostgreSQL database with the tables; see :class:`scanner.store.database.Database`.

    :raises NoAddress: the URL is wrong, or of another kind of database.
    :raises ImportError: the URL names a driver that is not installed.
    :raises LocalError: it cannot be used.
    :raises UsageError: it was made by a newer zijian.
    """

    def __init__(self, url: str) -> None:
        try:
            parsed = make_url(url)
            if parsed.get_backend_name() != "postgresql":
                raise NoAddress(
                    "应为 sqlite:///文件 或者 postgresql+pg8000://……",
                    "neither sqlite:///FILE nor postgresql+pg8000://...",
                )
            if "@" in (parsed.host or ""):
                raise NoAddress("密码中的 @ 须写成 %40", "an @ in the password must be written as %40")
            self._engine: Engine = create_engine(parsed)
        except SQLAlchemyError as error:
            raise NoAddress(str(error), str(error)) from None
        except ValueError:
            # Its message repeats what stands in the port's place.
            raise NoAddress("端口不是数字", "its port is not a number") from None
        self._address = without_credentials(self._engine.url.render_as_string())
        with self._plain_errors():
            with self._engine.connect() as connection:
                found = revision(connection)
            if not is_current(found, self._address):
                migrate(self._engine, "SELECT pg_advisory_xact_lock(7262635)")

    @contextmanager
    def writing(self) -> Iterator[PostgresConnection]:
        """A transaction that is written when the block ends, or undone when it fails."""
        with self._plain_errors(), self._engine.begin() as session:
            yield PostgresConnection(session)

    @contextmanager
    def reading(self) -> Iterator[PostgresConnection]:
        """A connection to read by."""
        with self._plain_errors(), self._engine.connect() as session:
            yield PostgresConnection(session)

    def close(self) -> None:
        """Let go of all connections."""
        self._engine.dispose()

    @contextmanager
    def _plain_errors(self) -> Iterator[None]:
        """Turn the database's errors into one sentence and a kind."""
        try:
            yield
        except DBAPIError as error:
            kind, says = _cause(error.orig)
            raise LocalError(
                f"数据库 {self._address} {zh(says)}", f"the store {self._address} {says}", kind=kind
            ) from error


def _cause(error: BaseException | None) -> tuple[str, Sentence]:
    """Kind and the end of the sentence, by SQLSTATE (PostgreSQL's manual, appendix A)."""
    fields = error.args[0] if error is not None and error.args and isinstance(error.args[0], dict) else {}
    state, message = str(fields.get("C", "")), str(fields.get("M", error))
    if state == "53100":
        return "disk_full", Sentence("无法写入：磁盘已满", "cannot be written: the disk is full")
    if state.startswith(("28", "42501", "25006")):
        return "no_permission", Sentence(
            f"无法打开或者写入：{message}", f"cannot be opened or written to: {message}"
        )
    return "store", Sentence(f"无法使用：{message}", f"cannot be used: {message}")
