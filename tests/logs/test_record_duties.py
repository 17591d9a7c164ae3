"""Address records stored with a scan: judged for the duties of access providers and of public Wi-Fi, and shown in every format."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import openpyxl
import pypdf
import pytest

from checks.logs.address_records import COMPLETE, KEPT
from scanner.facts import Endpoint, ProbeRun, RunStatus, ServiceFacts
from scanner.facts.records import OF_KIND, AddressRecordFacts, RecordKind, RecordSign
from tests.checks.judging import SEEN, rule, settings
from tests.servers.process import loopback_address
from tests.test_scan import Zijian

CHINA = timedelta(hours=8)
ROWS: Mapping[str, tuple[str, str]] = {
    "assignment": ("上线时间,下线时间,账号,IP地址\n", "{start},{end},zhang{n},10.0.0.{n}\n"),
    "nat": (
        "start time,end time,inside local,inside global,start port,end port\n",
        "{start},{end},100.64.0.{n},203.0.113.1,{n}024,{n}031\n",
    ),
    "wifi": (
        "手机号,终端MAC,SSID,上线时间,下线时间\n",
        "1380000000{n},02:00:00:00:00:0{n},x,{start},{end}\n",
    ),
}


def export(kind: str, days: int) -> str:
    """Records of the last ``days``, as a system would export them today."""
    head, row = ROWS[kind]
    now = datetime.now(UTC) + CHINA
    lines = [head]
    for back in range(days, 0, -1):
        start = now - timedelta(days=back)
        written = {
            "start": f"{start:%Y-%m-%d %H:%M:%S}",
            "end": f"{start + timedelta(hours=1):%Y-%m-%d %H:%M:%S}",
        }
        lines += [row.format(n=n, **written) for n in range(1, 4)]
    return "".join(lines)


@pytest.fixture(scope="module")
def scanned(tmp_path_factory: pytest.TempPathFactory) -> Zijian:
    zijian = Zijian(tmp_path_factory.mktemp("records"))
    done = zijian(
        "scan", loopback_address(), "--ports", "1", "--provider", "access,public_access", "-q", "-o", "out"
    )
    assert done.returncode == 0, done.stderr
    return zijian


def outcomes(
    zijian: Zijian, name: str, formats: str = "json", **files: str
) -> tuple[dict[str, set[str]], dict[str, Any]]:
    """Rule -> outcomes after ``files`` were kept with the scan, and the result."""
    folder = zijian.folder / name
    folder.mkdir()
    for file, text in files.items():
        (folder / f"{file}.csv").write_text(text, encoding="gbk")
    done = zijian("logs", "records", str(folder), "--scan", "latest")
    assert done.returncode == 0, done.stderr
    assert "zijian assess " in done.stdout
    done = zijian("assess", "latest", "-q", "-o", f"{name}-out", "--lang", "zh", "--format", formats)
    assert done.returncode == 0, done.stderr
    result: dict[str, Any] = zijian.result(f"{name}-out")
    found: dict[str, set[str]] = {}
    for finding in result["findings"]:
        if finding["service"] == "operator":
            found.setdefault(finding["check"], set()).add(finding["outcome"])
    return found, result


def duty(result: Mapping[str, Any], key: str) -> dict[str, Any]:
    return next(one for one in result["duties"] if one["key"] == key)


def test_nothing_handed_over_is_for_the_site(scanned: Zijian) -> None:
    result: dict[str, Any] = scanned.result()
    assert result["operator"] is None
    assert duty(result, "access_ip_allocation")["status"] == "verify_on_site"
    assert duty(result, "public_wifi_protection")["status"] == "verify_on_site"


def test_whole_records_count_as_handed_over_and_no_more(scanned: Zijian) -> None:
    found, result = outcomes(scanned, "whole", **{kind: export(kind, 190) for kind in ROWS})
    assert found == {
        "logs/assignment-records-complete": {"complete"},
        "logs/assignment-records-kept": {"as_handed_over"},
        "logs/nat-records-complete": {"complete"},
        "logs/nat-records-kept": {"as_handed_over"},
        "logs/wifi-records-complete": {"complete"},
        "logs/wifi-records-kept": {"as_handed_over"},
    }
    for key in ("access_ip_allocation", "public_wifi_protection"):
        told = duty(result, key)
        assert told["status"] == "verify_on_site"
        assert "按提供的材料没有发现偏差" in told["reason"]["zh"]
    assert set(result["operator"]["facts"]) == {"assignment_records", "nat_records", "wifi_records"}
    kept = json.dumps(result, ensure_ascii=False)
    assert not [
        text for text in ("zhang1", "13800000001", "10.0.0.1", "100.64.0.1", "203.0.113.1") if text in kept
    ]


def test_faults_are_told_in_every_format(scanned: Zijian) -> None:
    head, row = ROWS["nat"]
    now = datetime.now(UTC) + CHINA
    at = {
        "start": f"{now - timedelta(days=9):%Y-%m-%d %H:%M:%S}",
        "end": f"{now - timedelta(days=8):%Y-%m-%d %H:%M:%S}",
    }
    twice = row.format(n=1, **at) + row.format(n=1, **at).replace("100.64.0.1", "100.64.0.2")
    found, result = outcomes(
        scanned,
        "faults",
        "html,json,md,docx,pdf,xlsx,csv,sarif",
        nat=head + twice + row.format(n=2, **at).replace("203.0.113.1", ""),
        assignment=export("assignment", 100),
        wifi="上线时间,终端MAC,SSID\n" + f"{now - timedelta(days=200):%Y/%m/%d %H:%M},02:00:00:00:00:01,x\n",
    )
    assert found == {
        "logs/assignment-records-complete": {"complete"},
        "logs/assignment-records-kept": {"short"},
        "logs/nat-records-complete": {"lacking", "contradictory"},
        "logs/nat-records-kept": {"short_of_backup"},
        "logs/wifi-records-complete": {"column_absent"},
        "logs/wifi-records-kept": {"thin"},
    }
    assert duty(result, "access_ip_allocation")["status"] == "at_risk"
    assert duty(result, "public_wifi_protection")["status"] == "at_risk"
    out, title, label = scanned.folder / "faults-out", "地址转换（NAT）记录留存时间不足", "运营者（整体）"
    book = openpyxl.load_workbook(out / "report.xlsx")
    with zipfile.ZipFile(out / "report.docx") as document:
        text = document.read("word/document.xml").decode()
    pages = "".join(page.extract_text() for page in pypdf.PdfReader(out / "report.pdf").pages)
    shown = {
        "html": (out / "report.html").read_text(),
        "md": (out / "summary.md").read_text(),
        "xlsx": "\n".join(str(cell) for sheet in book for row in sheet.values for cell in row),
        "docx": text,
        "sarif": (out / "report.sarif").read_text(),
        "pdf": pages.replace("\n", ""),
    }
    for name, written in shown.items():
        assert title in written, name
        assert label in written, name
    assert "运营者提供的记录" in shown["html"]
    places = {
        row["位置"] for row in csv.DictReader(io.StringIO((out / "findings.csv").read_text("utf-8-sig")))
    }
    assert label in places


def test_a_deviation_is_mended_or_not_handed_over_again(scanned: Zijian) -> None:
    other = Zijian(scanned.folder / "again")
    other.folder.mkdir()
    address = loopback_address()
    for number, text in enumerate((export("nat", 9), export("nat", 190), None), 1):
        name = f"n{number}"
        assert (
            other("scan", address, "--ports", "1", "--provider", "access", "-q", "-o", name).returncode == 0
        )
        if text is not None:
            outcomes(other, f"f{number}", nat=text)
        else:
            assert other("assess", "latest", "-q", "-o", "f3-out").returncode == 0

    def fates(new: str) -> dict[str, str]:
        done = other("diff", "f1-out/result.json", f"{new}-out/result.json", "--json")
        assert done.returncode == 0, done.stderr
        told = json.loads(done.stdout)
        return {
            f"{fate}:{one['check']}": one["reason"]
            for fate in ("fixed", "not_rechecked")
            for one in told[fate]
        }

    assert fates("f2") == {"fixed:logs/nat-records-kept": "seen_mended"}
    assert fates("f3") == {"not_rechecked:logs/nat-records-kept": "not_handed_over"}


def test_bad_input_keeps_nothing(scanned: Zijian) -> None:
    file = scanned.folder / "none.csv"
    file.write_text("a,b\n1,2\n")
    assert scanned("logs", "records", str(file), "--scan", "latest").returncode == 2
    done = scanned("logs", "records", str(file), "--scan", "nobody")
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "there is no scan 'nobody'" in done.stderr


# ------------------------------------------------------------------ the rules, outcome by outcome


def facts(kind: RecordKind, **said: Any) -> AddressRecordFacts:
    given = {"files": ("a.csv",), "records": 10, "columns": {}, "absent": (), **said}
    return OF_KIND[kind](**given)


def judged(rule_id: str, seen: AddressRecordFacts) -> set[str]:
    operator = Endpoint.of_operator("")
    run = ProbeRun(
        probe=seen.PROBE, endpoint=operator, status=RunStatus.COMPLETED, started=SEEN, finished=SEEN, facts=seen,  # type: ignore[attr-defined, arg-type]
    )  # fmt: skip
    subject = ServiceFacts(endpoint=operator, target="", runs={run.probe: run})
    return {outcome.name for outcome in rule(rule_id).evaluate(subject, settings(SEEN))}


def days(back: int) -> dict[str, int]:
    return {f"{SEEN - timedelta(days=day):%Y-%m-%d}": 1 for day in range(back)}


@pytest.mark.parametrize("kind", OF_KIND)
@pytest.mark.parametrize(
    ("said", "outcome"),
    [
        ({"first": SEEN - timedelta(days=200), "days": days(200)}, "as_handed_over"),
        ({"first": SEEN - timedelta(days=184), "days": days(100)}, "as_handed_over"),
        ({"first": SEEN - timedelta(days=2000), "days": days(80)}, "thin"),
        ({"first": SEEN - timedelta(days=183), "days": days(183)}, "short"),
        ({"first": SEEN - timedelta(days=60), "days": days(60)}, "short"),
        ({"first": SEEN - timedelta(days=59), "days": days(59)}, "short_of_backup"),
        ({"first": SEEN + timedelta(days=2)}, "no_time"),
        ({}, "no_time"),
    ],
)
def test_how_far_back(kind: RecordKind, said: dict[str, Any], outcome: str) -> None:
    assert judged(f"logs/{kind}-records-kept", facts(kind, **said)) == {outcome}
    assert outcome in KEPT


@pytest.mark.parametrize("kind", OF_KIND)
@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({}, {"complete"}),
        ({"absent": ("start",), "lacking": {"start": 10}}, {"column_absent"}),
        ({"absent": ("start",), "lacking": {"start": 10, "address": 1}}, {"column_absent", "lacking"}),
        ({"signs": (RecordSign(kind="overlap", records=1, examples=("a.csv:2",)),)}, {"contradictory"}),
    ],
)
def test_what_they_tell(kind: RecordKind, said: dict[str, Any], told: set[str]) -> None:
    assert judged(f"logs/{kind}-records-complete", facts(kind, **said)) == told
    assert told <= set(COMPLETE)
