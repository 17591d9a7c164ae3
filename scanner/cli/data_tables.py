"""The dated tables that judgements rest on: the one that ships, and newer ones that were imported.

An imported file is kept under its own hash in the data folder, byte for byte, so that what judged an older scan can be found again;
``current.json`` beside them says which one is used, who imported it, and when. Nobody signs these tables: hash, name and time
are what the report shows.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, Protocol

import msgspec

from scanner.cli.output import write_file
from scanner.errors import LocalError, UsageError
from scanner.paths import data_home
from scanner.records import TableRecord
from scanner.said import zh

LARGEST = 4 * 1024 * 1024
"""Bytes of a table."""


class Dated(Protocol):
    """What every kind of table has."""

    @property
    def date(self) -> date:
        """Of the table."""

    @property
    def title(self) -> str:
        """Whose table it is."""

    @property
    def entries(self) -> int:
        """How many things it knows."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of table: where the one that ships is, and how it is read."""

    name: str
    shipped: Callable[[], Path]
    read: Callable[[bytes], Dated]
    """Raises ValueError, with one sentence, for what is no such table."""


def _lifecycle_file() -> Path:
    from checks.lifecycle.table import SHIPPED

    return SHIPPED


def _read_lifecycle(data: bytes) -> Dated:
    from checks.lifecycle.table import read

    return read(data)


def _hosting_file() -> Path:
    from checks.hosting.table import SHIPPED

    return SHIPPED


def _read_hosting(data: bytes) -> Dated:
    from checks.hosting.table import read

    return read(data)


KINDS = {
    "lifecycle": Kind("lifecycle", _lifecycle_file, _read_lifecycle),
    "hosting": Kind("hosting", _hosting_file, _read_hosting),
}


class _Imported(msgspec.Struct, frozen=True, kw_only=True):
    """``current.json``."""

    sha256: str
    imported_by: str
    imported: datetime
    file: str


@dataclass(frozen=True, slots=True)
class Loaded:
    """A table in use and what the report says of it."""

    table: Dated
    record: TableRecord


def _folder(kind: Kind) -> Path:
    return data_home() / "tables" / kind.name


def _shipped(kind: Kind) -> Loaded:
    data = kind.shipped().read_bytes()
    table = kind.read(data)
    record = TableRecord(
        name=kind.name,
        date=table.date,
        sha256=hashlib.sha256(data).hexdigest(),
        entries=table.entries,
        title=table.title,
    )
    return Loaded(table, record)


def _imported(kind: Kind) -> Loaded | None:
    """The table that was imported last.

    :raises LocalError: it is gone or was changed since.
    """
    folder = _folder(kind)
    try:
        noted = msgspec.json.decode((folder / "current.json").read_bytes(), type=_Imported)
    except FileNotFoundError:
        return None
    except (OSError, msgspec.DecodeError) as error:
        raise LocalError(
            f"无法读取 {folder / 'current.json'}：{zh(error)}；请重新收录数据表",
            f"cannot read {folder / 'current.json'}: {error}; import the table again",
            kind="data_table",
        ) from None
    path = folder / f"{noted.sha256}.toml"
    try:
        data = path.read_bytes()
    except OSError as error:
        raise LocalError(
            f"无法读取收录的数据表 {path}：{zh(error)}；请重新收录",
            f"cannot read the imported table {path}: {error.strerror}; import it again",
            kind="data_table",
        ) from None
    if hashlib.sha256(data).hexdigest() != noted.sha256:
        raise LocalError(
            f"收录的数据表 {path} 在收录之后被改动过，请重新收录",
            f"the imported table {path} was changed since it was imported; import it again",
            kind="data_table",
        )
    try:
        table = kind.read(data)
    except ValueError as error:
        # Of a form that this zijian no longer reads.
        raise LocalError(
            f"收录的数据表 {path} 不能使用：{zh(error)}",
            f"the imported table {path} cannot be used: {error}",
            kind="data_table",
        ) from None
    record = TableRecord(
        name=kind.name,
        date=table.date,
        sha256=noted.sha256,
        entries=table.entries,
        title=table.title,
        imported_by=noted.imported_by,
        imported=noted.imported,
    )
    return Loaded(table, record)


def in_use(kind: Kind) -> Loaded:
    """The imported table, or the one that ships where that is newer or nothing was imported.

    :raises LocalError: what was imported is gone or was changed.
    """
    shipped, imported = _shipped(kind), _imported(kind)
    return imported if imported is not None and imported.record.date >= shipped.record.date else shipped


def judging(name: str) -> Loaded:
    """The table called ``name`` that judges: what is wrong with an imported one is told, and costs no scan."""
    return _judging(name, data_home())


@lru_cache(maxsize=8)
def _judging(name: str, _home: Path) -> Loaded:
    kind = KINDS[name]
    try:
        return in_use(kind)
    except LocalError as error:
        shipped = _shipped(kind)
        return Loaded(shipped.table, replace(shipped.record, fault=str(error)))


def import_table(path: Path, imported_by: str, now: datetime) -> TableRecord:
    """Take the table in ``path`` into use.

    :raises UsageError: no such file, no table, or older than what is in use; nothing is changed then.
    """
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST + 1)
    except OSError as error:
        raise UsageError(f"无法读取 {path}：{zh(error)}", f"cannot read {path}: {error.strerror}") from None
    if len(data) > LARGEST:
        raise UsageError(
            f"{path} 超过 {LARGEST} 字节，不是自检的数据表",
            f"{path} is larger than {LARGEST} bytes; that is no table of ours",
        )
    kind = _kind_of(data, path)
    try:
        table = kind.read(data)
    except ValueError as error:
        raise UsageError(f"{path}：{zh(error)}", f"{path}: {error}", kind="data_table") from None
    if table.date > now.date():
        raise UsageError(
            f"{path}：数据表的日期 {table.date} 还没有到",
            f"{path}: the table is dated {table.date}, which is still to come",
            kind="data_table",
        )
    known = _shipped(kind).record.date
    try:
        used = in_use(kind).record.date
    except LocalError:
        # What cannot be read any more is mended by importing again.
        used = known
    if table.date < used:
        raise UsageError(
            f"{path}：数据表的日期是 {table.date}，早于正在使用的（{used}）",
            f"{path}: the table is of {table.date}, older than the one in use ({used})",
            kind="data_table",
        )
    digest = hashlib.sha256(data).hexdigest()
    folder = _folder(kind)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    write_file(folder / f"{digest}.toml", data)
    noted = _Imported(sha256=digest, imported_by=imported_by, imported=now.astimezone(UTC), file=path.name)
    write_file(folder / "current.json", msgspec.json.encode(noted))
    loaded = _imported(kind)
    assert loaded is not None
    return loaded.record


def _kind_of(data: bytes, path: Path) -> Kind:
    try:
        document: dict[str, Any] = msgspec.toml.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise UsageError(
            f"{path} 不是 TOML 文件：{zh(error)}", f"{path} is not a TOML file: {error}", kind="data_table"
        ) from None
    name = document.get("table")
    kind = KINDS.get(name) if isinstance(name, str) else None
    if kind is None:
        raise UsageError(
            f"{path} 没有写明是哪一张数据表：table 应为 {'、'.join(map(repr, KINDS))} 之一",
            f"{path} does not say which table it is: table = one of {', '.join(map(repr, KINDS))}",
            kind="data_table",
        )
    return kind
