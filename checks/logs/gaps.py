"""The log is silent for times in which other days have entries.

How it is seen: entries by hour over all files. How it is judged: a silence calls for an explanation in which the same hour usually has
entries, twenty and more in all, by the medians both of the days about it and of that weekday in the weeks about it, and which is longer than
chance makes silences in this log; on a public holiday, by the other days of the same holiday as well. At least two weeks are needed. What it
cannot show: why.
"""

from __future__ import annotations

from collections.abc import Iterable

from checks.model import (
    Basis,
    Declared,
    Evidence,
    NotApplicable,
    Outcome,
    Reference,
    Rule,
    Settings,
    Severity,
    Status,
    Text,
)
from scanner.facts import LogFacts, ServiceFacts


def evaluate(service: ServiceFacts, settings: Settings) -> Iterable[Outcome]:
    """Judge by the silences."""
    facts = service.need(LogFacts)
    if len(facts.days) < _LEAST_DAYS:
        raise NotApplicable(f"the log has entries on fewer than {_LEAST_DAYS} days")
    shown = [f"{gap.start:%Y-%m-%dT%H:%MZ}/{gap.end:%Y-%m-%dT%H:%MZ}" for gap in facts.gaps]
    values = {"service": service.endpoint.label, "gaps": "; ".join(shown[:10]) or "-", "n": str(len(shown))}
    evidence = tuple(Evidence("logs.gaps", one) for one in shown[:5]) or (
        Evidence("logs.days", str(len(facts.days))),
    )
    yield Outcome("gaps" if shown else "none", values, evidence)


_LEAST_DAYS = 14


RULE = Rule(
    id="logs/gaps",
    title=Text("日志有无法用访问量解释的空白", "The log has silences that traffic does not explain"),
    rationale=Text(
        "一段时间完全没有记录，而其他日子的同一时段都有，可能是日志停止、丢失或者被删除。",
        "Where other days have entries and one has none, logging stopped, or entries were lost or removed.",
    ),
    remediation=Text(
        "查明每段空白的原因（停机、磁盘满、日志服务停止、轮转丢失），保留说明；对日志服务和磁盘空间设告警。",
        "Find the reason of each silence (downtime, full disk, logging stopped, rotation), keep the explanation, and alert on the log service and its disk.",
    ),
    severity=Severity.MEDIUM,
    duties=("log_retention",),
    needs=(LogFacts,),
    basis=Basis.OPERATOR_FILE,
    outcomes={
        "none": Declared(
            status=Status.PASS,
            detail=Text("{service} 的日志没有这样的空白。", "The log of {service} has no such silence."),
        ),
        "gaps": Declared(
            status=Status.WARN,
            detail=Text(
                "{service} 的日志有 {n} 段空白需要说明（协调世界时）：{gaps}。",
                "The log of {service} has {n} silences to be explained (UTC): {gaps}.",
            ),
            severity=Severity.MEDIUM,
        ),
    },
    evaluate=evaluate,
    references=(Reference("GB/T 22239-2019 8.1.4.3 安全审计"),),
)
