"""Inspections and cases: no change without its entry in the trail, and none lost when two people work at once."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from scanner.errors import UsageError
from scanner.hashchain import verify_lines
from scanner.store import Dossiers, Store, open_store


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    made = (
        f"sqlite:///{tmp_path / 'store.sqlite'}"
        if request.param == "sqlite"
        else request.getfixturevalue("postgresql")
    )
    yield made
    store = open_store(made)
    with store.writing() as connection:
        for table in ("trail", "dossiers"):
            connection.execute(f"DELETE FROM {table}", {})
    store.close()


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    opened = open_store(url)
    yield opened
    opened.close()


def _entries(dossiers: Dossiers, id_: str) -> list[dict[str, object]]:
    lines = list(dossiers.trail(id_))
    assert verify_lines(lines).error is None
    return [json.loads(line) for line in lines]


def test_every_change_is_noted_with_before_and_after(store: Store) -> None:
    cases = Dossiers(store, "case")
    cases.create("A1", {"title": "某某案", "items": {}}, who="张三")
    cases.change("A1", "attach", lambda record: {**record, "items": {"01": {"name": "x"}}}, who="李四")
    cases.change(
        "A1",
        "attach",
        lambda record: {**record, "items": {**record["items"], "02": {"name": "y"}}},
        who="张三",
    )
    cases.change("A1", "nothing", lambda record: record, who="李四")
    cases.change("A1", "title", lambda record: {"title": "另案", "items": record["items"]}, who="李四")
    cases.note("A1", "export", {"file": "a.zip"}, who="张三")
    entries = _entries(cases, "A1")
    assert [(entry["seq"], entry["who"], entry["what"]) for entry in entries] == [
        (1, "张三", "new"), (2, "李四", "attach"), (3, "张三", "attach"), (4, "李四", "title"), (5, "张三", "export"),
    ]  # fmt: skip
    assert entries[2]["before"] == {"items": {}}
    assert entries[2]["after"] == {"items": {"02": {"name": "y"}}}
    assert (entries[3]["before"], entries[3]["after"]) == ({"title": "某某案"}, {"title": "另案"})


def test_a_change_that_fails_leaves_everything_as_it_was(store: Store) -> None:
    cases = Dossiers(store, "case")
    cases.create("A1", {"n": 1}, who="张三")

    def fails(record: dict[str, object]) -> dict[str, object]:
        record["n"] = 2
        raise UsageError("不行", "no")

    with pytest.raises(UsageError, match="no"):
        cases.change("A1", "fails", fails, who="张三")
    assert cases.find("A1").record == {"n": 1}
    assert len(_entries(cases, "A1")) == 1
    with pytest.raises(UsageError, match="already"):
        cases.create("A1", {}, who="张三")
    with pytest.raises(UsageError, match="there is no case 'A2'"):
        cases.change("A2", "x", dict, who="张三")


def test_a_changed_entry_shows(store: Store) -> None:
    cases = Dossiers(store, "case")
    cases.create("A1", {"n": 1}, who="张三")
    cases.change("A1", "two", lambda _: {"n": 2}, who="张三")
    with store.writing() as connection:
        forged = next(iter(cases.trail("A1"))).decode().replace("张三", "李四").rstrip("\n")
        connection.execute("UPDATE trail SET line = :line WHERE seq = 1", {"line": forged})
    assert verify_lines(cases.trail("A1")).error == "line 1 does not match its hash"


def test_two_people_at_once_lose_nothing(url: str) -> None:
    first = open_store(url)
    Dossiers(first, "inspection").create("J1", {"answers": {}}, who="张三")
    failures: list[BaseException] = []

    def work(who: str) -> None:
        own = open_store(url)
        try:
            for number in range(25):
                key = f"{who}{number}"
                Dossiers(own, "inspection").change(
                    "J1",
                    "answer",
                    lambda record, key=key: {"answers": {**record["answers"], key: key}},  # type: ignore[misc]
                    who=who,
                )
        except BaseException as error:
            failures.append(error)
        finally:
            own.close()

    threads = [threading.Thread(target=work, args=(who,)) for who in ("张三", "李四", "王五")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
    inspections = Dossiers(first, "inspection")
    assert len(inspections.find("J1").record["answers"]) == 75
    assert len(_entries(inspections, "J1")) == 76
    first.close()


def test_a_dossier_is_found_by_id_number_or_start(store: Store) -> None:
    cases = Dossiers(store, "case")
    with pytest.raises(UsageError, match="there is no case yet"):
        cases.find("latest")
    cases.create("20261127-aa", {"number": "京公网检〔2026〕1号"}, who="张三")
    cases.create("20261127-ab", {"number": "2号"}, who="张三")
    Dossiers(store, "inspection").create("20261127-aa", {}, who="张三")
    assert cases.find("latest").id == "20261127-ab"
    assert cases.find("京公网检〔2026〕1号").id == "20261127-aa"
    assert cases.find("20261127-aa").id == "20261127-aa"
    with pytest.raises(UsageError, match="several"):
        cases.find("20261127")
    with pytest.raises(UsageError, match="there is no case 'x'"):
        cases.find("x")
    assert [one.id for one in Dossiers(store, "inspection").all()] == ["20261127-aa"]
