"""A scan that is interrupted, by Ctrl-C or SIGTERM, at whatever it is doing: nothing of it stays behind, and it can be resumed."""

from __future__ import annotations

import secrets
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from scanner.ledger import records, verify
from tests.leftovers import MARK, marked
from tests.servers.redis import redis_server
from tests.test_scan import Zijian, deviations

pytestmark = pytest.mark.server

_PORTS = "6379,30001-30400"
_RATE = "5"
"""So that nmap is at it for some seconds: 150 packets a second."""
_FOUND = {("exposure/redis-unauthenticated", "usable_locally")}
_PATIENCE = 90.0


class Watched(Zijian):
    """A command line whose processes bear a mark of their own, and whose temporary files lie in a folder of their own."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.mark = secrets.token_hex(8)
        self.temporary = folder / "tmp"
        self.temporary.mkdir()
        self.environment |= {MARK: self.mark, "TMPDIR": str(self.temporary)}

    def told(self, kind: str) -> bool:
        """Whether the ledger has a record of this kind."""
        for path in self.home.glob("scans/*/ledger.jsonl"):
            if any(record["kind"] == kind for record in records(path)):
                return True
        return False

    def runs(self, program: str) -> bool:
        """Whether one of its processes is this program."""
        return any(line.partition(" ")[0].endswith(program) for line in marked(self.mark).values())


Moment = Callable[[Watched], bool]
MOMENTS: dict[str, Moment] = {
    "nmap is at it": lambda watched: watched.runs("nmap") and any(watched.temporary.iterdir()),
    "probes are at it": lambda watched: watched.told("open"),
    "the report is made": lambda watched: watched.told("end"),
}


def wait_for(moment: Moment, watched: Watched, process: subprocess.Popen[str]) -> None:
    end = time.monotonic() + _PATIENCE
    while not moment(watched):
        assert process.poll() is None, "the scan was over before"
        assert time.monotonic() < end
        time.sleep(0.01)


@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_nothing_stays_behind_and_it_goes_on(tmp_path: Path, number: signal.Signals, moment: str) -> None:
    zijian = Watched(tmp_path)
    with redis_server(tmp_path, options=("--protected-mode", "no")) as address:
        command = ["scan", address, "--ports", _PORTS, "--rate", _RATE, "--checks", "exposure"]
        process = zijian.start(*command, "--format", "html,json,xlsx", "-q", "-o", "out")
        wait_for(MOMENTS[moment], zijian, process)
        process.send_signal(number)
        said, _ = process.communicate(timeout=_PATIENCE)
        assert process.returncode == 130, said
        assert "Traceback" not in said
        assert marked(zijian.mark) == {}
        assert [path.name for path in zijian.temporary.iterdir()] == []
        halves = [path for path in (zijian.home, zijian.folder / "out") for path in path.rglob(".*")]
        assert halves == []
        assert verify(zijian.ledger()).error is None

        again = zijian("scan", "--resume", "latest", "-q", "-o", "out", timeout=_PATIENCE)
        assert again.returncode == 0, again.stderr
    assert deviations(zijian.result()) == _FOUND
    assert verify(zijian.ledger()).error is None
    assert [path.name for path in zijian.temporary.iterdir()] == []
