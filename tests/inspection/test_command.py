"""``zijian inspect`` as officers use it: the walk-through of the docs is run, and what may not be done is refused with its article."""

from __future__ import annotations

import csv
import io
import json
import re
import shlex
import subprocess
import sys
import zipfile
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import openpyxl
import pytest

from tests.servers.process import loopback_address
from tests.test_scan import ROOT, Zijian

DOC = (ROOT / "docs" / "inspection.md").read_text(encoding="utf-8")
SCOPE = """
mode = "police"
unit = "某市公安局网络安全保卫支队"
[object]
name = "{name}"
[notice]
kind = "notice"
number = "网安检〔2026〕1号"
not_before = {start}
not_after = {end}
[[officers]]
name = "张三"
[[officers]]
name = "李四"
[scope]
targets = ["{address}"]
"""


@pytest.fixture
def zijian(tmp_path: Path) -> Zijian:
    return Zijian(tmp_path, "zh")


def _ok(done: subprocess.CompletedProcess[str], code: int = 0) -> str:
    assert done.returncode == code, done.stderr + done.stdout
    return done.stdout


def _refused(done: subprocess.CompletedProcess[str]) -> str:
    assert done.returncode == 2, done.stdout
    assert done.stderr.count("\n") == 1
    return done.stderr


def _window() -> tuple[str, str]:
    now = datetime.now(UTC)
    return tuple((now + timedelta(hours=hours)).isoformat(timespec="seconds") for hours in (-1, 1))  # type: ignore[return-value]


def test_the_walk_through_of_the_docs(zijian: Zijian) -> None:
    address, (start, end) = loopback_address(), _window()
    table = re.search(r"```csv\n(.*?)```", DOC, re.DOTALL)
    assert table is not None
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in csv.reader(io.StringIO(table[1])):
        sheet.append(row)
    book.save(zijian.folder / "draw.xlsx")
    (zijian.folder / "机房.jpg").write_bytes(b"\xff\xd8 picture")
    (zijian.folder / "scope.toml").write_text(
        SCOPE.format(name="甲公司", start=start, end=end, address=address)
    )
    story = re.search(r"```sh\n(zijian inspect import-draw.*?)```", DOC, re.DOTALL)
    assert story is not None
    text = story[1].replace("127.9.9.9", address)
    text = text.replace("2026-11-24T09:00+08:00", start).replace("2026-11-24T18:00+08:00", end)
    ran = 0
    for line in text.splitlines():
        if not line.startswith("zijian "):
            continue
        done = zijian(*shlex.split(line)[1:])
        assert done.returncode == 0, (line, done.stderr, done.stdout)
        ran += 1
    assert ran >= 25
    with zipfile.ZipFile(zijian.folder / "case.zip") as file:
        names = [name.split("/", 3)[2:] for name in file.namelist() if "-inspection-" in name]
    assert sorted({parts[-1] for parts in names}) == [
        "attachments/on_site/机房.jpg", "audit.jsonl", "inspection.json",
    ]  # fmt: skip
    shown = _ok(zijian("inspect", "show", "甲公司"))
    assert "重点监督检查：两年内因未履行法定网络安全义务被行政处罚" in shown
    assert "发现问题已责令改正" in shown
    assert "机房.jpg" in (zijian.folder / "papers" / "evidence.html").read_text()
    assert not any(one["closed"] is None for one in json.loads(_ok(zijian("inspect", "list", "--json"))))
    rows = list(csv.reader(io.StringIO(_ok(zijian("inspect", "results", "--task", "第四季度抽查")))))
    assert [row[4] for row in rows[1:]] == [
        "发现问题已责令改正", "通过登记的住所（经营场所）无法联系", "该企业已注销或吊销",
        "未发现开展本次抽查涉及的经营活动", "不配合检查情节严重",
    ]  # fmt: skip
    assert "办结" in _refused(zijian("inspect", "set", "甲公司", "--no-history"))
    ics = (zijian.folder / "due.ics").read_bytes()
    assert ics.startswith(b"BEGIN:VCALENDAR\r\n")
    assert all(len(line) <= 75 for line in ics.split(b"\r\n"))


def _new(zijian: Zijian, *more: str, name: str = "甲公司") -> None:
    _ok(zijian("inspect", "new", "--object", name, "--officer", "张三:1", "--officer", "李四:2", *more))


def test_a_scan_of_another_object_or_time_or_place_is_refused_with_the_article(zijian: Zijian) -> None:
    address, (start, end) = loopback_address(), _window()
    _new(zijian)
    (zijian.folder / "scope.toml").write_text(
        SCOPE.format(name="乙公司", start=start, end=end, address=address)
    )
    _ok(zijian("scan", "--scope", "scope.toml", "--ports", "1-3", "-q", "-o", "out"))
    assert "第十六条第二款" in _refused(zijian("inspect", "attach-scan", "latest"))
    notice = ("inspect", "notice", "latest", "--number", "1号", "--given", "2026-11-20")
    _ok(zijian(*notice, "--from", start, "--to", end, "--target", "127.250.0.0/24"))
    assert "不是本次的监督检查对象" in _refused(zijian("inspect", "attach-scan", "latest"))
    _new(zijian, name="乙公司")
    _ok(zijian(*notice, "--from", start, "--to", end, "--target", "127.250.0.0/24"))
    assert "告知的范围之外" in _refused(zijian("inspect", "attach-scan", "latest"))
    _ok(zijian(*notice, "--from", "2026-11-21T09:00", "--to", "2026-11-21T10:00", "--target", address))
    assert "告知的时间之外" in _refused(zijian("inspect", "attach-scan", "latest"))
    _ok(zijian(*notice, "--from", start, "--to", end, "--target", f"{address}/32"))
    _ok(zijian("inspect", "attach-scan", "latest"))


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("new", "--object", " "), "--object 是空的"),
        (("new", "--object", "x", "--credit-code", "91350100M000100Y44"), "不是正确的统一社会信用代码（GB 32100-2015）：校验位"),
        (("new", "--object", "x", "--officer", "张三", "--officer", "张三"), "写了两次"),
        (("set", "latest", "--company", "x"), "写了 --company 还要写 --staff"),
        (("set", "latest", "--history", "penalty:2026"), "--history 'penalty:2026' 写法不对"),
        (("set", "latest", "--circumstance", "x"), "--circumstance 应为下列之一"),
        (("notice", "latest", "--number", "1", "--given", "2026-11-20", "--from", "x", "--to", "y", "--target", "z"), "不是时间"),
        (("notice", "latest", "--number", "1", "--given", "2026-11-20", "--from", "2026-11-21T10:00", "--to", "2026-11-21T09:00", "--target", "127.0.0.1"), "--to 应当晚于"),
        (("notice", "latest", "--number", "1", "--given", "2026-11-22", "--from", "2026-11-21T09:00", "--to", "2026-11-21T10:00", "--target", "127.0.0.1"), "应当在检测时段开始之前告知"),
        (("answer", "latest", "nothing", "met", "--source", "documents", "--note", "x"), "不是该对象的义务"),
        (("answer", "latest", "filing", "met", "--source", "documents", "--note", " "), "--note 是空的"),
        (("answer", "latest", "filing", "met", "--source", "documents", "--note", "x", "--file", "none"), "无法读取 none：没有这个文件或者文件夹"),
        (("adopt", "latest", "abc", "--reason", "x"), "已放入的扫描中没有发现以 'abc' 开头"),
        (("rectify", "latest", "--issued", "2026-11-20", "--deadline", "2026-11-20", "--demands", "x"), "--deadline 应当晚于"),
        (("rectify", "latest", "--issued", "2026-11-20", "--deadline", "2026-11-21", "--demands", "x"), "无可责令改正"),
        (("recheck", "latest", "--done", "2026-11-20", "--result", "mended"), "没有责令改正"),
        (("result", "latest", "--type", "x"), "--type 应为下列之一"),
        (("result", "latest", "--type", "pending"), "须用 --reason 写明理由"),
        (("import-draw", "none.xlsx"), "无法读取 none.xlsx"),
        (("import-draw", "none.txt"), "不是 .xlsx 或者 .csv 文件"),
        (("calendar", "none.toml"), "无法读取 none.toml"),
        (("show", "x"), "没有检查 'x'"),
    ],
)  # fmt: skip
def test_bad_input_is_one_sentence_and_loses_nothing(
    zijian: Zijian, arguments: tuple[str, ...], why: str
) -> None:
    _new(zijian)
    before = _ok(zijian("inspect", "show", "latest", "--json"))
    assert why in _refused(zijian("inspect", *arguments))
    assert _ok(zijian("inspect", "show", "latest", "--json")) == before


def test_an_excel_draw_names_its_bad_rows_and_keeps_the_good(zijian: Zijian) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (
        ["检查对象", "统一社会信用代码"],
        ["甲公司", "91350100M000100Y43"],
        ["乙公司", "91350100M000100Y44"],
        ["=1+1", ""],
    ):
        sheet.append(row)
    book.save(zijian.folder / "draw.xlsx")
    done = zijian("inspect", "import-draw", "draw.xlsx")
    assert done.returncode == 3
    assert "第 3 行：统一社会信用代码" in done.stderr
    assert "甲公司" in done.stdout


def test_attachments_are_kept_as_they_were(zijian: Zijian) -> None:
    _new(zijian)
    (zijian.folder / "制度 文件.pdf").write_bytes(b"%PDF-1.7 x")
    _ok(
        zijian(
            "inspect",
            "answer",
            "latest",
            "management",
            "met",
            "--source",
            "documents",
            "--note",
            "见附件",
            "--file",
            "制度 文件.pdf",
        )
    )
    record = json.loads(_ok(zijian("inspect", "show", "latest", "--json")))
    (kept,) = record["answers"]["management"]["attachments"]
    (path,) = zijian.home.glob(f"inspections/*/*/{kept['name']}")
    assert path.read_bytes() == b"%PDF-1.7 x"
    assert path.stat().st_mode & 0o777 == 0o600


def test_two_officers_at_once_lose_nothing(zijian: Zijian) -> None:
    _new(zijian)
    duties = ("filing", "management", "content_control", "support")

    def work(duty: str) -> int:
        return zijian(
            "inspect", "answer", "latest", duty, "met", "--source", "documents", "--note", duty, "--by", duty
        ).returncode

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(work, duties)) == [0, 0, 0, 0]
    record = json.loads(_ok(zijian("inspect", "show", "latest", "--json")))
    assert sorted(record["answers"]) == sorted(duties)
    assert [entry["seq"] for entry in record["trail"]] == [1, 2, 3, 4, 5]


def test_the_guide_asks_for_what_is_missing_alone(zijian: Zijian) -> None:
    _ok(zijian("inspect", "new", "--object", "甲公司", "--mode", "on_site", "--officer", "张三:1"))
    _ok(zijian("inspect", "set", "latest", "--no-history"))
    record = json.loads(_ok(zijian("inspect", "show", "latest", "--json")))
    assert not record["answers"]
    lacking = zijian("inspect", "close", "latest").stdout
    duties = re.search(r"尚未回答的义务：([\w, ]+)", lacking)
    assert duties is not None
    said = [
        "张三:1,李四:2",
        "y",
        "王五",
        "",
        *(["met", "on_site", "已查看"] * len(duties[1].split(", "))),
        "2026-11-24",
        "王五",
        "n",
        "",
        "",
    ]
    done = subprocess.run(
        [sys.executable, "-m", "scanner", "inspect"],
        input="\n".join(said) + "\n", capture_output=True, text=True, env=zijian.environment, cwd=zijian.folder, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    assert "penalty:2025-06-01" not in done.stderr, "it was there already"
    assert "zijian inspect close" in done.stdout
    _ok(zijian("inspect", "close", "latest"))


def test_unknown_years_are_warned_of(zijian: Zijian) -> None:
    _new(zijian)
    _ok(zijian("inspect", "set", "latest", "--ended", "2026-12-25"))
    done = zijian("inspect", "deadlines", "--json")
    assert "2027 年的国务院放假安排尚不知道" in done.stderr
    assert json.loads(done.stdout)["unknown_years"] == [2027]


def test_papers_are_written_and_noted(zijian: Zijian) -> None:
    _new(zijian, "--number", "网安检〔2026〕9号")
    _ok(zijian("inspect", "record", "latest", "--document", "all", "--format", "html,docx", "-o", "papers"))
    names = sorted(path.name for path in (zijian.folder / "papers").iterdir())
    assert names == sorted(
        f"{name}.{kind}"
        for name in ("notice", "record", "rectify", "recheck", "evidence")
        for kind in ("html", "docx")
    )
    assert "网安检〔2026〕9号" in (zijian.folder / "papers" / "record.html").read_text()
    assert all(path.stat().st_mode & 0o777 == 0o600 for path in (zijian.folder / "papers").iterdir())
    assert "制作文书" in _ok(zijian("inspect", "show", "latest"))
    assert "--document 没有 'x'" in _refused(zijian("inspect", "record", "latest", "--document", "x"))
    assert "--format 没有 'x'" in _refused(zijian("inspect", "record", "latest", "--format", "x"))
    (zijian.folder / "bad.docx").write_bytes(b"x")
    assert "bad.docx 不能使用：不是 .docx 文件" in _refused(
        zijian("inspect", "record", "latest", "--template", "bad.docx")
    )
