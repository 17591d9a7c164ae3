"""The papers of an inspection say the same in three formats, leave blank what is not known, and cite the law of the day."""

from __future__ import annotations

import io
import re
import zipfile
from dataclasses import replace
from datetime import UTC, date, datetime
from html import unescape

import docx
import pytest
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from pypdf import PdfReader

from reports.inspection import paper_formats
from reports.inspection.model import (
    Company,
    Decision,
    DutyAnswer,
    InspectedObject,
    Inspection,
    Notice,
    Officer,
    OnSite,
    Opinion,
    Recheck,
    Rectification,
    ScanFinding,
)
from reports.inspection.papers import BLANK, PAPERS, fields, paper
from scanner.intake import Kept

AT = datetime(2026, 9, 20, 2, tzinfo=UTC)
EMPTY = Inspection(object=InspectedObject(name="某某公司"), mode="both", opened=AT, opened_by="张三")
KEPT = Kept(name="制度.pdf", size=10, sha256="a" * 64, sm3="b" * 64, taken=AT)
FULL = replace(
    EMPTY,
    number="网安检〔2026〕1号",
    officers=(Officer(name="张三", number="010001"), Officer(name="李四", number="010002")),
    company=Company(name="某安全服务公司", staff=("王五",)),
    notice=Notice(kind="notice", number="告1号", given=date(2026, 9, 18), not_before=AT, not_after=datetime(2026, 9, 21, 2, tzinfo=UTC), scope=("192.0.2.0/28",)),
    scans=("20260920-020000-abcd",),
    findings={
        f"{number:016x}": ScanFinding(scan="20260920-020000-abcd", check="web/x", title=f"发现{number}", where="192.0.2.1:80", severity="high", status="fail", detail="细节", duties=())
        for number in range(120)
    },
    decisions={f"{1:016x}": Decision(adopted=True, reason="属实", by="张三", at=AT), f"{2:016x}": Decision(adopted=False, reason="误报", by="李四", at=AT)},
    answers={
        "filing": DutyAnswer(answer="not_met", source="documents", note="未办理", by="张三", at=AT),
        "management": DutyAnswer(answer="met", source="on_site", note="已查阅", by="张三", at=AT, attachments=(KEPT,), folder="x"),
    },
    on_site=OnSite(credentials_shown=True, witness="赵六", traces="录像一份"),
    opinion=Opinion(by="赵六", refused=True),
    ended=date(2026, 9, 21),
    rectification=Rectification(issued=date(2026, 9, 22), deadline=date(2026, 9, 30), demands="办理备案"),
    recheck=Recheck(done=date(2026, 10, 9), result="mended", told=date(2026, 10, 10)),
)  # fmt: skip


def _squeezed(text: str) -> str:
    return re.sub(r"[\s\u00ad_＿—]+", "", text)


def _texts(name: str, inspection: Inspection) -> dict[str, str]:
    content = paper(name, inspection)
    page = paper_formats.html(content)
    document = docx.Document(io.BytesIO(paper_formats.docx(content)))
    written = [element.text or "" for element in document.element.body.iter(qn("w:t"))]
    reader = PdfReader(io.BytesIO(paper_formats.pdf(content)))
    return {
        "html": _squeezed(
            unescape(re.sub(r"<style>.*?</style>|<title>.*?</title>|<[^>]+>", "", page, flags=re.DOTALL))
        ),
        "docx": _squeezed("".join(written)),
        "pdf": _squeezed(
            re.sub(r"第 \d+ 页 共 \d+ 页", "", "".join(page.extract_text() for page in reader.pages))
        ),
    }


@pytest.mark.parametrize("name", [name for name in PAPERS if name != "record"])
def test_the_same_words_in_every_format(name: str) -> None:
    texts = _texts(name, FULL)
    assert texts["html"] == texts["docx"]
    # Words that a table repeats on the next page, and the order of cells, are the PDF's own.
    assert sorted(set(texts["pdf"])) == sorted(set(texts["html"]))
    assert len(texts["pdf"]) >= len(texts["html"]) * 0.98


def test_a_long_record_repeats_its_heads_and_loses_nothing() -> None:
    texts = _texts("record", FULL)
    assert texts["html"] == texts["docx"]
    for number in range(120):
        assert f"发现{number}" in texts["pdf"]
    assert texts["pdf"].count("采信情况及理由") > 2
    for told in (
        "采信：属实（张三）",
        "不采信：误报（李四）",
        "赵六拒绝签名",
        "技术支持人员王五（某安全服务公司）签名",
        "警号010001",
    ):
        assert told in texts["html"], told


@pytest.mark.parametrize("name", PAPERS)
def test_what_is_not_known_stays_blank(name: str) -> None:
    text = paper_formats.html(paper(name, EMPTY))
    assert "＿" in text
    assert "None" not in text


@pytest.mark.parametrize("name", PAPERS)
def test_the_law_is_that_of_the_day(name: str) -> None:
    before, after = (
        paper_formats.html(paper(name, replace(FULL, ended=day)))
        for day in (date(2026, 9, 30), date(2026, 10, 1))
    )
    if "公安部令" in before:
        assert "第176号" not in before
        assert "公安部令第176号（条文未收录；原依据：公安部令第151号" in after


def test_no_paper_calls_a_finding_unlawful() -> None:
    assert not any("违法" in paper_formats.html(paper(name, FULL)) for name in PAPERS)


HOSTILE = "<script>alert(1)</script>\u202e{{7*7}}\x1b[31m\x00 &amp; =1+1"


def test_hostile_text_stays_text() -> None:
    inspection = replace(
        FULL,
        object=replace(FULL.object, name=HOSTILE, address=HOSTILE),
        number=HOSTILE,
        opinion=Opinion(by=HOSTILE, text=HOSTILE),
    )
    for name in PAPERS:
        content = paper(name, inspection)
        page = paper_formats.html(content)
        assert "<script>" not in page
        assert "\x1b" not in page
        assert "\u202e" not in page
        assert paper_formats.pdf(content).startswith(b"%PDF")
        zipfile.ZipFile(io.BytesIO(paper_formats.docx(content))).testzip()


def _template(*names: str) -> bytes:
    document = docx.Document()
    for name in names:
        paragraph = document.add_paragraph(f"{name}：")
        field = OxmlElement("w:fldSimple")
        field.set(qn("w:instr"), f" MERGEFIELD {name} ")
        run, text = OxmlElement("w:r"), OxmlElement("w:t")
        text.text = f"«{name}»"
        run.append(text)
        field.append(run)
        paragraph._p.append(field)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def test_a_units_own_template_is_filled() -> None:
    made = paper_formats.merged(_template("对象", "人民警察", "整改期限"), fields(FULL))
    text = "".join(
        element.text or "" for element in docx.Document(io.BytesIO(made)).element.body.iter(qn("w:t"))
    )
    assert "某某公司" in text
    assert "张三、李四" in text
    assert "2026年9月30日" in text
    blank = paper_formats.merged(_template("负责人"), fields(EMPTY))
    assert BLANK in "".join(
        element.text or "" for element in docx.Document(io.BytesIO(blank)).element.body.iter(qn("w:t"))
    )


def _with(name: str, data: bytes) -> bytes:
    out = io.BytesIO(_template("对象"))
    with zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, data)
    return out.getvalue()


@pytest.mark.parametrize(
    ("template", "why"),
    [
        (b"no zip", "is no .docx"),
        (_template("没有"), "there is no field 没有"),
        (_with("word/vbaProject.bin", b"x"), "has macros"),
        (_with("word/_rels/x.rels", b'<r TargetMode="External"/>'), "reaches outside"),
        (_with("word/media/x.bin", bytes(30 << 20)), "unpacks to more"),
    ],
)
def test_a_template_that_cannot_be_used_is_refused(template: bytes, why: str) -> None:
    with pytest.raises(paper_formats.TemplateError, match=why):
        paper_formats.merged(template, fields(FULL))
