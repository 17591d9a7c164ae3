"""What becomes of a finding between two results: a table of every case, then the forms it is shown in."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace

import pytest

from checks.model import Basis, CheckRun, Finding, Severity, Status
from reports.comparison import Fate, compare
from reports.comparison_export import as_document, page, rows
from reports.result import HostResult, Result, ServiceResult
from scanner.facts import RunStatus
from tests.reports.sample import rich
from tests.test_assessment import finding, run

IP = "127.0.0.1"
SUBJECT = f"{IP}:443/tcp"
BASE = rich()
FAIL = finding(Status.FAIL, Severity.HIGH)
OTHER = finding(Status.WARN, Severity.LOW, outcome="milder")
PASS = finding(Status.PASS)
UNSURE = finding(Status.INCONCLUSIVE)
TOLD = finding(Status.WARN, Severity.HIGH, Basis.OTHER_TOOL, check="other-tool/nuclei:git-config")


def service(subject: str = SUBJECT) -> ServiceResult:
    return ServiceResult(
        id=subject,
        host=IP,
        ip=IP,
        port=443,
        transport="tcp",
        name="http",
        product=None,
        version=None,
        tls=True,
    )


def result(
    *findings: Finding,
    services: Sequence[ServiceResult] = (service(),),
    hosts: Sequence[HostResult] = (HostResult(target=IP, ip=IP, up=True, ports_open=("443/tcp",)),),
    checks: Sequence[CheckRun] = (run(),),
    **scan: object,
) -> Result:
    made = replace(BASE.scan, status="completed", options={}, profile="standard")
    return replace(
        BASE,
        scan=replace(made, **scan),  # type: ignore[arg-type]
        services=tuple(services),
        domains=(),
        hosts=tuple(hosts),
        findings=findings,
        checks=tuple(checks),
    )


def host(**known: object) -> HostResult:
    return replace(HostResult(target=IP, ip=IP, up=True), **known)  # type: ignore[arg-type]


WITHOUT = {"services": (), "checks": ()}
CASES = {
    "remains": (result(FAIL), result(FAIL), Fate.REMAINING, "same"),
    "changed": (result(FAIL), result(OTHER), Fate.REMAINING, "changed"),
    "mended": (result(FAIL), result(PASS), Fate.FIXED, "seen_mended"),
    "unsure now": (result(FAIL), result(UNSURE), Fate.NOT_RECHECKED, "could_not_tell"),
    "probe failed now": (
        result(FAIL), result(checks=[run(RunStatus.FAILED, "probe_failed:timeout")]), Fate.NOT_RECHECKED, "probe_failed:timeout",
    ),
    "rule not chosen now": (
        result(FAIL), result(checks=[run(RunStatus.SKIPPED, "not_selected")]), Fate.NOT_RECHECKED, "not_selected",
    ),
    "rule gone": (result(FAIL), result(checks=[run(check="tls/another")]), Fate.NOT_RECHECKED, "rule_unknown"),
    "not asked now": (
        result(FAIL), result(checks=[replace(run(), subject=f"{IP}:8443/tcp")]), Fate.NOT_RECHECKED, "facts_missing",
    ),
    "another tool's word": (result(TOLD), result(), Fate.NOT_RECHECKED, "other_tool"),
    "another tool on a port that we do not scan": (
        result(replace(TOLD, subject=f"{IP}:48123/tcp")), result(hosts=[host()], **WITHOUT), Fate.NOT_RECHECKED, "other_tool",
    ),
    "another tool on an address": (
        result(replace(TOLD, subject=IP)), result(hosts=[host()], **WITHOUT), Fate.NOT_RECHECKED, "other_tool",
    ),
    "another tool on a port that is closed": (
        result(TOLD), result(hosts=[host()], options={"ports": "443"}, **WITHOUT), Fate.FIXED, "port_closed",
    ),
    "another service now": (
        result(FAIL), result(checks=[run(RunStatus.SKIPPED, "not_applicable")]), Fate.FIXED, "no_longer_concerned",
    ),
    "port closed": (result(FAIL), result(hosts=[host()], **WITHOUT), Fate.FIXED, "port_closed"),
    "port not scanned": (
        result(FAIL), result(hosts=[host()], options={"ports": "80"}, **WITHOUT), Fate.NOT_RECHECKED, "port_not_scanned",
    ),
    "another port named": (
        result(FAIL), result(hosts=[host(target=f"{IP}:80")], **WITHOUT), Fate.NOT_RECHECKED, "port_not_scanned",
    ),
    "this port named": (result(FAIL), result(hosts=[host(target=f"{IP}:443")], **WITHOUT), Fate.FIXED, "port_closed"),
    "open but not asked": (
        result(FAIL), result(hosts=[host(ports_open=("443/tcp",))], **WITHOUT), Fate.NOT_RECHECKED, "name_not_asked",
    ),
    "host silent": (result(FAIL), result(hosts=[host(up=False)], **WITHOUT), Fate.NOT_RECHECKED, "host_no_answer"),
    "host filtered": (result(FAIL), result(hosts=[host(up=None)], **WITHOUT), Fate.NOT_RECHECKED, "all_filtered"),
    "host left out": (result(FAIL), result(hosts=[], **WITHOUT), Fate.NOT_RECHECKED, "host_not_in_scope"),
    "scan cut short": (
        result(FAIL), result(hosts=[host()], status="partial", **WITHOUT), Fate.NOT_RECHECKED, "scan_cut_short",
    ),
    "new": (result(PASS), result(FAIL), Fate.NEW, "seen_mended"),
    "new service": (result(hosts=[host()], **WITHOUT), result(FAIL), Fate.NEW, "port_closed"),
    "rule was not there": (
        result(checks=[run(check="tls/another")]), result(FAIL), Fate.NEWLY_EXAMINED, "rule_unknown",
    ),
    "host was not there": (result(hosts=[], **WITHOUT), result(FAIL), Fate.NEWLY_EXAMINED, "host_not_in_scope"),
}  # fmt: skip


@pytest.mark.parametrize(("old", "new", "fate", "reason"), CASES.values(), ids=list(CASES))
def test_what_becomes_of_a_finding(old: Result, new: Result, fate: Fate, reason: str) -> None:
    (line,) = compare(old, new).lines
    assert (line.fate, line.reason) == (fate, reason)


def test_udp_that_keeps_silent_is_not_fixed() -> None:
    subject = f"{IP}:161/udp"
    old = result(finding(Status.FAIL, Severity.HIGH, subject=subject), services=[service(subject)], checks=[])
    (line,) = compare(old, result(hosts=[host()], **WITHOUT)).lines
    assert (line.fate, line.reason) == (Fate.NOT_RECHECKED, "udp_silent")


def test_a_domain_that_is_no_target_any_more_was_not_rechecked() -> None:
    old = result(finding(Status.WARN, Severity.LOW, subject="domain:example.cn"))
    (line,) = compare(old, result()).lines
    assert line.reason == "domain_not_in_scope"


def test_nothing_changes_against_itself() -> None:
    comparison = compare(BASE, BASE)
    assert {line.fate for line in comparison.lines} == {Fate.REMAINING}
    assert set(comparison.cautions) <= {"incomplete"}


@pytest.mark.parametrize(
    ("change", "caution"),
    [
        ({"options": {"ports": "80"}}, "other_ports"),
        ({"options": {"checks": "tls"}}, "other_rules"),
        ({"status": "partial"}, "incomplete"),
        ({"vantage": replace(BASE.scan.vantage, source_addresses=("198.51.100.9",))}, "other_vantage"),
    ],
)
def test_what_makes_them_hard_to_compare_is_said(change: dict[str, object], caution: str) -> None:
    assert compare(result(), result(**change)).cautions == (caution,)  # type: ignore[arg-type]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_judged_again_is_said_only_where_the_rules_were_the_same(lang: str) -> None:
    assert compare(result(), result(), judged_again=True).cautions == ("judged_again",)
    older = result(tool=replace(BASE.scan.tool, rules="00" * 32))
    comparison = compare(result(), older, judged_again=True)
    assert comparison.cautions == ("other_versions",)
    shown = [title for title, _ in rows(comparison, lang)]
    assert not any("other_versions" in title for title in shown)


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("case", CASES)
def test_every_case_has_its_words(case: str, lang: str) -> None:
    old, new, _, reason = CASES[case]
    comparison = compare(old, new)
    (title, _), (heading, ((*_, why),)), *_ = rows(comparison, lang)
    assert old.scan.id in title
    assert "(1)" in heading or "（1）" in heading
    assert reason not in why
    shown = page(comparison, lang)
    assert "Content-Security-Policy" in shown
    document = json.loads(as_document(comparison))
    assert document["schema"] == "zijian-diff/1"
    assert sum(len(document[fate.value]) for fate in Fate) == 1


def test_what_a_target_said_is_text_on_the_page() -> None:
    evil = replace(FAIL, subject_label="<script>alert(1)</script>\x1b[31m\u202e")
    shown = page(compare(result(evil), result(evil)), "zh")
    assert "<script" not in shown
    assert "\x1b" not in shown
    assert "\u202e" not in shown
