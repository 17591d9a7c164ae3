"""``zijian assess --settings``: what a judgement depends on beside facts and law, as a unit sets it."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from scanner.errors import UsageError
from scanner.said import zh

_MOST_BYTES = 64 * 1024
_LARGEST = 10**6


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnSettings:
    """What the file says; None and nothing where it does not."""

    protection_level: int | None = None
    critical_infrastructure: bool | None = None
    thresholds: Mapping[str, int] = field(default_factory=dict)
    """Number by key of ``reports/law/data/thresholds.toml``; none that the law sets."""
    sha256: str = ""
    """Of the file, byte for byte."""

    def shown(self) -> str:
        """In one line, for the report."""
        said = {
            "protection_level": self.protection_level,
            "critical_infrastructure": self.critical_infrastructure,
            **self.thresholds,
        }
        parts = [f"{name}={str(value).lower()}" for name, value in said.items() if value is not None]
        return f"{', '.join(parts)} (SHA-256 {self.sha256})"


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    protection_level: int | None = None
    critical_infrastructure: bool | None = None
    thresholds: dict[str, int] = {}


def read_settings(path: Path) -> OwnSettings:
    """Read a settings file.

    :raises UsageError: it cannot be read, holds something unknown, or changes a number that the law sets.
    """
    try:
        with path.open("rb") as file:
            data = file.read(_MOST_BYTES + 1)
    except OSError as error:
        raise UsageError(
            f"--settings：无法读取 {path}：{zh(error)}", f"--settings: cannot read {path}: {error.strerror}"
        ) from error
    if len(data) > _MOST_BYTES:
        raise UsageError(
            f"--settings：{path} 超过 {_MOST_BYTES // 1024} KiB",
            f"--settings: {path} is larger than {_MOST_BYTES // 1024} KiB",
        )
    try:
        found = msgspec.convert(tomllib.loads(data.decode("utf-8")), _File)
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, msgspec.ValidationError, RecursionError) as error:
        raise UsageError(f"--settings：{path}：{zh(error)}", f"--settings: {path}: {error}") from None
    if found.protection_level is not None and not 1 <= found.protection_level <= 5:
        raise UsageError(
            f"--settings：{path}：protection_level 应为 1 至 5，不能是 {found.protection_level}",
            f"--settings: {path}: protection_level is 1 to 5, not {found.protection_level}",
        )
    _check_thresholds(found.thresholds, path)
    return OwnSettings(
        protection_level=found.protection_level,
        critical_infrastructure=found.critical_infrastructure,
        thresholds=found.thresholds,
        sha256=hashlib.sha256(data).hexdigest(),
    )


def _check_thresholds(chosen: Mapping[str, int], path: Path) -> None:
    from reports.law.corpus import load

    known = load().thresholds
    may = [name for name, one in known.items() if one.set_by != "law" and not one.schedule]
    for name, value in chosen.items():
        if name in known and name not in may:
            by = "the law" if known[name].set_by == "law" else "the day of issue"
            raise UsageError(
                f"--settings：{path}：{name} 由 {by} 规定，不能在此设置",
                f"--settings: {path}: {name} is set by {by} and cannot be set here",
            )
        if name not in may:
            raise UsageError(
                f"--settings：{path}：没有名为 {name!r} 的阈值，可选：{'、'.join(may)}",
                f"--settings: {path}: no threshold is called {name!r}; there are: {', '.join(may)}",
            )
        if not 0 <= value <= _LARGEST:
            raise UsageError(
                f"--settings：{path}：{name} 应为 0 至 {_LARGEST}，不能是 {value}",
                f"--settings: {path}: {name} is 0 to {_LARGEST}, not {value}",
            )
