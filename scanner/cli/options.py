"""Options that several commands share."""

from __future__ import annotations

import getpass
import os
import secrets
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from scanner.cli.language import LANGUAGES, told
from scanner.errors import UsageError
from scanner.said import Sentence

if TYPE_CHECKING:
    from checks.model import Rule
    from checks.registry import Registry

FC = TypeVar("FC", bound=Callable[..., Any] | click.Command)

lang_option = click.option(
    "--lang",
    type=click.Choice(LANGUAGES),
    default=lambda: os.environ.get("ZIJIAN_LANG", "zh"),
    help="Language of messages and report; zh unless ZIJIAN_LANG says otherwise.",
)
checks_dir_option = click.option(
    "--checks-dir", type=click.Path(path_type=Path), help="Folder of further checks, one rule a file."
)

provider_option = click.option(
    "--provider",
    metavar="KINDS",
    help="Kinds of service the object provides (Order 151 art. 11), separated by commas; see: zijian law list.",
)
event_option = click.option(
    "--event", is_flag=True, help="Within a 重大网络安全保卫任务 (Order 151 art. 12)."
)

fail_on_option = click.option(
    "--fail-on",
    type=click.Choice(["critical", "high", "medium", "low", "info"]),
    help="Exit 1 when a finding is at least so severe.",
)


def formats_option(default: str = "html,json") -> Callable[[FC], FC]:
    """``--format``: which files to write."""
    return click.option(
        "--format",
        "formats",
        default=default,
        show_default=True,
        metavar="LIST",
        help="Formats, separated by commas: html, pdf, docx, xlsx, csv, sarif, json, md.",
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
            self.fail(
                told(
                    Sentence(
                        f"{value!r} 不是 YYYY-MM-DD 形式的日期", f"{value!r} is not a day written YYYY-MM-DD"
                    )
                ),
                param,
                ctx,
            )


def names(text: str | None) -> tuple[str, ...]:
    """``a,b`` as a tuple."""
    return tuple(part.strip() for part in (text or "").split(",") if part.strip())


def provider_kinds(text: str | None) -> tuple[str, ...]:
    """The kinds that ``--provider`` names.

    :raises UsageError: one of them is not in the duties' catalogue.
    """
    from reports.law.corpus import load

    chosen = names(text)
    known = load().provider_kinds if chosen else {}
    for kind in chosen:
        if kind not in known:
            raise UsageError(
                f"--provider 没有 {kind!r} 这一类，可选：{'、'.join(known)}",
                f"--provider: no kind is called {kind!r}; there are: {', '.join(known)}",
            )
    return chosen


def chosen_formats(text: str) -> tuple[str, ...]:
    """The formats that ``--format`` names, each once.

    :raises UsageError: none, one that there is not, or PDF without what it is made with.
    """
    from reports.formats import FORMATS

    wanted = tuple(dict.fromkeys(name.lower() for name in names(text)))
    for name in wanted:
        if name not in FORMATS:
            raise UsageError(
                f"--format 没有 {name!r}，可选：{'、'.join(FORMATS)}",
                f"--format {name!r} is not one of {', '.join(FORMATS)}",
            )
    if not wanted:
        raise UsageError(
            f"--format 没有写格式，可选：{'、'.join(FORMATS)}",
            f"--format names no format; there are {', '.join(FORMATS)}",
        )
    if "pdf" in wanted:
        # Said before the scan: afterwards it would cost the report.
        require_pdf()
    return wanted


def require_pdf() -> None:
    """Return when PDF can be made here.

    :raises UsageError: something that it is made with is missing.
    """
    from scanner.cli.doctor import chinese_fonts, pdf_libraries

    if not (pdf_libraries() and chinese_fonts()):
        raise UsageError(
            "--format pdf 需要 Pango 和中文字体（安装方法：zijian doctor）",
            "--format pdf needs Pango and a Chinese font (what to install: zijian doctor)",
        )


def new_id(at: datetime, octets: int = 2) -> str:
    """A new id of something begun at this moment: its time in UTC, and ``octets`` random bytes."""
    return f"{at.astimezone(UTC):%Y%m%d-%H%M%S}-{secrets.token_hex(octets)}"


def importer(by: str | None) -> str:
    """Who imports something: as said, or the login name.

    :raises UsageError: neither is a name.
    """
    try:
        name = (by if by is not None else getpass.getuser()).strip()
    except (KeyError, OSError):
        name = ""
    if not name or len(name) > 200 or not name.isprintable():
        raise UsageError("请说明由谁办理：--by 姓名", "say who does this: --by NAME")
    return name


def load_registry(folder: Path | None) -> Registry:
    """All rules.

    :raises UsageError: ``--checks-dir`` is not a folder.
    """
    from checks.registry import load

    try:
        return load(folder)
    except NotADirectoryError as error:
        raise UsageError(
            f"--checks-dir：{error} 不是文件夹", f"--checks-dir: {error} is not a folder"
        ) from error


def select_rules(
    registry: Registry, only: Sequence[str], skip: Sequence[str]
) -> tuple[tuple[Rule, ...], tuple[Rule, ...]]:
    """The rules that ``--checks`` and ``--skip`` choose, and those they leave out.

    :raises UsageError: an entry names no rule and no family.
    """
    try:
        return registry.select(only, skip)
    except LookupError as error:
        raise UsageError(
            f"没有名为 {error} 的规则或者规则类别（查看全部规则：zijian checks list）",
            f"no rule and no family of rules is called {error} (see: zijian checks list)",
        ) from None
