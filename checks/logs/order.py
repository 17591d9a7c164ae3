"""Lines, files or numbers are out of order, which calls for an explanation.

How it is seen: times within each file, runs of lines that stand twice, numbers of rotated files, sequence numbers and hashes of a journal, times of
last change where a copy did not replace them. How it is judged: a block of lines that is earlier than the lines above it and is followed by a leap back,
a run that stands twice, missing numbers, a log that was cleared, an entry that its hash does not fit, and a file that was changed after the scan although its entries ended
before it, are deviations; a clock set back, files put together, a change of zone, and lines of another shape are told as information. What it cannot
show: who did it, or why; it is no proof of editing.
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
from scanner.facts import LogFacts, LogSign, ServiceFacts


def evaluate(service: ServiceFacts, settings: Settings) -> Iterable[Outcome]:
    """Judge by the signs."""
    facts = service.need(LogFacts)
    if not facts.files:
        raise NotApplicable("no file was handed over")
    strong = [sign for sign in facts.signs if sign.kind in _STRONG]
    signs = strong or list(facts.signs)
    shown = [f"{sign.kind} {sign.file}:{sign.line} ({sign.lines}) {sign.detail}" for sign in signs]
    values = {
        "service": service.endpoint.label,
        "signs_zh": "；".join(f"{_WORDS[sign.kind].zh}（{_place(sign)}）" for sign in signs[:5]),
        "signs_en": "; ".join(f"{_WORDS[sign.kind].en} ({_place(sign)})" for sign in signs[:5]),
        "n": str(len(shown)),
    }
    evidence = tuple(Evidence("logs.signs", one) for one in shown[:5]) or (
        Evidence("logs.files", str(len(facts.files))),
    )
    yield Outcome("strong" if strong else "weak" if signs else "none", values, evidence)


_STRONG = frozenset(
    {
        "out_of_order", "rotation_hole", "sequence_hole", "sequence_back", "hash_mismatch", "duplicated",
        "touched_later", "cleared",
    }
)  # fmt: skip
_WORDS = {
    "out_of_order": Text("一段记录早于其上的记录", "a block is earlier than what stands above it"),
    "clock_set_back": Text("时间倒退后继续", "the time goes back and runs on"),
    "zone_change": Text("时区变化", "the zone changes"),
    "rotation_hole": Text("轮转编号缺", "numbers of rotated files are missing"),
    "sequence_hole": Text("序号不连续", "sequence numbers are missing"),
    "sequence_back": Text("序号倒退", "sequence numbers go back"),
    "hash_mismatch": Text("记录与其自带的散列值不符", "an entry is not what its own hash says"),
    "duplicated": Text("一段记录重复出现", "a run of lines stands twice"),
    "cleared": Text("日志曾被清除", "the log was cleared"),
    "foreign_shape": Text("少数行的形状与其余各行不同", "a few lines have another shape than the rest"),
    "touched_later": Text(
        "记录早已结束的文件在检测后改动过", "a file whose entries had ended was changed after the scan"
    ),
}


def _place(sign: LogSign) -> str:
    where = f"{sign.file}:{sign.line}" if sign.line else sign.file
    return f"{where}, {sign.detail}"


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
                "{service} 的日志有 {n} 处变化：{signs_zh}。",
                "The log of {service} shows {n} changes: {signs_en}.",
            ),
        ),
        "strong": Declared(
            status=Status.WARN,
            detail=Text(
                "{service} 的日志有 {n} 处需要说明：{signs_zh}。这不是篡改的证明。",
                "The log of {service} has {n} places to be explained: {signs_en}. It is no proof of editing.",
            ),
            severity=Severity.MEDIUM,
        ),
    },
    evaluate=evaluate,
    references=(Reference("GB/T 22239-2019 8.1.4.3 安全审计"),),
)
