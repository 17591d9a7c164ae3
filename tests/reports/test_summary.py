"""The terminal summary: counted right, worst first, and safe to print."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from checks.model import Confirmation, Severity, Status
from reports.digest import digest, group_by_rule, not_done, stands
from reports.result import Result
from reports.summary import duty_rows, finding_rows, headline
from tests.reports import sample


def _cells(result: Result, lang: str) -> list[str]:
    rows: list[tuple[str, ...]] = [*duty_rows(result, lang), *finding_rows(result, lang)]
    return [cell for row in rows for cell in row] + [headline(result, lang)]


def test_headline_counts_what_stands() -> None:
    assert headline(sample.rich(), "zh") == (
        "检查了 3 个地址上的 8 项服务，发现不符合 6 处、风险 10 处，其中严重 1 处、高危 6 处。"
        "涉及 6 项义务。另有 6 项义务从外部看不到，须到现场核实。有 5 项没有查成，原因见“没有查到的”一节。"
    )
    assert headline(sample.rich(), "en").startswith(
        "Examined 8 services on 3 addresses: 6 places that do not conform, 10 at risk (of which 1 critical, 6 high)."
    )


def test_only_what_was_asked_counts_as_examined_and_the_rest_is_said() -> None:
    tarpit = sample.with_unasked(990)
    assert headline(tarpit, "zh").startswith(
        "检查了 3 个地址上的 8 项服务，发现不符合 6 处、风险 10 处，其中严重 1 处、高危 6 处。"
        "另有 990 个端口开放，但没有询问，不知道是什么服务。"
    )
    assert (
        "990 further ports are open and were not asked: what runs there is not known. 6 duties"
        in headline(tarpit, "en")
    )
    alone = dataclasses.replace(
        tarpit, services=tuple(one for one in tarpit.services if not one.asked), findings=()
    )
    assert headline(alone, "zh").startswith(
        "没有检查到任何服务或者域名，不能据此得出任何结论。另有 990 个端口开放"
    )


def test_headline_says_first_that_a_scan_is_not_complete() -> None:
    assert headline(sample.rich("police"), "zh").startswith(
        "扫描没有完成（1 台主机没有应答），以下结果不完整。"
    )


def test_nothing_seen_is_never_nothing_found() -> None:
    text = headline(sample.empty(), "zh")
    assert "不能据此得出任何结论" in text
    assert "没有发现" not in text


def test_domains_are_counted_and_what_was_seen_on_them_is_not_lost() -> None:
    both = sample.with_domain()
    assert headline(both, "zh").startswith("检查了 1 个域名和 3 个地址上的 8 项服务，发现不符合 6 处")
    assert headline(both, "en").startswith("Examined 1 domain and 8 services on 3 addresses: 6 places")
    on_domain = tuple(finding for finding in both.findings if finding.subject == both.domains[0].id)
    alone = dataclasses.replace(both, services=(), findings=on_domain)
    assert headline(alone, "zh").startswith("检查了 1 个域名，发现不符合 1 处")
    assert headline(alone, "en").startswith("Examined 1 domain: 1 place that does not conform")


def test_a_domain_on_which_nothing_was_concluded_is_not_examined() -> None:
    result = sample.with_domain()
    unclear = dataclasses.replace(
        next(finding for finding in result.findings if finding.subject == result.domains[0].id),
        status=Status.INCONCLUSIVE,
        severity=Severity.INFO,
    )
    text = headline(dataclasses.replace(result, services=(), findings=(unclear,)), "zh")
    assert "不能据此得出任何结论" in text
    assert "没有发现" not in text


def test_all_passed_does_not_say_that_all_is_well() -> None:
    result = sample.rich()
    passed = tuple(finding for finding in result.findings if finding.status is Status.PASS)
    assert "在已完成的检查中没有发现不符合或者风险" in headline(
        dataclasses.replace(result, findings=passed), "zh"
    )


def test_refuted_findings_do_not_count_and_are_not_listed() -> None:
    result = sample.rich()
    refuted = [finding for finding in result.findings if finding.confirmation is Confirmation.REFUTED]
    assert refuted
    assert not any(stands(finding) for finding in refuted)
    rows = finding_rows(result, "zh")
    assert len(rows) == 16
    assert ("www.example.cn:80", "响应头透露软件版本") not in {(row[2], row[3]) for row in rows}
    everything = tuple(dataclasses.replace(f, confirmation=Confirmation.REFUTED) for f in result.findings)
    assert finding_rows(dataclasses.replace(result, findings=everything), "zh") == []


def test_worst_comes_first() -> None:
    assert finding_rows(sample.rich(), "en")[0][:3] == ("Critical", "Does not conform", "203.0.113.30:6379")
    statuses = [row[1] for row in duty_rows(sample.rich(), "zh")]
    assert list(dict.fromkeys(statuses)) == ["发现不符合", "存在风险", "需现场核实", "未发现问题", "不适用"]


def test_a_duty_names_its_articles_in_force() -> None:
    row = next(
        row for row in duty_rows(sample.rich(), "zh") if row[0] == "防范计算机病毒和网络攻击、网络侵入"
    )
    assert row == (
        "防范计算机病毒和网络攻击、网络侵入",
        "发现不符合",
        "11",
        "《网络安全法》第二十三条第（二）项",
    )


def test_groups_do_not_depend_on_the_order_of_findings() -> None:
    findings = sample.rich().findings
    assert group_by_rule(findings) == group_by_rule(reversed(findings))


def test_what_was_not_done_is_told_once() -> None:
    entries = not_done(sample.rich())
    waiting = [entry for entry in entries if "tls/legacy-protocol" in entry.rules]
    assert len(waiting) == 1
    assert waiting[0].subjects == (sample.MYSQL.id,)
    counted = digest(sample.rich())
    assert counted.unchecked == sum(len(entry.subjects) for entry in counted.undone) - len(
        waiting[0].subjects
    )
    assert {entry.reason for entry in counted.by_design} == {"not_applicable", "not_selected", "excluded"}
    assert "tool_fault" in {entry.reason for entry in counted.undone}


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("make", [sample.rich, sample.empty, sample.hostile])
def test_cells_are_one_line_of_printable_text(lang: str, make: Any) -> None:
    for cell in _cells(make(), lang):
        assert cell.isprintable(), cell
        assert "\x1b" not in cell
        assert len(cell) < 2100


def test_no_such_language() -> None:
    with pytest.raises(ValueError, match="de"):
        headline(sample.rich(), "de")
