"""PDF/UA-1 by WeasyPrint from the HTML report's print form: tagged, with bookmarks, fonts embedded.

WeasyPrint takes minutes for nested grids and does not know the document's colours within pictures: ``pdf.css`` lays out in
blocks, and colours are written into the pictures. Its time grows with each row and box: of places alike, and of services,
the document tells some in full and names the others (``reports/html/view.py``). Nothing is fetched, whatever the document says.
"""

from __future__ import annotations

import logging
import re
from pathlib import Path
from typing import Any, NoReturn

from weasyprint import HTML

from reports.html import pieces
from reports.result import Result

_HERE = Path(__file__).parent / "html"
_SCRIPT = re.compile(r"<script>.*?</script>", re.DOTALL)
_ICONS = re.compile(r'<svg class="i"[^>]*>.*?</svg>', re.DOTALL)
_DRAWN = re.compile(r'class="(fill-[a-z]+|track|today|base)"')
_UNIT = r"(?:&[#a-z0-9]+;|[^\s<>\"&\u3000-\u303f\u4e00-\u9fff\uff00-\uffef])"
_UNBROKEN = re.compile(f"({_UNIT}{{200}}){_UNIT}{{40,}}")
"""A run without a place to break a line: WeasyPrint's time grows with its square. No hash, name or address is so long."""
_DETAILS = re.compile(r"<(/?)(details|summary)\b")


def pdf(result: Result, lang: str, *, cache: Path | None = None) -> bytes:
    """The document.

    :raises ValueError: no such language.
    """
    return written(_for_paper("".join(pieces(result, lang, cache=cache, paper=True))))


def written(document: str) -> bytes:
    """Any HTML as PDF/UA-1; what it points to is not fetched."""
    # Its remarks on properties that it does not know are no business of the user's.
    logging.getLogger("weasyprint").setLevel(logging.CRITICAL)
    logging.getLogger("fontTools").setLevel(logging.CRITICAL)
    made: bytes = HTML(string=document, url_fetcher=_refuse).write_pdf(pdf_variant="pdf/ua-1")
    return made


def _for_paper(document: str) -> str:
    """The report without script and folds, its pictures with their own colours.

    Only real markup can match: quotation marks and angle brackets of any text are escaped in the document.
    """
    css = (_HERE / "report.css").read_text(encoding="utf-8")
    paper = css.partition("@media print")[2]
    colours = dict(re.findall(r"--([a-z-]+): (#[0-9a-f]+)", paper))
    fills = {
        name: colours[variable]
        for selectors, variable in re.findall(
            r"((?:\.(?:fill-[a-z]+|track)(?:, )?)+) \{ fill: var\(--([a-z]+)\)", css
        )
        for name in re.findall(r"\.([a-z-]+)", selectors)
    }
    strokes = {"today": colours["ink"], "base": colours["line"]}

    def drawn(match: re.Match[str]) -> str:
        name = match[1]
        if name in strokes:
            return f'{match[0]} stroke="{strokes[name]}"'
        return f'{match[0]} fill="{fills[name]}"'

    body = _DETAILS.sub(
        lambda found: f"<{found[1]}div" + ("" if found[1] else f' data-was="{found[2]}"'), document
    )
    body = _UNBROKEN.sub(r"\1…", _ICONS.sub("", _SCRIPT.sub("", body)))
    style = (_HERE / "pdf.css").read_text(encoding="utf-8")
    return _DRAWN.sub(drawn, body).replace("</head>", f"<style>{style}</style></head>", 1)


def _refuse(url: str, *_: Any, **__: Any) -> NoReturn:
    raise ValueError("a report asks for nothing")
