"""The log lacks what tells who did what, when and from where.

How it is seen: the first lines of every file handed over for the service. How it is judged: time, source address and action must be there; an
account only where somebody logs in, so that its absence is told as information. What it cannot show: rarer kinds of entries.
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
    """Judge by which fields the lines have."""
    facts = service.need(LogFacts)
    if not facts.files:
        raise NotApplicable("no file was handed over")
    lacking = [name for name in ("time", "source_address", "action") if name not in facts.fields]
    values = {
        "service": service.endpoint.label,
        "present": ", ".join(facts.fields) or "-",
        "lacking": ", ".join(lacking) or "-",
    }
    evidence = (Evidence("logs.fields", values["present"]),)
    if lacking:
        yield Outcome("lacking", values, evidence)
    else:
        yield Outcome("present" if "account" in facts.fields else "no_account", values, evidence)


RULE = Rule(
    id="logs/fields",
    title=Text("日志要素不全", "The log lacks fields"),
    rationale=Text(
        "日志应当能够说明何人、何时、从何处、做了什么，否则留存了也不能用于追查。",
        "A log must tell who did what, when and from where; otherwise keeping it serves nothing.",
    ),
    remediation=Text(
        "补全日志格式：时间（带时区）、源地址（最好连同源端口）、账号、操作（请求、命令或事件）和结果。",
        "Complete the format: time with zone, source address (best with port), account, action and result.",
    ),
    severity=Severity.MEDIUM,
    duties=("log_retention",),
    needs=(LogFacts,),
    basis=Basis.OPERATOR_FILE,
    outcomes={
        "present": Declared(
            status=Status.PASS,
            detail=Text("{service} 的日志含有：{present}。", "The log of {service} has: {present}."),
        ),
        "no_account": Declared(
            status=Status.INFO,
            detail=Text(
                "{service} 的日志含有 {present}，未见账号；该服务有登录的，应当记录账号。",
                "The log of {service} has {present} and no account; where people log in, the account should be there.",
            ),
        ),
        "lacking": Declared(
            status=Status.WARN,
            detail=Text(
                "{service} 的日志缺少：{lacking}（含有：{present}）。",
                "The log of {service} lacks {lacking} (it has: {present}).",
            ),
            severity=Severity.MEDIUM,
        ),
    },
    evaluate=evaluate,
    references=(Reference("GB/T 22239-2019 8.1.4.3 安全审计"),),
)
