"""Entries of other tools as findings of a result: marked as another tool's word, unverified, and never a failure.

``warn`` at most, with the basis ``other_tool``: by the rules of the assessment (docs/law.md) that makes a duty ``at_risk``, and never
``nonconforming``, until an officer confirms it.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from checks.model import Basis, Evidence, Finding, Severity, Status, Text, finding_key
from reports.other_tools.model import Entry
from reports.result import HostResult, ServiceResult

PREFIX = "other-tool/"
"""How the ``check`` of such a finding begins; the tool and its own rule follow."""


@cache
def mapping() -> Mapping[str, Any]:
    """The table of ``mapping.toml``."""
    return tomllib.loads((Path(__file__).parent / "mapping.toml").read_text(encoding="utf-8"))


def duties_of(entry: Entry) -> tuple[str, ...]:
    """The duties that an entry bears on."""
    table = mapping()
    found = [duty for name in entry.cwe for duty in table["cwe"].get(name, ())]
    if not found:
        found = [duty for tag in entry.tags for duty in table["tag"].get(tag.lower(), ())]
    return tuple(dict.fromkeys(found or table["default"]))


def findings(
    tool: str,
    entries: Sequence[Entry],
    services: Sequence[ServiceResult],
    hosts: Sequence[HostResult],
    own: Sequence[Finding] = (),
) -> tuple[Finding, ...]:
    """One finding for each entry; the same words of the same place once. ``own`` are those of our rules, to be held beside them."""
    targets = {host.ip: host.target for host in hosts}
    ours: dict[tuple[str, str], list[Finding]] = {}
    for finding in own:
        ours.setdefault((finding.check, finding.subject), []).append(finding)
    made: dict[str, Finding] = {}
    for entry in entries:
        finding = _finding(tool, entry, services, targets)
        if finding.key not in made:
            same = mapping()["same"].get(tool.lower(), {}).get(entry.rule, ())
            seen = [one for check in same for one in ours.get((check, finding.subject), ())]
            made[finding.key] = _beside(finding, seen)
    return tuple(made.values())


def _beside(finding: Finding, ours: Sequence[Finding]) -> Finding:
    """The finding with what our own rules saw of the same matter at the same place.

    Where ours deviates too it counts once, as ours; where ours passed, the two disagree, and that is said. Where ours could not
    tell, the other tool's word stands alone.
    """
    alike = [one for one in ours if one.status.deviates]
    shown = alike or [one for one in ours if one.status is Status.PASS]
    if not shown:
        return finding
    keys = ", ".join(f"{one.check} {one.status} {one.key}" for one in shown)
    rules = "、".join(dict.fromkeys(one.title.zh for one in shown))
    rules_en = "; ".join(dict.fromkeys(one.title.en for one in shown))
    beside = replace(finding, evidence=(*finding.evidence, Evidence("other_tool.beside_own", keys)))
    if alike:
        said = Text(
            f"本工具也发现了同一事项（{rules}），以本工具的发现计，此处不重复计算。",
            f" zijian found the same matter ({rules_en}); it counts once, as zijian's own finding.",
        )
        beside = replace(beside, status=Status.INFO, severity=Severity.INFO)
    else:
        said = Text(
            f"两者不一致：本工具就同一事项的检查（{rules}）没有发现问题，须核实以何者为准。",
            f" The two disagree: zijian's own check of the same matter ({rules_en}) found no problem; verify which holds.",
        )
    return replace(beside, detail=Text(finding.detail.zh + said.zh, finding.detail.en + said.en))


def _finding(
    tool: str, entry: Entry, services: Sequence[ServiceResult], targets: Mapping[str, str]
) -> Finding:
    subject, label = _subject(entry, services)
    known = not entry.port or any(one.id == subject for one in services)
    unseen = Text(
        "本工具的扫描没有在这个端口看到服务（没有扫描、没有开放或者被过滤）。",
        " zijian's own scan saw no service on this port (not scanned, not open, or filtered).",
    )
    check = f"{PREFIX}{tool.lower()}:{entry.rule}"
    said = f"{entry.title}（{entry.message}）" if entry.message else entry.title
    said_en = f"{entry.title} ({entry.message})" if entry.message else entry.title
    return Finding(
        key=finding_key(check, subject, "reported"),
        check=check,
        outcome="reported",
        subject=subject,
        subject_label=label,
        target=targets.get(entry.ip, entry.host),
        status=Status.INFO if entry.severity is Severity.INFO else Status.WARN,
        basis=Basis.OTHER_TOOL,
        severity=entry.severity,
        title=Text(f"{tool} 报告：{entry.title}", f"{tool} reports: {entry.title}"),
        detail=Text(
            f"另一工具 {tool} 在 {label} 报告：{said}。本工具没有核实，以核实为准。{'' if known else unseen.zh}",
            f"Another tool, {tool}, reports at {label}: {said_en}. zijian did not verify it.{'' if known else unseen.en}",
        ),
        rationale=Text(
            "导入的其他工具的结果，只作线索和旁证，不单独作为认定依据。",
            "The result of another tool, imported as a lead; by itself it establishes nothing.",
        ),
        remediation=Text(
            f"按 {tool} 对 {entry.rule} 的说明核实；属实的，按其建议整改。",
            f"Verify it by what {tool} says of {entry.rule}; where it holds, mend it as advised there.",
        ),
        evidence=(
            Evidence("other_tool.tool", tool),
            Evidence("other_tool.rule", entry.rule),
            Evidence("other_tool.place", f"{entry.host} {entry.ip} {entry.port or '-'}/{entry.transport}"),
            *((Evidence("other_tool.message", entry.message),) if entry.message else ()),
            *((Evidence("other_tool.cwe", ", ".join(entry.cwe)),) if entry.cwe else ()),
        ),
        duties=duties_of(entry),
        seen=entry.seen,
    )


def _subject(entry: Entry, services: Sequence[ServiceResult]) -> tuple[str, str]:
    """The service that the entry is about, by its name where there are several; else the bare place."""
    there = [
        one
        for one in services
        if (one.ip, one.port, one.transport) == (entry.ip, entry.port, entry.transport)
    ]
    best = next((one for one in there if one.host == entry.host), there[0] if there else None)
    if best is not None:
        return best.id, f"{best.host}:{best.port}" + ("/udp" if best.transport == "udp" else "")
    shown = f"[{entry.ip}]" if ":" in entry.ip else entry.ip
    if not entry.port:
        return shown, shown
    return f"{shown}:{entry.port}/{entry.transport}", f"{shown}:{entry.port}"
