"""Progress on standard error: a bar on a terminal, plain lines otherwise, nothing when quiet."""

from __future__ import annotations

import sys
import time
from collections import deque
from collections.abc import Callable
from typing import Any

from scanner.cli.language import told
from scanner.facts import Endpoint, ProbeRun, RunStatus
from scanner.said import Sentence, Told

_WINDOW = 10.0
"""Seconds over which the rate is taken."""


class Lines:
    """Plain lines for logs and pipes; at most one line a second for what repeats."""

    def __init__(self, write: Callable[[str], None] | None = None) -> None:
        self._write = write or (lambda text: print(text, file=sys.stderr, flush=True))  # noqa: T201
        self._hosts = self._done = self._services = self._probes = 0
        self._last = 0.0
        self._begun = time.monotonic()
        self._connections: deque[tuple[float, int]] = deque()

    def __enter__(self) -> Lines:
        return self

    @property
    def rate(self) -> float:
        """Connections of finished probe runs a second, over the last ten seconds."""
        now = time.monotonic()
        while self._connections and now - self._connections[0][0] > _WINDOW:
            self._connections.popleft()
        return sum(number for _, number in self._connections) / max(1.0, min(_WINDOW, now - self._begun))

    @property
    def left(self) -> str:
        """How long it will take at the pace of the hosts done so far; empty until there is one."""
        if not 0 < self._done < self._hosts:
            return ""
        seconds = (time.monotonic() - self._begun) / self._done * (self._hosts - self._done)
        if seconds >= 90:
            return told(Sentence(f"约剩 {round(seconds / 60)} 分钟", f"about {round(seconds / 60)} min left"))
        return told(Sentence(f"约剩 {round(seconds)} 秒", f"about {round(seconds)} s left"))

    def __exit__(self, *_: object) -> None:
        self._line(force=True)

    def _line(self, *, force: bool = False) -> None:
        now = time.monotonic()
        if force or now - self._last >= 1:
            self._last = now
            hosts = Sentence(f"主机 {self._done}/{self._hosts}", f"hosts {self._done}/{self._hosts}")
            self._write(self._joined(told(hosts)))

    def _joined(self, *begin: str) -> str:
        """``begin``, what was seen so far, the rate, and the time left."""
        seen = Sentence(
            f"开放端口 {self._services} 个，探测 {self._probes} 次，每秒 {self.rate:.0f} 个连接",
            f"{self._services} open ports, {self._probes} probe runs, {self.rate:.0f} connections/s",
        )
        return told(Sentence("，", ", ")).join(filter(None, (*begin, told(seen), self.left)))

    def hosts_planned(self, number: int) -> None:
        """See :class:`scanner.engine.Observer`."""
        self._hosts = number
        self._line(force=True)

    def host_done(self, ip: str) -> None:
        """See :class:`scanner.engine.Observer`."""
        self._done += 1
        self._line()

    def service_found(self, endpoint: Endpoint) -> None:
        """See :class:`scanner.engine.Observer`."""
        self._services += 1
        self._line()

    def probe_done(self, run: ProbeRun) -> None:
        """See :class:`scanner.engine.Observer`."""
        self._probes += 1
        self._connections.append((time.monotonic(), len(run.ledger)))
        self._line()

    def note(self, what: Sentence | Told) -> None:
        """Say something that is no count, such as an error."""
        self._write(told(what))


class Silent(Lines):
    """Says nothing (``--quiet``)."""

    def __init__(self) -> None:
        super().__init__(lambda _: None)


class Bar(Lines):
    """A bar on a terminal."""

    def __init__(self) -> None:
        # Drawing is imported only for a terminal: it costs tens of milliseconds.
        from rich.console import Console
        from rich.progress import (
            BarColumn,
            MofNCompleteColumn,
            Progress,
            TextColumn,
            TimeElapsedColumn,
        )

        super().__init__(lambda _: None)
        self._bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[detail]}"),
            TimeElapsedColumn(),
            console=Console(stderr=True),
            transient=True,
        )
        self._task = self._bar.add_task("zijian", total=None, detail="")

    def __enter__(self) -> Bar:
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def _line(self, *, force: bool = False) -> None:
        values: dict[str, Any] = {"total": self._hosts} if self._hosts else {}
        self._bar.update(self._task, completed=self._done, detail=self._joined(), **values)

    def probe_done(self, run: ProbeRun) -> None:
        """See :class:`scanner.engine.Observer`."""
        super().probe_done(run)
        if run.status is RunStatus.FAILED and run.reason == "tool_fault":
            self.note(
                Sentence(
                    f"自检出错：对 {run.endpoint.label} 的探测 {run.probe}",
                    f"a fault in zijian: probe {run.probe} on {run.endpoint.label}",
                )
            )

    def note(self, what: Sentence | Told) -> None:
        """See :meth:`Lines.note`."""
        self._bar.console.print(told(what), markup=False, highlight=False)


def progress(*, quiet: bool) -> Lines:
    """The right kind for where standard error goes."""
    if quiet:
        return Silent()
    return Bar() if sys.stderr.isatty() else Lines()
