"""``zijian stop``: end a running scan at once; it stays resumable."""

from __future__ import annotations

import fcntl
import os
import signal
import time

import click

from scanner.cli.language import say
from scanner.errors import LocalError, UsageError

_PATIENCE = 15.0
"""Seconds to wait until the scan has let go of its lock."""


@click.command()
@click.argument("scan", default="latest")
def stop(scan: str) -> int:
    """Stop the running SCAN (an id, the start of one, or "latest") at once. Go on later with: zijian scan --resume."""
    from scanner.paths import scan_folder
    from scanner.store import open_store

    store = open_store()
    try:
        record = store.scan(scan)
    finally:
        store.close()
    path = scan_folder(record.id) / "run.lock"
    pid = _holder(path)
    if pid is None:
        raise UsageError(f"扫描 {record.id} 没有在运行", f"scan {record.id} is not running")
    try:
        os.kill(pid, signal.SIGTERM)
    except PermissionError as error:
        raise LocalError(
            f"扫描 {record.id} 由另一个用户运行（进程 {pid}）",
            f"scan {record.id} is run by another user (process {pid})",
            kind="no_permission",
        ) from error
    deadline = time.monotonic() + _PATIENCE
    while _holder(path) is not None:
        if time.monotonic() > deadline:
            raise LocalError(
                f"已通知扫描 {record.id}（进程 {pid}）停止，它正在收尾",
                f"scan {record.id} (process {pid}) was told to stop and is still finishing",
                kind="slow_stop",
            )
        time.sleep(0.1)
    say(
        f"扫描 {record.id} 已停止；继续扫描：zijian scan --resume {record.id}",
        f"scan {record.id} stopped; go on with: zijian scan --resume {record.id}",
    )
    return 0


def _holder(path: os.PathLike[str]) -> int | None:
    """Process that holds the lock, or None. The lock, not the number in it, tells whether the scan runs."""
    try:
        with open(path, "r+", encoding="ascii") as lock:  # noqa: PTH123
            try:
                fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except OSError:
                text = lock.read().strip()
                return int(text) if text.isdigit() else None
    except FileNotFoundError:
        return None
    return None
