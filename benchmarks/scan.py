"""Times the whole of ``zijian scan`` against nmap with scripts of the same purpose, on the same real servers, in one run.

Usage (as root, after ``./test.sh``): ``benchmarks/scan [--hosts N] [--runs N]``

The servers run on loopback addresses in a network namespace of the run's own, so that the kernel's counters count
nothing else. Connections are those that the servers' side established (``Tcp PassiveOpens``): the same measure for both.
The two are run in turn, A B A B; ratios are of medians.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import statistics
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.measure import ROOT, ROWS, Measured, in_own_namespace, measure
from tests.servers.process import program, running
from tests.servers.web import CAREFUL, careful_site, nginx_site

SCRIPTS = "ssl-enum-ciphers,ssl-cert,ssl-dh-params,http-headers,http-title,http-git,http-methods,redis-info,memcached-info"
PORTS = "80,443,6379,11211"


@contextlib.contextmanager
def fleet(folder: Path, hosts: int) -> Iterator[list[str]]:
    """``hosts`` loopback addresses, each with nginx (80 and 443), redis, memcached; yields the addresses."""
    with contextlib.ExitStack() as stack:
        addresses: list[str] = []
        for number in range(hosts):
            address = f"127.77.{number // 200}.{number % 200 + 1}"
            home = folder / str(number)
            home.mkdir()
            stack.enter_context(nginx_site(home, address, careful_site(home), CAREFUL))
            redis = [
                program("redis-server"),
                "--bind",
                address,
                "--port",
                "6379",
                "--save",
                "",
                "--protected-mode",
                "no",
            ]
            stack.enter_context(running(redis, address=address, port=6379, log=home / "redis.log", cwd=home))
            memcached = [program("memcached"), "-u", "nobody", "-l", address, "-p", "11211", "-t", "1"]
            stack.enter_context(running(memcached, address=address, port=11211, log=home / "memcached.log"))
            addresses.append(address)
        yield addresses


def main() -> None:
    """Measure and print a table in Markdown."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--hosts", type=int, default=1)
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    in_own_namespace("benchmarks.scan")
    with (
        tempfile.TemporaryDirectory(prefix="zijian-benchmark-") as name,
        fleet(Path(name), options.hosts) as addresses,
    ):
        folder = Path(name)
        environment = {**os.environ, "ZIJIAN_HOME": str(folder / "home"), "PYTHONPATH": str(ROOT)}
        zijian = [
            sys.executable,
            "-m",
            "scanner",
            "scan",
            *addresses,
            "--ports",
            PORTS,
            "-q",
            "-o",
            str(folder / "out"),
        ]
        nmap = [
            "nmap",
            "-n",
            "-Pn",
            "-T4",
            "-sV",
            "-p",
            PORTS,
            "--script",
            SCRIPTS,
            "-oX",
            str(folder / "nmap.xml"),
            *addresses,
        ]
        runs: dict[str, list[Measured]] = {"zijian": [], "nmap": []}
        measure(zijian, environment, fine=(0, 3))
        for _ in range(options.runs):
            runs["zijian"].append(measure(zijian, environment, fine=(0, 3)))
            runs["nmap"].append(measure(nmap, environment))
    print(f"{options.hosts} host(s), 4 services each, {options.runs} runs, medians\n")
    print("| | zijian | nmap with scripts | ratio |\n| --- | ---: | ---: | ---: |")
    for label, key in ROWS:
        ours, theirs = (
            statistics.median(getattr(run, key) for run in runs[who]) for who in ("zijian", "nmap")
        )
        print(f"| {label} | {ours:.4g} | {theirs:.4g} | {ours / theirs:.2f} |")


if __name__ == "__main__":
    main()
