"""How a version that was seen stands on a day: the reasoning that the lifecycle rules share.

Three things are kept apart: the product's own line (*upstream*), the distribution that may have packaged it, and what the
table does not know. A distribution's mark means that mended versions keep their old number, so that the distribution's release is
what counts where it shows; where it does not, the number alone only suggests.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from checks.lifecycle.seen import Seen, facts_of
from checks.lifecycle.table import OLD_AFTER_DAYS, Line, State, Table, shipped
from checks.lifecycle.versions import older
from checks.model import Evidence, Outcome, Settings, Text

NOTHING_SHOWN = "it shows no version of a product that the table of products' lives knows"


class Life(StrEnum):
    """How a version stands; worst first. The names are those of the outcomes of ``exposure/end-of-life``."""

    ENDED = "ended"
    DISTRIBUTION_ENDED = "distribution_ended"
    EXTENDED = "extended_only"
    SUGGESTS = "suggests"
    UNVERIFIED = "unverified_date"
    SUPPORTED = "supported"
    UNKNOWN = "not_known"


@dataclass(frozen=True, slots=True)
class Judged:
    """A version, how it stands, and why, in a few words of both languages."""

    seen: Seen
    life: Life
    why: Text


def life(one: Seen, table: Table, day: date) -> Judged:
    """How ``one`` stands on ``day``."""
    product = table.products[one.product]
    line = product.line_of(one.version)
    own: State = line.state(day, product.as_of) if line is not None else "unknown"
    if line is None and (oldest := product.before_all(one.version)) is not None:
        own = "ended" if oldest.state(day) == "ended" else "unknown"
        line = oldest
    releases = table.releases(product, one.version, one.mark)
    if one.mark is not None:
        return _packaged(one, own, line, releases, day, product.as_of)
    if own == "ended" and (
        kept := [name for name, release in releases if release.state(day) in ("supported", "extended")]
    ):
        return Judged(one, Life.SUGGESTS, _shipped_by(kept, line))
    if (
        own == "unknown"
        and releases
        and all(release.state(day) not in ("supported", "unknown") for _, release in releases)
    ):
        return Judged(one, Life.SUGGESTS, _shipped_by([name for name, _ in releases], None, ended=True))
    return Judged(one, _LIFE[own], _line_words(own, line, product.as_of))


_LIFE: dict[State, Life] = {
    "supported": Life.SUPPORTED,
    "extended": Life.EXTENDED,
    "ended": Life.ENDED,
    "unverified": Life.UNVERIFIED,
    "unknown": Life.UNKNOWN,
}


def _packaged(
    one: Seen, own: State, line: Line | None, releases: Sequence[tuple[str, Line]], day: date, as_of: date
) -> Judged:
    """A version that bears a distribution's mark: the release counts where it shows, and suggests where it is inferred."""
    assert one.mark is not None
    if releases and one.mark.release is not None:
        name, release = releases[0]
        state = release.state(day)
        if state in ("supported", "extended", "ended"):
            result = Life.DISTRIBUTION_ENDED if state == "ended" else _LIFE[state]
            return Judged(one, result, _release_words(state, name, release))
    elif releases:
        if all(release.state(day) == "supported" for _, release in releases):
            name, release = releases[0]
            return Judged(one, Life.SUPPORTED, _release_words("supported", name, release))
        return Judged(one, Life.SUGGESTS, _may_be_of(releases, day))
    if own in ("ended", "extended", "unverified"):
        words = Text(
            f"官方已不再维护该分支，但带有发行版标记 {one.mark.shown}，可能由发行版维护",
            f"its makers no longer keep this line, but it bears a distribution's mark ({one.mark.shown}) and may be kept by it",
        )
        return Judged(one, Life.SUGGESTS, words)
    return Judged(one, _LIFE[own], _line_words(own, line, as_of))


def _may_be_of(releases: Sequence[tuple[str, Line]], day: date) -> Text:
    """Releases that ship this number, not all of which are still kept."""
    ends = [(name, release.ends, release.state(day) == "supported") for name, release in releases[:3]]
    return Text(
        "可能是下列发行版的软件包："
        + "、".join(f"{name}（维护{'到' if kept else '止于'} {end}）" for name, end, kept in ends),
        "may be the package of "
        + ", ".join(f"{name} ({'until' if kept else 'ended on'} {end})" for name, end, kept in ends),
    )


def _line_words(state: State, line: Line | None, as_of: date) -> Text:
    if line is None or state == "unknown":
        return Text("表中没有终止日期", "the table has no end for it")
    match state:
        case "supported" if line.open:
            return Text(
                f"{line.line} 分支截至 {as_of} 仍在维护，尚无终止日期",
                f"line {line.line} was kept on {as_of}, no end announced",
            )
        case "supported":
            return Text(f"{line.line} 分支维护到 {line.ends}", f"line {line.line} is kept until {line.ends}")
        case "extended":
            return Text(
                f"{line.line} 分支的一般维护止于 {line.ends}，付费延长支持到 {line.extended}",
                f"line {line.line} ended on {line.ends}, paid support runs until {line.extended}",
            )
        case "unverified":
            return Text(
                f"{line.line} 分支据称止于 {line.ends}，该日期没有核对过来源",
                f"line {line.line} is said to have ended on {line.ends}, a date seen in no source",
            )
        case _:
            return Text(f"{line.line} 分支止于 {line.ends}", f"line {line.line} ended on {line.ends}")


def _release_words(state: str, name: str, release: Line) -> Text:
    match state:
        case "supported":
            return Text(f"由 {name} 维护到 {release.ends}", f"kept by {name} until {release.ends}")
        case "extended":
            return Text(
                f"{name} 的一般维护止于 {release.ends}，延长支持（须付费或申请）到 {release.extended}",
                f"{name} ended on {release.ends}; extended support, to be paid or applied for, runs until {release.extended}",
            )
        case _:
            return Text(f"{name} 的维护止于 {release.ends}", f"{name} ended on {release.ends}")


def _shipped_by(names: Sequence[str], line: Line | None, *, ended: bool = False) -> Text:
    zh, en = "、".join(names[:3]), ", ".join(names[:3])
    if ended:
        return Text(
            f"这个版本号与 {zh} 的软件包相同，该发行版已停止维护",
            f"{en}, no longer kept, shipped this very number",
        )
    until = (
        Text(f"官方 {line.line} 分支止于 {line.ends}，但", f"line {line.line} ended on {line.ends}, but ")
        if line
        else Text("", "")
    )
    return Text(
        f"{until.zh}这个版本号与仍有维护的 {zh} 的软件包相同",
        f"{until.en}{en}, still kept, ships this very number",
    )


def behind(one: Seen, table: Table) -> tuple[bool | None, Line | None]:
    """Whether an older release than the newest known of its line; None when that cannot be told."""
    line = table.products[one.product].line_of(one.version)
    if line is None or not line.latest:
        return None, line
    return older(one.version, line.latest), line


def table_of(settings: Settings) -> Table:
    """The table to judge by: the one that was imported, else the one that ships."""
    return settings.lifecycle if settings.lifecycle is not None else shipped()


def detail(zh: str, en: str) -> Text:
    """An outcome's sentence, and by which table it was judged."""
    return Text(
        f"{zh}。（依据 {{table}} 的产品维护期表。{{old_zh}}）",
        f"{en}. (By the table of {{table}}.{{old_en}})",
    )


def outcome(name: str, judged: Iterable[tuple[Seen, Text]], table: Table, day: date) -> Outcome:
    """One outcome for all versions that stand alike: a finding's identity has room for one."""
    listed = tuple(judged)
    old = Text("", "")
    if (day - table.date).days > OLD_AFTER_DAYS:
        old = Text(
            "该表比检测早一年以上，结论可能过时。",
            " It is more than a year older than the scan; this may be out of date.",
        )
    sources = dict.fromkeys(
        f"{table.products[one.product].name}: {table.products[one.product].source} <{table.products[one.product].url}>"
        for one, _ in listed
    )
    return Outcome(
        name,
        {
            "zh": "；".join(f"{_shown(one, table)}（{why.zh}）" for one, why in listed),
            "en": "; ".join(f"{_shown(one, table)} ({why.en})" for one, why in listed),
            "table": str(table.date),
            "old_zh": old.zh,
            "old_en": old.en,
        },
        (
            *(Evidence(fact, value) for fact, value in facts_of(one for one, _ in listed)),
            Evidence("lifecycle.table", f"{table.date}; {'; '.join(sources)}"),
        ),
    )


def _shown(one: Seen, table: Table) -> str:
    name = table.products[one.product].name
    return f"{name} {one.version}" + (f" [{one.mark.shown}]" if one.mark is not None else "")
