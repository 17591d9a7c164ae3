"""Our own connections are not in the log that was handed over.

How it is seen: every connection of the scan is in its ledger, with both addresses and times; a path, names and a password that only this
scan used mark them. The lines of the log are tied to them by mark, by source port, or by address and time. How it is judged: all of them
there proves that the service writes a log since that day; some or none there, in files that reach over the time of the scan, is a
deviation. What it cannot show: whether these files are all that there is, and what was logged before the scan.
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
    """Judge by how many of our connections the log has."""
    facts = service.need(LogFacts)
    values = {
        "service": service.endpoint.label,
        "found": str(facts.found),
        "expected": str(facts.expected),
        "missing": ", ".join(facts.missing[:5]) or "-",
        "by": ", ".join(facts.matched_by) or "-",
    }
    evidence = (
        Evidence("logs.found", f"{facts.found}/{facts.expected}"),
        *(Evidence("logs.evidence", line) for line in facts.evidence[:3]),
    )
    if not facts.expected:
        raise NotApplicable("the scan left nothing in this service that a log would show")
    if facts.found == facts.expected:
        yield Outcome("all", values, evidence)
    elif not facts.covers_scan:
        yield Outcome("not_covered", values, evidence)
    else:
        yield Outcome("some" if facts.found else "none", values, evidence)


RULE = Rule(
    id="logs/our-connections",
    title=Text("日志中没有检测连接", "Our connections are missing from the log"),
    rationale=Text(
        "公安机关的检测连接时间、地址都有记录，日志中应当逐一可查。查不到的，说明日志未开启、未记全，或者所提供的不是该服务的日志。",
        "Times and addresses of our connections are known, so that each must be in the log. Where it is not, logging is off or incomplete, or the file is another service's.",
    ),
    remediation=Text(
        "开启该服务的访问日志，记录全部连接和请求（包括出错的和未登录的）；确认没有按地址、路径或采样丢弃；提供的应当是该服务、覆盖检测时间的原始日志。",
        "Turn the access log on for all connections and requests, those that fail or never log in included; drop none by address, path or sampling; hand over this service's own log over the time of the check.",
    ),
    severity=Severity.HIGH,
    duties=("log_retention",),
    needs=(LogFacts,),
    basis=Basis.OPERATOR_FILE,
    outcomes={
        "all": Declared(
            status=Status.PASS,
            detail=Text(
                "{service} 的日志含有本次检测的全部 {expected} 次连接（依据：{by}），证明该服务自检测之日起有日志；此前的日志不由此证明。",
                "The log of {service} has all {expected} connections of this check (tied by {by}): it is written since that day; nothing is shown of earlier days.",
            ),
        ),
        "some": Declared(
            status=Status.WARN,
            detail=Text(
                "{service} 的日志只含有本次检测 {expected} 次连接中的 {found} 次；未见：{missing}。",
                "The log of {service} has {found} of this check's {expected} connections; not there: {missing}.",
            ),
            severity=Severity.MEDIUM,
        ),
        "none": Declared(
            status=Status.WARN,
            detail=Text(
                "{service} 所提供的日志覆盖检测时间，但没有本次检测 {expected} 次连接中的任何一次。",
                "The log handed over for {service} reaches over the check, but has none of its {expected} connections.",
            ),
            severity=Severity.HIGH,
        ),
        "not_covered": Declared(
            status=Status.INCONCLUSIVE,
            detail=Text(
                "{service} 所提供的日志不覆盖检测时间（{expected} 次连接中见 {found} 次），不能据此核实；请补充检测当日的日志。",
                "The log handed over for {service} does not reach over the time of the check ({found} of {expected} connections); ask for that day's.",
            ),
        ),
    },
    evaluate=evaluate,
    references=(Reference("GB/T 22239-2019 8.1.4.3 安全审计"),),
)
