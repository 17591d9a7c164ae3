"""Lines, files or numbers are out of order, which calls for an explanation.

How it is seen: times within each file, numbers of rotated files, sequence numbers of a journal. How it is judged: a block of lines that is earlier than
the lines above it and is followed by a leap back, and missing numbers, are deviations; a clock set back, files put together, or a change of zone
are told as information. What it cannot show: who did it, or why; it is no proof of editing.
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
    """Judge by the signs."""
    facts = service.need(LogFacts)
    if not facts.files:
        raise NotApplicable("no file was handed over")
    strong = [sign for sign in facts.signs if sign.kind in _STRONG]
    signs = strong or list(facts.signs)
    shown = [f"{sign.kind} {sign.file}:{sign.line} ({sign.lines}) {sign.detail}" for sign in signs]
    values = {"service": service.endpoint.label, "signs": "; ".join(shown[:5]) or "-", "n": str(len(shown))}
    evidence = tuple(Evidence("logs.signs", one) for one in shown[:5]) or (
        Evidence("logs.files", str(len(facts.files))),
    )
    yield Outcome("strong" if strong else "weak" if signs else "none", values, evidence)


_STRONG = frozenset({"out_of_order", "rotation_hole", "sequence_hole"})


RULE = Rule(
    id="logs/order",
    title=Text("日志次序有需要说明之处", "The order of the log calls for an explanation"),
    rationale=Text(
        "日志按时间和编号连续写入；一段记录早于其上的记录、编号缺失，应当查明原因。",
        "A log is written in order of time and number; a block that is earlier than what stands above it, or missing numbers, call for a reason.",
    ),
    remediation=Text(
        "说明原因并提供原始文件；把日志实时发送到独立的、只能追加的日志服务器，使任何改动都能被发现。",
        "Explain it and hand over the original files; send logs at once to an append-only server of their own, so that any change shows.",
    ),
    severity=Severity.MEDIUM,
    duties=("log_retention",),
    needs=(LogFacts,),
    basis=Basis.OPERATOR_FILE,
    outcomes={
        "none": Declared(
            status=Status.PASS,
            detail=Text(
                "{service} 的日志次序没有需要说明之处。",
                "Nothing in the order of the log of {service} calls for an explanation.",
            ),
        ),
        "weak": Declared(
            status=Status.INFO,
            detail=Text(
                "{service} 的日志有 {n} 处时钟或时区变化：{signs}。",
                "The log of {service} shows {n} changes of clock or zone: {signs}.",
            ),
        ),
        "strong": Declared(
            status=Status.WARN,
            detail=Text(
                "{service} 的日志有 {n} 处需要说明：{signs}。这不是篡改的证明。",
                "The log of {service} has {n} places to be explained: {signs}. It is no proof of editing.",
            ),
            severity=Severity.MEDIUM,
        ),
    },
    evaluate=evaluate,
    references=(Reference("GB/T 22239-2019 8.1.4.3 安全审计"),),
)
