"""The dated table of third parties that carry services, and how they show.

``hosting.toml`` beside this module is the one that ships; ``zijian data import`` takes a newer one of the same form.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Literal

import msgspec

from checks.dated import TableError, decode
from checks.model import HostingKind
from scanner.said import Sentence, zh

_WHAT = Sentence("承载服务的第三方", "third parties that carry services")
SHIPPED = Path(__file__).with_name("hosting.toml")
_MOST = 2000
_SUFFIX = re.compile(r"(?:[a-z0-9*_-]{1,63}\.){1,8}[a-z0-9-]{2,63}")


class Provider(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A third party, and what shows it."""

    name: str
    name_en: str
    kind: HostingKind
    source: str
    url: str
    checked: date
    verified: bool = True
    """False: the provider's own word was not seen."""
    cnames: tuple[str, ...] = ()
    """Suffixes of names that its customers' names lead to; ``*`` stands for characters within one label."""
    headers: tuple[dict[str, str], ...] = ()
    """Sets of response headers; all of one set show it. Empty: there; ``^x``: begins with x; else contains, without case."""

    def by_headers(self, headers: Mapping[str, str]) -> tuple[str, ...]:
        """Names of the headers that show it; none where they do not."""
        for conditions in self.headers:
            if all(_holds(headers.get(name), wanted) for name, wanted in conditions.items()):
                return tuple(conditions)
        return ()


def _holds(value: str | None, wanted: str) -> bool:
    if value is None:
        return False
    if wanted.startswith("^"):
        return value.lower().startswith(wanted[1:].lower())
    return wanted.lower() in value.lower()


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    table: Literal["hosting"]
    schema: Literal[1]
    date: date
    title: str = ""
    providers: dict[str, Provider]


@dataclass(frozen=True, slots=True)
class HostingTable:
    """The whole table, its suffixes ready to be compared."""

    date: date
    title: str
    providers: Mapping[str, Provider]
    suffixes: Mapping[str, Provider]
    """Those without a ``*``."""
    patterns: tuple[tuple[re.Pattern[str], Provider], ...]
    """Those with one."""

    @property
    def entries(self) -> int:
        """How many third parties it knows."""
        return len(self.providers)

    def by_name(self, name: str) -> Provider | None:
        """Whose name ``name`` is, a CNAME's target; None for nobody's."""
        labels = name.rstrip(".").lower().split(".")
        for start in range(len(labels)):
            # The longest suffix first, so that the more particular one decides.
            suffix = ".".join(labels[start:])
            if found := self.suffixes.get(suffix):
                return found
            for pattern, provider in self.patterns:
                if pattern.fullmatch(suffix):
                    return provider
        return None


def read(data: bytes) -> HostingTable:
    """Read and validate a table.

    :raises TableError: it is not one; the sentence names the first place that is wrong.
    """
    file = decode(data, _File, _WHAT)
    for fault in _faults(file):
        raise TableError(f"{zh(_WHAT)}表不能使用：{zh(fault)}", f"not a usable table of {_WHAT}: {fault}")
    written = [(suffix, provider) for provider in file.providers.values() for suffix in provider.cnames]
    return HostingTable(
        date=file.date,
        title=file.title,
        providers=file.providers,
        suffixes={suffix: provider for suffix, provider in written if "*" not in suffix},
        patterns=tuple((_pattern(suffix), provider) for suffix, provider in written if "*" in suffix),
    )


def _pattern(suffix: str) -> re.Pattern[str]:
    return re.compile(re.escape(suffix).replace(r"\*", "[a-z0-9_-]*"))


def _faults(file: _File) -> Iterator[Sentence]:
    if not 0 < len(file.providers) <= _MOST:
        yield Sentence(f"没有提供者，或者超过 {_MOST} 个", f"it holds no provider, or more than {_MOST}")
    for key, provider in file.providers.items():
        where = Sentence(f"提供者 {key!r}", f"provider {key!r}")
        if not provider.name.strip() or not provider.name_en.strip():
            yield Sentence(f"{where.zh} 没有名称", f"{where} has no name")
        if not provider.cnames and not provider.headers:
            yield Sentence(
                f"{where.zh} 既没有 cnames 也没有 headers，无从识别",
                f"{where} has neither cnames nor headers to be known by",
            )
        if not provider.url.startswith(("https://", "http://")) or not provider.source.strip():
            yield Sentence(f"{where.zh} 没有写来源和网址", f"{where} names no source and address")
        if provider.checked > file.date:
            yield Sentence(
                f"{where.zh} 的核对日期晚于数据表的日期", f"{where} was checked after the table's date"
            )
        for suffix in provider.cnames:
            if not _SUFFIX.fullmatch(suffix) or suffix.count("*") > 2:
                yield Sentence(
                    f"{where.zh}：{suffix!r} 不是小写的主机名后缀",
                    f"{where}: {suffix!r} is no suffix of host names in lower case",
                )
        for conditions in provider.headers:
            if not conditions or any(name != name.lower() or not name.strip() for name in conditions):
                yield Sentence(
                    f"{where.zh}：有一组 headers 是空的，或者不是小写",
                    f"{where}: a set of headers is empty, or a header is not in lower case",
                )


@lru_cache(maxsize=1)
def shipped() -> HostingTable:
    """The table that came with this zijian."""
    return read(SHIPPED.read_bytes())
