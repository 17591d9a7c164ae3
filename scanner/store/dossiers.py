"""Dossiers: inspections and cases, each with a trail of who changed what, when, and from what to what.

A change is read, made and written in one transaction that no other change of the same dossier can enter, so that two people
who work at once do not lose each other's work. The trail is a chain of :mod:`scanner.hashchain`, one a dossier, written in the
same transaction: there is no change without its entry, and it can be handed over with the dossier and verified alone.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from scanner.errors import UsageError
from scanner.hashchain import GENESIS, chain_hash
from scanner.ledger import timestamp
from scanner.store.database import Connection, Json
from scanner.store.store import Store

Kind = Literal["inspection", "case"]
Record = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Dossier:
    """A dossier as it stands."""

    id: str
    kind: Kind
    opened: datetime
    record: Record


_CHINESE = {"inspection": "检查", "case": "案卷"}


class Dossiers:
    """The dossiers of one kind in a store."""

    def __init__(self, store: Store, kind: Kind) -> None:
        self._store = store
        self._kind = kind

    def create(self, id_: str, record: Record, *, who: str, at: datetime | None = None) -> None:
        """Keep a new dossier.

        :raises UsageError: there is one of that id.
        """
        moment = at or datetime.now(UTC)
        with self._alone(id_) as connection:
            if self._found(connection, id_) is not None:
                raise UsageError(
                    f"{_CHINESE[self._kind]} {id_} 已经存在", f"there is a {self._kind} {id_} already"
                )
            connection.execute(
                "INSERT INTO dossiers (kind, id, opened, record) VALUES (:kind, :id, :opened, :record)",
                {
                    "kind": self._kind,
                    "id": id_,
                    "opened": moment.astimezone(UTC).isoformat(),
                    "record": Json(record),
                },
            )
            self._note(connection, id_, moment, who, "new", {}, record)

    def find(self, name: str) -> Dossier:
        """The dossier called ``name``: an id, its ``number``, the start of just one id, the name of its object, or
        ``latest``.

        :raises UsageError: there is none, or several are meant.
        """
        everything = self.all()
        if name == "latest":
            found = everything[:1]
        else:
            found = (
                [one for one in everything if name in (one.id, one.record.get("number"))]
                or [one for one in everything if name and one.id.startswith(name)]
                or [one for one in everything if name and name == _about(one.record)]
            )
        if not found:
            raise UsageError(
                f"没有{_CHINESE[self._kind]} {name!r}" if everything else f"还没有{_CHINESE[self._kind]}",
                f"there is no {self._kind} {name!r}" if everything else f"there is no {self._kind} yet",
            )
        if len(found) > 1:
            raise UsageError(
                f"以 {name!r} 开头的不止一个：{'、'.join(one.id for one in found[:5])}",
                f"several are meant by {name!r}: {', '.join(one.id for one in found[:5])}",
            )
        return found[0]

    def all(self) -> list[Dossier]:
        """All of them, newest first."""
        query = "SELECT id, opened, CAST(record AS TEXT) FROM dossiers WHERE kind = :kind ORDER BY opened DESC, number DESC"
        with self._store.reading() as connection:
            rows = connection.execute(query, {"kind": self._kind})
        return [
            Dossier(id=id_, kind=self._kind, opened=datetime.fromisoformat(opened), record=json.loads(record))
            for id_, opened, record in rows
        ]

    def change(
        self,
        id_: str,
        what: str,
        change: Callable[[Record], Record | None],
        *,
        who: str,
        at: datetime | None = None,
    ) -> Record:
        """Change the dossier ``id_``, and note who did what.

        ``change`` is given the record as it is now, and returns what it shall be; None, or the same, changes and notes nothing.
        What it raises leaves everything as it was.

        :raises UsageError: there is no such dossier.
        """
        moment = at or datetime.now(UTC)
        with self._alone(id_) as connection:
            before = self._found(connection, id_)
            if before is None:
                raise UsageError(f"没有{_CHINESE[self._kind]} {id_!r}", f"there is no {self._kind} {id_!r}")
            # A copy: what is changed in place must not change what was before.
            after = change(json.loads(json.dumps(before)))
            if after is None or after == before:
                return before
            connection.execute(
                "UPDATE dossiers SET record = :record WHERE kind = :kind AND id = :id",
                {"kind": self._kind, "id": id_, "record": Json(after)},
            )
            self._note(connection, id_, moment, who, what, *_differing(before, after))
        return after

    def note(self, id_: str, what: str, details: Record, *, who: str, at: datetime | None = None) -> None:
        """Note what was done with the dossier without changing it, such as an export."""
        with self._alone(id_) as connection:
            self._note(connection, id_, at or datetime.now(UTC), who, what, {}, details)

    def trail(self, id_: str) -> Iterator[bytes]:
        """The lines of the trail; :func:`scanner.hashchain.verify_lines` checks them."""
        query = "SELECT line FROM trail WHERE dossier = :dossier ORDER BY seq"
        with self._store.reading() as connection:
            lines = connection.execute(query, {"dossier": self._subject(id_)})
        return (f"{line}\n".encode() for (line,) in lines)

    def _subject(self, id_: str) -> str:
        return f"{self._kind}:{id_}"

    @contextmanager
    def _alone(self, id_: str) -> Iterator[Connection]:
        with self._store.writing() as connection:
            connection.lock(self._subject(id_))
            yield connection

    def _found(self, connection: Connection, id_: str) -> Record | None:
        query = "SELECT CAST(record AS TEXT) FROM dossiers WHERE kind = :kind AND id = :id"
        rows = connection.execute(query, {"kind": self._kind, "id": id_})
        record: Record | None = json.loads(rows[0][0]) if rows else None
        return record

    def _note(
        self,
        connection: Connection,
        id_: str,
        at: datetime,
        who: str,
        what: str,
        before: Mapping[str, Any],
        after: Mapping[str, Any],
    ) -> None:
        newest = "SELECT seq, hash FROM trail WHERE dossier = :dossier ORDER BY seq DESC LIMIT 1"
        rows = connection.execute(newest, {"dossier": self._subject(id_)})
        seq, previous = (rows[0][0] + 1, rows[0][1]) if rows else (1, GENESIS)
        entry: Record = {
            "seq": seq,
            "time": timestamp(at),
            "dossier": self._subject(id_),
            "who": who,
            "what": what,
            "before": before,
            "after": after,
            "prev": previous,
        }
        entry["hash"] = chain_hash(previous, entry)
        connection.execute(
            "INSERT INTO trail (dossier, seq, hash, line) VALUES (:dossier, :seq, :hash, :line)",
            {
                "dossier": self._subject(id_),
                "seq": seq,
                "hash": entry["hash"],
                "line": json.dumps(entry, ensure_ascii=False, sort_keys=True),
            },
        )


def _about(record: Record) -> str | None:
    """The name of an inspection's object."""
    about = record.get("object")
    return about.get("name") if isinstance(about, dict) else None


def _differing(before: Record, after: Record) -> tuple[Record, Record]:
    """The fields that differ, as they were and as they are; of fields that are objects themselves, theirs."""
    was: Record = {}
    is_: Record = {}
    for name in {**before, **after}:
        old, new = before.get(name), after.get(name)
        if old == new and (name in before) == (name in after):
            continue
        if isinstance(old, dict) and isinstance(new, dict):
            was[name], is_[name] = _differing(old, new)
            continue
        if name in before:
            was[name] = old
        if name in after:
            is_[name] = new
    return was, is_
