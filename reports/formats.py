"""The formats a result can be had in, by the word that ``--format`` takes. A format's libraries are loaded when it is made.

Every file is made from the one :class:`~reports.result.Result` by way of :mod:`reports.digest`, so that no two can differ.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from reports.result import Result

FORMATS = ("html", "pdf", "docx", "xlsx", "csv", "sarif", "json", "md")
DEFAULT = ("html", "json")


def files(
    result: Result, lang: str, name: str, *, cache: Path | None = None
) -> Iterator[tuple[str, Iterable[bytes]]]:
    """Name and content of each file of the format ``name``.

    :raises KeyError: no such format.
    :raises ValueError: no such language.
    """
    if name == "html":
        from reports.html import pieces

        yield "report.html", (piece.encode() for piece in pieces(result, lang, cache=cache))
    elif name == "json":
        from reports.json_export import json_pieces

        yield "result.json", json_pieces(result)
    elif name == "pdf":
        from reports.pdf import pdf

        yield "report.pdf", (pdf(result, lang, cache=cache),)
    elif name == "docx":
        from reports.docx import docx

        yield "report.docx", (docx(result, lang),)
    elif name == "xlsx":
        from reports.xlsx import xlsx

        yield "report.xlsx", (xlsx(result, lang),)
    elif name == "csv":
        from reports.csv_export import csv_files

        yield from csv_files(result, lang)
    elif name == "sarif":
        from reports.sarif import sarif

        yield "report.sarif", (sarif(result, lang),)
    elif name == "md":
        from reports.markdown import markdown

        yield "summary.md", (markdown(result, lang).encode(),)
    else:
        raise KeyError(name)
