"""Memory stays flat whatever is handed over: a line of 1 GiB, and archives that unpack to gigabytes."""

from __future__ import annotations

import gzip
import io
import json
import subprocess
import sys
import tarfile
from pathlib import Path
from typing import Any

import pytest

from tests.logs.test_survey import END, _clf
from tests.test_scan import ROOT

LIMIT = 300 << 10
"""KiB."""
_READ = """
import json, re, sys
from datetime import date
from pathlib import Path
from scanner.logs.sources import sources
from scanner.logs.survey import Wanted, survey
wanted = Wanted([b"zijian-0123456789abcdef"], [], 0, 1)
found = [survey(source, blocks, wanted, date(2026, 11, 28), 480) for source, blocks in sources([Path(sys.argv[1])])]
files = [
    {"name": one.facts.name, "lines": one.facts.lines, "octets": one.facts.octets, "troubles": one.facts.troubles,
     "ours": [each.number for each in one.candidates]}
    for one in found
]
peak = re.search(r"VmHWM:\\s+(\\d+) kB", Path("/proc/self/status").read_text())
print(json.dumps({"files": files, "peak": int(peak[1])}))
"""


def read(path: Path) -> tuple[list[dict[str, Any]], int]:
    """What is in the file, and the most memory (KiB) of a process that reads it."""
    done = subprocess.run(
        [sys.executable, "-c", _READ, str(path)], capture_output=True, text=True, check=False, cwd=ROOT, timeout=300
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    return told["files"], told["peak"]


BEFORE = "".join(_clf(END, number) for number in range(100)).encode()
OURS = _clf(END).replace("GET /0 ", "GET /zijian-0123456789abcdef ").encode()


def long_line() -> bytes:
    """A log of which one line has 1 GiB, packed; gzip's members follow one another, so that it is made at once."""
    part = gzip.compress(b"x" * (64 << 20), 6)
    return gzip.compress(BEFORE) + part * 16 + gzip.compress(b"\n" + OURS + BEFORE)


@pytest.mark.parametrize("packed", ["gz", "tar", "tar.gz"])
def test_a_line_of_a_gibibyte(tmp_path: Path, packed: str) -> None:
    data = long_line()
    path = tmp_path / f"access.log.{packed}"
    if packed == "gz":
        path.write_bytes(data)
    else:
        with tarfile.open(path, "w:gz" if packed == "tar.gz" else "w") as tar:
            member = tarfile.TarInfo("nginx/access.log.gz")
            member.size = len(data)
            tar.addfile(member, io.BytesIO(data))
    (file,), peak = read(path)
    assert file["octets"] == 2 * len(BEFORE) + len(OURS) + (1 << 30) + 1
    assert file["lines"] == 202
    assert file["ours"] == [102]
    assert file["troubles"] == ["overlong_lines"]
    assert peak < LIMIT


def test_a_tar_gz_of_a_gibibyte(tmp_path: Path) -> None:
    # One member of 1 GiB: a tar can be put together from members of gzip as well.
    lines = b"".join(_clf(END, number).encode() for number in range(1000))
    lines += b"x" * (-len(lines) % 512 - 1) + b"\n"
    many = lines * ((16 << 20) // len(lines))
    part = gzip.compress(many, 6)
    times = (1 << 30) // len(many)
    member = tarfile.TarInfo("access.log")
    member.size = times * len(many) + 512
    own = (OURS + b"\n" * 512)[:512]
    head, end = member.tobuf(), b"\0" * 1024
    path = tmp_path / "logs.tar.gz"
    path.write_bytes(gzip.compress(head) + part * times + gzip.compress(own + end))
    (file,), peak = read(path)
    assert file["octets"] == member.size
    assert len(file["ours"]) == 1
    assert file["troubles"] == []
    assert peak < LIMIT
