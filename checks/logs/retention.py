"""The log does not reach back as far as the law has logs kept.

How it is seen: first and last entry of the files handed over, and marks of earlier scans that are still in them. How it is judged: a mark of an
earlier scan that is as old as the law asks proves retention; entries that old without a mark count as handed over; a shorter reach is a
deviation. What it cannot show: whether the service was in use all that time, and whether more is kept than was handed over.
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
from checks.months import months_before
from scanner.facts import LogFacts, ServiceFacts


def evaluate(service: ServiceFacts, settings: Settings) -> Iterable[Outcome]:
    """Judge by how far back the log reaches, and by what proves it."""
    facts = service.need(LogFacts)
    months = settings.threshold("log_retention_months")
    if facts.first is None or facts.last is None:
        raise NotApplicable("no entry of the log has a time that could be read")
    due = months_before(settings.at, months)
    proof = min((mark for mark in facts.earlier if mark.at <= due), key=lambda mark: mark.at, default=None)
    values = {
        "service": service.endpoint.label,
        "first": f"{facts.first:%Y-%m-%d}",
        "last": f"{facts.last:%Y-%m-%d}",
        "reach": str((settings.at - facts.first).days),
        "days": str(len(facts.days)),
        "months": str(months),
        "scan": proof.scan if proof else "-",
        "at": f"{proof.at:%Y-%m-%d}" if proof else "-",
    }
    evidence = (
        Evidence("logs.first", values["first"]),
        Evidence("logs.last", values["last"]),
        Evidence("logs.days", values["days"]),
        *(Evidence("logs.earlier", f"{mark.scan} {mark.at:%Y-%m-%d}") for mark in facts.earlier[:3]),
    )
    if proof is not None:
        yield Outcome("proven", values, evidence)
    else:
        yield Outcome("as_handed_over" if facts.first <= due else "short", values, evidence)


RULE = Rule(
    id="logs/retention",
    title=Text("日志留存时间不足", "Logs do not reach back far enough"),
    rationale=Text(
        "网络日志应当按照规定留存不少于六个月。",
        "Network logs must be kept for at least six months, as provided.",
    ),
    remediation=Text(
        "把日志轮转改为按期限保留（如 logrotate 的 rotate 200、daily、dateext），归档到独立的日志服务器，并定期核对能够调出六个月前的记录。",
        "Keep rotated logs by age (logrotate: rotate 200, daily, dateext), archive them on a log server of their own, and check regularly that entries of six months ago can be had.",
    ),
    severity=Severity.HIGH,
    duties=("log_retention",),
    needs=(LogFacts,),
    basis=Basis.OPERATOR_FILE,
    outcomes={
        "proven": Declared(
            status=Status.PASS,
            detail=Text(
                "{service} 的日志中有 {at} 那次检测（{scan}）留下的标记：当日的记录留存至今，已满 {months} 个月。",
                "The log of {service} has the mark of the check of {at} ({scan}): what was written that day was kept for {months} months and more.",
            ),
        ),
        "as_handed_over": Declared(
            status=Status.INFO,
            detail=Text(
                "按提供的材料，{service} 的日志最早为 {first}，有记录的 {days} 天，已满 {months} 个月；是否真实、完整需现场核实。",
                "As handed over, the log of {service} begins on {first} and has entries on {days} days: {months} months are reached. Whether it is true and whole is for the site.",
            ),
        ),
        "short": Declared(
            status=Status.WARN,
            detail=Text(
                "按提供的材料，{service} 的日志最早为 {first}，距核实时 {reach} 天，不足 {months} 个月。服务开通较晚或者未全部提供的，请说明。",
                "As handed over, the log of {service} begins on {first}, {reach} days ago: less than {months} months. A service that is younger, or files that were not handed over, should be explained.",
            ),
            severity=Severity.HIGH,
        ),
    },
    evaluate=evaluate,
    references=(Reference("GB/T 22239-2019 8.1.4.3 安全审计"),),
)
