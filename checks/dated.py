"""Dated tables that judge: what reading them has in common."""

from __future__ import annotations

from typing import TypeVar

import msgspec

from scanner.said import Sentence, Told, zh

T = TypeVar("T")


class TableError(Told, ValueError):
    """A table that cannot be used; the sentence says what is wrong and where."""


def decode(data: bytes, kind: type[T], what: Sentence) -> T:
    """The TOML document of ``kind``; ``what`` says what it is a table of.

    :raises TableError: it is not one; the sentence names the first place that is wrong.
    """
    try:
        return msgspec.toml.decode(data, type=kind)
    except msgspec.ValidationError as error:
        raise TableError(f"不是{zh(what)}表：{zh(error)}", f"not a table of {what}: {error}") from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise TableError(f"不是 TOML 文件：{zh(error)}", f"not a TOML file: {error}") from None
