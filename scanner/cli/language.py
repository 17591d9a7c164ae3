"""The language of the command line: Chinese, unless English was asked for or Chinese cannot be shown.

``--lang`` decides, then ``ZIJIAN_LANG``. The locale does not: servers in China commonly run under ``C.UTF-8`` or ``en_US.UTF-8``,
whatever their people read. Where neither is given, English is spoken to a terminal that has no Chinese: another encoding than
Unicode or GB 18030, or the kernel's own console. Records and what programs read are the same in both.
"""

from __future__ import annotations

import gettext
import os
import sys
from collections.abc import Sequence
from pathlib import Path

import click

from scanner.said import zh

LANGUAGES = ("zh", "en")
_argued: list[str] = []
"""What ``--lang`` said last: known before the command line is parsed, since it may be what cannot be parsed."""


def read_arguments(arguments: Sequence[str]) -> None:
    """Take ``--lang`` out of a command line, for errors that come before its command is known."""
    _argued.clear()
    for at, argument in enumerate(arguments):
        name, equals, value = argument.partition("=")
        if name == "--lang":
            _argued.extend([value] if equals else arguments[at + 1 : at + 2])


def language() -> str:
    """``zh`` or ``en``."""
    said = _argued[-1] if _argued else os.environ.get("ZIJIAN_LANG")
    if said in LANGUAGES:
        return said
    return "zh" if _shows_chinese() else "en"


def _shows_chinese() -> bool:
    try:
        "中".encode(sys.stderr.encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return not (os.environ.get("TERM") == "linux" and sys.stderr.isatty())


def told(what: object) -> str:
    """A sentence or an error in the language of the command line."""
    return zh(what) if language() == "zh" else str(what)


def say(chinese: str, english: str, *, err: bool = False) -> None:
    """Print one of two texts, on standard output or standard error."""
    click.echo(chinese if language() == "zh" else english, err=err)


def speak(command: click.Command, path: str) -> None:
    """Give ``command``, called by the words ``path`` after ``zijian``, and all below it ``--lang``, and their help the language."""
    from scanner.cli.help_zh import COMMANDS, OPTIONS

    chinese = language() == "zh"
    # click asks gettext for its own sentences, and gettext this variable for the language.
    os.environ["LANGUAGE"] = language()
    gettext.bindtextdomain("messages", str(Path(__file__).with_name("locale")))
    if not any(option.name == "lang" for option in command.params):
        command.params.append(_lang_option())
    if chinese:
        command.help = COMMANDS.get(path, command.help)
        command.short_help = (command.help or "").partition("。")[0]
        for option in command.params:
            if isinstance(option, click.Option):
                name = max(option.opts, key=len)
                option.help = OPTIONS.get(f"{path} {name}", OPTIONS.get(name, option.help))
    if isinstance(command, click.Group) and path:
        for name, one in command.commands.items():
            speak(one, f"{path} {name}")


def _lang_option() -> click.Option:
    return click.Option(
        ["--lang"],
        type=click.Choice(LANGUAGES),
        expose_value=False,
        help="Language of messages; zh unless ZIJIAN_LANG says otherwise.",
    )
