"""The table of duties, versions and articles that ``docs/duties.md`` holds, made from the data."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from reports.law.corpus import Cites, Corpus, Duty, Instrument, load
from reports.law.position import Position
from reports.result import CitationRole

_GROUPS = {
    "general": "一、各类对象都要检查的义务（原公安部令第151号第十条）",
    "provider": "二、按服务类型检查的义务（原公安部令第151号第十一条）",
    "event": "三、国家重大网络安全保卫任务期间的义务（原公安部令第151号第十二条）",
    "law": "四、网络安全法及相关法规规定的其他义务",
}
_REMOTE = {"examinable": "能看到要害部分", "partial": "只能看到旁证", "none": "看不到"}
_METHODS = {"remote": "远程检测", "documents": "查阅材料", "on_site": "现场核实"}
_ROLES = {CitationRole.DUTY: "义务", CitationRole.INSPECTION: "检查", CitationRole.PENALTY: "罚则"}
_ROW = "| {} |\n"


def duty_table_markdown(corpus: Corpus | None = None) -> str:
    """The whole page. ``python -m reports.law.tables > docs/duties.md`` writes it anew."""
    corpus = corpus or load()
    parts = [
        "# 义务与法律依据 / Duties and the law they rest on\n\n",
        "本页由 `python -m reports.law.tables` 从 `reports/law/data` 生成，请勿手改。"
        "This page is generated; do not edit it.\n\n",
        "标 † 的条款文字没有在来源中看到，只列条号，不作引文。标 ‡ 的文件没有收录条文。"
        "括号内的“原”是该条在前一版本中的条号。“关基”表示只对关键信息基础设施引用。\n\n",
        "## 文件及其施行日期\n\n",
        _row("文件", "版本", "文号", "施行", "至（含当日）", "收录条文"),
        _row(*["---"] * 6),
        *(_instrument_row(one) for one in _by_date(corpus.instruments.values())),
        "\n每项义务还都引用以下检查依据：\n\n",
        _basis_table(corpus, [("", corpus.common)]),
    ]
    for group, heading in _GROUPS.items():
        parts.append(f"\n## {heading}\n")
        parts += [_duty_section(corpus, duty) for duty in corpus.duties.values() if duty.group == group]
    parts.append("\n## 数值\n\n" + _thresholds(corpus))
    return "".join(parts)


def _row(*cells: str) -> str:
    return _ROW.format(" | ".join(cells))


def _by_date(instruments: Iterable[Instrument]) -> list[Instrument]:
    return sorted(instruments, key=lambda one: (one.head.in_force_from, one.id))


def _day(day: date | None) -> str:
    return day.isoformat() if day else "—"


def _instrument_row(one: Instrument) -> str:
    head, count = one.head, len(one.articles)
    quotable = sum(one.passage(Position(number)).verified for number in one.articles)
    held = "没有" if not count else f"全部 {count} 条" if head.complete else f"摘录 {count} 条"
    if quotable != count:
        held += f"，其中 {quotable} 条文字可引"
    return _row(
        head.title, f"`{one.id}`", head.number or "—", _day(head.in_force_from), _day(head.in_force_to), held
    )


def _duty_section(corpus: Corpus, duty: Duty) -> str:
    lines = [
        f"\n### `{duty.key}` {duty.zh}\n\n{duty.en}.\n\n",
        f"远程检测：{_REMOTE[duty.remote]}。核实方式：{'、'.join(_METHODS[method] for method in duty.methods)}。"
        f"{duty.verify.zh}\n\n",
    ]
    if duty.provider_kinds:
        kinds = "、".join(corpus.provider_kinds[kind].zh for kind in duty.provider_kinds)
        lines.append(f"适用对象：{kinds}。\n\n")
    lines.append(_basis_table(corpus, [("", duty.cites), ("关基", duty.cii)]))
    if duty.penalty_note:
        lines.append(f"\n罚则：{duty.penalty_note.zh}\n")
    lines.append("\n现场问：\n\n")
    lines += [f"- {question.zh}\n" for question in duty.questions]
    return "".join(lines)


def _basis_table(corpus: Corpus, sets: list[tuple[str, Cites]]) -> str:
    rows = [_row("用途", "文件（版本）", "条款", "引用日期"), _row(*["---"] * 4)]
    for role, word in _ROLES.items():
        for mark, cites in sets:
            for address in getattr(cites, role.value):
                rows.append(_basis_row(corpus, f"{word}（{mark}）" if mark else word, address))
    return "".join(rows)


def _basis_row(corpus: Corpus, word: str, address: str) -> str:
    name, colon, place = address.partition(":")
    one = corpus.instruments[name]
    cell = "‡"
    if colon:
        passage = one.passage(Position.parse(place))
        former = corpus.former(one, passage.position)
        cell = passage.label + ("" if passage.verified else " †") + (f"（{former}）" if former else "")
    ends = f"至 {one.head.in_force_to}" if one.head.in_force_to else "起"
    days = f"{one.head.in_force_from} {ends}"
    return _row(word, f"{one.head.short}（{one.head.version}）", cell, days)


def _thresholds(corpus: Corpus) -> str:
    rows = [_row("键", "含义", "数值", "单位", "日期", "出处"), _row(*["---"] * 6)]
    for threshold in corpus.thresholds.values():
        for value in threshold.values:
            days = f"{value.valid_from}～{value.valid_to}" if value.valid_from and value.valid_to else "不限"
            if value.valid_from and not value.valid_to:
                days = f"{value.valid_from} 起"
            elif value.valid_to and not value.valid_from:
                days = f"至 {value.valid_to}"
            source = value.source
            if value.cite:
                one, _, place = value.cite.partition(":")
                source = (
                    f"{corpus.instruments[one].head.short}（{corpus.instruments[one].head.version}）{place}"
                )
            rows.append(
                _row(
                    f"`{threshold.key}`",
                    threshold.zh,
                    str(value.value),
                    threshold.unit,
                    days,
                    source + (f"。{value.note}" if value.note else ""),
                )
            )
    return "".join(rows)


if __name__ == "__main__":
    import sys

    sys.stdout.write(duty_table_markdown())
