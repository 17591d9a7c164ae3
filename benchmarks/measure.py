"""What the benchmarks share: a network namespace of their own, and the cost of one run of a command."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent
_INSIDE = "ZIJIAN_BENCHMARK_NAMESPACE"


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


ROWS = (
    ("wall time, s", "wall"),
    ("processor time, s", "cpu"),
    ("memory, MiB", "memory"),
    ("connections accepted", "connections"),
)
"""What the tables tell of a run: a row's name, and the field of :class:`Measured`."""


def accepted() -> int:
    """Connections that servers in this network namespace have accepted (``Tcp PassiveOpens``)."""
    names, values = (
        line.split() for line in Path("/proc/net/snmp").read_text().splitlines() if line.startswith("Tcp:")
    )
    return int(values[names.index("PassiveOpens")])


def measure(
    command: Sequence[str], environment: dict[str, str] | None = None, *, fine: Sequence[int] = (0,)
) -> Measured:
    """Run ``command`` once; ``fine`` are the exit codes that mean it did its work."""
    with tempfile.TemporaryFile() as output:
        opened, begun = accepted(), time.monotonic()
        process = subprocess.Popen(
            command, env=environment, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT
        )
        _, status, used = os.wait4(process.pid, 0)
        wall = time.monotonic() - begun
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode not in fine:
            output.seek(0)
            said = output.read().decode(errors="replace")[-500:]
            sys.exit(f"{list(command)[:4]} failed with {process.returncode}: {said}")
    return Measured(wall, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, accepted() - opened)


def in_own_namespace(module: str) -> None:
    """Start ``module`` again in a network namespace with loopback alone, so that the kernel's counters count nothing else."""
    if os.environ.get(_INSIDE):
        return
    if shutil.which("unshare") is None or os.geteuid() != 0:
        sys.exit("the benchmark needs root and unshare (util-linux)")
    inner = ["sh", "-c", 'ip link set lo up && exec "$@"', "sh", sys.executable, "-m", module, *sys.argv[1:]]
    os.execvpe("unshare", ["unshare", "-n", *inner], {**os.environ, _INSIDE: "1"})
