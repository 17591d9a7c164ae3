"""Times zijian's TLS survey, as a whole command, against sslyze, testssl.sh and nmap, and prints where they disagree.

Usage (as root, after ``./test.sh``): ``benchmarks/tls [--runs N] [--services N] [--peers sslyze,testssl,nmap]``

Three parts, all in one run and in a network namespace of its own: one nginx with TLS 1.2 and 1.3; the same through a relay
that adds a round trip of 30 ms; and many services together, for zijian and sslyze. Then an ``openssl s_server`` with all
that OpenSSL has, for the results alone. Connections are counted by the kernel on the servers' side. Commands are run in turn,
and ratios are of medians.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import statistics
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks import peers
from benchmarks.measure import ROOT, Measured, in_own_namespace, measure
from tests.servers.process import program, running
from tests.servers.tls import Issued, issue, rsa_key, s_server

NAME = "benchmark.zijian.test"
ROUND_TRIP = 0.03
"""Seconds."""
PORT = 443
_SERVER, _FAR = "127.61.0.1", "127.61.0.2"
_ROWS = (
    ("wall time, s", "wall"),
    ("processor time, s", "cpu"),
    ("memory, MiB", "memory"),
    ("connections accepted", "connections"),
)


@dataclass(frozen=True)
class Tool:
    """A program to be measured: the command for a list of endpoints, and how its output is read."""

    name: str
    command: Callable[[Sequence[str], Path], list[str]]
    output: str
    read: Callable[[Path], peers.Said]
    runs: int
    fine: tuple[int, ...] = (0,)


def tools(folder: Path, runs: int, chosen: Sequence[str]) -> list[Tool]:
    """zijian first, then the chosen peers."""
    certificates = str(folder / "authority.crt")

    def zijian(endpoints: Sequence[str], out: Path) -> list[str]:
        return [
            sys.executable, "-m", "scanner", "scan", *endpoints, "--checks", "tls,certificate", "--ca-file",
            certificates, "-q", "-o", str(out),
        ]  # fmt: skip

    def sslyze(endpoints: Sequence[str], out: Path) -> list[str]:
        return [
            os.environ.get("SSLYZE", "sslyze"),
            "--json_out",
            str(out / "out.json"),
            *endpoints,
        ]

    def testssl(endpoints: Sequence[str], out: Path) -> list[str]:
        return [
            "testssl", "--quiet", "--color", "0", "-n", "none", "--warnings", "batch", "--add-ca", certificates,
            "--full", "--jsonfile", str(out / "out.json"), *endpoints,
        ]  # fmt: skip

    def nmap(endpoints: Sequence[str], out: Path) -> list[str]:
        hosts = [endpoint.rpartition(":")[0] for endpoint in endpoints]
        return [
            "nmap", "-n", "-Pn", "-T4", "-p", str(PORT), "--script", "ssl-enum-ciphers,ssl-cert,ssl-dh-params",
            "-oX", str(out / "out.xml"), *hosts,
        ]  # fmt: skip

    everything = [
        Tool("zijian", zijian, "result.json", peers.zijian, runs, (0, 3)),
        # sslyze ends with 1 where a server is not as Mozilla recommends.
        Tool("sslyze", sslyze, "out.json", peers.sslyze, runs, (0, 1)),
        # testssl.sh ends with the number of what it found; one run takes minutes.
        Tool("testssl", testssl, "out.json", peers.testssl, 1, tuple(range(0, 245))),
        Tool("nmap", nmap, "out.xml", peers.nmap, runs),
    ]
    return [tool for tool in everything if tool.name == "zijian" or tool.name in chosen]


@contextlib.contextmanager
def nginx(folder: Path, addresses: Sequence[str], leaf: Issued, authority: Issued) -> Iterator[None]:
    """One nginx with its own defaults for TLS 1.2 and 1.3, on all ``addresses``."""
    certificate, key = leaf.write(folder, "server", authority)
    configuration = folder / "nginx.conf"
    listens = "\n".join(f"listen {address}:{PORT} ssl backlog=4096;" for address in addresses)
    configuration.write_text(
        f"daemon off; worker_processes 2; pid {folder}/nginx.pid; error_log {folder}/error.log;\n"
        "worker_rlimit_nofile 16384; events { worker_connections 8192; }\n"
        f"http {{ access_log off; {_temporary(folder)}\nserver {{\n{listens}\n"
        f"ssl_certificate {certificate}; ssl_certificate_key {key}; ssl_protocols TLSv1.2 TLSv1.3;\n"
        'location / { return 200 "ok\\n"; } } }\n'
    )
    command = [program("nginx"), "-p", str(folder), "-c", str(configuration)]
    with running(command, address=addresses[0], port=PORT, log=folder / "nginx.log"):
        yield


def _temporary(folder: Path) -> str:
    return " ".join(
        f"{kind}_temp_path {folder}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )


@contextlib.contextmanager
def far_away(folder: Path) -> Iterator[None]:
    """The relay in front of the server."""
    command = [
        sys.executable, "-m", "benchmarks.relay", f"{_FAR}:{PORT}", f"{_SERVER}:{PORT}", str(ROUND_TRIP),
    ]  # fmt: skip
    environment = {"PYTHONPATH": str(ROOT)}
    with running(
        command, address=_FAR, port=PORT, log=folder / "relay.log", environment=environment, cwd=ROOT
    ):
        yield


class Bench:
    """Runs the tools in turn and keeps what they cost and said."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._environment = {
            **os.environ, "ZIJIAN_HOME": str(folder / "home"), "PYTHONPATH": str(ROOT), "MAX_WAIT_TEST": "600",
        }  # fmt: skip
        # Compiled files are kept between runs, as they are for everybody who has run a program before.
        self._environment.pop("PYTHONDONTWRITEBYTECODE", None)

    def once(self, tool: Tool, endpoints: Sequence[str]) -> tuple[Measured, Path]:
        """One run, and where its output is."""
        out = Path(tempfile.mkdtemp(dir=self._folder, prefix=f"{tool.name}-"))
        return measure(tool.command(endpoints, out), self._environment, fine=tool.fine), out / tool.output

    def compare(
        self, title: str, endpoints: Sequence[str], chosen: Sequence[Tool], *, halve: int = 1
    ) -> dict[str, peers.Said]:
        """Run all in turn and print their table; what each said in its last run.

        Connections through the relay are counted twice by the kernel: ``halve`` sets that right.
        """
        runs: dict[str, list[Measured]] = {tool.name: [] for tool in chosen}
        last: dict[str, Path] = {}
        for number in range(max(tool.runs for tool in chosen)):
            for tool in chosen:
                if number < tool.runs:
                    measured, last[tool.name] = self.once(tool, endpoints)
                    runs[tool.name].append(measured)
        others = [tool.name for tool in chosen[1:]]
        print(f"\n## {title}\n")
        print("| | zijian | " + " | ".join(f"{name} | ratio" for name in others) + " |")
        print("| --- | ---: |" + " ---: | ---: |" * len(others))
        for label, key in _ROWS:
            medians = {
                name: statistics.median(getattr(run, key) for run in measured)
                for name, measured in runs.items()
            }
            if key == "connections":
                medians = {name: value / halve for name, value in medians.items()}
            ours = medians["zijian"]
            cells = [f"{medians[name]:.4g} | {ours / medians[name]:.3g}" for name in others]
            print(f"| {label} | {ours:.4g} | " + " | ".join(cells) + " |", flush=True)
        return {tool.name: tool.read(last[tool.name]) for tool in chosen}


def tell_disagreements(said: dict[str, peers.Said]) -> None:
    """Print every disagreement of a peer with zijian."""
    ours = said["zijian"]
    print()
    for name, theirs in said.items():
        if name == "zijian":
            continue
        found = peers.disagreements(ours, theirs)
        print(f"{name}: {'agrees in all that both say' if not found else ''}")
        for what, mine, other in found:
            print(f"  {what}: only zijian: {mine}; only {name}: {other}")
    sys.stdout.flush()


def main() -> None:
    """Measure and print tables in Markdown."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--services", type=int, default=200)
    parser.add_argument("--peers", default="sslyze,testssl,nmap")
    options = parser.parse_args()
    in_own_namespace("benchmarks.tls")
    with tempfile.TemporaryDirectory(prefix="zijian-benchmark-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        authority = issue("zijian benchmark authority", ca=True)
        many = [f"127.62.{number // 200}.{number % 200 + 1}" for number in range(options.services)]
        leaf = issue(NAME, issuer=authority, key=rsa_key(), san=[NAME, _SERVER, _FAR, *many[:100]], days=90)
        (folder / "authority.crt").write_bytes(authority.pem)
        chosen = tools(folder, options.runs, options.peers.split(","))
        bench = Bench(folder)
        home = folder / "nginx"
        home.mkdir()
        with nginx(home, [_SERVER, *many], leaf, authority):
            for tool in chosen[:2]:
                bench.once(tool, [f"{_SERVER}:{PORT}"])
            tell_disagreements(bench.compare("One service", [f"{_SERVER}:{PORT}"], chosen))
            with far_away(folder):
                near = [tool for tool in chosen if tool.name != "testssl"]
                title = f"One service, {ROUND_TRIP * 1000:g} ms away"
                bench.compare(title, [f"{_FAR}:{PORT}"], near, halve=2)
            pair = [
                Tool(t.name, t.command, t.output, t.read, 1, t.fine)
                for t in chosen
                if t.name in ("zijian", "sslyze")
            ]
            endpoints = [f"{address}:{PORT}" for address in many]
            if options.services:
                bench.compare(f"{options.services} services together", endpoints, pair)
        certificate, key = leaf.write(folder, "all", authority)
        everything = [
            "-cert", str(certificate), "-key", str(key), "-cipher", "ALL:COMPLEMENTOFALL:@SECLEVEL=0",
            "-www",
        ]  # fmt: skip
        with s_server(folder, _SERVER, PORT, *everything):
            print("\n## All that OpenSSL has")
            tell_disagreements(
                {tool.name: tool.read(bench.once(tool, [f"{_SERVER}:{PORT}"])[1]) for tool in chosen}
            )


if __name__ == "__main__":
    main()
