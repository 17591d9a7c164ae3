"""Times zijian's TLS survey, as a whole command, against sslyze, testssl.sh and nmap, and prints where they agree and where not.

Usage (as root, after ``./test.sh``): ``benchmarks/tls [--runs N] [--services N] [--peers sslyze,testssl-quick,testssl,nmap]``

In one go and in a network namespace of its own: one nginx with TLS 1.2 and 1.3; the same through a relay that adds a round trip of
30 ms; and many services together, for zijian and for sslyze with the concurrency that was found to be its best. Then an
``openssl s_server`` with all that OpenSSL has, for the results alone. Connections are counted by the kernel on the servers' side.
Commands are run in turn, again and again; a ratio is that of two runs next to each other, and its median, least and most are
printed. Everything that a program says is compared with what zijian says, for every endpoint.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import shlex
import statistics
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from benchmarks import peers
from benchmarks.measure import ROOT, ROWS, Measured, in_own_namespace, measure
from tests.servers.process import program, running
from tests.servers.tls import Issued, issue, rsa_key, s_server

NAME = "benchmark.zijian.test"
ROUND_TRIP = 0.03
"""Seconds."""
PORT = 443
_SERVER, _FAR = "127.61.0.1", "127.61.0.2"


Command = Callable[[Sequence[str], Path], list[str]]


@dataclass(frozen=True)
class Tool:
    """A program to be measured: the command for a list of endpoints, and how its output is read."""

    name: str
    command: Command
    output: str
    """The file that is read; empty for their folder, where there may be several."""
    read: peers.Reader
    runs: int
    fine: tuple[int, ...] = (0,)
    """Exit codes that mean it did its work."""
    more: tuple[Command, ...] = ()
    """Commands that are not timed, which tell what the timed one does not look at."""


def tools(folder: Path, runs: int, chosen: Sequence[str]) -> list[Tool]:
    """zijian first, then the chosen peers."""
    certificates = str(folder / "authority.crt")

    def zijian(endpoints: Sequence[str], out: Path) -> list[str]:
        return [
            sys.executable, "-m", "scanner", "scan", *endpoints, "--checks", "tls,certificate", "--ca-file",
            certificates, "-q", "-o", str(out),
        ]  # fmt: skip

    def testssl(*options: str) -> Command:
        def command(endpoints: Sequence[str], out: Path) -> list[str]:
            return [
                "testssl", "--quiet", "--color", "0", "-n", "none", "--warnings", "batch", "--add-ca", certificates,
                *options, "--jsonfile", str(out / "out.json"), *endpoints,
            ]  # fmt: skip

        return command

    def nmap(scripts: str) -> Command:
        def command(endpoints: Sequence[str], out: Path) -> list[str]:
            hosts = [endpoint.rpartition(":")[0] for endpoint in endpoints]
            return [
                "nmap", "-n", "-Pn", "-T4", "-p", str(PORT), "--script", scripts, "-oX", str(out / "out.xml"), *hosts,
            ]  # fmt: skip

        return command

    # testssl.sh ends with the number of what it found; one run of all its checks takes minutes.
    counts = tuple(range(245))
    everything = [
        Tool("zijian", zijian, "result.json", peers.zijian, runs, (0, 3)),
        # sslyze ends with 1 where a server is not as Mozilla recommends.
        Tool("sslyze", sslyze(), "", peers.sslyze, runs, (0, 1), (sslyze("--resum", "--early_data"),)),
        # Versions, the server's choices, certificate and forward secrecy: what comes nearest to zijian's survey.
        Tool(
            "testssl-quick", testssl("--fast", "-p", "-P", "-S", "-f"), "out.json", peers.testssl, 1, counts
        ),
        Tool("testssl", testssl("--full"), "out.json", peers.testssl, 1, counts),
        Tool(
            "nmap",
            nmap("ssl-enum-ciphers,ssl-cert,ssl-dh-params"),
            "out.xml",
            peers.nmap,
            runs,
            more=(nmap("tls-alpn"),),
        ),
    ]
    return [tool for tool in everything if tool.name == "zijian" or tool.name in chosen]


def sslyze(*options: str, processes: int = 1) -> Command:
    """sslyze with ``options``; in several ``processes`` at a time, each with its share of the endpoints."""
    program = os.environ.get("SSLYZE", "sslyze")

    def command(endpoints: Sequence[str], out: Path) -> list[str]:
        shares = [
            shlex.join([program, *options, "--json_out", str(out / f"out{number}.json"), *share])
            for number in range(processes)
            if (share := endpoints[number::processes])
        ]
        # Ended by its own word, so that what the shell waited for counts among its time.
        return ["sh", "-c", f"{' & '.join(shares)} & wait"]

    return command


_PROCESSES = (2, 3, 4, 8)
"""Numbers of processes of sslyze that are tried beside one; how many servers each takes at a time only its library can set."""
_SAMPLE = 40
"""Services at most on which they are tried."""


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

    def told(self, tool: Tool, endpoints: Sequence[str], timed: Path | None = None) -> peers.Endpoints:
        """What it says, by the output of a ``timed`` run or of a new one, and by its further commands."""
        told = tool.read(timed or self.once(tool, endpoints)[1])
        for command in tool.more:
            more = tool.read(self.once(replace(tool, command=command), endpoints)[1])
            told = {where: {**more.get(where, {}), **said} for where, said in told.items()}
        return told

    def compare(
        self, title: str, endpoints: Sequence[str], chosen: Sequence[Tool], *, halve: int = 1
    ) -> dict[str, peers.Endpoints]:
        """Run all in turn and print their table; what each said in its last run, and in its further commands.

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
        for label, key in ROWS:
            values = {name: [float(getattr(run, key)) for run in measured] for name, measured in runs.items()}
            if key == "connections":
                values = {name: [value / halve for value in found] for name, found in values.items()}
            ours = values["zijian"]
            cells = [
                f"{statistics.median(values[name]):.4g} | {_ratio(ours, values[name])}" for name in others
            ]
            print(f"| {label} | {statistics.median(ours):.4g} | " + " | ".join(cells) + " |", flush=True)
        return {tool.name: self.told(tool, endpoints, last[tool.name]) for tool in chosen}

    def best_of_sslyze(self, tool: Tool, endpoints: Sequence[str]) -> Tool:
        """sslyze with the settings of concurrency that are its fastest for ``endpoints``; prints all."""
        settings: list[tuple[str, Command]] = [
            ("its own", sslyze()),
            ("--slow_connection", sslyze("--slow_connection")),
            *((f"{number} processes", sslyze(processes=number)) for number in _PROCESSES),
        ]
        print(f"\n## sslyze's concurrency, {len(endpoints)} services\n")
        print("| setting | wall time, s | services told |\n| --- | ---: | ---: |")
        times: list[float] = []
        for name, command in settings:
            measured, path = self.once(replace(tool, command=command), endpoints)
            told = len(tool.read(path))
            print(f"| {name} | {measured.wall:.4g} | {told} |", flush=True)
            # What left services out was not faster at the same work.
            times.append(measured.wall if told == len(endpoints) else float("inf"))
        name, command = settings[times.index(min(times))]
        print(f"\nBest: {name}")
        return replace(tool, command=command)


def _ratio(ours: Sequence[float], theirs: Sequence[float]) -> str:
    """Of runs next to each other: the median, and where there are several the least and the most."""
    ratios = [mine / other for mine, other in zip(ours, theirs, strict=False) if other]
    if not ratios:
        return "-"
    spread = f" ({min(ratios):.3g} to {max(ratios):.3g})" if len(ratios) > 1 else ""
    return f"{statistics.median(ratios):.3g}{spread}"


def tell_disagreements(told: Mapping[str, peers.Endpoints]) -> None:
    """Print what each peer says otherwise than zijian, what either leaves open, and what only one of them tells.

    What is the same for several endpoints is printed once, with their number.
    """
    ours = told["zijian"]
    for name, theirs in told.items():
        if name == "zijian":
            continue
        common = sorted(ours.keys() & theirs.keys())
        print(f"\n{name}, {len(common)} endpoint{'s' if len(common) != 1 else ''}:")
        for who, missing in ((name, ours.keys() - theirs.keys()), ("zijian", theirs.keys() - ours.keys())):
            if missing:
                print(f"  {who} says nothing of {len(missing)}: {', '.join(sorted(missing)[:5])}")
        lines: Counter[str] = Counter()
        for where in common:
            lines.update(_lines(name, peers.compare(ours[where], theirs[where])))
        for line, number in lines.items():
            print(f"  {line}" + (f" [{number} endpoints]" if len(common) > 1 else ""))
    sys.stdout.flush()


def _lines(name: str, found: peers.Compared) -> Iterator[str]:
    yield f"alike in {len(found.alike)}: {', '.join(found.alike)}"
    for what, mine, other in found.differing:
        yield f"DIFFERS in {what}: only zijian: {mine}; only {name}: {other}"
    for what, other in found.open_here:
        yield f"zijian leaves open: {what} ({name}: {other})"
    for what, mine in found.open_there:
        yield f"{name} leaves open: {what} (zijian: {mine})"
    if found.open_both:
        yield f"both leave open: {', '.join(found.open_both)}"
    if found.only_here:
        yield f"told by zijian alone: {', '.join(found.only_here)}"
    if found.only_there:
        yield f"told by {name} alone: {', '.join(found.only_there)}"


def main() -> None:
    """Measure and print tables in Markdown."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--services", type=int, default=200)
    parser.add_argument("--runs-of-many", type=int, default=2, help="runs of the services together")
    parser.add_argument("--peers", default="sslyze,testssl-quick,testssl,nmap")
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
                tell_disagreements(bench.compare(title, [f"{_FAR}:{PORT}"], near, halve=2))
            endpoints = [f"{address}:{PORT}" for address in many]
            of_sslyze = [tool for tool in chosen if tool.name == "sslyze"]
            if endpoints and of_sslyze:
                best = bench.best_of_sslyze(of_sslyze[0], endpoints[:_SAMPLE])
                pair = [
                    replace(chosen[0], runs=options.runs_of_many),
                    replace(best, runs=options.runs_of_many),
                ]
                tell_disagreements(bench.compare(f"{len(endpoints)} services together", endpoints, pair))
        certificate, key = leaf.write(folder, "all", authority)
        everything = [
            "-cert", str(certificate), "-key", str(key), "-cipher", "ALL:COMPLEMENTOFALL:@SECLEVEL=0",
            "-www",
        ]  # fmt: skip
        with s_server(folder, _SERVER, PORT, *everything):
            print("\n## All that OpenSSL has")
            tell_disagreements({tool.name: bench.told(tool, [f"{_SERVER}:{PORT}"]) for tool in chosen})


if __name__ == "__main__":
    main()
