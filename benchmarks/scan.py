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
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.servers.process import program, running
from tests.servers.web import CAREFUL, careful_site, nginx_site

ROOT = Path(__file__).parent.parent
SCRIPTS = "ssl-enum-ciphers,ssl-cert,ssl-dh-params,http-headers,http-title,http-git,http-methods,redis-info,memcached-info"
PORTS = "80,443,6379,11211"
INSIDE = "ZIJIAN_BENCHMARK_NAMESPACE"


@dataclass(frozen=True)
class Measured:
    """One run, with all processes it started."""

    wall: float
    """Seconds."""
    cpu: float
    """Seconds of user and system time."""
    memory: float
    """MiB at the peak of its largest process."""
    connections: int
    """Accepted by the servers."""


def accepted() -> int:
    """Connections that servers in this network namespace have accepted."""
    names, values = (
        line.split() for line in Path("/proc/net/snmp").read_text().splitlines() if line.startswith("Tcp:")
    )
    return int(values[names.index("PassiveOpens")])


def measure(command: list[str], environment: dict[str, str]) -> Measured:
    """Run ``command`` once."""
    with tempfile.TemporaryFile() as errors:
        opened, begun = accepted(), time.monotonic()
        process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=errors)
        _, status, used = os.wait4(process.pid, 0)
        wall = time.monotonic() - begun
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode not in (0, 3):
            errors.seek(0)
            sys.exit(f"{command[:4]} failed: {errors.read().decode(errors='replace')[-500:]}")
    return Measured(wall, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, accepted() - opened)


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


def in_own_namespace() -> None:
    """Start again in a network namespace with loopback alone."""
    if os.environ.get(INSIDE):
        return
    if shutil.which("unshare") is None or os.geteuid() != 0:
        sys.exit("the benchmark needs root and unshare (util-linux)")
    inner = [
        "sh",
        "-c",
        'ip link set lo up && exec "$@"',
        "sh",
        sys.executable,
        "-m",
        "benchmarks.scan",
        *sys.argv[1:],
    ]
    os.execvpe("unshare", ["unshare", "-n", *inner], {**os.environ, INSIDE: "1"})


def main() -> None:
    """Measure and print a table in Markdown."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--hosts", type=int, default=1)
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    in_own_namespace()
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
        measure(zijian, environment)
        for _ in range(options.runs):
            runs["zijian"].append(measure(zijian, environment))
            runs["nmap"].append(measure(nmap, environment))
    print(f"{options.hosts} host(s), 4 services each, {options.runs} runs, medians\n")
    print("| | zijian | nmap with scripts | ratio |\n| --- | ---: | ---: | ---: |")
    for label, key in (
        ("wall time, s", "wall"),
        ("processor time, s", "cpu"),
        ("memory, MiB", "memory"),
        ("connections accepted", "connections"),
    ):
        ours, theirs = (
            statistics.median(getattr(run, key) for run in runs[who]) for who in ("zijian", "nmap")
        )
        print(f"| {label} | {ours:.4g} | {theirs:.4g} | {ours / theirs:.2f} |")


if __name__ == "__main__":
    main()
