"""Times ``zijian scan`` against ``nmap -sV -sC`` on fleets of hosts with a mixed set of services, and how both grow.

Usage (as root, after ``./test.sh``): ``benchmarks/fleet [--hosts 50,200] [--runs N]``

Hosts are loopback addresses in a network namespace of the run's own. Five kinds take turns: a web server (80, 443), a data
store (redis, memcached), a message broker with a cache (mosquitto, redis), a machine to log in to (sshd, a web console on
8080), a name server with a page (bind9, 80). Both tools choose their own ports: nmap its thousand most frequent, zijian those, the
catalogue's and some over UDP. Commands are run in turn, A B A B; each ratio is of a pair, and the median pair is told.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmarks.measure import ROOT, ROWS, Measured, in_own_namespace, measure
from tests.servers.process import program, running
from tests.servers.tls import issue

KINDS = ("web", "store", "broker", "login", "names")
SERVICES = {"web": 2, "store": 2, "broker": 2, "login": 2, "names": 2}
"""TCP services of each kind of host."""
_MOST_ADDRESSES = 16
"""Most addresses that one redis binds, or one sshd listens on."""


@contextlib.contextmanager
def fleet(folder: Path, hosts: int) -> Iterator[list[str]]:
    """``hosts`` loopback addresses with their services; yields the addresses."""
    addresses = [f"127.78.{number // 200}.{number % 200 + 1}" for number in range(hosts)]
    of = {kind: addresses[index :: len(KINDS)] for index, kind in enumerate(KINDS)}
    with contextlib.ExitStack() as stack:
        enter = stack.enter_context
        enter(_nginx(folder, of["web"], [*of["web"], *of["names"]], of["login"]))
        for addresses_of_one in _in_parts([*of["store"], *of["broker"]]):
            enter(_redis(folder, addresses_of_one))
        command = [
            program("memcached"),
            "-u",
            "nobody",
            "-l",
            ",".join(of["store"]),
            "-p",
            "11211",
            "-t",
            "1",
        ]
        enter(running(command, address=of["store"][0], port=11211, log=folder / "memcached.log"))
        enter(_mosquitto(folder, of["broker"]))
        for addresses_of_one in _in_parts(of["login"]):
            enter(_sshd(folder, addresses_of_one))
        enter(_named(folder, of["names"]))
        yield addresses


def _in_parts(addresses: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(addresses), _MOST_ADDRESSES):
        yield addresses[start : start + _MOST_ADDRESSES]


@contextlib.contextmanager
def _nginx(folder: Path, tls: Sequence[str], plain: Sequence[str], console: Sequence[str]) -> Iterator[None]:
    certificate, key = issue("www.example.cn", san=["www.example.cn"]).write(folder, "site")
    temporary = " ".join(
        f"{kind}_temp_path {folder}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    listens = [f"listen {ip}:443 ssl;" for ip in tls]
    listens += [f"listen {ip}:80;" for ip in plain] + [f"listen {ip}:8080;" for ip in console]
    settings = folder / "nginx.conf"
    settings.write_text(
        f"daemon off; worker_processes 1; pid {folder}/nginx.pid; error_log {folder}/error.log;\n"
        "worker_rlimit_nofile 16384; events { worker_connections 8192; }\n"
        f"http {{ access_log off; {temporary} default_type text/html;\nserver {{ {' '.join(listens)}\n"
        f"ssl_certificate {certificate}; ssl_certificate_key {key};\n"
        "location / { return 404; } location = / { return 200 '<title>ok</title>'; } } }\n"
    )
    command = [program("nginx"), "-p", str(folder), "-c", str(settings)]
    with running(command, address=tls[0], port=443, log=folder / "nginx.log"):
        yield


@contextlib.contextmanager
def _redis(folder: Path, addresses: Sequence[str]) -> Iterator[None]:
    command = [
        program("redis-server"),
        "--bind",
        *addresses,
        "--port",
        "6379",
        "--save",
        "",
        "--protected-mode",
        "no",
    ]
    with running(command, address=addresses[0], port=6379, log=folder / "redis.log", cwd=folder):
        yield


@contextlib.contextmanager
def _mosquitto(folder: Path, addresses: Sequence[str]) -> Iterator[None]:
    settings = folder / "mosquitto.conf"
    listeners = "".join(f"listener 1883 {address}\n" for address in addresses)
    settings.write_text(f"per_listener_settings false\nuser root\nallow_anonymous true\n{listeners}")
    command = [program("mosquitto"), "-c", str(settings)]
    with running(command, address=addresses[-1], port=1883, log=folder / "mosquitto.log"):
        yield


@contextlib.contextmanager
def _sshd(folder: Path, addresses: Sequence[str]) -> Iterator[None]:
    home = folder / f"sshd-{addresses[0]}"
    home.mkdir()
    key = home / "host_ed25519"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key)], check=True)
    settings = home / "sshd_config"
    listens = "".join(f"ListenAddress {address}:22\n" for address in addresses)
    settings.write_text(
        f"{listens}HostKey {key}\nPidFile none\nUsePAM no\nStrictModes no\nMaxStartups 1000:30:2000\n"
    )
    Path("/run/sshd").mkdir(exist_ok=True)
    command = [program("sshd"), "-D", "-e", "-f", str(settings)]
    with running(command, address=addresses[-1], port=22, log=home / "sshd.log"):
        yield


@contextlib.contextmanager
def _named(folder: Path, addresses: Sequence[str]) -> Iterator[None]:
    home = folder / "named"
    home.mkdir()
    (home / "root.zone").write_text(
        "$TTL 60\n. SOA ns.test. nobody.test. 1 1 1 1 1\n. NS ns.test.\nns.test. A 127.0.0.1\n"
    )
    for address in addresses:
        # It listens on addresses that an interface has, and on no other.
        subprocess.run(["ip", "address", "replace", f"{address}/32", "dev", "lo"], check=True)
    settings = home / "named.conf"
    settings.write_text(
        f'options {{ directory "{home}"; pid-file none; session-keyfile none; recursion no; notify no;\n'
        f"dnssec-validation no; listen-on-v6 {{ none; }}; listen-on {{ {' '.join(f'{ip};' for ip in addresses)} }}; }};\n"
        'controls { }; zone "." { type primary; file "root.zone"; };\n'
    )
    command = [program("named"), "-g", "-n", "1", "-c", str(settings)]
    with running(command, address=addresses[-1], port=53, log=home / "named.log"):
        yield


def compare(hosts: int, runs: int) -> None:
    """Measure both tools on ``hosts`` hosts and print a table in Markdown."""
    with tempfile.TemporaryDirectory(prefix="zijian-benchmark-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        environment = {**os.environ, "ZIJIAN_HOME": str(folder / "home"), "PYTHONPATH": str(ROOT)}
        with fleet(folder, hosts) as addresses:
            zijian = [sys.executable, "-m", "scanner", "scan", *addresses, "-q", "-o", str(folder / "out")]
            nmap = ["nmap", "-n", "-T4", "-sV", "-sC", "-oX", str(folder / "nmap.xml"), *addresses]
            pairs: list[tuple[Measured, Measured]] = []
            for _ in range(runs):
                ours = measure(zijian, environment, fine=(0, 3))
                pairs.append((ours, measure(nmap, environment)))
    services = sum(SERVICES[KINDS[number % len(KINDS)]] for number in range(hosts))
    print(f"\n{hosts} hosts, {services} TCP services, {runs} runs\n")
    print("| | zijian | nmap -sV -sC | ratio |\n| --- | ---: | ---: | ---: |")
    for label, key in ROWS:
        ours, theirs, ratio = (
            statistics.median(values)
            for values in (
                [getattr(pair[0], key) for pair in pairs],
                [getattr(pair[1], key) for pair in pairs],
                [getattr(pair[0], key) / getattr(pair[1], key) for pair in pairs],
            )
        )
        print(f"| {label} | {ours:.4g} | {theirs:.4g} | {ratio:.2f} |")
    own = [pair[0] for pair in pairs]
    per_host = (
        statistics.median(run.wall / hosts for run in own),
        statistics.median(run.cpu / hosts for run in own),
    )
    connections = statistics.median(run.connections / services for run in own)
    print(
        f"\nzijian: {per_host[0]:.2f} s of wall time and {per_host[1]:.2f} s of processor time a host, ",
        end="",
    )
    print(f"{connections:.1f} connections a service")


def main() -> None:
    """Measure every size of fleet that was asked for."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--hosts", default="50,200")
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    in_own_namespace("benchmarks.fleet")
    for number in options.hosts.split(","):
        compare(int(number), options.runs)


if __name__ == "__main__":
    main()
