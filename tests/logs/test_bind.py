"""BIND's own query log, with the name that a scan asked for and nobody could know."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.servers.dns import ADDRESS, named
from tests.servers.process import short_folder
from tests.servers.zones import zone
from tests.test_scan import Zijian

pytestmark = pytest.mark.server


def test_the_name_that_nobody_could_know_is_in_binds_query_log(tmp_path: Path) -> None:
    zijian = Zijian(tmp_path)
    log = tmp_path / "query.log"
    with short_folder() as folder:
        (folder / "own.zone").write_text(zone(f"@ IN NS ns\nns IN A {ADDRESS}\n@ IN A {ADDRESS}\n"))
        zones = f'zone "own.test" {{ type primary; file "{folder}/own.zone"; }};'
        with named(folder, options="recursion no; querylog yes;", zones=zones) as port:
            server = f"{ADDRESS}:{port}"
            done = zijian(
                "scan", "own.test", ADDRESS, "--dns-server", server, "--ports", str(port), "--checks", "dns",
                "--authorized-by", "T",
                "-q", "-o", "out",
            )  # fmt: skip
            assert done.returncode == 0, done.stderr
        log.write_bytes((folder / f"named-{port}.log").read_bytes())
    (nonce,) = {
        record["nonce"]
        for record in map(json.loads, zijian.ledger().read_text().splitlines())
        if record["kind"] == "challenge"
    }
    assert f"(zijian-{nonce}.own.test): query: " in log.read_text(), log.read_text()
    done = zijian("logs", "verify", str(log), "--json")
    assert done.returncode == 0, done.stderr
    (facts,) = json.loads(done.stdout)
    assert facts["service"] == f"own.test@{server}/tcp"
    assert facts["files"][0]["format"] == "bind"
    assert facts["found"] == facts["expected"] >= 2
    assert facts["source"] == "ours"
    assert any(f"zijian-{nonce}." in line for line in facts["evidence"])
    assert facts["signs"] == []
    # Without the lines of the scan, nothing of it is found.
    log.write_text("".join(line for line in log.read_text().splitlines(True) if ": query: " not in line) * 3)
    done = zijian("logs", "verify", str(log), "--json")
    assert done.returncode == 2 or json.loads(done.stdout)[0]["found"] == 0
