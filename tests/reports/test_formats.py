"""Every format of one result: the same counts in all, safe to open whatever a target sent, and readable by others' readers."""

from __future__ import annotations

import csv
import dataclasses
import html
import io
import json
import re
import zipfile
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jsonschema
import openpyxl
import pytest
from docx import Document
from markdown import markdown as as_html
from weasyprint import HTML

from checks.model import Severity
from reports.digest import digest
from reports.formats import FORMATS, files
from reports.html import pieces
from reports.html.view import PLACES_ON_PAPER, SERVICES_WITH_FACTS_ON_PAPER
from reports.json_export import from_json
from reports.markdown import plain
from reports.other_tools.findings import findings
from reports.other_tools.model import Entry
from reports.pdf import _for_paper
from reports.result import Result
from reports.shown import steps
from reports.summary import headline
from reports.tables import tables
from reports.wording import Wording
from tests.reports import sample

SARIF_SCHEMA = Path(__file__).parent / "schemas" / "sarif-2.1.0-rtm.5.json"
"""The schema of OASIS SARIF 2.1.0, as npm's @microsoft/jest-sarif 1.0.0-beta.0 carries it."""


def made(result: Result, name: str, lang: str = "zh") -> Mapping[str, bytes]:
    return {file: b"".join(pieces) for file, pieces in files(result, lang, name)}


def _only(result: Result, name: str, lang: str = "zh") -> bytes:
    (content,) = made(result, name, lang).values()
    return content


def _csv(content: bytes) -> list[list[str]]:
    assert content.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


Counts = tuple[Counter[str], Counter[str], int, int]
"""Findings by status word, duties by status word, services, domains."""


def _of_result(result: Result, words: Wording) -> Counts:
    return (
        Counter(words.word("status", finding.status) for finding in result.findings),
        Counter(words.word("duty_status", duty.status) for duty in result.duties),
        len(result.services),
        len(result.domains),
    )


def _of_xlsx(content: bytes, words: Wording) -> Counts:
    book = openpyxl.load_workbook(io.BytesIO(content))

    def column(sheet: str, head: str) -> list[str]:
        rows = list(book[words.word("sheet", sheet)].values)
        number = rows[0].index(words.word("column", head))
        return [str(row[number]) for row in rows[1:]]

    return (
        Counter(column("findings", "status")),
        Counter(column("duties", "status")),
        len(column("services", "subject")),
        len(column("domains", "subject")),
    )


def _of_csv(content: Mapping[str, bytes], words: Wording) -> Counts:
    def column(name: str, head: str) -> list[str]:
        rows = _csv(content[f"{name}.csv"])
        number = rows[0].index(words.word("column", head))
        return [row[number] for row in rows[1:]]

    return (
        Counter(column("findings", "status")),
        Counter(column("duties", "status")),
        len(column("services", "subject")),
        len(column("domains", "subject")),
    )


def _of_sarif(content: bytes, words: Wording) -> Counts:
    (run,) = json.loads(content)["runs"]
    return (
        Counter(words.word("status", item["properties"]["status"]) for item in run["results"]),
        Counter(words.word("duty_status", item["status"]) for item in run["properties"]["duties"]),
        run["properties"]["services"],
        run["properties"]["domains"],
    )


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("make", [sample.with_domain, sample.empty, lambda: sample.rich("police")])
def test_all_formats_count_the_same(lang: str, make: Any) -> None:
    result, words = make(), Wording(lang)
    wanted = _of_result(result, words)
    counted = digest(result)
    assert _of_result(from_json(_only(result, "json", lang)), words) == wanted
    assert _of_xlsx(_only(result, "xlsx", lang), words) == wanted
    assert _of_csv(made(result, "csv", lang), words) == wanted
    assert _of_sarif(_only(result, "sarif", lang), words) == wanted

    deviating = sum(finding.status.deviates for finding in result.findings)
    others = len(result.findings) - deviating
    page = _only(result, "html", lang).decode()
    assert page.count('data-status="fail"') + page.count('data-status="warn"') == deviating
    assert [int(n) for n in re.findall(r'class="number">(\d+)<', page)] == list(counted.duty_counts.values())

    document = Document(io.BytesIO(_only(result, "docx", lang)))
    grids = [[[cell.text for cell in row.cells] for row in table.rows] for table in document.tables]
    rows = [row for grid in grids for row in grid]
    seen = words.word("column", "seen")
    assert sum(len(grid) - 1 for grid in grids if seen in grid[0]) == deviating + others
    text = _only(result, "md", lang).decode()
    for word, number in (
        *((words.word("duty_status", status), number) for status, number in counted.duty_counts.items()),
        *((words.word("severity", severity), number) for severity, number in counted.severities.items()),
    ):
        assert f"| {plain(word)} | {number} |" in text
        assert [word, str(number)] in rows
    open_places = re.findall(r"^\| [^|]+ \| [^|]+ \| [^|]+ \| (\d+) \| .* \|$", text, re.MULTILINE)
    assert sum(map(int, open_places)) == counted.failed + counted.at_risk


def _flat(result: Result, name: str, lang: str = "zh") -> str:
    """All that a person can read in a format, without white space and without Markdown's and JSON's escapes."""
    import pypdf

    written = b"".join(made(result, name, lang).values())
    if name == "pdf":
        text = "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(written)).pages)
    elif name in ("docx", "xlsx"):
        with zipfile.ZipFile(io.BytesIO(written)) as parts:
            xml = "".join(parts.read(part).decode() for part in parts.namelist() if part.endswith(".xml"))
        text = html.unescape(xml)
    else:
        text = written.decode()
    return re.sub(r"[\s\\]+", "", text)


@pytest.mark.parametrize("name", sorted(set(FORMATS) - {"json", "csv"}))
def test_ports_that_were_not_asked_are_examined_in_no_format(name: str) -> None:
    told = headline(sample.with_unasked(990), "zh")
    assert "3 个地址上的 8 项服务" in told
    flat = _flat(sample.with_unasked(990), name)
    assert "另有990个端口开放，但没有询问，不知道是什么服务。" in flat
    assert "3个地址上的8项服务" in flat
    assert "998项服务" not in flat


def test_programs_can_tell_which_ports_were_not_asked() -> None:
    result = sample.with_unasked(3)
    services = json.loads(_only(result, "json"))["services"]
    assert [one["port"] for one in services if not one["asked"]] == [20000, 20001, 20002]
    rows = _csv(made(result, "csv", "en")["services.csv"])
    assert [row[2] for row in rows if "not asked" in row] == ["20000", "20001", "20002"]
    (run,) = json.loads(_only(result, "sarif"))["runs"]
    assert (run["properties"]["services"], run["properties"]["openPortsNotAsked"]) == (8, 3)


@pytest.mark.parametrize("name", sorted(FORMATS))
def test_another_tools_word_is_in_every_format_and_named_as_such(name: str) -> None:
    base = sample.rich()
    service = base.services[0]
    entry = Entry(
        rule="git-config",
        title="Git Config File",
        severity=Severity.MEDIUM,
        host=service.host,
        ip=service.ip,
        port=service.port,
        transport="tcp",
    )
    told = findings("nuclei", [entry], [], [])
    flat = _flat(dataclasses.replace(base, findings=(*base.findings, *told)), name)
    assert re.sub(r"\s+", "", told[0].title.zh) in flat
    # Which file said so, who took it in and what was left out of it stand there too.
    (record,) = base.imports
    for word in (record.tool, record.file, record.sha256, record.imported_by):
        assert word in flat


def test_the_pdf_says_what_the_page_says(tmp_path: Path) -> None:
    import pypdf

    result = sample.with_domain()
    read = pypdf.PdfReader(io.BytesIO(_only(result, "pdf")))
    catalog: Any = read.trailer["/Root"]
    assert catalog["/MarkInfo"]["/Marked"]
    assert catalog["/Lang"] == "zh-CN"
    assert b"pdfuaid" in catalog["/Metadata"].get_data()
    titles = [str(entry["/Title"]) for entry in read.outline if not isinstance(entry, list)]
    words = Wording("zh")
    assert titles[-1] == words("nav.versions")
    assert {words("nav.duties"), words("nav.findings"), words("nav.services")} <= set(titles)
    fonts = [
        font["/DescendantFonts"][0]["/FontDescriptor"]
        for page in read.pages[:6]
        for font in (item.get_object() for item in page["/Resources"]["/Font"].values())
    ]
    assert fonts
    assert all({"/FontFile2", "/FontFile3"} & set(font.get_object()) for font in fonts)
    text = re.sub(r"\s+", "", "".join(page.extract_text() for page in read.pages))
    for finding in result.findings:
        if finding.status.deviates:
            assert finding.key in text
    for status, number in digest(result).duty_counts.items():
        assert f"{number}{words.word('duty_status', status)}" in text
    assert "/AcroForm" not in catalog
    assert "/JavaScript" not in catalog.get("/Names", {})
    assert "/OpenAction" not in catalog


def test_the_pdf_tells_some_like_places_in_full_names_the_others_and_says_so() -> None:
    result = sample.large(20, 500)
    page, paper = ("".join(pieces(result, "zh", paper=paper)) for paper in (False, True))
    findings = [
        text.partition('<section id="services"')[0].partition('id="findings"')[2] for text in (page, paper)
    ]
    whole, told = (re.findall(r'<tr id="([^"]+)" data-status', text) for text in findings)
    assert len(whole) > 300
    further = [int(number) for number in re.findall(r"另有 (\d+) 处相同的问题", findings[1])]
    named = re.findall(r'<span id="([^"]+)">', findings[1])
    assert sum(further) == len(named) > 0
    assert sorted((*told, *named)) == sorted(whole)
    for text in findings[1].split('<details class="rule')[1:]:
        assert text.count("<tr id=") <= PLACES_ON_PAPER
    assert f"只展开前 {SERVICES_WITH_FACTS_ON_PAPER} 项的事实" in paper
    small = sample.rich()
    assert "".join(pieces(small, "zh", paper=True)) == "".join(pieces(small, "zh"))


# --------------------------------------------------------------------------- hostile text

_CONTROL = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)


@pytest.fixture(scope="module")
def flooded() -> Result:
    return sample.flooded()


@pytest.mark.parametrize("name", [name for name in FORMATS if name not in ("json", "pdf")])
def test_no_format_carries_control_characters_or_the_flood(flooded: Result, name: str) -> None:
    for content in made(flooded, name).values():
        assert len(content) < 20_000_000
        if name in ("docx", "xlsx"):
            with zipfile.ZipFile(io.BytesIO(content)) as packed:
                content = b"".join(packed.read(part) for part in packed.namelist() if part.endswith(".xml"))
        assert not _CONTROL.search(content.decode())


def test_no_cell_is_a_formula(flooded: Result) -> None:
    book = openpyxl.load_workbook(io.BytesIO(_only(flooded, "xlsx")))
    for sheet in book:
        for row in sheet.iter_rows():
            for cell in row:
                assert cell.data_type in ("s", "n", "inlineStr")
                assert cell.hyperlink is None
                assert len(str(cell.value or "")) <= 32767
    for content in made(flooded, "csv").values():
        for cells in _csv(content):
            assert not [cell for cell in cells if cell.lstrip().startswith(("=", "+", "-", "@", "|", "＝"))]
    written = book[Wording("zh").word("sheet", "services")]["F2"]
    assert str(written.value).startswith("=cmd")
    assert written.quotePrefix


@pytest.mark.parametrize("make", [sample.rich, sample.hostile, sample.empty, sample.with_domain])
def test_sarif_is_valid(make: Any) -> None:
    schema = json.loads(SARIF_SCHEMA.read_text(encoding="utf-8"))
    for lang in ("zh", "en"):
        jsonschema.Draft4Validator(schema).validate(json.loads(_only(make(), "sarif", lang)))


def test_sarif_kinds_and_levels_go_together() -> None:
    (run,) = json.loads(_only(sample.rich(), "sarif"))["runs"]
    for item in run["results"]:
        assert (item["kind"] == "fail") == (item["level"] != "none")
        assert run["tool"]["driver"]["rules"][item["ruleIndex"]]["id"] == item["ruleId"]
    refuted = [item for item in run["results"] if item["properties"]["confirmation"] == "refuted"]
    assert refuted
    assert all(item["suppressions"] for item in refuted)
    assert run["invocations"][0]["toolExecutionNotifications"]


def test_markdown_stays_text(flooded: Result) -> None:
    """By a renderer that lets raw HTML, links and pictures through."""
    text = _only(flooded, "md").decode()
    html = as_html(text, extensions=["tables"])
    allowed = {"h1", "h2", "p", "ul", "ol", "li", "table", "thead", "tbody", "tr", "th", "td", "strong", "br"}
    assert set(re.findall(r"<([a-zA-Z][a-z0-9]*)", html)) <= allowed
    assert not re.search(r"(?<!\\)\b(https?|javascript|data):", text, re.IGNORECASE)
    assert "@" not in text


def test_a_hostile_pdf_is_made_and_does_nothing(flooded: Result) -> None:
    import pypdf

    read = pypdf.PdfReader(io.BytesIO(_only(flooded, "pdf")))
    kinds = Counter()
    for number in range(1, len(read.xref_objStm) + sum(map(len, read.xref.values()))):
        found = read.get_object(number)
        if not isinstance(found, pypdf.generic.DictionaryObject):
            continue
        assert found.get("/S") not in ("/JavaScript", "/Launch", "/SubmitForm", "/ImportData", "/GoToR")
        assert not {"/JS", "/JavaScript", "/OpenAction", "/AA", "/EmbeddedFiles"} & set(found)
        if found.get("/S") == "/URI":
            assert re.match(r"https?://", str(found["/URI"]))
        kinds[str(found.get("/Type"))] += 1
    assert kinds["/Page"] == len(read.pages)


def test_the_pdf_asks_for_nothing() -> None:
    document = _for_paper(b"".join(next(files(sample.hostile(), "zh", "html"))[1]).decode())
    assert "<script" not in document
    asked: list[str] = []

    def refuse(url: str, *_: Any, **__: Any) -> None:
        asked.append(url)
        raise ValueError(url)

    HTML(string=document, url_fetcher=refuse)
    assert asked == []


def test_docx_is_what_an_office_expects() -> None:
    content = _only(sample.rich("police"), "docx")
    document = Document(io.BytesIO(content))
    styles = Counter(paragraph.style.name for paragraph in document.paragraphs if paragraph.style)
    assert styles["Title"] == 1
    assert styles["Heading 1"] > 6
    assert styles["Heading 2"] > 6
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        fonts = packed.read("word/fontTable.xml").decode()
        body = packed.read("word/document.xml").decode()
        foot = packed.read("word/footer1.xml").decode()
        style = packed.read("word/styles.xml").decode()
    for name in ("方正小标宋简体", "仿宋_GB2312", "黑体", "楷体_GB2312"):
        assert f'w:name="{name}"><w:altName' in fonts
        assert f'w:eastAsia="{name}"' in style
    assert "w:tblHeader" in body
    assert " PAGE " in foot
    assert "w:hyperlink" not in body
    text = {paragraph.text for paragraph in document.paragraphs} | {
        cell.text for table in document.tables for row in table.rows for cell in row.cells
    }
    for check in {finding.check for finding in sample.rich("police").findings}:
        assert {check, f"规则：{check}"} & text, check


def test_every_table_has_a_head_in_both_languages() -> None:
    for lang in ("zh", "en"):
        for table in tables(sample.rich(), Wording(lang)):
            assert all(len(row) == len(table.heads) for row in table.rows)
            assert not set(table.columns) & set(table.heads)


def test_a_mend_is_told_product_by_product() -> None:
    zh = "删除备份；查看日志。nginx：location ~ { deny all; }　Apache：Require all denied　Tomcat：不要放在 webapps 之下；放入 WEB-INF。"
    assert [line.partition("：")[0] for line in steps(zh)[1:]] == ["nginx", "Apache", "Tomcat"]
    en = "Remove backups. See: the log. nginx: location ~ { deny all; } Apache: deny; IIS: hide .sql. Tomcat: keep out."
    assert [line.partition(":")[0] for line in steps(en)[1:]] == ["See", "nginx", "Apache", "IIS", "Tomcat"]
    assert steps("") == []
    assert steps("One sentence. Another one.") == ["One sentence. Another one."]


def test_there_is_no_other_format() -> None:
    with pytest.raises(KeyError):
        next(files(sample.rich(), "zh", "exe"))
