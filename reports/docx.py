"""DOCX: the report as an editable document, in the manner of GB/T 9704-2012 as far as a report with tables can follow it.

Title in 方正小标宋 22 pt, text in 仿宋 16 pt on 28 pt lines, headings in 黑体 and 楷体, tables in 仿宋 10.5 pt with repeated
heads, the page's number at the foot. A computer without these fonts is told by the font table what to take instead.
Tables are written as XML row by row: with 5,000 findings python-docx's own cells would take minutes.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from docx import Document
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor

from checks.model import Severity, Status
from reports import tables as made
from reports.digest import RuleGroup, digest, headline, stands
from reports.overview import circumstances, counts, footprint, imports, title
from reports.result import DutyStatus, Result
from reports.shown import shown, steps
from reports.wording import Wording

TITLE, TEXT, HEAD, SUBHEAD, LATIN = "方正小标宋简体", "仿宋_GB2312", "黑体", "楷体_GB2312", "Times New Roman"
_INSTEAD = {
    TITLE: ("小标宋", "SimSun"),
    TEXT: ("仿宋", "FangSong"),
    SUBHEAD: ("楷体", "KaiTi"),
    HEAD: ("SimHei",),
}
_TWIPS = 8845
"""Width between the margins: 156 mm in twentieths of a point."""


def docx(result: Result, lang: str) -> bytes:
    """The document.

    :raises ValueError: no such language.
    """
    words = Wording(lang)
    counted = digest(result)
    page = Page(words, title(result, words))
    page.title(title(result, words), result.scan.authorization.object_name)
    page.text(headline(result, words, counted))
    page.table((), circumstances(result, words), (2400, 6445))
    page.heading(words("cover.verdict"))
    page.table((words("document.kind"), words("footprint.count")), counts(counted, words), (5000, 3845))
    page.heading(words("cover.first_five" if len(counted.first_five) == 5 else "cover.first_some"))
    for number, group in enumerate(counted.first_five, 1):
        severity = words.word("severity", group.severity)
        places = words("cover.places", n=group.open)
        heading = words("format.with_detail", word=words.pick(group.title), detail=f"{severity}, {places}")
        page.text(f"{number}. {heading}", bold=True)
        page.text("".join(steps(words.pick(group.first.remediation))[:1]))
    if not counted.first_five:
        page.text(words("cover.nothing_to_mend" if counted.examined else "headline.nothing_seen"))

    page.heading(words("duties.heading"))
    applicable = [duty.status is not DutyStatus.NOT_APPLICABLE for duty in counted.duties]
    duties = made.duties(result, words)
    page.table(
        duties.heads[:5],
        [row[:5] for row, wanted in zip(duties.rows, applicable, strict=True) if wanted],
        (2000, 1250, 2595, 700, 2300),
    )
    rest = [
        words.pick(duty.name) for duty, wanted in zip(counted.duties, applicable, strict=True) if not wanted
    ]
    if rest:
        page.text(words("duties.not_applicable_heading", n=len(rest)), bold=True)
        page.text(words.listing(rest))

    page.heading(words("findings.heading"))
    if not counted.to_mend:
        page.text(words("findings.none" if counted.examined else "headline.nothing_seen"))
    for group in counted.to_mend:
        _group(page, group, words)
    if counted.notes:
        page.heading(words("findings.notes_heading"))
        for group in counted.notes:
            _group(page, group, words)
    for key, groups in (("not_checked.unclear_heading", counted.unclear), ("passes.heading", counted.passes)):
        if groups:
            page.heading(words(key))
            page.table(
                tuple(words.word("column", column) for column in ("title", "status", "place", "seen", "check")),
                [
                    (
                        words.pick(finding.title),
                        words.word("status", finding.status),
                        words.place(finding),
                        words.pick(finding.detail),
                        finding.check,
                    )
                    for group in groups
                    for finding in group.findings
                ],
                (1900, 900, 1700, 2745, 1600),
            )  # fmt: skip

    missing = made.not_checked(result, words)
    page.heading(words("not_checked.undone_heading"))
    if missing.rows:
        page.table(missing.heads, missing.rows, (1000, 1900, 1600, 700, 1845, 1800))
    else:
        page.text(words("not_checked.none"))
    page.heading(words("services.heading"))
    hosts, services, domains = (
        made.hosts(result, words), made.services(result, words), made.domains(result, words)
    )  # fmt: skip
    page.table(hosts.heads, hosts.rows, (1500, 1500, 1700, 900, 1745, 1500))
    if services.rows:
        page.subheading(services.title)
        page.table(services.heads[:9], [row[:9] for row in services.rows], (1500, 1245, 650, 650, 900, 1200, 900, 1000, 800))  # fmt: skip
    if domains.rows:
        page.subheading(domains.title)
        page.table(domains.heads[:3], [row[:3] for row in domains.rows], (2800, 900, 5145))
    page.heading(words("footprint.heading"))
    page.table((), footprint(result, words), (2400, 6445))
    if result.imports:
        page.heading(words("versions.import"))
        for told in imports(result, words):
            page.text(told)
    page.heading(words("method.heading"))
    for number in range(1, 10 if result.scan.mode == "police" else 9):
        page.text(words(f"method.p{number}"))
    return page.bytes()


def _group(page: Page, group: RuleGroup, words: Wording) -> None:
    """A rule's findings: why it matters, how to mend it, where it was seen."""
    page.subheading(words.pick(group.title))
    page.text(group.check, label=words.word("column", "check") + words("document.colon"))
    for label, text in (
        ("findings.why", words.pick(group.first.rationale)),
        (
            "findings.remedy",
            "\n".join(steps(words.pick(group.first.remediation))) if group.status.deviates else "",
        ),
    ):
        if text:
            page.text(text, label=words(label) + words("document.colon"))
    page.table(
        tuple(words.word("column", column) for column in ("place", "status", "severity", "seen", "evidence")),
        [
            (
                words.place(finding),
                words.word("status", finding.status)
                if stands(finding) or finding.status not in (Status.FAIL, Status.WARN)
                else words.word("confirmation", finding.confirmation),
                words.word("severity", finding.severity if finding.status.deviates else Severity.INFO),
                words.pick(finding.detail),
                made.evidence(finding),
            )
            for finding in group.findings
        ],
        (1900, 900, 850, 2895, 2300),
    )


class Page:
    """A document in the making."""

    def __init__(self, words: Wording, title: str) -> None:
        self.document = Document()
        self._styles()
        section = self.document.sections[0]
        section.page_width, section.page_height = Mm(210), Mm(297)
        section.top_margin, section.bottom_margin = Mm(37), Mm(35)
        section.left_margin, section.right_margin = Mm(28), Mm(26)
        section.footer_distance = Mm(25)
        self._page_number(section.footer.paragraphs[0])
        about = self.document.core_properties
        about.author, about.title, about.comments = "zijian", title, ""
        about.language = "zh-CN" if words.lang == "zh" else "en"
        about.created = about.modified = datetime.now(UTC).replace(tzinfo=None, microsecond=0)

    def _styles(self) -> None:
        for name, font, size, bold in (
            ("Normal", TEXT, 16, False),
            ("Title", TITLE, 22, False),
            ("Subtitle", SUBHEAD, 16, False),
            ("Heading 1", HEAD, 16, False),
            ("Heading 2", SUBHEAD, 16, True),
        ):
            self._style(self.document.styles[name], font, size, bold)
        for name, font, bold in (("Table Text", TEXT, False), ("Table Head", HEAD, False)):
            style = self.document.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
            style.base_style = self.document.styles["Normal"]
            self._style(style, font, 10.5, bold)
            style.paragraph_format.line_spacing_rule = WD_LINE_SPACING.SINGLE
            style.paragraph_format.first_line_indent = Pt(0)
        for name, alternatives in _INSTEAD.items():
            self._font(name, alternatives)

    def _style(self, style: Any, font: str, size: float, bold: bool) -> None:
        style.font.name, style.font.size, style.font.bold = LATIN, Pt(size), bold
        style.font.italic, style.font.color.rgb = False, RGBColor(0, 0, 0)
        fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
        for theme in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
            fonts.attrib.pop(qn(f"w:{theme}"), None)
        fonts.set(qn("w:eastAsia"), font)
        form = style.paragraph_format
        form.line_spacing, form.space_before, form.space_after = Pt(28), Pt(0), Pt(0)
        if style.name == "Title":
            form.alignment = WD_ALIGN_PARAGRAPH.CENTER
            form.line_spacing, form.space_after = Pt(34), Pt(10)
            for border in style.element.findall(f".//{qn('w:pBdr')}"):
                border.getparent().remove(border)
        if style.name == "Subtitle":
            form.alignment, form.space_after = WD_ALIGN_PARAGRAPH.CENTER, Pt(14)
        if style.name.startswith("Heading"):
            form.space_before, form.keep_with_next = Pt(10), True

    def _font(self, name: str, alternatives: Sequence[str]) -> None:
        """Name the fonts that a computer without this one may take, in order."""
        part = next(
            rel.target_part for rel in self.document.part.rels.values() if rel.reltype.endswith("/fontTable")
        )
        entry = (
            f'<w:font w:name="{name}"><w:altName w:val="{",".join(alternatives)}"/>'
            '<w:charset w:val="86"/><w:family w:val="auto"/></w:font></w:fonts>'
        )
        part._blob = part.blob.replace(b"</w:fonts>", entry.encode())

    def _page_number(self, paragraph: Any) -> None:
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
        for kind, text in (("", "— "), ("begin", ""), ("instr", " PAGE "), ("end", ""), ("", " —")):
            run = paragraph.add_run(text if not kind else "")
            run.font.size = Pt(14)
            if kind == "instr":
                instruction = OxmlElement("w:instrText")
                instruction.set(qn("xml:space"), "preserve")
                instruction.text = text
                run._r.append(instruction)
            elif kind:
                mark = OxmlElement("w:fldChar")
                mark.set(qn("w:fldCharType"), kind)
                run._r.append(mark)

    def title(self, text: str, below: str) -> None:
        self.document.add_paragraph(shown(text, 300), "Title")
        if below:
            self.document.add_paragraph(shown(below, 300), "Subtitle")

    def heading(self, text: str) -> None:
        self.document.add_paragraph(shown(text, 300), "Heading 1")

    def subheading(self, text: str) -> None:
        self.document.add_paragraph(shown(text, 300), "Heading 2")

    def text(self, text: str, *, label: str = "", bold: bool = False) -> None:
        paragraph = self.document.add_paragraph()
        paragraph.paragraph_format.first_line_indent = Pt(32)
        if label:
            paragraph.add_run(label).bold = True
        paragraph.add_run(shown(text, 4000)).bold = bold

    def table(self, heads: Sequence[str], rows: Iterable[Sequence[str | int]], widths: Sequence[int]) -> None:
        table = self.document.add_table(rows=0, cols=len(widths), style="Table Grid")
        table.autofit = False
        element = table._tbl
        for column, width in zip(element.tblGrid.gridCol_lst, widths, strict=True):
            column.set(qn("w:w"), str(width))
        if heads:
            element.append(_row(heads, widths, "TableHead", repeated=True))
        for row in rows:
            element.append(_row(row, widths, "TableText"))
        self.document.add_paragraph().paragraph_format.line_spacing = Pt(10)

    def bytes(self) -> bytes:
        out = io.BytesIO()
        self.document.save(out)
        return out.getvalue()


def _row(cells: Sequence[str | int], widths: Sequence[int], style: str, *, repeated: bool = False) -> Any:
    row = OxmlElement("w:tr")
    about = _below(row, "trPr")
    _below(about, "cantSplit")
    if repeated:
        _below(about, "tblHeader")
    for value, width in zip(cells, widths, strict=True):
        cell = _below(row, "tc")
        size = _below(_below(cell, "tcPr"), "tcW")
        size.set(qn("w:w"), str(width))
        size.set(qn("w:type"), "dxa")
        paragraph = _below(cell, "p")
        _below(_below(paragraph, "pPr"), "pStyle").set(qn("w:val"), style)
        run = _below(paragraph, "r")
        for number, line in enumerate(shown(str(value), 3500).split("\n")):
            if number:
                _below(run, "br")
            text = _below(run, "t")
            text.set(qn("xml:space"), "preserve")
            text.text = line
    return row


def _below(parent: Any, name: str) -> Any:
    element = OxmlElement(f"w:{name}")
    parent.append(element)
    return element
