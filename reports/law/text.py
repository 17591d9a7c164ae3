"""An instrument's official text, split into articles as Chinese statutes are laid out.

A line that begins with 第…条 opens an article, each further line of it is a paragraph (款), and a line that begins with
（一） is an item (项) of the paragraph before (立法技术规范（试行）（一）, on 条、款、项). Headings of parts, chapters and
sections are counted and left out. What cannot be placed is said, and nothing is guessed.
"""

from __future__ import annotations

import io
import re
import zipfile
from dataclasses import dataclass, field

from reports.law.position import chinese, number
from scanner.said import Told, zh

MOST = 4 * 1024 * 1024
"""Bytes of a file that is read."""
_MOST_UNPACKED = 64 * 1024 * 1024
_NUMERAL = "[〇零一二三四五六七八九十百]{1,7}"
_ARTICLE = re.compile(rf"第({_NUMERAL})条(?!之|[第、和至以规的])[\s　]*(.*)")
_HEADING = re.compile(rf"第{_NUMERAL}[编章节](?:[\s　].*|[^，。；]{{0,30}})?")
_ITEM = re.compile(rf"[（(]({_NUMERAL})[）)][\s　]*(.+)")
_BLANKS = re.compile(r"[ \t\u3000\u00a0\u200b\u2060\ufeff]+")
_ONLY_A_HEADING = re.compile(r"目[\s　]*录")


class TextError(Told, ValueError):
    """The text is no instrument that can be taken in; the message says why, and where."""


@dataclass(slots=True)
class ReadParagraph:
    """A paragraph and the items that follow it."""

    text: str
    items: list[str] = field(default_factory=list)


@dataclass(slots=True)
class ReadArticle:
    """An article as it stands in the text, and the line where it begins, counted from 1."""

    number: int
    line: int
    paragraphs: list[ReadParagraph] = field(default_factory=list)

    @property
    def label(self) -> str:
        """第二十三条."""
        return f"第{chinese(self.number)}条"


@dataclass(slots=True)
class ReadInstrument:
    """What was understood of a text."""

    title: str
    preamble: list[str] = field(default_factory=list)
    """Lines before the first article, without the title and the table of contents."""
    headings: list[str] = field(default_factory=list)
    articles: list[ReadArticle] = field(default_factory=list)

    @property
    def missing(self) -> tuple[int, ...]:
        """Numbers that are passed over, up to the greatest."""
        there = {article.number for article in self.articles}
        return tuple(one for one in range(1, max(there, default=0) + 1) if one not in there)


def decode(data: bytes, name: str) -> str:
    """The text of a file: .docx, or plain text in UTF-8, UTF-16 or GB 18030.

    :raises TextError: it is too large, or none of these.
    """
    if len(data) > MOST:
        raise TextError(f"文件超过 {MOST // 1024 // 1024} MB", f"it is larger than {MOST // 1024 // 1024} MB")
    if data.startswith(b"PK"):
        return _docx(data)
    if name.lower().endswith((".doc", ".pdf")) or data.startswith((b"%PDF", b"\xd0\xcf\x11\xe0")):
        raise TextError(
            "请先另存为 .docx 或者纯文本：不读取 .doc 和 .pdf",
            "save it as .docx or as plain text first: .doc and .pdf are not read",
        )
    wide = data.startswith((b"\xff\xfe", b"\xfe\xff"))
    for encoding in ("utf-16",) if wide else ("utf-8-sig", "gb18030"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise TextError(
        "不是 .docx 文件，也不是 UTF-8、UTF-16 或者 GB 18030 编码的文本",
        "it is neither a .docx nor text in UTF-8, UTF-16 or GB 18030",
    )


def _docx(data: bytes) -> str:
    import docx
    from docx.opc.exceptions import OpcError

    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > _MOST_UNPACKED:
                raise TextError("解压后过大", "unpacked it is too large")
        document = docx.Document(io.BytesIO(data))
    except (
        zipfile.BadZipFile,
        OpcError,
        KeyError,
        ValueError,
        SyntaxError,
        EOFError,
        NotImplementedError,
    ) as error:
        if isinstance(error, TextError):
            raise
        raise TextError(
            f"不是可以读取的 .docx 文件：{zh(error)}", f"it is no .docx that can be read: {error}"
        ) from error
    return "\n".join(paragraph.text for paragraph in document.paragraphs)


def split(text: str) -> ReadInstrument:
    """The instrument in ``text``.

    :raises TextError: there is no article, a number comes twice or out of order, or an item has no paragraph.
    """
    lines = [(at, _BLANKS.sub(" ", line).strip()) for at, line in enumerate(text.splitlines(), start=1)]
    lines = [(at, line) for at, line in lines if line]
    first = next((index for index, (_, line) in enumerate(lines) if _ARTICLE.fullmatch(line)), None)
    if first is None:
        raise TextError(
            "没有以“第…条”开头的行，找不到条文", "no line begins with 第…条, so that no article was found"
        )
    opening = [line for _, line in lines[:first]]
    # A table of contents names each of them once more.
    headings = [line for _, line in lines if _HEADING.fullmatch(line)]
    title = next((line for line in opening if not _HEADING.fullmatch(line)), "")
    found = ReadInstrument(title.strip("《》"), headings=list(dict.fromkeys(headings)))
    found.preamble = [
        line for line in opening[1:] if not _HEADING.fullmatch(line) and not _ONLY_A_HEADING.fullmatch(line)
    ]
    for at, line in lines[first:]:
        _take(found, at, line)
    for article in found.articles:
        if not article.paragraphs:
            raise TextError(
                f"第 {article.line} 行：{article.label}没有内容",
                f"line {article.line}: {article.label} has no words",
            )
    return found


def _take(found: ReadInstrument, at: int, line: str) -> None:
    """Put one line into its place."""
    if opens := _ARTICLE.fullmatch(line):
        count = number(opens[1].replace("〇", "零"))
        before = found.articles[-1].number if found.articles else 0
        if count <= before:
            raise TextError(
                f"第 {at} 行：第{chinese(count)}条出现在第{chinese(before)}条之后",
                f"line {at}: 第{chinese(count)}条 comes after 第{chinese(before)}条",
            )
        found.articles.append(ReadArticle(count, at))
        line = opens[2].strip()
        if not line:
            return
    elif _HEADING.fullmatch(line):
        return
    article = found.articles[-1]
    item = _ITEM.fullmatch(line)
    if item is None:
        article.paragraphs.append(ReadParagraph(line))
        return
    if not article.paragraphs:
        raise TextError(
            f"第 {at} 行：{article.label}的项出现在款之前",
            f"line {at}: an item of {article.label} stands before any paragraph",
        )
    items = article.paragraphs[-1].items
    count = number(item[1].replace("〇", "零"))
    if count != len(items) + 1:
        raise TextError(
            f"第 {at} 行：{article.label}的第（{item[1]}）项次序不对，此前有 {len(items)} 项",
            f"line {at}: item （{item[1]}） of {article.label} is out of order: {len(items)} came before it",
        )
    items.append(item[2])
