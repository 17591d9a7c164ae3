"""Taking a file in as evidence: a copy byte for byte, with its digests and the time, before anybody works with it."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from scanner.digests import Digests, digests_of
from scanner.errors import LocalError, UsageError
from scanner.said import Sentence, zh

_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A file that was taken in."""

    name: str
    """Its path below the folder that it was kept in, with ``/``."""
    size: int
    sha256: str
    sm3: str
    taken: datetime
    modified: datetime | None = None
    """When the original was last changed, as its file system said; None for what zijian made itself."""


def take_in(source: Path, folder: Path, name: str) -> Kept:
    """Copy the regular file ``source`` to ``folder/name``, readable by its owner alone.

    :raises UsageError: it is no regular file, cannot be read, or changed while it was read.
    :raises LocalError: the copy cannot be written; nothing of it is left.
    """
    try:
        # Not blocking: a FIFO without a writer would wait for ever.
        descriptor = os.open(source, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        raise UsageError(
            f"无法读取 {source}：{zh(error)}", f"cannot read {source}: {error.strerror}"
        ) from error
    before = os.fstat(descriptor)
    if not stat.S_ISREG(before.st_mode):
        os.close(descriptor)
        raise UsageError(f"{source} 不是文件", f"{source} is no file")
    with os.fdopen(descriptor, "rb") as file:
        kept = _write(iter(lambda: file.read(_CHUNK), b""), folder, name, _moment(before))
        after = os.fstat(descriptor)
    if (before.st_size, before.st_mtime_ns) != (
        after.st_size,
        after.st_mtime_ns,
    ) or kept.size != after.st_size:
        (folder / name).unlink(missing_ok=True)
        raise UsageError(
            f"{source} 在读取时发生变化；请待其写完再收录",
            f"{source} changed while it was read; take it in once it is complete",
        )
    return kept


def keep(pieces: Iterable[bytes], folder: Path, name: str) -> Kept:
    """Write what zijian made to ``folder/name`` as :func:`take_in` does, and raise as it does."""
    return _write(pieces, folder, name, None)


def changed(kept: Kept, folder: Path) -> Sentence | None:
    """Why the copy is no longer what was taken in; None while it is.

    :raises LocalError: it cannot be read.
    """
    path = folder / kept.name
    try:
        with path.open("rb") as file:
            digests = digests_of(file)
    except FileNotFoundError:
        return Sentence(f"{path} 已不存在", f"{path} is gone")
    except OSError as error:
        raise LocalError(
            f"无法读取 {path}：{zh(error)}", f"cannot read {path}: {error.strerror}", kind="no_permission"
        ) from error
    if digests.hexdigests() != {"sha256": kept.sha256, "sm3": kept.sm3}:
        return Sentence(f"{path} 在收录之后被改动过", f"{path} was changed since it was taken in")
    return None


def _moment(status: os.stat_result) -> datetime:
    return datetime.fromtimestamp(status.st_mtime, UTC)


def _write(pieces: Iterable[bytes], folder: Path, name: str, modified: datetime | None) -> Kept:
    path = folder / name
    digests = Digests()
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
        try:
            with os.fdopen(descriptor, "wb") as out:
                for data in pieces:
                    digests.update(data)
                    out.write(data)
                out.flush()
                os.fsync(descriptor)
        except BaseException:
            path.unlink(missing_ok=True)
            raise
    except OSError as error:
        kind = "disk_full" if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG) else "no_permission"
        raise LocalError(
            f"无法写入 {path}：{zh(error)}", f"cannot write {path}: {error.strerror}", kind=kind
        ) from error
    return Kept(
        name=name, size=digests.size, taken=datetime.now(UTC), modified=modified, **digests.hexdigests()
    )
