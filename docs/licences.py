"""Makes docs/licences.md: ``python docs/licences.py > docs/licences.md``.

What each pinned library says about itself is read from the installed package: its metadata and the licence files that
come with it. A licence of the GPL family that is named anywhere in them must be explained in :data:`REVIEWED`.
"""

from __future__ import annotations

import re
import sys
from importlib.metadata import Distribution, distribution
from pathlib import Path

ROOT = Path(__file__).parent.parent

GPL_FAMILY = re.compile(r"\b[AL]?GPL|\bgpl-|general public licen[cs]e", re.IGNORECASE)

_PYTHON = "mentions the GPL only in the text of Python's own licence, which compares itself with it"

REVIEWED = {
    "et-xmlfile": _PYTHON,
    "lxml": "its licence file names the runner of its own tests (GPL), and GNU libiconv (LGPL 2.1), which its wheels carry linked in",
    "numpy": "its wheels carry two shared libraries of GCC: libgfortran (GPL 3 with the GCC Runtime Library Exception) and libquadmath (LGPL 2.1 or later)",
    "pillow": "its wheels carry FreeType, under the FreeType licence or GPL 2 at the user's choice (taken here under the former), and liblzma of XZ Utils, of which only other parts are under the GPL",
    "pyphen": "offered under GPL 2+, LGPL 2.1+ or MPL 1.1 at the user's choice; taken here under MPL 1.1",
    "python-nmap": "GPL 3 or later; imported by scanner/nmap_worker.py alone, which runs as a process of its own and is spoken to in JSON lines, as nmap is",
    "typing-extensions": _PYTHON,
}
"""Libraries that mention a licence of the GPL family anywhere, and what was found when somebody read the place."""

HEAD = """# Licences of the libraries · 所用程序库的许可证

由 `python docs/licences.py > docs/licences.md` 从 `requirements.lock` 所列、已安装的程序包生成，请勿手改。
Made by the command above from the installed packages that `requirements.lock` pins; do not edit.

许可证一栏是程序包自己的说法。提到 GPL 系列许可证的，注明核对结果。
The licence is what the package says of itself. Whatever mentions a licence of the GPL family is explained.

| library | version | licence | note |
| --- | --- | --- | --- |"""

TAIL = """
zijian carries none of these libraries: the launcher fetches them from the package index, unchanged. WeasyPrint loads Pango
(LGPL) from the operating system when it writes a PDF; nmap is a program of the operating system and runs as such."""


def pinned() -> dict[str, str]:
    """Name and version of each library in requirements.lock."""
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    return dict(re.findall(r"^([a-z0-9][a-z0-9._-]*)==([^\s;\\]+)", lock, re.MULTILINE))


def licence_files(package: Distribution) -> list[str]:
    """Texts of the licence files that came with the package."""
    return [
        file.read_text(encoding="utf-8")
        for file in package.files or []
        if ".dist-info" in str(file) and re.search(r"licen[cs]e|copying|notice", str(file), re.IGNORECASE)
    ]


def declared(package: Distribution) -> str:
    """The licence as the package's metadata has it, or else the first line of its licence file."""
    metadata = package.metadata
    classes = [
        entry.rsplit(" :: ", 1)[-1]
        for entry in metadata.get_all("Classifier") or []
        if entry.startswith("License :: OSI Approved :: ")
    ]
    for words in (metadata.get("License-Expression"), " / ".join(classes), metadata.get("License")):
        if words:
            return " ".join(words.split())
    texts = licence_files(package)
    return texts[0].strip().splitlines()[0].strip() if texts else ""


def mentions_gpl(package: Distribution) -> bool:
    """Whether the metadata's licence fields or a licence file name a licence of the GPL family."""
    metadata = package.metadata
    fields = [
        metadata.get("License-Expression"),
        metadata.get("License"),
        *(metadata.get_all("Classifier") or []),
    ]
    return any(GPL_FAMILY.search(text) for text in (*filter(None, fields), *licence_files(package)))


def page() -> str:
    """The whole document."""
    rows = [
        f"| {name} | {version} | {declared(distribution(name))} | {REVIEWED.get(name, '')} |"
        for name, version in pinned().items()
    ]
    return "\n".join((HEAD, *rows, TAIL)) + "\n"


if __name__ == "__main__":
    sys.stdout.write(page())
