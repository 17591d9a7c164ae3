"""``zijian data``, and that what was imported judges and is named in the result."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from checks.lifecycle.table import SHIPPED
from tests.servers.process import loopback_address
from tests.servers.redis import redis_server
from tests.test_scan import Zijian

TABLE = """
table = "lifecycle"
schema = 1
date = 2026-11-27
title = "of the unit"
[products.redis]
name = "Redis"
source = "its makers"
url = "https://redis.io/"
as_of = 2026-11-27
checked = 2026-11-27
older_ended = true
lines = [{ line = "9", open = true }, { line = "8", ends = 2020-01-01 }]
"""


@pytest.fixture
def zijian(tmp_path: Path) -> Zijian:
    return Zijian(tmp_path)


def write(folder: Path, text: str = TABLE) -> tuple[str, str]:
    path = folder / "table.toml"
    path.write_text(text, encoding="utf-8")
    return str(path), hashlib.sha256(text.encode()).hexdigest()


def test_the_table_that_ships_is_listed_with_its_hash(zijian: Zijian) -> None:
    done = zijian("data", "list")
    assert done.returncode == 0, done.stderr
    assert hashlib.sha256(SHIPPED.read_bytes()).hexdigest() in done.stdout
    assert "ships with zijian" in done.stdout


def test_a_newer_table_is_taken_in_and_named(zijian: Zijian, tmp_path: Path) -> None:
    path, digest = write(tmp_path)
    done = zijian("data", "import", path, "--by", "张三")
    assert done.returncode == 0, done.stderr
    listed = zijian("data", "list").stdout
    assert digest in listed
    assert "imported by 张三" in listed
    assert zijian("data", "verify").returncode == 0
    kept = next((tmp_path / "home" / "tables" / "lifecycle").glob(f"{digest}.toml"))
    assert kept.read_text(encoding="utf-8") == TABLE


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (None, "No such file"),
        ("", "does not say which table it is"),
        ("<html>", "is not a TOML file"),
        (TABLE.replace('"lifecycle"', '"tariffs"'), "does not say which table it is"),
        (TABLE.replace("ends = 2020-01-01", "ends = 1"), r"lines[1].ends"),
        (TABLE.replace("date = 2026-11-27", "date = 2020-01-01", 1), "must follow one another"),
        (TABLE.replace("2026-11-27", "2020-01-01"), "older than the one in use"),
        (TABLE.replace("date = 2026-11-27", "date = 2126-11-24", 1), "still to come"),
    ],
)
def test_what_is_no_table_is_refused_in_one_sentence_and_changes_nothing(
    zijian: Zijian, tmp_path: Path, text: str | None, says: str
) -> None:
    good, digest = write(tmp_path)
    assert zijian("data", "import", good, "--by", "a").returncode == 0
    bad = tmp_path / "bad.toml"
    if text is not None:
        bad.write_text(text, encoding="utf-8")
    done = zijian("data", "import", str(bad), "--by", "b")
    assert done.returncode == 2
    assert says in done.stderr
    assert done.stderr.count("\n") == 1
    listed = zijian("data", "list").stdout
    assert digest in listed
    assert "imported by a," in listed


def test_a_table_that_was_changed_since_is_found_out_and_costs_no_scan(
    zijian: Zijian, tmp_path: Path
) -> None:
    path, digest = write(tmp_path)
    zijian("data", "import", path, "--by", "a")
    kept = tmp_path / "home" / "tables" / "lifecycle" / f"{digest}.toml"
    kept.write_text(TABLE.replace("2020-01-01", "2040-01-01"), encoding="utf-8")
    done = zijian("data", "verify")
    assert done.returncode == 3
    assert "changed since it was imported" in done.stderr
    address = loopback_address()
    assert zijian("scan", address, "--ports", "1", "--quiet", "-o", "out", "--lang", "zh").returncode == 0
    table, _ = zijian.result()["scan"]["tool"]["tables"]  # type: ignore[index, call-overload]
    assert "changed since it was imported" in table["fault"]
    assert table["sha256"] == hashlib.sha256(SHIPPED.read_bytes()).hexdigest()
    assert "导入的表不能使用" in (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert zijian("data", "import", path, "--by", "a").returncode == 0, "importing again mends it"
    assert zijian("data", "verify").returncode == 0


@pytest.mark.server
def test_what_was_imported_judges_stored_facts_and_is_named_in_the_result(
    zijian: Zijian, tmp_path: Path
) -> None:
    with redis_server(tmp_path) as address:
        done = zijian(
            "scan", address, "--ports", "6379", "--quiet", "-o", "out", "--checks", "exposure/end-of-life"
        )
    assert done.returncode == 0, done.stderr
    before = zijian.result()
    assert [finding["outcome"] for finding in before["findings"]] == ["suggests"]  # type: ignore[attr-defined, index]
    path, digest = write(tmp_path)
    assert zijian("data", "import", path, "--by", "张三").returncode == 0
    done = zijian("assess", "--checks", "exposure/end-of-life", "--quiet", "-o", "again")
    assert done.returncode == 0, done.stderr
    after = json.loads((tmp_path / "again" / "result.json").read_text())
    (finding,) = after["findings"]
    assert finding["outcome"] == "ended"
    assert finding["status"] == "warn"
    table, _ = after["scan"]["tool"]["tables"]
    assert (table["sha256"], table["imported_by"], table["date"]) == (digest, "张三", "2026-11-27")
    report = (tmp_path / "again" / "report.html").read_text(encoding="utf-8")
    assert digest in report
    assert "张三" in report
