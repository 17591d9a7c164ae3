"""From findings to duties, by the written rules: a table for each."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from checks.model import (
    Basis,
    CheckRun,
    Confirmation,
    Finding,
    Hosting,
    HostingKind,
    HostingSign,
    Severity,
    Status,
    Text,
    finding_key,
)
from reports.assessment import assess_duties
from reports.law.corpus import LawLookupError, load
from reports.result import CitationRole, DutyResult, DutyStatus
from scanner.facts import RunStatus

ON = date(2026, 11, 23)
DUTIES = load().duties
EXAMINABLE = [key for key, duty in DUTIES.items() if duty.remote == "examinable"]
DUTY = "intrusion_protection"
ALL_KINDS = tuple(load().provider_kinds)


def finding(
    status: Status,
    severity: Severity = Severity.INFO,
    basis: Basis = Basis.HANDSHAKE,
    confirmation: Confirmation = Confirmation.UNVERIFIED,
    *,
    check: str = "tls/example",
    subject: str = "127.0.0.1:443/tcp",
    outcome: str = "",
    duties: Sequence[str] = (DUTY,),
) -> Finding:
    name = outcome or f"{status.value}-{severity.value}-{basis.value}"
    return Finding(
        key=finding_key(check, subject, name),
        check=check,
        outcome=name,
        subject=subject,
        subject_label=subject,
        target="127.0.0.1",
        status=status,
        basis=basis,
        confirmation=confirmation,
        severity=severity,
        title=Text(f"标题 {check}", f"title {check}"),
        detail=Text("细节", "detail"),
        rationale=Text("理由", "rationale"),
        remediation=Text("整改", "mend"),
        duties=tuple(duties),
    )


def run(
    status: RunStatus = RunStatus.COMPLETED,
    reason: str | None = None,
    *,
    check: str = "tls/example",
    duties: Sequence[str] = (DUTY,),
) -> CheckRun:
    return CheckRun(
        check=check, subject="127.0.0.1:443/tcp", status=status, reason=reason, duties=tuple(duties)
    )


def assess(
    findings: Sequence[Finding] = (), runs: Sequence[CheckRun] = (), *, mode: str = "self", **options: Any
) -> dict[str, DutyResult]:
    results = assess_duties(findings, runs, law_date=ON, mode=mode, **options)
    return {result.key: result for result in results}


PASS = finding(Status.PASS)
STRONG = (Basis.HANDSHAKE, Basis.PROTOCOL_REPLY, Basis.HTTP, Basis.DNS)
GRAVE = (Severity.MEDIUM, Severity.HIGH, Severity.CRITICAL)


# --------------------------------------------------------------------------- the table in the documents

_DOCUMENT = (Path(__file__).parents[1] / "docs" / "law.md").read_text(encoding="utf-8")
_HEAD = "| status | severity | basis | confirmation | duty |"
TABLE = [
    [cell.split() for cell in line.strip("|").split("|")]
    for line in _DOCUMENT.partition(_HEAD)[2].strip().partition("\n\n")[0].splitlines()[1:]
]


@pytest.mark.parametrize("status", Status)
@pytest.mark.parametrize("confirmation", Confirmation)
def test_the_documented_table_says_what_each_finding_makes_of_a_duty(
    status: Status, confirmation: Confirmation
) -> None:
    for severity, basis in itertools.product(Severity, Basis):
        values = (status, severity, basis, confirmation)
        fitting = [
            row
            for row in TABLE
            if all(cell == ["*"] or value in cell for cell, value in zip(row[:4], values, strict=True))
        ]
        assert len(fitting) == 1, values
        results = assess([finding(*values)], [run()])
        assert [results[DUTY].status.value] == fitting[0][4], values


def test_the_table_names_nothing_that_there_is_not() -> None:
    kinds = (Status, Severity, Basis, Confirmation, DutyStatus)
    for row in TABLE:
        for cell, kind in zip(row, kinds, strict=True):
            assert cell == ["*"] or set(cell) <= set(kind)


# --------------------------------------------------------------------------- nothing, and order


def test_the_result_has_every_duty_in_the_catalogue_s_order() -> None:
    assert list(assess()) == list(DUTIES)


@pytest.mark.parametrize("mode", ["self", "police"])
@pytest.mark.parametrize("event", [False, True])
@pytest.mark.parametrize("kinds", [(), ("user",), ALL_KINDS])
def test_empty_evidence_never_ends_well(mode: str, event: bool, kinds: tuple[str, ...]) -> None:
    for key, result in assess(mode=mode, event=event, provider_kinds=kinds).items():
        assert result.status in (DutyStatus.VERIFY_ON_SITE, DutyStatus.NOT_APPLICABLE)
        if result.status is DutyStatus.NOT_APPLICABLE:
            assert DUTIES[key].group in ("provider", "event")


@pytest.mark.parametrize("key", list(DUTIES))
def test_a_completed_run_without_findings_is_no_pass(key: str) -> None:
    result = assess(runs=[run(duties=[key])], event=True, provider_kinds=ALL_KINDS)[key]
    assert result.status is DutyStatus.VERIFY_ON_SITE


# --------------------------------------------------------------------------- deviations


@pytest.mark.parametrize(("severity", "basis"), list(itertools.product(Severity, Basis)))
def test_nonconforming_wants_a_fail_that_is_grave_and_seen(severity: Severity, basis: Basis) -> None:
    result = assess([finding(Status.FAIL, severity, basis)], [run()])[DUTY]
    expected = DutyStatus.NONCONFORMING if severity in GRAVE and basis in STRONG else DutyStatus.AT_RISK
    assert result.status is expected


@pytest.mark.parametrize(("severity", "basis"), list(itertools.product(Severity, Basis)))
def test_a_warning_is_a_risk_and_never_more(severity: Severity, basis: Basis) -> None:
    result = assess([finding(Status.WARN, severity, basis)], [run()])[DUTY]
    assert result.status is DutyStatus.AT_RISK


@pytest.mark.parametrize(
    "basis", [Basis.BANNER, Basis.INFERRED, Basis.OPERATOR_FILE, Basis.OTHER_TOOL, Basis.STATEMENT]
)
def test_confirmed_on_site_a_weak_basis_is_enough(basis: Basis) -> None:
    confirmed = finding(Status.FAIL, Severity.HIGH, basis, Confirmation.CONFIRMED_ON_SITE)
    assert assess([confirmed], [run()])[DUTY].status is DutyStatus.NONCONFORMING
    mild = finding(Status.FAIL, Severity.LOW, basis, Confirmation.CONFIRMED_ON_SITE)
    assert assess([mild], [run()])[DUTY].status is DutyStatus.AT_RISK


def test_what_was_seen_on_a_third_party_s_edge_counts_and_is_said_to_be() -> None:
    edge = Hosting(by=HostingSign.CNAME, provider=Text("某 CDN", "Some CDN"), kind=HostingKind.CDN)
    own = finding(Status.FAIL, Severity.HIGH, outcome="own")
    carried = replace(finding(Status.FAIL, Severity.MEDIUM, outcome="carried"), hosting=edge)
    result = assess([own, carried])[DUTY]
    assert result.status is DutyStatus.NONCONFORMING
    assert "其中 1 项见于第三方（某 CDN）的节点" in result.reason.zh
    assert "1 was seen on third parties' edges (Some CDN)" in result.reason.en
    warned = replace(finding(Status.WARN, Severity.LOW, outcome="warned"), hosting=edge)
    assert "某 CDN" in assess([warned])[DUTY].reason.zh
    assert "第三方" not in assess([own])[DUTY].reason.zh
    many = [
        replace(carried, key=str(number), hosting=replace(edge, provider=Text(f"商{number}", f"P{number}")))
        for number in range(5)
    ]
    assert "商0、商1、商2等）" in assess(many)[DUTY].reason.zh


def test_refuted_counts_as_nothing() -> None:
    refuted = finding(Status.FAIL, Severity.CRITICAL, confirmation=Confirmation.REFUTED)
    result = assess([refuted], [run()])[DUTY]
    assert result.status is DutyStatus.VERIFY_ON_SITE
    assert result.findings == ()
    refuted_pass = finding(Status.PASS, confirmation=Confirmation.REFUTED)
    assert assess([refuted_pass], [run()])[DUTY].status is DutyStatus.VERIFY_ON_SITE
    assert assess([refuted, PASS], [run()])[DUTY].status is DutyStatus.NO_PROBLEM_FOUND


def test_a_deviation_outweighs_passes_and_failures() -> None:
    bad = finding(Status.FAIL, Severity.HIGH, check="web/example")
    result = assess([PASS, bad], [run(), run(RunStatus.FAILED, "probe_failed:timeout")], complete=False)[DUTY]
    assert result.status is DutyStatus.NONCONFORMING
    assert result.findings == (bad.key, PASS.key)


@pytest.mark.parametrize("key", list(DUTIES))
def test_deviations_show_on_any_duty_that_applies(key: str) -> None:
    grave = finding(Status.FAIL, Severity.HIGH, duties=[key])
    results = assess([grave], event=True, provider_kinds=ALL_KINDS)
    assert [name for name, one in results.items() if one.status is DutyStatus.NONCONFORMING] == [key]


def test_the_reason_counts_and_names_the_worst() -> None:
    bad = [
        finding(Status.FAIL, Severity.HIGH, check=f"tls/rule-{n}", subject=f"127.0.0.{n}:443/tcp")
        for n in range(1, 6)
    ]
    reason = assess(bad, [run()])[DUTY].reason
    assert "检测到 5 项" in reason.zh
    assert "标题 tls/rule-1、标题 tls/rule-2、标题 tls/rule-3等" in reason.zh
    assert "最高级别：高危" in reason.zh
    assert "5 findings" in reason.en
    assert "and others" in reason.en


EDGE = Hosting(by=HostingSign.CNAME, provider=Text("某 CDN", "Some CDN"), kind=HostingKind.CDN)


def _on_edges(number: int) -> list[Finding]:
    """Grave findings, each on the edge of another third party and of a rule of its own."""
    return [
        replace(
            finding(Status.FAIL, Severity.HIGH, check=f"tls/rule-{n}"),
            hosting=replace(EDGE, provider=Text(f"商{n}", f"P{n}")),
        )
        for n in range(number)
    ]


@pytest.mark.parametrize(
    ("number", "zh", "en"),
    [
        (
            1,
            "检测到 1 项：标题 tls/rule-0，与义务要求不符（最高级别：高危）；由检查人员核实后认定。"
            "其中 1 项见于第三方（商0）的节点，不在运营者自己的机器上，由谁负责须核实。",
            "1 finding: title tls/rule-0: not as the duty demands (worst: high); for the officer to verify and decide. "
            "Of these, 1 was seen on third parties' edges (P0), not on the operator's own machines: verify who answers for "
            "them.",
        ),
        (
            3,
            "检测到 3 项：标题 tls/rule-0、标题 tls/rule-1、标题 tls/rule-2，与义务要求不符（最高级别：高危）；由检查人员核实后认定。"
            "其中 3 项见于第三方（商0、商1、商2）的节点，不在运营者自己的机器上，由谁负责须核实。",
            "3 findings: title tls/rule-0; title tls/rule-1; title tls/rule-2: not as the duty demands (worst: high); for the "
            "officer to verify and decide. Of these, 3 were seen on third parties' edges (P0; P1; P2), not on the operator's "
            "own machines: verify who answers for them.",
        ),
        (
            4,
            "检测到 4 项：标题 tls/rule-0、标题 tls/rule-1、标题 tls/rule-2等，与义务要求不符（最高级别：高危）；由检查人员核实后认定。"
            "其中 4 项见于第三方（商0、商1、商2等）的节点，不在运营者自己的机器上，由谁负责须核实。",
            "4 findings: title tls/rule-0; title tls/rule-1; title tls/rule-2 and others: not as the duty demands (worst: "
            "high); for the officer to verify and decide. Of these, 4 were seen on third parties' edges (P0; P1; P2 and "
            "others), not on the operator's own machines: verify who answers for them.",
        ),
    ],
)
def test_a_reason_is_worded_for_one_for_few_and_for_many(number: int, zh: str, en: str) -> None:
    reason = assess(_on_edges(number))[DUTY].reason
    assert (reason.zh, reason.en) == (zh, en)


def test_findings_stand_deviations_first_then_worst_then_unsure() -> None:
    order = [
        finding(Status.FAIL, Severity.HIGH),
        finding(Status.WARN, Severity.HIGH, check="a/first"),
        finding(Status.WARN, Severity.LOW),
        finding(Status.ERROR),
        finding(Status.INCONCLUSIVE, check="a/first"),
        finding(Status.INFO, check="a/first"),
        finding(Status.PASS, check="a/first"),
        finding(Status.PASS, check="b/second", subject="127.0.0.1:443/tcp"),
        finding(Status.PASS, check="b/second", subject="127.0.0.2:443/tcp"),
    ]
    found = assess(list(reversed(order)))[DUTY].findings
    assert found == tuple(one.key for one in order)


# --------------------------------------------------------------------------- no problem found


@pytest.mark.parametrize("key", list(DUTIES))
def test_only_what_can_be_examined_remotely_can_end_without_a_problem(key: str) -> None:
    result = assess(
        [finding(Status.PASS, duties=[key])], [run(duties=[key])], event=True, provider_kinds=ALL_KINDS
    )[key]
    expected = DutyStatus.NO_PROBLEM_FOUND if key in EXAMINABLE else DutyStatus.VERIFY_ON_SITE
    assert result.status is expected


def test_which_duties_can_be_examined_remotely() -> None:
    assert EXAMINABLE == ["intrusion_protection", "vulnerability_handling", "data_protection"]


def test_the_reason_says_what_was_examined() -> None:
    other = finding(Status.PASS, check="web/example", subject="127.0.0.2:80/tcp")
    reason = assess([PASS, other], [run(), run(check="web/example")])[DUTY].reason
    assert "已检查的范围内（2 个服务、2 项检查）" in reason.zh
    assert "未检查的部分仍须核实" in reason.zh
    assert "in what was examined (2 checks on 2 services)" in reason.en


@pytest.mark.parametrize(
    ("more", "runs"),
    [
        ([finding(Status.INCONCLUSIVE)], [run()]),
        ([finding(Status.ERROR)], [run()]),
        ([], [run(), run(RunStatus.FAILED, "probe_failed:timeout", check="tls/other")]),
        ([], [run(), run(RunStatus.FAILED, "tool_fault", check="tls/other")]),
        ([], [run(), run(RunStatus.INTERRUPTED, check="tls/other")]),
        ([], [run(), run(RunStatus.SKIPPED, "not_selected", check="tls/other")]),
        ([], [run(), run(RunStatus.SKIPPED, None, check="tls/other")]),
    ],
)
def test_what_did_not_come_to_a_result_forbids_it(more: list[Finding], runs: list[CheckRun]) -> None:
    result = assess([PASS, *more], runs)[DUTY]
    assert result.status is DutyStatus.VERIFY_ON_SITE
    assert "1 项相关检查未完成或者未能判断" in result.reason.zh


@pytest.mark.parametrize("reason", ["not_applicable", "no_such_service"])
def test_a_rule_with_nothing_to_look_at_hinders_nothing(reason: str) -> None:
    runs = [run(), run(RunStatus.SKIPPED, reason, check="tls/other")]
    assert assess([PASS], runs)[DUTY].status is DutyStatus.NO_PROBLEM_FOUND
    assert assess([], runs[1:])[DUTY].status is DutyStatus.VERIFY_ON_SITE


def test_failures_of_other_duties_hinder_nothing() -> None:
    failed = run(RunStatus.FAILED, "probe_failed:timeout", check="filing/number", duties=["filing"])
    assert assess([PASS], [run(), failed])[DUTY].status is DutyStatus.NO_PROBLEM_FOUND


def test_a_scan_cut_short_forbids_it() -> None:
    result = assess([PASS], [run()], complete=False)[DUTY]
    assert result.status is DutyStatus.VERIFY_ON_SITE
    assert "扫描没有完成" in result.reason.zh


@pytest.mark.parametrize("status", [Status.INFO, Status.NOT_APPLICABLE])
def test_information_decides_nothing(status: Status) -> None:
    assert assess([finding(status)], [run()])[DUTY].status is DutyStatus.VERIFY_ON_SITE
    assert assess([finding(status), PASS], [run()])[DUTY].status is DutyStatus.NO_PROBLEM_FOUND


# --------------------------------------------------------------------------- applicability

PROVIDER = [key for key, duty in DUTIES.items() if duty.provider_kinds]
EVENT = [key for key, duty in DUTIES.items() if duty.group == "event"]


@pytest.mark.parametrize("key", PROVIDER)
@pytest.mark.parametrize(
    ("mode", "kinds", "status", "says"),
    [
        ("self", (), DutyStatus.NOT_APPLICABLE, "未声明提供该类服务"),
        ("police", (), DutyStatus.VERIFY_ON_SITE, "提供者类型未说明"),
        ("self", ("user",), DutyStatus.NOT_APPLICABLE, "未声明提供该类服务"),
        ("police", ("user",), DutyStatus.NOT_APPLICABLE, "未声明提供该类服务"),
        ("self", ALL_KINDS, DutyStatus.VERIFY_ON_SITE, "现场"),
        ("police", ALL_KINDS, DutyStatus.VERIFY_ON_SITE, "现场"),
    ],
)
def test_duties_by_kind_of_provider(
    key: str, mode: str, kinds: tuple[str, ...], status: DutyStatus, says: str
) -> None:
    result = assess(mode=mode, provider_kinds=kinds)[key]
    assert result.status is status
    assert says in result.reason.zh


@pytest.mark.parametrize("key", EVENT)
@pytest.mark.parametrize("mode", ["self", "police"])
def test_duties_of_an_event(key: str, mode: str) -> None:
    without = assess(mode=mode)[key]
    assert without.status is DutyStatus.NOT_APPLICABLE
    assert "未声明处于国家重大网络安全保卫任务期间" in without.reason.zh
    assert assess(mode=mode, event=True)[key].status is DutyStatus.VERIFY_ON_SITE


@pytest.mark.parametrize("key", [*PROVIDER, *EVENT])
@pytest.mark.parametrize("mode", ["self", "police"])
def test_a_deviation_on_an_undeclared_duty_is_not_hidden(key: str, mode: str) -> None:
    grave = finding(Status.FAIL, Severity.CRITICAL, duties=[key])
    result = assess([grave], mode=mode)[key]
    assert result.status is DutyStatus.VERIFY_ON_SITE
    assert result.findings == (grave.key,)


def test_an_unknown_kind_is_refused() -> None:
    with pytest.raises(LawLookupError, match=r"no provider kind is called 'isp'.*access"):
        assess(provider_kinds=("isp",))


# --------------------------------------------------------------------------- never more than was seen


def _everything() -> list[Finding]:
    return [
        finding(status, severity, basis, confirmation, duties=[*DUTIES])
        for status in Status
        for severity in (Severity.LOW, Severity.HIGH)
        for basis in (Basis.HTTP, Basis.BANNER)
        for confirmation in Confirmation
    ]


@pytest.mark.parametrize("mode", ["self", "police"])
def test_no_reason_says_that_the_law_was_broken_or_the_duty_met(mode: str) -> None:
    sets: list[tuple[list[Finding], list[CheckRun]]] = [([], []), ([PASS], [run()])]
    sets += [([one], [run(duties=[*DUTIES])]) for one in _everything()]
    for findings, runs in sets:
        for event, kinds in itertools.product((False, True), ((), ALL_KINDS)):
            for result in assess(findings, runs, mode=mode, event=event, provider_kinds=kinds).values():
                assert not re.search(
                    "违法|违反|合规|符合", result.reason.zh.replace("不符合", "").replace("不符", "")
                )
                assert not re.search(r"illegal|unlawful|violat|complian|(?<!non)conform", result.reason.en)
                assert result.reason.zh.endswith("。")
                assert result.reason.en.endswith(".")


def test_every_duty_carries_its_law_its_verification_and_its_questions() -> None:
    for key, result in assess().items():
        assert result.name == DUTIES[key].name
        assert {CitationRole.DUTY, CitationRole.INSPECTION} <= {one.role for one in result.citations}
        assert result.verification is not None
        assert 2 <= len(result.questions) <= 5


def test_the_law_is_that_of_the_date() -> None:
    (before,) = [
        one for one in assess_duties([], [], law_date=date(2025, 12, 31), mode="self") if one.key == DUTY
    ]
    assert {one.version for one in before.citations if one.instrument_key == "csl"} == {"2016"}
    plain = {one.article for one in assess()["mlps"].citations}
    more = {one.article for one in assess(critical_infrastructure=True)["mlps"].citations}
    assert "第三十六条" in more - plain


def test_what_was_seen_under_another_law_is_cited_by_that_too() -> None:
    """An inspection over the night in which Order 151 ended: each version is named for what was seen under it."""
    before = replace(finding(Status.FAIL, Severity.HIGH), seen=datetime(2026, 9, 30, 8, 0, tzinfo=UTC))
    after = replace(
        finding(Status.FAIL, Severity.HIGH, outcome="b"), seen=datetime(2026, 10, 1, 8, 0, tzinfo=UTC)
    )

    def cited(*seen: Finding, day_of: object = datetime.date) -> dict[str, DutyResult]:
        results = assess_duties(seen, [], law_date=date(2026, 10, 1), mode="self", day_of=day_of)  # type: ignore[arg-type]
        return {duty.key: duty for duty in results}

    straddling = cited(before, after)[DUTY].citations
    old = [
        one for one in straddling if one.instrument_key == "mps-151" and one.note and "9月30日" in one.note.zh
    ]
    assert old
    assert not any(one.in_force for one in old)
    assert any(one.instrument_key == "mps-176" and one.in_force for one in straddling)
    for alone in (cited(after)[DUTY], cited(before, after, day_of=None)[DUTY]):
        assert not any(one.note and "9月30日" in one.note.zh for one in alone.citations)
    # A duty on which nothing deviates needs no older law.
    assert not any(one.note and "9月30日" in one.note.zh for one in cited(before)["cooperation"].citations)
