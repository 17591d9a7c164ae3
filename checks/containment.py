"""What a rule may not do, and what becomes of one that does.

Rules are pure functions of facts. While they judge, this process opens no socket and starts no program or thread
(:func:`offline`; PEP 578; Python tells of threads from 3.12 on). A plug-in's rule is held to more (:func:`contained`):
what it prints goes to the standard error, since the standard output is for data; its leaving, its running on and its
hunger for memory become a :class:`RuleFault`, which names the rule and costs the others nothing. This guards against
faults, not against malice: a plug-in is code that the user chose to run.
"""

from __future__ import annotations

import contextlib
import resource
import signal
import sys
import threading
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NoReturn

SECONDS = 10.0
"""Time that a plug-in's rule has for one subject. Rules take microseconds."""
MEMORY = 512 << 20
"""Bytes of address space that a plug-in may take beyond what the process has."""
BUILT_IN = "checks."
"""How the modules of zijian's own rules begin."""

_FORBIDDEN = ("socket.", "subprocess.", "os.exec", "os.fork", "os.posix_spawn", "os.spawn", "os.system", "_thread.start", "ctypes.dlopen")  # fmt: skip
"""Audit events, by their beginnings: https://docs.python.org/3/library/audit_events.html"""
_state = threading.local()
_given_up: set[str] = set()


class RuleFault(Exception):
    """A rule broke its contract, such as by yielding an outcome that it does not declare."""


class _OutOfTime(BaseException):
    """Time is up. No :class:`Exception`, so that a rule that catches all of those ends as well."""


@contextlib.contextmanager
def offline() -> Iterator[None]:
    """No socket, program or thread is opened by this thread while the block lasts.

    :raises RuleFault: from within the block, at the attempt.
    """
    _install()
    before = getattr(_state, "offline", False)
    _state.offline = True
    try:
        yield
    finally:
        _state.offline = before


@cache
def _install() -> None:
    sys.addaudithook(_refuse)


def _refuse(event: str, _: object) -> None:
    if getattr(_state, "offline", False) and event.startswith(_FORBIDDEN):
        raise RuleFault(f"it tried {event}: a rule opens no socket and starts no program or thread")


@contextlib.contextmanager
def contained(name: str) -> Iterator[None]:
    """Run a plug-in's code: offline, bounded in time (in the main thread, which alone gets signals) and in memory.

    Code called ``name`` that ran out of its time is not begun again in this process.

    :raises RuleFault: it was ended, or tried to leave. What else it raises is left to the caller.
    """
    if name in _given_up:
        raise RuleFault(f"it was given up: not done after {SECONDS:g} s")
    try:
        with offline(), contextlib.redirect_stdout(sys.stderr), _memory(), _time():
            yield
    except _OutOfTime:
        _given_up.add(name)
        raise RuleFault(f"not done after {SECONDS:g} s") from None
    except SystemExit as leaving:
        raise RuleFault(f"it tried to end zijian (SystemExit: {leaving.code})") from None


def _end(*_: object) -> NoReturn:
    raise _OutOfTime


@contextlib.contextmanager
def _time() -> Iterator[None]:
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGALRM, _end)
    try:
        # Again each second, should the first be caught.
        signal.setitimer(signal.ITIMER_REAL, SECONDS, 1.0)
        try:
            yield
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
    finally:
        signal.signal(signal.SIGALRM, before)


@contextlib.contextmanager
def _memory() -> Iterator[None]:
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    # proc(5): the first number is the program's size in pages.
    taken = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    limit = taken + MEMORY
    for bound in (soft, hard):
        if bound != resource.RLIM_INFINITY:
            limit = min(limit, bound)
    resource.setrlimit(resource.RLIMIT_AS, (limit, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))
