"""The log's clock is wrong, or its time zone.

How it is seen: for lines that bear our mark or source port, the log's time less ours. How it is judged: a difference of whole quarters of an hour
in times that carry a zone is a wrong zone; a median beyond the threshold is a wrong clock. What it cannot show: the clock on other days.
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
    """Judge by the difference between the log's clock and ours."""
    facts = service.need(LogFacts)
    limit = settings.threshold("log_clock_seconds")
    if facts.skew_median is None:
        raise NotApplicable("no line of the log could be tied to a connection by mark or port")
    values = {
        "service": service.endpoint.label,
        "median": f"{facts.skew_median:g}",
        "p95": f"{facts.skew_p95 or 0:g}",
        "drift": f"{facts.skew_drift or 0:g}",
        "limit": str(limit),
        "shift": str(facts.zone_shift),
    }
    evidence = (
        Evidence("logs.skew_median", values["median"]),
        Evidence("logs.skew_p95", values["p95"]),
        Evidence("logs.zone_shift", values["shift"]),
    )
    if facts.zone_shift and facts.zone_written:
        yield Outcome("wrong_zone", values, evidence)
    elif facts.zone_shift:
        yield Outcome("zone_not_written", values, evidence)
    if abs(facts.skew_median) > limit:
        yield Outcome("wrong", values, evidence)
    elif not facts.zone_shift:
        yield Outcome("right", values, evidence)


RULE = Rule(
    id="logs/clock",
    title=Text("日志时间不准", "The log's clock is wrong"),
    rationale=Text(
        "时间不准的日志不能与其他记录对应，追查时会张冠李戴。",
        "Entries with wrong times cannot be held against other records; tracing then leads to the wrong person.",
    ),
    remediation=Text(
        "启用时间同步（chrony、systemd-timesyncd 或 w32time），时区设为 Asia/Shanghai，日志时间写明时区（如 nginx 的 $time_iso8601、rsyslog 的 RFC 3339 格式）。",
        "Synchronise the clock (chrony, systemd-timesyncd or w32time), set the zone to Asia/Shanghai, and write the zone with every time (nginx $time_iso8601, rsyslog's RFC 3339 format).",
    ),
    severity=Severity.MEDIUM,
    duties=("log_retention",),
    needs=(LogFacts,),
    basis=Basis.OPERATOR_FILE,
    outcomes={
        "right": Declared(
            status=Status.PASS,
            detail=Text(
                "{service} 的日志时间与检测记录相差 {median} 秒（中位数；95% 在 {p95} 秒以内）。",
                "The log of {service} is {median} s from the ledger (median; 95% within {p95} s).",
            ),
        ),
        "wrong": Declared(
            status=Status.WARN,
            detail=Text(
                "{service} 的日志时间与检测记录相差 {median} 秒（中位数；漂移 {drift} 秒），超过 {limit} 秒。",
                "The log of {service} is {median} s from the ledger (median; drift {drift} s), more than {limit} s.",
            ),
            severity=Severity.MEDIUM,
        ),
        "wrong_zone": Declared(
            status=Status.WARN,
            detail=Text(
                "{service} 的日志写明了时区，但时间整体相差 {shift} 分钟：时区写错或者设错。",
                "The log of {service} writes its zone, but all times are {shift} minutes off: the zone is wrong.",
            ),
            severity=Severity.MEDIUM,
        ),
        "zone_not_written": Declared(
            status=Status.INFO,
            detail=Text(
                "{service} 的日志不写时区；与所假定的时区相差 {shift} 分钟，应当写明时区。",
                "The log of {service} writes no zone; its times are {shift} minutes off the zone assumed. The zone should be written.",
            ),
        ),
    },
    evaluate=evaluate,
    references=(Reference("GB/T 22239-2019 8.1.4.3 安全审计"),),
)
