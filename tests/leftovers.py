"""Holds every test run to its word: what a test started is gone when the run ends.

Each process that descends from the run inherits a mark in its environment, whatever session or process group it has moved
to. At the end, any process that still bears the mark is ended, named, and fails the run.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import signal
import time
from pathlib import Path

import pytest

MARK = "ZIJIAN_TEST_RUN"
_PATIENCE = 10.0
"""Seconds for processes that are already ending."""


def marked(mark: str) -> dict[int, str]:
    """Processes with the mark: number -> command line."""
    found: dict[int, str] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if f"{MARK}={mark}".encode() in (folder / "environ").read_bytes().split(b"\0"):
                command = (folder / "cmdline").read_bytes().replace(b"\0", b" ")
                found[int(folder.name)] = command.decode(errors="replace").strip()
    found.pop(os.getpid(), None)
    return found


def end_leftovers(mark: str, patience: float) -> dict[int, str]:
    """Wait a while for processes with the mark to end, then kill those that stay; return these."""
    deadline = time.monotonic() + patience
    while (left := marked(mark)) and time.monotonic() < deadline:
        time.sleep(0.1)
    for pid in left:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(pid, signal.SIGKILL)
    return left


def _is_worker(config: pytest.Config) -> bool:
    return hasattr(config, "workerinput")


def pytest_configure(config: pytest.Config) -> None:
    """Mark what this run starts; workers inherit the mark of the run."""
    if not _is_worker(config):
        os.environ[MARK] = secrets.token_hex(8)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail the run when something it started is still there."""
    if _is_worker(session.config):
        return
    left = end_leftovers(os.environ[MARK], _PATIENCE)
    if left:
        reporter = session.config.pluginmanager.get_plugin("terminalreporter")
        for pid, command in left.items():
            if reporter is not None:
                reporter.write_line(
                    f"\nleft behind by a test: {command} (process {pid}, now killed)", red=True
                )
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
