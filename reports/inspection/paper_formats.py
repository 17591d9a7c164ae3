"""A paper as HTML, PDF and DOCX, from one description, in the manner of GB/T 9704-2012."""

from __future__ import annotations

import html as markup
import io
import zipfile
from collections.abc import Mapping

from reports.inspection.papers import BLANK, Heading, Paper, Signature, Table, Text
from reports.shown import shown
from reports.wording import Wording
from scanner.said import Told, zh

FORMATS = ("docx", "pdf", "html")
_MOST = 4000
_TWIPS = 8845
_MOST_TEMPLATE = 20 << 20
_CSS = """
@page { size: A4; margin: 37mm 26mm 35mm 28mm; @bottom-center { content: "第 " counter(page) " 页 共 " counter(pages) " 页"; font: 12pt "Noto Serif CJK SC", serif; } }
body { font: 16pt/28pt "仿宋_GB2312", FangSong, "仿宋", "Noto Serif CJK SC", serif; max-width: 156mm; margin: 0 auto; color: #000; overflow-wrap: anywhere; }
h1 { font: 22pt/34pt "方正小标宋简体", "Noto Serif CJK SC", SimSun, serif; text-align: center; margin: 0 0 10pt; }
h2 { font: 16pt/28pt "黑体", SimHei, "Noto Sans CJK SC", sans-serif; margin: 10pt 0 0; break-after: avoid; }
p { margin: 0; text-indent: 2em; white-space: pre-wrap; }
p.number { text-align: center; text-indent: 0; margin-bottom: 14pt; }
p.sign { text-indent: 0; margin-top: 18pt; break-inside: avoid; }
table { border-collapse: collapse; width: 100%; font-size: 10.5pt; line-height: 1.5; margin: 6pt 0; table-layout: fixed; }
th, td { border: 0.5pt solid #000; padding: 2pt 4pt; text-align: left; vertical-align: top; font-weight: normal; white-space: pre-wrap; }
th { font-family: "黑体", SimHei, "Noto Sans CJK SC", sans-serif; }
thead { display: table-header-group; } tr { break-inside: avoid; }
"""


class TemplateError(Told, ValueError):
    """A unit's template cannot be used; the message says why."""


def html(paper: Paper) -> str:
    """One self-contained page; nothing in it is fetched or run."""
    parts = [
        "<!doctype html><html lang=zh-CN><head><meta charset=utf-8>"
        "<meta http-equiv=Content-Security-Policy content=\"default-src 'none'; style-src 'unsafe-inline'\">"
        f"<title>{_safe(paper.title)}</title><style>{_CSS}</style></head><body><h1>{_safe(paper.title)}</h1>"
        f"<p class=number>{_safe(paper.number or BLANK)}</p>"
    ]
    for block in paper.blocks:
        match block:
            case Text(text):
                parts.append(f"<p>{_safe(text)}</p>")
            case Heading(text):
                parts.append(f"<h2>{_safe(text)}</h2>")
            case Signature():
                parts.append(f"<p class=sign>{_safe(block.line)}</p>")
            case Table(heads, rows, widths):
                total = sum(widths)
                columns = "".join(f'<col style="width:{100 * width / total:.1f}%">' for width in widths)
                head = "".join(f"<th scope=col>{_safe(cell)}</th>" for cell in heads)
                body = "".join(
                    "<tr>" + "".join(f"<td>{_safe(cell)}</td>" for cell in row) + "</tr>" for row in rows
                )
                top = f"<thead><tr>{head}</tr></thead>" if heads else ""
                parts.append(f"<table><colgroup>{columns}</colgroup>{top}<tbody>{body}</tbody></table>")
    return "".join((*parts, "</body></html>"))


def _safe(text: str) -> str:
    return markup.escape(shown(text, _MOST))


def pdf(paper: Paper) -> bytes:
    """PDF/UA-1 by WeasyPrint."""
    from reports.pdf import written

    return written(html(paper))


def docx(paper: Paper) -> bytes:
    """An editable document."""
    from reports.docx import Page

    page = Page(Wording("zh"), paper.title)
    page.title(paper.title, paper.number or BLANK)
    for block in paper.blocks:
        match block:
            case Text(text):
                page.text(text)
            case Heading(text):
                page.heading(text)
            case Signature():
                page.text(block.line)
            case Table(heads, rows, widths):
                total = sum(widths)
                page.table(heads, rows, [round(_TWIPS * width / total) for width in widths])
    return page.bytes()


def merged(template: bytes, values: Mapping[str, str]) -> bytes:
    """A unit's own .docx with its merge fields filled.

    :raises TemplateError: it is none, too large, has macros or reaches outside, or asks for a field that there is not.
    """
    from mailmerge import MailMerge

    try:
        with zipfile.ZipFile(io.BytesIO(template)) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > _MOST_TEMPLATE:
                raise TemplateError("解压后超过 20 MiB", "it unpacks to more than 20 MiB")
            for entry in archive.infolist():
                if "vbaProject" in entry.filename:
                    raise TemplateError("含有宏", "it has macros")
                if entry.filename.endswith(".rels") and b'TargetMode="External"' in archive.read(entry):
                    raise TemplateError(
                        f"引用了文件以外的内容（{entry.filename}）", f"it reaches outside ({entry.filename})"
                    )
        with MailMerge(io.BytesIO(template)) as document:
            wanted = document.get_merge_fields()
            if unknown := sorted(wanted - values.keys()):
                raise TemplateError(
                    f"没有字段 {'、'.join(unknown[:5])}，可用的有 {'、'.join(values)}",
                    f"there is no field {', '.join(unknown[:5])}; there are {', '.join(values)}",
                )
            document.merge(**{name: shown(values[name], 20_000) for name in wanted})
            out = io.BytesIO()
            document.write(out)
    except (zipfile.BadZipFile, KeyError, OSError) as error:
        raise TemplateError(f"不是 .docx 文件：{zh(error)}", f"it is no .docx: {error}") from error
    return out.getvalue()
