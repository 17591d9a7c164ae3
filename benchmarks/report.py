"""Times every format of the report at the size of a city: by default 200 hosts with 5,000 findings.

Usage (as root, after ``./test.sh``): ``benchmarks/report [--hosts N] [--findings N] [--formats LIST] [--runs N]``

Four deliberately weak servers are scanned on loopback. What the scan found, facts and findings, stands for each further host in
turn, under addresses of its own; the duties are judged anew over all of it. Each format is made in a process of its own, as ``zijian
report`` makes it. Chromium then opens ``report.html``, and types into its filter. Nothing is sent to the hosts that are made up.
"""

from __future__ import annotations

import argparse
import dataclasses
import itertools
import os
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

import msgspec
from playwright.sync_api import Page, sync_playwright

from benchmarks.measure import ROOT
from checks.model import Finding, finding_key
from docs.gallery import scanned
from reports.assessment import assess_duties
from reports.json_export import from_json, json_pieces
from reports.result import HostResult, Result, ServiceResult

_FORMATS = "html,json,md,csv,sarif,xlsx,docx,pdf"
_RENDER = """
import sys
from pathlib import Path
from reports.formats import files
from reports.json_export import from_json
result = from_json(Path(sys.argv[1]).read_bytes())
for name, made in files(result, "zh", sys.argv[2]):
    with (Path(sys.argv[3]) / name).open("wb") as file:
        for piece in made:
            file.write(piece)
"""
_TYPE = """
async (text) => {
  const output = document.getElementById("filter-count"), field = document.getElementById("filter-text");
  const before = output.textContent, begun = performance.now();
  field.value = text;
  field.dispatchEvent(new Event("input", { bubbles: true }));
  while (output.textContent === before) await new Promise((done) => setTimeout(done, 1));
  await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
  return performance.now() - begun;
}
"""


def multiplied(real: Result, hosts: int, findings: int) -> Result:
    """``real`` with its hosts repeated until there are ``hosts``, and their findings until there are ``findings``."""
    made_hosts: list[HostResult] = []
    services: list[ServiceResult] = []
    found: list[Finding] = []
    of_host = {
        host.ip: (
            [one for one in real.services if one.ip == host.ip],
            [one for one in real.findings if one.subject_label.startswith(f"{host.ip}:")],
        )
        for host in real.hosts
    }
    for number, host in zip(range(hosts), itertools.cycle(real.hosts), strict=False):
        ip = f"10.{number // 250}.{number % 250}.1"

        def moved(text: str, old: str = host.ip, new: str = ip) -> str:
            return text.replace(old, new)

        made_hosts.append(dataclasses.replace(host, ip=ip, target=ip))
        services += [
            dataclasses.replace(one, ip=ip, host=moved(one.host), id=moved(one.id))
            for one in of_host[host.ip][0]
        ]
        found += [_moved(one, host.ip, ip) for one in of_host[host.ip][1]]
    # Further names of the same hosts, as one server has many sites.
    rounds = (
        dataclasses.replace(
            one,
            subject=f"www{number}.example.cn@{one.subject}",
            key=finding_key(one.check, f"www{number}.example.cn@{one.subject}", one.outcome),
        )
        for number in itertools.count(1)
        for one in tuple(found)
    )
    found = list(itertools.islice(itertools.chain(tuple(found), rounds), findings))
    duties = assess_duties(
        tuple(found), real.checks, law_date=real.scan.law_date, mode=real.scan.mode, complete=True
    )
    return dataclasses.replace(
        real, hosts=tuple(made_hosts), services=tuple(services), findings=tuple(found), duties=duties
    )


def _moved(finding: Finding, old: str, new: str) -> Finding:
    raw = msgspec.json.encode(finding).decode().replace(old, new)
    made = msgspec.json.decode(raw, type=Finding)
    return dataclasses.replace(made, key=finding_key(made.check, made.subject, made.outcome))


def _rendered(stored: Path, name: str, folder: Path) -> tuple[float, float, int]:
    """Seconds of wall and of processor, and bytes of the files of one format."""
    folder.mkdir()
    begun = time.perf_counter()
    process = subprocess.Popen([sys.executable, "-c", _RENDER, stored, name, folder], cwd=ROOT)
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - begun
    if status != 0:
        raise SystemExit(f"{name}: exit status {status}")
    size = sum(path.stat().st_size for path in folder.iterdir())
    return wall, usage.ru_utime + usage.ru_stime, size


def _opened(page: Page, address: str) -> float:
    """Seconds until the page is loaded and its filter answers."""
    begun = time.perf_counter()
    page.goto(address, wait_until="load")
    page.wait_for_selector("#filter:not([hidden]) #filter-text", state="visible")
    page.evaluate("new Promise((done) => requestAnimationFrame(() => setTimeout(done)))")
    return time.perf_counter() - begun


def _in_browser(report: Path, runs: int) -> None:
    opened: list[float] = []
    typed: dict[str, list[float]] = {"10.0.7.1": [], "redis": [], "…nothing…": []}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        for _ in range(runs):
            page = browser.new_page(viewport={"width": 1200, "height": 900})
            opened.append(_opened(page, report.as_uri()))
            for text, times in typed.items():
                times.append(page.evaluate(_TYPE, text))
            page.close()
        browser.close()
    print(f"| open until its filter answers | {statistics.median(opened):.2f} s |")
    for text, times in typed.items():
        print(f"| filter by {text!r} until shown | {statistics.median(times):.0f} ms |")


def main() -> None:
    """Measure and print two tables in Markdown."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--hosts", type=int, default=200)
    parser.add_argument("--findings", type=int, default=5000)
    parser.add_argument("--formats", default=_FORMATS)
    parser.add_argument("--runs", type=int, default=5)
    options = parser.parse_args()
    with scanned("json") as report:
        real = from_json((report / "result.json").read_bytes())
    result = multiplied(real, options.hosts, options.findings)
    print(
        f"{datetime.now(UTC):%Y-%m-%d}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}: {len(result.hosts)} hosts, "
        f"{len(result.services)} services, {len(result.findings)} findings of {len({f.check for f in result.findings})} rules "
        f"(the scan: {len(real.hosts)} hosts, {len(real.findings)} findings)\n"
    )
    with tempfile.TemporaryDirectory(prefix="zijian-benchmark-") as name:
        folder = Path(name)
        stored = folder / "result.json"
        stored.write_bytes(b"".join(json_pieces(result)))
        print("| format | wall time, s | processor time, s | size, MiB |\n| --- | ---: | ---: | ---: |")
        for form in options.formats.split(","):
            wall, cpu, size = _rendered(stored, form, folder / form)
            print(f"| {form} | {wall:.1f} | {cpu:.1f} | {size / 2**20:.2f} |", flush=True)
        if (folder / "html").exists():
            print("\n| in Chromium | |\n| --- | ---: |")
            _in_browser(folder / "html" / "report.html", options.runs)


if __name__ == "__main__":
    main()
