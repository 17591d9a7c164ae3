"""Files and tables that commands leave behind."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from scanner.errors import LocalError, UsageError
from scanner.said import zh


def prepare_folder(folder: Path) -> Path:
    """Make the output folder, private to its owner, before anything is sent.

    :raises UsageError: it cannot be made or written to.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise UsageError(
            f"无法建立输出文件夹 {folder}：{zh(error)}",
            f"cannot make the output folder {folder}: {error.strerror}",
        ) from error
    if not os.access(folder, os.W_OK | os.X_OK):
        raise UsageError(f"输出文件夹 {folder} 不能写入", f"the output folder {folder} cannot be written to")
    return folder


def write_file(path: Path, data: bytes) -> None:
    """Write a file as :func:`write_pieces` does."""
    write_pieces(path, (data,))


def write_pieces(path: Path, pieces: Iterable[bytes]) -> None:
    """Write a file whole or not at all, readable by its owner only.

    :raises LocalError: the disk is full or the folder cannot be written; what was there before stays.
    """
    temporary: Path | None = None
    try:
        descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        temporary = Path(name)
        with os.fdopen(descriptor, "wb") as file:
            file.writelines(pieces)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException as error:
        if temporary is not None:
            temporary.unlink(missing_ok=True)
        if not isinstance(error, OSError):
            raise
        raise LocalError(
            f"无法写入 {path}：{zh(error)}", f"cannot write {path}: {error.strerror}", kind="disk_full"
        ) from error


@contextmanager
def new_file(path: Path) -> Iterator[BinaryIO]:
    """A file that is not there yet, readable by its owner only; it is gone again when the block fails.

    :raises FileExistsError: it is there.
    :raises OSError: as the file system says.
    """
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield file
            file.flush()
            os.fsync(descriptor)
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def copy_file(source: Path, path: Path) -> None:
    """Copy a file the same way as :func:`write_file`.

    :raises LocalError: as :func:`write_pieces` does, or ``source`` cannot be read.
    """
    if source.resolve() == path.resolve():
        return
    try:
        with source.open("rb") as file:
            write_pieces(path, iter(lambda: file.read(1 << 20), b""))
    except OSError as error:
        raise LocalError(
            f"无法读取 {source}：{zh(error)}", f"cannot read {source}: {error.strerror}"
        ) from error
