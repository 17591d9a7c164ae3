"""Times the reading of large access logs for ``zijian logs verify`` against GoAccess, and against ``wc -l`` as the floor.

Usage (after ``apt-get install goaccess``): ``benchmarks/logs [--gigabytes 1] [--runs 3]``

The log is made anew: nginx's combined format, half a year of days, plain and as gz. What is timed of zijian is what the command
does with a file: finding the form, all times, the lines that are ours, and what follows from them; not the reading of the store.
Commands are run in turn; each ratio is of a pair of one run, and the median is told.
"""

from __future__ import annotations

import argparse
import gzip
import os
import random
import shutil
import statistics
import sys
import tempfile
from datetime import date, timedelta
from pathlib import Path

from benchmarks.measure import ROOT, Measured, measure

_DAYS = 190
_ZIJIAN = """
import sys
from datetime import UTC, datetime, date
from pathlib import Path
from scanner.challenge import Trace
from scanner.logs.reconcile import reconcile
from scanner.logs.sources import sources
from scanner.logs.survey import Wanted, survey
end = datetime(2026, 11, 27, 4, tzinfo=UTC)
trace = Trace(seq=1, protocol="http", remote="192.0.2.1:80", source_ip="198.51.100.7", source_port=40000, opened=end, closed=end)
wanted = Wanted([b"0123456789abcdef"], [b"198.51.100.7"], int(end.timestamp()) - 90000, int(end.timestamp()) + 90000)
surveys = [survey(source, blocks, wanted, date(2026, 11, 28), 480) for source, blocks in sources([Path(sys.argv[1])])]
facts = reconcile("http", [trace], ["0123456789abcdef"], surveys, {})
assert len(facts.days) >= 190 and sum(file.lines for file in facts.files) == int(sys.argv[2]), facts
"""


def make(folder: Path, octets: int) -> tuple[Path, Path, int]:
    """A log of about ``octets`` bytes, plain and packed, and its number of lines."""
    chance = random.Random(1)
    agents = [
        f"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/{n}.0.0.0 Safari/537.36"
        for n in range(90, 120)
    ]
    per_day = max(1000, octets // _DAYS // 190)
    lines = []
    for number in range(per_day):
        second = number * 86400 // per_day
        clock = f"{second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}"
        lines.append(
            f"203.0.{chance.randrange(256)}.{chance.randrange(256)} - - [DD/MMM/YYYY:{clock} +0800] "
            f'"GET /page/{chance.randrange(10**6)}?id={chance.randrange(10**9)} HTTP/1.1" 200 {chance.randrange(10**5)} '
            f'"https://www.example.cn/" "{chance.choice(agents)}"\n'
        )
    day_of_lines = "".join(lines).encode()
    plain = folder / "access.log"
    first = date(2026, 11, 27) - timedelta(days=_DAYS)
    with plain.open("wb") as out:
        for number in range(_DAYS):
            day = first + timedelta(days=number)
            out.write(day_of_lines.replace(b"DD/MMM/YYYY", f"{day:%d/%b/%Y}".encode()))
    packed = folder / "access.log.gz"
    with plain.open("rb") as source, gzip.open(packed, "wb", compresslevel=6) as out_packed:
        shutil.copyfileobj(source, out_packed, 1 << 20)
    return plain, packed, per_day * _DAYS


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--gigabytes", type=float, default=1.0)
    parser.add_argument("--runs", type=int, default=3)
    chosen = parser.parse_args()
    if shutil.which("goaccess") is None:
        sys.exit("the benchmark needs goaccess (apt-get install goaccess)")
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with tempfile.TemporaryDirectory(dir="/var/tmp") as name:
        folder = Path(name)
        plain, packed, lines = make(folder, int(chosen.gigabytes * 1e9))
        sizes = {path: path.stat().st_size for path in (plain, packed)}
        print(f"{lines} lines, {sizes[plain] / 1e9:.2f} GB plain, {sizes[packed] / 1e9:.2f} GB gz\n")
        print("| | zijian, s | MiB | GoAccess, s | MiB | wc -l, s | zijian : GoAccess | zijian : wc |")
        print("| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |")
        for path in (plain, packed):
            cat = "zcat" if path.suffix == ".gz" else "cat"
            commands = {
                "zijian": [sys.executable, "-c", _ZIJIAN, str(path), str(lines)],
                "goaccess": [
                    "sh",
                    "-c",
                    f"{cat} {path} | goaccess --log-format=COMBINED --no-global-config -o {folder}/out.json -",
                ],
                "wc": ["sh", "-c", f"{cat} {path} | wc -l"],
            }
            runs: dict[str, list[Measured]] = {key: [] for key in commands}
            for _ in range(chosen.runs):
                for key, command in commands.items():
                    runs[key].append(measure(command, environment))
            walls = {key: statistics.median(one.wall for one in made) for key, made in runs.items()}
            memory = {key: max(one.memory for one in made) for key, made in runs.items()}
            to_goaccess = statistics.median(
                a.wall / b.wall for a, b in zip(runs["zijian"], runs["goaccess"], strict=True)
            )
            to_floor = statistics.median(
                a.wall / b.wall for a, b in zip(runs["zijian"], runs["wc"], strict=True)
            )
            print(
                f"| {path.name} | {walls['zijian']:.2f} | {memory['zijian']:.0f} | {walls['goaccess']:.2f} | "
                f"{memory['goaccess']:.0f} | {walls['wc']:.2f} | {to_goaccess:.2f} | {to_floor:.2f} |"
            )


if __name__ == "__main__":
    main()
