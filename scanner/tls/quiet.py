"""Keeps ``cryptography`` from warning of what a stranger's certificate holds: here that is a fact, not advice."""

from __future__ import annotations

import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

_LOCK = threading.RLock()


@contextmanager
def quiet() -> Iterator[None]:
    """No warnings while the block lasts. One thread at a time: the filters of :mod:`warnings` belong to the process."""
    with _LOCK, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
