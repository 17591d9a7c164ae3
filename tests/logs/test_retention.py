"""An earlier scan's mark that is still in the log proves that the log was kept: two scans, the first under a clock set back."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.servers.process import loopback_address, short_folder
from tests.servers.web import CARELESS, careless_site, nginx_site
from tests.test_scan import Zijian


@pytest.mark.parametrize(("days", "outcome"), [(200, "proven"), (100, "short")])
def test_a_mark_of_six_months_ago_is_proof(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, days: int, outcome: str
) -> None:
    library = next(Path("/usr/lib").glob("*/faketime/libfaketime.so.1"))
    zijian = Zijian(tmp_path)
    address = loopback_address()
    log = tmp_path / "access.log"
    with short_folder() as folder:
        site = careless_site(folder)
        for moved in (True, False):
            with monkeypatch.context() as patch:
                if moved:
                    for name, value in (("LD_PRELOAD", str(library)), ("FAKETIME", f"-{days}d")):
                        patch.setenv(name, value)
                        zijian.environment[name] = value
                with nginx_site(folder, address, site, CARELESS):
                    done = zijian(
                        "scan", address, "--ports", "80", "--checks", "web", "-q", "-o", f"out{moved}"
                    )
                    assert done.returncode == 0, done.stderr
            for name in ("LD_PRELOAD", "FAKETIME"):
                zijian.environment.pop(name, None)
            with log.open("ab") as out:
                out.write((folder / "access.log").read_bytes())
            (folder / "access.log").unlink()
    done = zijian("logs", "verify", str(log), "--json")
    assert done.returncode == 0, done.stderr
    (facts,) = json.loads(done.stdout)
    (earlier,) = facts["earlier"]
    assert earlier["lines"] >= 1
    assert facts["found"] == facts["expected"]
    zijian("assess", "latest", "-q", "-o", "again")
    findings = {one["check"]: one["outcome"] for one in zijian.result("again")["findings"]}  # type: ignore[attr-defined]
    assert findings["logs/retention"] == outcome
    # Without the earlier scan's lines nothing is proven.
    kept = [line for line in log.read_bytes().splitlines(True) if earlier["scan"].encode() not in line]
    log.write_bytes(b"".join(kept))
    (facts,) = json.loads(zijian("logs", "verify", str(log), "--json").stdout)
    assert facts["earlier"] == [] or facts["earlier"][0]["lines"] < earlier["lines"]
