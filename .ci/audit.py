#!/usr/bin/env python3
"""Known vulnerabilities of the libraries that requirements.lock pins, by pip-audit, where the package index can be reached.

It stands apart from ``run`` and ``test.sh``: what it says changes with the day and needs the network, and theirs does not.
A vulnerability that is not in ``accepted.toml``, with the reason why it does no harm here, fails it; a network that is not
there, or that takes longer than a minute, never does: then it says that nothing was checked. pip-audit itself is pinned by
``audit.lock``, and installed into the user's cache when it is first wanted.

    pip-compile --allow-unsafe --generate-hashes --strip-extras --no-emit-index-url --output-file=audit.lock audit.in
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
import tomllib
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
SECONDS = 60.0
_SILENT = {"PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_NO_INPUT": "1"}


class NotReachable(Exception):
    """Nothing could be asked; the message says why."""


def accepted() -> dict[str, str]:
    """Identifier of each vulnerability that is known and does no harm here, and why."""
    return tomllib.loads((HERE / "accepted.toml").read_text(encoding="utf-8"))


def _libraries(report: str) -> list[dict[str, Any]]:
    try:
        libraries: list[dict[str, Any]] = json.loads(report)["dependencies"]
    except (ValueError, KeyError, TypeError):
        raise NotReachable("pip-audit gave no report") from None
    return libraries


def unaudited(report: str) -> list[str]:
    """A line for each library that pip-audit could learn nothing about.

    :raises NotReachable: it is no report.
    """
    return [f"{one['name']}: {one['skip_reason']}" for one in _libraries(report) if "skip_reason" in one]


def unaccepted(report: str, reasons: dict[str, str]) -> list[str]:
    """A line for each vulnerability in pip-audit's JSON that no reason is given for, by its identifier or an alias.

    :raises NotReachable: it is no report.
    """
    found = []
    for library in _libraries(report):
        for flaw in library.get("vulns", ()):
            if not {flaw["id"], *flaw["aliases"]} & reasons.keys():
                mended = ", ".join(flaw["fix_versions"]) or "none yet"
                found.append(f"{library['name']} {library['version']}: {flaw['id']} (mended in: {mended})")
    return found


def _run(command: list[str], deadline: float, **environment: str) -> subprocess.CompletedProcess[str]:
    try:
        return subprocess.run(
            command,
            capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL,
            timeout=max(0.0, deadline - time.monotonic()), env={**os.environ, **_SILENT, **environment},
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        raise NotReachable(f"no answer within {SECONDS:g} s") from None


def report(lock: Path, deadline: float) -> str:
    """pip-audit's JSON on a lock file.

    :raises NotReachable: pip-audit could not be installed, or gave no answer in time.
    """
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "zijian-audit"
    if not (cache / "pip_audit").is_dir():
        command = [sys.executable, "-m", "pip", "install", "-q", "--retries", "0", "--require-hashes"]
        cache.parent.mkdir(parents=True, exist_ok=True)
        # Half an installation must not be taken for one.
        with tempfile.TemporaryDirectory(dir=cache.parent) as folder:
            made = Path(folder) / "made"
            done = _run([*command, "--target", str(made), "-r", str(HERE / "audit.lock")], deadline)
            if done.returncode:
                raise NotReachable(f"pip-audit could not be installed: {done.stderr.strip()[-300:]}")
            made.rename(cache)
    command = [
        sys.executable,
        "-m",
        "pip_audit",
        "--requirement",
        str(lock),
        "--disable-pip",
        "--require-hashes",
    ]
    command += ["--format", "json", "--progress-spinner", "off"]
    return _run(command, deadline, PYTHONPATH=str(cache)).stdout


def main(arguments: list[str]) -> int:
    """Audit the lock file named, or requirements.lock; the exit code."""
    lock = Path(arguments[0]) if arguments else HERE.parent / "requirements.lock"
    try:
        told = report(lock, time.monotonic() + SECONDS)
        found, skipped = unaccepted(told, accepted()), unaudited(told)
    except NotReachable as why:
        print(f"audit: nothing was checked: {why}")  # noqa: T201
        return 0
    for line in found:
        print(f"audit: {line}")  # noqa: T201
    for line in skipped:
        print(f"audit: not checked: {line}")  # noqa: T201
    if not found and not skipped:
        print(f"audit: no vulnerability is known in what {lock.name} pins")  # noqa: T201
    return bool(found)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
