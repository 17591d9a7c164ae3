"""Starts the program that runs nmap (:mod:`scanner.nmap_worker`).

It takes a while to be ready and does nothing before it is asked, so a scan starts it first of all.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator

Worker = subprocess.Popen[bytes]


@contextlib.contextmanager
def nmap_worker() -> Iterator[Worker]:
    """The running program; it is ended, and every nmap with it, when the block is left."""
    process = subprocess.Popen(
        [sys.executable, "-m", "scanner.nmap_worker"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                # What was not sent yet to a program that is gone is of no use to anybody.
                with contextlib.suppress(BrokenPipeError):
                    pipe.close()
        end(process)


def end(process: Worker) -> None:
    """Wait until ``process``, whose standard input was closed, has ended what it runs and itself."""
    try:
        process.wait(timeout=5)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    if process.returncode < 0:
        # It was killed and has ended nothing: the nmaps of its session must not go on alone.
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
