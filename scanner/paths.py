"""Where zijian keeps its data."""

from __future__ import annotations

import os
from pathlib import Path

from scanner.errors import LocalError
from scanner.said import zh


def data_home() -> Path:
    """The data folder: ``$ZIJIAN_HOME``, else ``$XDG_DATA_HOME/zijian``, else ``~/.local/share/zijian``; made 0700.

    :raises LocalError: it cannot be made.
    """
    if chosen := os.environ.get("ZIJIAN_HOME"):
        folder = Path(chosen)
    elif chosen := os.environ.get("XDG_DATA_HOME"):
        folder = Path(chosen) / "zijian"
    else:
        folder = Path.home() / ".local" / "share" / "zijian"
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise LocalError(
            f"无法建立数据文件夹 {folder}：{zh(error)}；请用 ZIJIAN_HOME 改到别处",
            f"cannot make the data folder {folder}: {error.strerror}; set ZIJIAN_HOME to another",
            kind="no_permission",
        ) from error
    return folder


def scan_folder(scan_id: str) -> Path:
    """The folder of one scan's ledger and lock."""
    return data_home() / "scans" / scan_id


def own_law() -> Path:
    """The folder of law that this user imported, which may not be there yet."""
    return data_home() / "law"


def template_cache() -> Path | None:
    """A folder for compiled templates, private to the user, or None where it cannot be made."""
    folder = data_home() / "cache" / "templates"
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError:
        return None
    return folder


def database_url() -> str:
    """``$ZIJIAN_DATABASE`` (such as ``postgresql+pg8000://...``), else SQLite in the data folder."""
    return os.environ.get("ZIJIAN_DATABASE") or f"sqlite:///{data_home() / 'zijian.sqlite'}"
