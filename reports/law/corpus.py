"""The law as data: instruments and their articles, the duties that rest on them, and the numbers they set.

A corpus is read from one or more directories. The first is the package's own ``data``; a later one (a unit that
holds the official text of an instrument) may add instruments, or replace one *version* of an instrument by a file
of its own with the same ``key`` and ``version``. Layout of a directory, every part optional::

    instruments/*.toml   one file for each version of an instrument
    duties.toml          the catalogue of duties (package only)
    thresholds.toml      the numbers that law and standards set (package only)
    mapping.toml         further citations of duties (a unit's own)

The format is described in ``docs/law.md``. Heads are read at once, articles when they are first asked for, so that
a scan pays only for the instruments it cites. What a file says wrongly is a :class:`LawDataError` that names the
file and the place. :mod:`reports.law.validation` checks a whole corpus, articles and links included.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import cached_property, lru_cache
from itertools import pairwise
from pathlib import Path
from threading import RLock
from typing import Any, Literal, TypeVar

import msgspec

from checks.model import Text
from reports.law.position import Position
from scanner.errors import UsageError
from scanner.said import zh

DATA = Path(__file__).parent / "data"
"""The package's own corpus."""

Remote = Literal["examinable", "partial", "none"]
Group = Literal["general", "provider", "event", "law"]
Method = Literal["remote", "documents", "on_site"]
Change = Literal["same", "moved", "amended", "merged"]


class LawDataError(UsageError):
    """A file of the corpus is wrong. The message names the file and the place in it."""

    kind = "law_data"


class LawLookupError(UsageError):
    """There is no such duty, instrument or article. The message says what there is."""

    kind = "law_lookup"


# --------------------------------------------------------------------------- what a file holds


class _Record(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    pass


class Words(_Record, frozen=True, kw_only=True):
    """A sentence in both languages, as data files write it."""

    zh: str
    en: str

    @property
    def text(self) -> Text:
        """As the type that results use."""
        return Text(self.zh, self.en)


class Item(_Record, frozen=True, kw_only=True):
    """An item (项) of a paragraph. ``verified`` None: as its paragraph."""

    number: int
    text: str
    verified: bool | None = None
    sources: tuple[str, ...] = ()
    note: str = ""


class Paragraph(_Record, frozen=True, kw_only=True):
    """A paragraph (款) with the items that follow it. ``verified`` None: as its article."""

    text: str
    verified: bool | None = None
    sources: tuple[str, ...] = ()
    note: str = ""
    items: tuple[Item, ...] = msgspec.field(default=(), name="item")


class Article(_Record, frozen=True, kw_only=True):
    """An article (条). ``verified`` has no default: whoever adds an article must say whether its words were seen."""

    number: int
    label: str
    verified: bool
    sources: tuple[str, ...] = ()
    note: str = ""
    paragraphs: tuple[Paragraph, ...] = msgspec.field(name="paragraph")


class Renumbered(_Record, frozen=True, kw_only=True):
    """One line of the table from the former version's numbers to this version's."""

    former: str = msgspec.field(name="from")
    to: tuple[str, ...]
    change: Change
    note: str = ""


class Head(_Record, frozen=True, kw_only=True):
    """Identity and dates of one version of an instrument."""

    key: str
    version: str
    title: str
    short: str
    edition: str
    title_en: str
    issuer: str
    number: str = ""
    """Empty where it was not seen in a source."""
    promulgated: date
    in_force_from: date
    in_force_to: date | None = None
    """The last day in force (inclusive); None while in force."""
    former: str = ""
    """Id of the version this one replaced, where the numbers changed; see ``renumbered``."""
    succeeded_by: str = ""
    """Id of the next version of the same instrument."""
    repealed_by: str = ""
    """Id of the instrument that repealed this one."""
    complete: bool
    """Whether every article is in the file."""
    article_count: int | None = None
    confidence: str
    sources: Mapping[str, str]

    @property
    def id(self) -> str:
        """``key-version``, such as ``csl-2025``."""
        return f"{self.key}-{self.version}"


class _Body(msgspec.Struct, frozen=True):
    renumbered: tuple[Renumbered, ...] = ()
    article: tuple[Article, ...] = ()


class Cites(_Record, frozen=True, kw_only=True):
    """Provisions by role, each ``instrument id:provision``, or the id alone where no article can be named."""

    duty: tuple[str, ...] = ()
    inspection: tuple[str, ...] = ()
    penalty: tuple[str, ...] = ()


class Duty(_Record, frozen=True, kw_only=True):
    """One duty: its names, basis, how it is verified and what is asked on site."""

    key: str
    group: Group
    zh: str
    en: str
    remote: Remote
    methods: tuple[Method, ...]
    verify: Words
    questions: tuple[Words, ...]
    cites: Cites
    cii: Cites = Cites()
    """Cited beside ``cites`` for critical information infrastructure."""
    provider_kinds: tuple[str, ...] = ()
    """Kinds of provider that bear the duty; empty for all."""
    penalty_note: Words | None = None
    """Why no penalty is cited."""

    @property
    def name(self) -> Text:
        """In both languages."""
        return Text(self.zh, self.en)


class ProviderKind(_Record, frozen=True, kw_only=True):
    """A kind of provider that the law tells apart."""

    key: str
    zh: str
    en: str


class _DutyFile(_Record, frozen=True, kw_only=True):
    provider_kinds: tuple[ProviderKind, ...]
    common: Cites
    notes: Mapping[str, Words]
    duty: tuple[Duty, ...]


class Mapped(_Record, frozen=True, kw_only=True):
    """A unit's own ``mapping.toml``: duty key -> provisions of an instrument whose text it imported."""

    duty: Mapping[str, Cites]


class ThresholdValue(_Record, frozen=True, kw_only=True):
    """A number, the days for which it holds (both inclusive; None is open), and where it is set."""

    value: int
    valid_from: date | None = msgspec.field(default=None, name="from")
    valid_to: date | None = msgspec.field(default=None, name="to")
    cite: str = ""
    source: str = ""
    note: str = ""

    def holds(self, on: date) -> bool:
        """Whether the number is the one for ``on``."""
        return (self.valid_from or date.min) <= on <= (self.valid_to or date.max)


class Threshold(_Record, frozen=True, kw_only=True):
    """A number that law, a standard or practice sets."""

    key: str
    unit: str
    set_by: Literal["law", "standard", "practice"]
    zh: str
    en: str
    schedule: bool = False
    values: tuple[ThresholdValue, ...] = msgspec.field(name="value")


class _ThresholdFile(_Record, frozen=True, kw_only=True):
    threshold: tuple[Threshold, ...]


# --------------------------------------------------------------------------- instruments


@dataclass(frozen=True, slots=True)
class Passage:
    """A provision found in an instrument."""

    position: Position
    """In the canonical form: the paragraph is named only where the article has several."""
    text: str | None
    """Its words, None unless all of them were seen in a source. An item follows the opening words of its paragraph."""
    verified: bool
    sources: tuple[str, ...]
    note: str = ""

    @property
    def label(self) -> str:
        """As the law writes it."""
        return str(self.position)


@dataclass(frozen=True)
class Instrument:
    """One version of an instrument. Its articles are read from the file when they are first asked for."""

    head: Head
    path: Path

    @property
    def id(self) -> str:
        """``key-version``, such as ``csl-2025``."""
        return self.head.id

    @property
    def name(self) -> str:
        """Title and edition, for people: 中华人民共和国网络安全法（2025年修正）."""
        return f"{self.head.title}（{self.head.edition}）"

    def in_force(self, on: date) -> bool:
        """Whether this version is the law on ``on``."""
        return self.head.in_force_from <= on <= (self.head.in_force_to or date.max)

    @cached_property
    def _body(self) -> _Body:
        table = _read(self.path)
        for name in _HEAD_FIELDS:
            table.pop(name, None)
        if unknown := sorted(set(table) - {"renumbered", "article"}):
            raise LawDataError(
                f"{self.path}：不认识的表或者键：{'、'.join(unknown)}",
                f"{self.path}: unknown table or key: {', '.join(unknown)}",
            )
        return _convert(self.path, table, _Body)

    @cached_property
    def articles(self) -> Mapping[int, Article]:
        """By number, in the file's order."""
        found: dict[int, Article] = {}
        for article in self._body.article:
            if article.number in found:
                raise LawDataError(
                    f"{self.path}：第 {article.number} 条出现两次",
                    f"{self.path}: article {article.number} is there twice",
                )
            for name in _source_names(article):
                if name not in self.head.sources:
                    raise LawDataError(
                        f"{self.path}：{article.label}：没有来源 {name}",
                        f"{self.path}: {article.label}: there is no source {name}",
                    )
            found[article.number] = article
        return found

    @property
    def renumbered(self) -> tuple[Renumbered, ...]:
        """The table from the former version's numbers to these."""
        return self._body.renumbered

    def positions(self) -> Iterator[Position]:
        """Every article, paragraph and item in the file, in the canonical form."""
        for article in self.articles.values():
            yield Position(article.number)
            several = len(article.paragraphs) > 1
            for count, paragraph in enumerate(article.paragraphs, 1):
                if several:
                    yield Position(article.number, count)
                for item in paragraph.items:
                    yield Position(article.number, count if several else None, item.number)

    def passage(self, position: Position) -> Passage:
        """The provision at ``position``.

        :raises LawLookupError: the file has no such article, paragraph or item, or an item is named without its
            paragraph where several paragraphs have items.
        """
        article = self.articles.get(position.article)
        if article is None:
            raise LawLookupError(
                f"{self.name}（{self.id}）：没有收录 {position}",
                f"{self.name} ({self.id}): {position} is not in the corpus",
            )
        if position.paragraph is None and position.item is None:
            return _passage(self, article, Position(article.number), article.paragraphs)
        paragraphs = article.paragraphs
        several = len(paragraphs) > 1
        if position.paragraph is None:
            with_items = [count for count, paragraph in enumerate(paragraphs, 1) if paragraph.items]
            if len(with_items) != 1:
                raise LawLookupError(
                    f"{self.name}（{self.id}）：{position}：请写明第几款",
                    f"{self.name} ({self.id}): {position}: say which paragraph",
                )
            count = with_items[0]
        else:
            count = position.paragraph
        if not 1 <= count <= len(paragraphs):
            raise LawLookupError(
                f"{self.name}（{self.id}）：没有收录 {position}",
                f"{self.name} ({self.id}): {position} is not in the corpus",
            )
        paragraph = paragraphs[count - 1]
        canonical = Position(article.number, count if several else None, position.item)
        if position.item is None:
            return _passage(self, article, canonical, (paragraph,))
        item = next((item for item in paragraph.items if item.number == position.item), None)
        if item is None:
            raise LawLookupError(
                f"{self.name}（{self.id}）：没有收录 {position}",
                f"{self.name} ({self.id}): {position} is not in the corpus",
            )
        return _item_passage(self, article, paragraph, item, canonical)


_HEAD_FIELDS = tuple(name for name in Head.__struct_encode_fields__)


def _seen(*flags: bool | None) -> bool:
    """The innermost flag that is set."""
    return next(flag for flag in flags if flag is not None) is True


def _source_names(article: Article) -> Iterator[str]:
    yield from article.sources
    for paragraph in article.paragraphs:
        yield from paragraph.sources
        for item in paragraph.items:
            yield from item.sources


def _sources(instrument: Instrument, *names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(instrument.head.sources[name] for name in next((some for some in names if some), ()))


def _passage(
    instrument: Instrument, article: Article, position: Position, paragraphs: Iterable[Paragraph]
) -> Passage:
    lines: list[str] = []
    flags: list[bool] = []
    notes = [article.note]
    for paragraph in paragraphs:
        lines.append(paragraph.text)
        flags.append(_seen(paragraph.verified, article.verified))
        notes.append(paragraph.note)
        for item in paragraph.items:
            lines.append(_item_line(item))
            flags.append(_seen(item.verified, paragraph.verified, article.verified))
            notes.append(item.note)
    verified = bool(flags) and all(flags)
    return Passage(
        position,
        "\n".join(lines) if verified else None,
        verified,
        _sources(instrument, article.sources),
        "".join(note for note in notes if note),
    )


def _item_passage(
    instrument: Instrument, article: Article, paragraph: Paragraph, item: Item, position: Position
) -> Passage:
    verified = _seen(item.verified, paragraph.verified, article.verified)
    opening = ""
    if _seen(paragraph.verified, article.verified):
        # Opening words that were not seen are left out; items passed over are marked, as in any quotation.
        opening = f"{paragraph.text}\n" + ("……\n" if item.number > 1 else "")
    return Passage(
        position,
        opening + _item_line(item) if verified else None,
        verified,
        _sources(instrument, item.sources, paragraph.sources, article.sources),
        "".join(note for note in (article.note, paragraph.note, item.note) if note),
    )


def _item_line(item: Item) -> str:
    return f"{str(Position(1, None, item.number)).removeprefix('第一条第').removesuffix('项')}{item.text}"


# --------------------------------------------------------------------------- the corpus


@dataclass(frozen=True)
class Corpus:
    """All that the directories hold."""

    instruments: Mapping[str, Instrument]
    """By id."""
    duties: Mapping[str, Duty]
    """By key, in the catalogue's order."""
    thresholds: Mapping[str, Threshold]
    common: Cites = field(default_factory=Cites)
    """Cited for every duty."""
    notes: Mapping[str, Words] = field(default_factory=dict)
    """Words that go with a cited provision."""
    provider_kinds: Mapping[str, ProviderKind] = field(default_factory=dict)

    def duty(self, key: str) -> Duty:
        """The duty called ``key``.

        :raises LawLookupError: there is none.
        """
        try:
            return self.duties[key]
        except KeyError:
            raise LawLookupError(
                f"没有名为 {key!r} 的义务，可选：{'、'.join(self.duties)}",
                f"no duty is called {key!r}; there are: {', '.join(self.duties)}",
            ) from None

    def instrument(self, name: str, on: date) -> Instrument:
        """The instrument whose id is ``name``, or the version of ``name`` in force on ``on``.

        Where there is one version only it is meant on any day: what was repealed can still be read.

        :raises LawLookupError: there is none, or none of several versions is in force then.
        """
        if name in self.instruments:
            return self.instruments[name]
        versions = [one for one in self.instruments.values() if one.head.key == name]
        if not versions:
            keys = dict.fromkeys(one.head.key for one in self.instruments.values())
            raise LawLookupError(
                f"没有名为 {name!r} 的法规，现有：{'、'.join(keys)}",
                f"no instrument is called {name!r}; there are: {', '.join(keys)}",
            )
        for one in versions:
            if one.in_force(on):
                return one
        if len(versions) == 1:
            return versions[0]
        raise LawLookupError(
            f"{name!r} 在 {on} 没有施行中的版本，现有：{'、'.join(one.id for one in versions)}",
            f"no version of {name!r} is in force on {on}; there are: {', '.join(one.id for one in versions)}",
        )

    def locate(self, address: str, on: date) -> tuple[Instrument, Position | None]:
        """Read ``csl:23``, ``csl-2016:21(3)`` or ``mps-151:第十条``; None where only an instrument is named.

        :raises LawLookupError: it is no address, or there is no such instrument.
        """
        name, colon, place = address.partition(":")
        instrument = self.instrument(name.strip(), on)
        if not colon:
            return instrument, None
        try:
            return instrument, Position.parse(place.strip())
        except ValueError as error:
            raise LawLookupError(f"{address}：{zh(error)}", f"{address}: {error}") from None

    def former(self, instrument: Instrument, position: Position) -> str:
        """The number before renumbering, such as 原第二十一条第（三）项.

        Empty where the number did not change, or the provision is new. ``position`` is in the canonical form. Where
        several provisions were merged into one, all are named.
        """
        before = self.instruments.get(instrument.head.former)
        if before is None:
            return ""
        place, table = str(position), instrument.renumbered
        found = [entry.former for entry in table if place in entry.to]
        if not found and (position.paragraph is not None or position.item is not None):
            # The article moved whole, and its paragraphs and items kept their places; a new one has no former place.
            whole = str(Position(position.article))
            for entry in table:
                if whole in entry.to:
                    moved = Position(Position.parse(entry.former).article, position.paragraph, position.item)
                    with suppress(LawLookupError):
                        found.append(before.passage(moved).label)
        elif not found:
            found = [entry.former for entry in table if any(to.startswith(f"{place}第") for to in entry.to)]
        changed = dict.fromkeys(former for former in found if former != place)
        return f"原{'、'.join(changed)}" if changed else ""


T = TypeVar("T")

_one_reads = RLock()
"""Held while the corpus is read: a scan's loader and its main thread may both want it first.

Reading it twice would be slow, and msgspec (0.22) crashes the process when two threads learn one dataclass at a time.
"""


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise LawDataError(
            f"{path}：无法读取：{zh(error)}", f"{path}: cannot be read: {error.strerror}"
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise LawDataError(f"{path}：不是 TOML 格式：{zh(error)}", f"{path}: is not TOML: {error}") from error


def _convert(path: Path, table: Mapping[str, Any], kind: type[T]) -> T:
    try:
        with _one_reads:
            return msgspec.convert(table, kind)
    except msgspec.ValidationError as error:
        raise LawDataError(f"{path}：{zh(error)}", f"{path}: {error}") from error


def _head(path: Path) -> Head:
    """Only what stands before the first array of tables: articles cost time and are read later."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise LawDataError(f"{path}：无法读取：{zh(error)}", f"{path}: cannot be read: {error}") from error
    try:
        table = tomllib.loads(text.partition("\n[[")[0])
    except tomllib.TOMLDecodeError as error:
        raise LawDataError(f"{path}：不是 TOML 格式：{zh(error)}", f"{path}: is not TOML: {error}") from error
    return _convert(path, table, Head)


def _instruments(directory: Path) -> dict[str, Instrument]:
    found: dict[str, Instrument] = {}
    for path in sorted((directory / "instruments").glob("*.toml")):
        instrument = Instrument(_head(path), path)
        if other := found.get(instrument.id):
            raise LawDataError(
                f"{path}：{instrument.id} 已在 {other.path.name} 中",
                f"{path}: {instrument.id} is already in {other.path.name}",
            )
        found[instrument.id] = instrument
    return found


def _check_dates(instruments: Mapping[str, Instrument]) -> None:
    """Versions of one instrument must not overlap, and a successor begins the day after."""
    for one in instruments.values():
        head = one.head
        if head.in_force_to is not None and head.in_force_to < head.in_force_from:
            raise LawDataError(
                f"{one.path}：in_force_to 早于 in_force_from",
                f"{one.path}: in_force_to is before in_force_from",
            )
        for name in ("former", "succeeded_by", "repealed_by"):
            link = getattr(head, name)
            if link and link not in instruments:
                raise LawDataError(
                    f"{one.path}：{name}：没有 {link}", f"{one.path}: {name}: there is no {link}"
                )
        for link in filter(None, (head.succeeded_by, head.repealed_by)):
            if head.in_force_to is None:
                raise LawDataError(
                    f"{one.path}：有后继版本，却没有 in_force_to",
                    f"{one.path}: has a successor, but no in_force_to",
                )
            begins = instruments[link].head.in_force_from
            if begins != head.in_force_to + timedelta(days=1):
                raise LawDataError(
                    f"{one.path}：施行至 {head.in_force_to}，而 {link} 自 {begins} 施行",
                    f"{one.path}: in force to {head.in_force_to}, but {link} begins on {begins}",
                )
    by_key: dict[str, list[Instrument]] = {}
    for one in instruments.values():
        by_key.setdefault(one.head.key, []).append(one)
    for versions in by_key.values():
        versions.sort(key=lambda one: one.head.in_force_from)
        for earlier, later in pairwise(versions):
            if (earlier.head.in_force_to or date.max) >= later.head.in_force_from:
                raise LawDataError(
                    f"{later.path}：与 {earlier.path.name} 的施行期间重叠",
                    f"{later.path}: in force together with {earlier.path.name}",
                )


def _unique(path: Path, records: Iterable[T], what: str) -> dict[str, T]:
    found: dict[str, T] = {}
    for record in records:
        key: str = record.key  # type: ignore[attr-defined]
        if key in found:
            raise LawDataError(f"{path}：{what} {key} 出现两次", f"{path}: {what} {key} is there twice")
        found[key] = record
    return found


def _check_duties(path: Path, corpus: Corpus) -> None:
    """Names that duties refer to exist. Articles are looked up by :mod:`reports.law.validation`."""
    for duty in corpus.duties.values():
        for kind in duty.provider_kinds:
            if kind not in corpus.provider_kinds:
                raise LawDataError(
                    f"{path}：义务 {duty.key}：没有名为 {kind} 的服务类别",
                    f"{path}: duty {duty.key}: no provider kind is called {kind}",
                )
    owners = [("common", corpus.common), *((duty.key, duty.cites) for duty in corpus.duties.values())]
    owners += [(duty.key, duty.cii) for duty in corpus.duties.values()]
    for owner, cites in owners:
        for cite in (*cites.duty, *cites.inspection, *cites.penalty):
            name, colon, place = cite.partition(":")
            if name not in corpus.instruments:
                raise LawDataError(
                    f"{path}：{owner}：没有法规 {name}", f"{path}: {owner}: there is no instrument {name}"
                )
            if colon:
                try:
                    Position.parse(place)
                except ValueError as error:
                    raise LawDataError(
                        f"{path}：{owner}：{cite}：{zh(error)}", f"{path}: {owner}: {cite}: {error}"
                    ) from None


def _check_thresholds(path: Path, thresholds: Mapping[str, Threshold]) -> None:
    for threshold in thresholds.values():
        ordered = sorted(threshold.values, key=lambda value: value.valid_from or date.min)
        for value in ordered:
            if bool(value.cite) == bool(value.source):
                raise LawDataError(
                    f"{path}：{threshold.key}：cite 和 source 应当写且只写一个",
                    f"{path}: {threshold.key}: give either cite or source",
                )
        for earlier, later in pairwise(ordered):
            if (earlier.valid_to or date.max) >= (later.valid_from or date.min):
                raise LawDataError(
                    f"{path}：{threshold.key}：同一天有两个值",
                    f"{path}: {threshold.key}: two values hold on the same day",
                )


def _mapped(duty: Duty, more: Cites) -> Duty:
    """``duty`` with further citations before its own."""
    cites = Cites(
        duty=(*more.duty, *duty.cites.duty),
        inspection=(*more.inspection, *duty.cites.inspection),
        penalty=(*more.penalty, *duty.cites.penalty),
    )
    return msgspec.structs.replace(duty, cites=cites)


def read_corpus(*directories: Path) -> Corpus:
    """Read a corpus from ``directories``, later ones over earlier ones.

    :raises LawDataError: a file cannot be read, or says something that does not hold together.
    """
    instruments: dict[str, Instrument] = {}
    corpus = Corpus({}, {}, {})
    for directory in directories:
        if not directory.is_dir():
            raise LawDataError(f"{directory}：没有这个文件夹", f"{directory}: there is no such directory")
        instruments |= _instruments(directory)
        duties, thresholds = directory / "duties.toml", directory / "thresholds.toml"
        if duties.exists():
            held = _convert(duties, _read(duties), _DutyFile)
            corpus = Corpus(
                {},
                _unique(duties, held.duty, "duty"),
                corpus.thresholds,
                held.common,
                held.notes,
                _unique(duties, held.provider_kinds, "provider kind"),
            )
        if thresholds.exists():
            numbers = _unique(
                thresholds, _convert(thresholds, _read(thresholds), _ThresholdFile).threshold, "threshold"
            )
            _check_thresholds(thresholds, numbers)
            corpus = Corpus({}, corpus.duties, numbers, corpus.common, corpus.notes, corpus.provider_kinds)
        mapping = directory / "mapping.toml"
        if mapping.exists():
            more = _convert(mapping, _read(mapping), Mapped).duty
            if unknown := sorted(more.keys() - corpus.duties.keys()):
                raise LawDataError(
                    f"{mapping}：没有名为 {'、'.join(unknown)} 的义务",
                    f"{mapping}: no duty is called {', '.join(unknown)}",
                )
            duties_now = {
                key: _mapped(duty, more[key]) if key in more else duty for key, duty in corpus.duties.items()
            }
            corpus = replace(corpus, duties=duties_now)
    _check_dates(instruments)
    whole = Corpus(
        instruments, corpus.duties, corpus.thresholds, corpus.common, corpus.notes, corpus.provider_kinds
    )
    _check_duties(directories[0] / "duties.toml", whole)
    return whole


_own: list[Path] = []


def take_up(directory: Path) -> None:
    """Read a unit's own directory over the package's from now on, wherever no other corpus is asked for."""
    _own[:] = [directory]


def load(*additional: Path) -> Corpus:
    """The package's corpus, with the unit's own directories over it. Read once for each process.

    :raises LawDataError: see :func:`read_corpus`.
    """
    with _one_reads:
        return _load(*(additional or _own))


@lru_cache(maxsize=4)
def _load(*additional: Path) -> Corpus:
    return read_corpus(DATA, *additional)
