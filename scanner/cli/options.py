"""Options that several commands share."""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from scanner.errors import UsageError

if TYPE_CHECKING:
    from checks.registry import Registry

lang_option = click.option(
    "--lang",
    type=click.Choice(["zh", "en"]),
    default=lambda: os.environ.get("ZIJIAN_LANG", "zh"),
    help="Language of report and table; zh unless ZIJIAN_LANG says otherwise.",
)
checks_dir_option = click.option(
    "--checks-dir", type=click.Path(path_type=Path), help="Folder of further checks, one rule a file."
)


class DateType(click.ParamType[date]):
    """A day written YYYY-MM-DD."""

    name = "date"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        """Read the day, or fail with a sentence."""
        if isinstance(value, date):
            return value
        try:
            return date.fromisoformat(value)
        except ValueError:
            self.fail(f"{value!r} is not a day written YYYY-MM-DD", param, ctx)


def names(text: str | None) -> tuple[str, ...]:
    """``a,b`` as a tuple."""
    return tuple(part.strip() for part in (text or "").split(",") if part.strip())


def load_registry(folder: Path | None) -> Registry:
    """All rules.

    :raises UsageError: ``--checks-dir`` is not a folder.
    """
    from checks.registry import load

    try:
        return load(folder)
    except NotADirectoryError as error:
        raise UsageError(f"--checks-dir: {error} is not a folder") from error
