"""The dated table of products: release lines, when they end, the newest release known, and where that was read.

``lifecycle.toml`` beside this module is the one that ships; ``zijian data import`` takes a newer one of the same form. A date
that nobody saw in a source carries ``verified = false``, and never ends a line as a fact.
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
from checks.lifecycle.versions import Mark, numbers, older, order
from scanner.said import Sentence, zh

_WHAT = Sentence("产品生命周期", "product lifecycles")
SHIPPED = Path(__file__).with_name("lifecycle.toml")
OLD_AFTER_DAYS = 365
"""A table older than this on the day of the scan is said to be old."""
_MOST_PRODUCTS = 1000
_MOST_LINES = 400

State = Literal["supported", "extended", "ended", "unverified", "unknown"]


class _Record(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    pass


class Line(_Record, frozen=True, kw_only=True):
    """A release line: all versions that begin with ``line``."""

    line: str
    latest: str = ""
    """Newest release of the line known to the source, or empty."""
    ends: date | None = None
    """Last day on which everyone gets mended releases; None when the source sets none (yet)."""
    extended: date | None = None
    """Last day of support that has to be paid for or applied for."""
    open: bool = False
    """Kept on the day of ``as_of``, with no end announced."""
    verified: bool = True
    """False: ``ends`` was seen in no source, and never ends the line as a fact."""
    note: str = ""

    def state(self, day: date, as_of: date | None = None) -> State:
        """How the line stands on ``day``, by what was known on ``as_of``."""
        if self.ends is None:
            fresh = as_of is not None and (day - as_of).days <= OLD_AFTER_DAYS
            return "supported" if self.open and fresh else "unknown"
        if day <= self.ends:
            return "supported"
        if not self.verified:
            return "unverified"
        if self.extended is not None and day <= self.extended:
            return "extended"
        return "ended"


class Product(_Record, frozen=True, kw_only=True):
    """A product, the names by which services show it, and its lines."""

    name: str
    aliases: tuple[str, ...] = ()
    """Lower case, as in banners, headers and nmap's answers; the product's key counts too."""
    source: str
    """Where the lines were read."""
    url: str
    as_of: date
    """The day up to which the source was known to be right."""
    checked: date
    """When it was read into the table."""
    vendor: str = ""
    """The vendor's own page, for whoever verifies."""
    older_ended: bool = False
    """What is older than the first line here ended before it."""
    distribution: bool = False
    """It packages others and shows as a mark on them, never by itself."""
    follows: str = ""
    """Of a distribution: the one that it is rebuilt from, whose packages and release numbers are its own too."""
    packaged: dict[str, tuple[str, ...]] = {}
    """Version -> distribution releases that ship and mend just this one, as ``debian/12``."""
    lines: tuple[Line, ...]

    def line_of(self, version: str) -> Line | None:
        """The line that ``version`` belongs to: of those that it begins with, the longest."""
        seen = numbers(version)
        fitting = [line for line in self.lines if (own := numbers(line.line)) and seen[: len(own)] == own]
        return max(fitting, key=lambda line: len(numbers(line.line)), default=None)

    def before_all(self, version: str) -> Line | None:
        """The oldest line, where ``version`` is older than it and the table says that such have ended."""
        if not self.older_ended:
            return None
        oldest = min(self.lines, key=lambda line: order(line.line))
        return oldest if older(version, oldest.line) else None


class _File(_Record, frozen=True, kw_only=True):
    table: Literal["lifecycle"]
    schema: Literal[1]
    date: date
    title: str = ""
    products: dict[str, Product]


@dataclass(frozen=True, slots=True)
class Table:
    """The whole table, with what finds its products in what services say."""

    date: date
    """Of the table: what came out later it does not know."""
    title: str
    products: Mapping[str, Product]
    names: Mapping[str, str]
    """Name in lower case -> key of the product."""
    pattern: re.Pattern[str]
    """A product's name and a version behind it, as in ``nginx/1.22.1``, ``OpenSSH_9.2p1`` or ``(vsFTPd 3.0.3)``."""

    @property
    def entries(self) -> int:
        """How many products it knows."""
        return len(self.products)

    def named(self, name: str) -> str | None:
        """Key of the product that goes by ``name``, or None."""
        return self.names.get(name.strip().lower())

    def releases(self, product: Product, version: str, mark: Mark | None) -> tuple[tuple[str, Line], ...]:
        """Distribution releases whose package this may be: by the mark on it, else those known to ship this version."""
        if mark is not None and mark.release is not None:
            return tuple(self._release(f"{mark.family}/{mark.release}"))
        shipped = [name.partition("/") for name in product.packaged.get(version, ())]
        if mark is not None:
            distribution = self.products.get(mark.family)
            original = distribution.follows if distribution is not None else ""
            shipped = [
                (mark.family, "/", release)
                for family, _, release in shipped
                if family in (mark.family, original)
            ]
        return tuple(found for parts in shipped for found in self._release("".join(parts)))

    def _release(self, name: str) -> Iterator[tuple[str, Line]]:
        family, _, release = name.partition("/")
        distribution = self.products.get(family)
        line = distribution.line_of(release) if distribution is not None else None
        if distribution is not None and line is not None:
            yield f"{distribution.name} {line.line}", line


def read(data: bytes) -> Table:
    """Read and validate a table.

    :raises TableError: it is not one; the sentence names the first place that is wrong.
    """
    file = decode(data, _File, _WHAT)
    for fault in _faults(file):
        raise TableError(f"{zh(_WHAT)}表不能使用：{zh(fault)}", f"not a usable table of {_WHAT}: {fault}")
    names = {
        name: key
        for key, product in file.products.items()
        if not product.distribution
        for name in (key, product.name.lower(), *product.aliases)
    }
    # The longest first, so that "apache tomcat" is not taken for "apache".
    longest = "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True))
    pattern = re.compile(
        rf"(?<![\w.-])(?P<name>{longest})[ /_(-]{{1,2}}v?(?P<version>\d[\w.+~:-]{{0,63}})", re.IGNORECASE
    )
    return Table(date=file.date, title=file.title, products=file.products, names=names, pattern=pattern)


def _faults(table: _File) -> Iterator[Sentence]:
    if not table.products:
        yield Sentence("没有产品", "it holds no product")
    if len(table.products) > _MOST_PRODUCTS:
        yield Sentence(f"产品超过 {_MOST_PRODUCTS} 个", f"it holds more than {_MOST_PRODUCTS} products")
    taken: dict[str, str] = {}
    for key, product in table.products.items():
        where = Sentence(f"产品 {key!r}", f"product {key!r}")
        if not product.lines or len(product.lines) > _MOST_LINES:
            yield Sentence(
                f"{where.zh} 没有版本系列，或者超过 {_MOST_LINES} 个",
                f"{where} has no release line, or more than {_MOST_LINES}",
            )
        if not product.url.startswith(("https://", "http://")) or not product.source.strip():
            yield Sentence(f"{where.zh} 没有写来源和网址", f"{where} names no source and address")
        if product.checked > table.date or product.as_of > product.checked:
            yield Sentence(
                f"{where.zh}：as_of、checked 和数据表的日期先后不对",
                f"{where}: as_of, checked and the table's date must follow one another",
            )
        for name in (key, product.name.lower(), *product.aliases):
            if name != name.lower() or not name.strip():
                yield Sentence(
                    f"{where.zh}：别名 {name!r} 不是小写", f"{where}: the alias {name!r} is not in lower case"
                )
            if taken.setdefault(name, key) != key:
                yield Sentence(
                    f"{where.zh}：别名 {name!r} 已用于产品 {taken[name]!r}",
                    f"{where}: the alias {name!r} is taken by product {taken[name]!r}",
                )
        seen: set[tuple[int, ...]] = set()
        for line in product.lines:
            own = numbers(line.line)
            if not own or own in seen:
                yield Sentence(
                    f"{where.zh}：系列 {line.line!r} 不是版本号，或者出现两次",
                    f"{where}: the line {line.line!r} is no version, or is there twice",
                )
            seen.add(own)
            if line.open and line.ends is not None:
                yield Sentence(
                    f"{where.zh}：系列 {line.line!r} 写了终止日期，又写了没有",
                    f"{where}: line {line.line!r} has an end and is said to have none",
                )
            if line.latest and numbers(line.latest)[: len(own)] != own:
                yield Sentence(
                    f"{where.zh}：{line.latest!r} 不属于系列 {line.line!r}",
                    f"{where}: {line.latest!r} is not of the line {line.line!r}",
                )
            if line.extended is not None and (line.ends is None or line.extended < line.ends):
                yield Sentence(
                    f"{where.zh}：系列 {line.line!r} 的延长支持早于正常支持终止",
                    f"{where}: line {line.line!r} has extended support that ends before its support",
                )
        for version, releases in product.packaged.items():
            for name in releases:
                family, _, release = name.partition("/")
                distribution = table.products.get(family)
                if distribution is None or distribution.line_of(release) is None:
                    yield Sentence(
                        f"{where.zh}：版本 {version!r} 写明随 {name!r} 发布，而数据表中没有它",
                        f"{where}: version {version!r} is said to be shipped by {name!r}, which the table does not know",
                    )


@lru_cache(maxsize=1)
def shipped() -> Table:
    """The table that came with this zijian."""
    return read(SHIPPED.read_bytes())
