"""How exports of address records are judged, whatever they record: how far back they reach, and whether they tell who it was."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta, timezone

from checks.model import Declared, Evidence, Outcome, Settings, Severity, Status, Text
from checks.months import months_before
from scanner.facts import AddressRecordFacts

_CHINA = timezone(timedelta(hours=8))
_NEEDS = {
    "start": Text("开始时间", "the start time"),
    "user": Text("使用者", "the user"),
    "address": Text("地址", "the address"),
    "public_address": Text("公网地址", "the public address"),
    "private_address": Text("内网地址", "the private address"),
    "ports": Text("公网端口或者端口块", "the public port or port block"),
}
_SIGNS = {
    "unreadable_time": Text("时间读不出", "a time that cannot be read"),
    "end_before_start": Text("结束早于开始", "an end before the start"),
    "bad_address": Text("不是 IP 地址", "no IP address"),
    "bad_port": Text("不是端口", "no port"),
    "overlap": Text(
        "同一地址（及端口）同一时间有不同使用者", "two users of one address (and ports) at one time"
    ),
    "malformed": Text("不是完整的 CSV 行", "no whole row of CSV"),
}

KEPT: Mapping[str, Declared] = {
    "as_handed_over": Declared(
        status=Status.INFO,
        detail=Text(
            "按提供的材料，最早的记录为 {first}，已满 {months} 个月；自 {since} 起的 {span} 天中，{days} 天有记录。是否真实、完整需现场抽查核实。",
            "As handed over, the first record is of {first}: {months} months are reached. Of the {span} days since {since}, {days} have records. Whether they are true and whole is to be tried on site.",
        ),
    ),
    "thin": Declared(
        status=Status.INCONCLUSIVE,
        detail=Text(
            "最早的记录为 {first}，但自 {since} 起的 {span} 天中只有 {days} 天有记录，不能据此认为已留存 {months} 个月，需现场核实。",
            "The first record is of {first}, but of the {span} days since {since} only {days} have records: it does not follow that records are kept for {months} months. Verify on site.",
        ),
    ),
    "short": Declared(
        status=Status.WARN,
        detail=Text(
            "按提供的材料，最早的记录为 {first}，距核实时 {reach} 天，不足 {months} 个月。服务开通较晚或者未全部提供的，请说明。",
            "As handed over, the first record is of {first}, {reach} days ago: less than {months} months. A service that is younger, or files that were not handed over, should be explained.",
        ),
        severity=Severity.HIGH,
    ),
    "short_of_backup": Declared(
        status=Status.WARN,
        detail=Text(
            "按提供的材料，最早的记录为 {first}，距核实时 {reach} 天，不足 {months} 个月，也不足记录备份应当保存的 {backup} 天。服务开通较晚或者未全部提供的，请说明。",
            "As handed over, the first record is of {first}, {reach} days ago: less than {months} months, and less than the {backup} days for which backups of records are kept. A service that is younger, or files that were not handed over, should be explained.",
        ),
        severity=Severity.HIGH,
    ),
    "no_time": Declared(
        status=Status.INCONCLUSIVE,
        detail=Text(
            "提供的 {records} 条记录中，没有一条的时间能够读出并且早于核实时，无法判断留存多久，需现场核实。",
            "None of the {records} records handed over has a time that can be read and is past: how long they are kept cannot be told. Verify on site.",
        ),
    ),
}
"""Outcomes of :func:`kept`."""

COMPLETE: Mapping[str, Declared] = {
    "complete": Declared(
        status=Status.PASS,
        detail=Text(
            "提供的 {records} 条记录要素齐全，没有前后矛盾之处；能否据以查到用户，需现场抽查核实。",
            "The {records} records handed over tell all that they must, and do not contradict one another; whether a user can be found by them is to be tried on site.",
        ),
    ),
    "column_absent": Declared(
        status=Status.WARN,
        detail=Text(
            "提供的文件中有没有{absent_zh}这一列的，只凭这样的记录查不到当时的使用者。另有记载的，请说明。",
            "Among the files handed over are some without a column for {absent_en}: by such records alone the user of that time cannot be found. Records kept elsewhere should be explained.",
        ),
        severity=Severity.MEDIUM,
    ),
    "lacking": Declared(
        status=Status.WARN,
        detail=Text(
            "{records} 条记录中，有的缺少要素：{lacking_zh}。",
            "Of {records} records some lack what they must tell: {lacking_en}.",
        ),
        severity=Severity.LOW,
    ),
    "contradictory": Declared(
        status=Status.WARN,
        detail=Text(
            "{records} 条记录中有需要说明的：{signs_zh}。这不是作假的证明。",
            "Of {records} records some call for an explanation: {signs_en}. It is no proof of anything.",
        ),
        severity=Severity.LOW,
    ),
}
"""Outcomes of :func:`complete`."""


def kept(facts: AddressRecordFacts, probe: str, settings: Settings) -> Iterable[Outcome]:
    """Judge by the first record, and by the days that have any.

    Half of the days is no number of the law: below it, one old record would stand for months.
    """
    months, backup = settings.threshold("log_retention_months"), settings.threshold("log_backup_days")
    at = _day(settings.at)
    due = months_before(at, months)
    first = _day(facts.first) if facts.first is not None else None
    span = (at - due).days
    days = sum(due <= date.fromisoformat(day) < at for day in facts.days)
    values = {
        "records": str(facts.records),
        "first": first.isoformat() if first else "-",
        "reach": str((at - first).days) if first else "-",
        "months": str(months),
        "backup": str(backup),
        "since": due.isoformat(),
        "span": str(span),
        "days": str(days),
    }
    evidence = (
        Evidence(f"{probe}.first", values["first"]),
        Evidence(f"{probe}.records", values["records"]),
        Evidence(f"{probe}.days", str(len(facts.days))),
        *(Evidence(f"{probe}.troubles", trouble) for trouble in facts.troubles[:3]),
    )
    if first is None or first > at:
        name = "no_time"
    elif (at - first).days < backup:
        name = "short_of_backup"
    elif first > due:
        name = "short"
    else:
        name = "thin" if 2 * days < span else "as_handed_over"
    yield Outcome(name, values, evidence)


def complete(facts: AddressRecordFacts, probe: str, settings: Settings) -> Iterable[Outcome]:
    """Judge by columns, by cells left empty, and by records that contradict themselves or one another."""
    lacking = {name: number for name, number in facts.lacking.items() if name not in facts.absent}
    told = [(_SIGNS[sign.kind], sign.records) for sign in facts.signs]
    values = {
        "records": str(facts.records),
        "absent_zh": "、".join(_NEEDS[name].zh for name in facts.absent),
        "absent_en": ", ".join(_NEEDS[name].en for name in facts.absent),
        "lacking_zh": "、".join(f"{_NEEDS[name].zh} {number} 条" for name, number in lacking.items()),
        "lacking_en": ", ".join(f"{_NEEDS[name].en} {number}" for name, number in lacking.items()),
        "signs_zh": "、".join(f"{text.zh} {number} 条" for text, number in told),
        "signs_en": ", ".join(f"{text.en} {number}" for text, number in told),
    }
    sound = True
    for name, evidence in (
        ("column_absent", [Evidence(f"{probe}.absent", ", ".join(facts.absent))] if facts.absent else []),
        ("lacking", [Evidence(f"{probe}.lacking", f"{one}: {number}") for one, number in lacking.items()]),
        (
            "contradictory",
            [
                Evidence(f"{probe}.signs", f"{sign.kind}: {sign.records} ({', '.join(sign.examples)})")
                for sign in facts.signs
            ],
        ),
    ):
        if evidence:
            sound = False
            yield Outcome(name, values, tuple(evidence))
    if sound:
        yield Outcome("complete", values, (Evidence(f"{probe}.records", values["records"]),))


def _day(moment: datetime) -> date:
    return moment.astimezone(_CHINA).date()
