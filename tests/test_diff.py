"""Scan, mend, scan again, and compare: the whole command against real servers."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.servers.process import loopback_address, program, running
from tests.test_scan import Zijian

pytestmark = pytest.mark.server


@pytest.fixture
def zijian(tmp_path: Path) -> Zijian:
    return Zijian(tmp_path)


def redis(folder: Path, address: str, *options: str):  # type: ignore[no-untyped-def]
    command = [program("redis-server"), "--bind", address, "--port", "6379", "--save", "", *options]
    return running(command, address=address, port=6379, log=folder / "redis.log", cwd=folder)


def scan(zijian: Zijian, address: str, out: str, *options: str) -> None:
    done = zijian("scan", address, "--ports", "6379", "--authorized-by", "t", "-o", out, "--quiet", *options)
    assert done.returncode == 0, done.stderr


def test_mended_closed_and_back_again(zijian: Zijian, tmp_path: Path) -> None:
    address = loopback_address()
    with redis(tmp_path, address, "--protected-mode", "no"):
        scan(zijian, address, "open")
    with redis(tmp_path, address, "--requirepass", "not-guessed"):
        scan(zijian, address, "password")
    scan(zijian, address, "gone")

    def compared(old: str, new: str) -> dict[str, list[dict[str, object]]]:
        done = zijian("diff", f"{old}/result.json", f"{new}/result.json", "--json")
        assert done.returncode == 0, done.stderr
        document: dict[str, list[dict[str, object]]] = json.loads(done.stdout)
        return document

    mended = compared("open", "password")
    assert "exposure/redis-unauthenticated" in {line["check"] for line in mended["fixed"]}
    assert not mended["not_rechecked"]
    closed = compared("open", "gone")
    assert {line["reason"] for line in closed["fixed"]} == {"port_closed"}
    assert not closed["remaining"]
    back = zijian(
        "diff", "gone/result.json", "open/result.json", "--fail-on", "high", "-o", "diff.html", "--lang", "zh"
    )
    assert back.returncode == 1
    assert "新出现" in back.stdout
    assert "复查对比" in (tmp_path / "diff.html").read_text()


def test_stored_scans_are_measured_by_the_same_rules(zijian: Zijian, tmp_path: Path) -> None:
    address = loopback_address()
    with redis(tmp_path, address, "--protected-mode", "no"):
        scan(zijian, address, "one", "--checks", "filing")
        scan(zijian, address, "two")
    ids = [json.loads((tmp_path / name / "result.json").read_text())["scan"]["id"] for name in ("one", "two")]
    done = zijian("diff", *ids, "--json")
    document = json.loads(done.stdout)
    assert "exposure/redis-unauthenticated" in {line["check"] for line in document["newly_examined"]}
    assert document["scans"]["new"]["id"] == ids[1]
    assert {"other_rules", "judged_again"} <= set(document["cautions"])


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("nothing", "latest"), "there is no scan"),
        (("bad.json", "bad.json"), "result"),
    ],
)
def test_what_is_no_result_is_said(
    zijian: Zijian, tmp_path: Path, arguments: tuple[str, str], says: str
) -> None:
    (tmp_path / "bad.json").write_text("{}")
    done = zijian("diff", *arguments)
    assert done.returncode == 2
    assert says in done.stderr
    assert "Traceback" not in done.stderr


NO_NETWORK = """
import socket
def refuse(*_):
    raise SystemExit("something wanted the network")
socket.socket.connect = socket.socket.connect_ex = socket.socket.sendto = socket.getaddrinfo = refuse
"""


def test_what_works_on_stored_facts_needs_no_network(zijian: Zijian, tmp_path: Path) -> None:
    address = loopback_address()
    with redis(tmp_path, address, "--protected-mode", "no"):
        scan(zijian, address, "out")
    (tmp_path / "nuclei.jsonl").write_text(
        json.dumps({"template-id": "x", "host": f"{address}:6379", "info": {}})
    )
    (tmp_path / "sitecustomize.py").write_text(NO_NETWORK)
    zijian.environment["PYTHONPATH"] = f"{tmp_path}:{zijian.environment['PYTHONPATH']}"
    for command in (
        ("import", "nuclei.jsonl", "--format", "nuclei-jsonl", "--by", "x"),
        ("assess", "--law-date", "2026-09-01", "-o", "again"),
        ("report", "--lang", "en", "-o", "again"),
        ("diff", "latest", "latest"),
        ("law", "verify"),
    ):
        done = zijian(*command)
        assert done.returncode == 0, done.stderr
    with redis(tmp_path, address, "--protected-mode", "no"):
        refused = zijian("scan", f"{address}:6379", "-o", "no", "--quiet")
    assert "something wanted the network" in refused.stderr
