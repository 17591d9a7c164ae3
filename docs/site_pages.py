"""MkDocs hook: adds the pages that are made from the rules, the readmes as first pages, and the navigation."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

ROOT = Path(__file__).parent.parent
_ABOVE = re.compile(r"\]\(\.\./([\w./-]+?)\)")
"""A link from a document to a file that lies beside the folder of documents."""
_READMES = {"index.md": "README.zh-CN.md", "english.md": "README.md"}


_PAIRS = r"""
function pairs(text, sign) {
  return text.replace(/[\u4e00-\u9fff]+/g, function (run) {
    var found = [];
    for (var i = 0; i < Math.max(1, run.length - 1); i++) found.push(sign + run.slice(i, i + 2));
    return ' ' + found.join(' ') + ' ';
  });
}
"""
_SEARCH = {
    "this.ref('location');": "this.ref('location'); this.pipeline.remove(lunr.trimmer);",
    "this.add(doc);": "this.add({location: doc.location, title: pairs(doc.title, ''), text: pairs(doc.text, '')});",
    "index.search(query)": "index.search(pairs(query, '+'))",
}
"""What is changed in MkDocs' search, which takes words to be set apart by spaces: Chinese is searched by pairs of characters."""


def _rule_pages() -> dict[str, str]:
    if str(ROOT) not in sys.path:
        sys.path.insert(0, str(ROOT))
    from checks.registry import builtin
    from reports.rule_pages import pages

    return pages(builtin())


def slug(heading: str, separator: str) -> str:
    """A heading's anchor as code hosts make it, so that one link fits both places: Chinese stays, signs go."""
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", separator)


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Make the navigation: the readmes, the rules by family, then the written documents."""
    made = _rule_pages()
    from reports.rule_pages import family_heading

    config["rule_pages"] = made
    config.mdx_configs.setdefault("toc", {})["slugify"] = slug
    families = sorted(path.partition("/")[0] for path in made if path.endswith("/index.md"))
    rules: list[Any] = [{"全部 · All": "rules/index.md"}, {"按义务 · By duty": "rules/duties.md"}]
    rules += [{family_heading(family): f"rules/{family}/index.md"} for family in families]
    written = sorted(path.name for path in (ROOT / "docs").glob("*.md"))
    config.nav = [
        {"首页": "index.md"},
        {"In English": "english.md"},
        {"检查规则 · Rules": rules},
        {"文档 · Documents": written},
    ]
    return config


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages that lie nowhere as files, and copies of what documents link to outside their folder."""
    added = {f"rules/{path}": text for path, text in config["rule_pages"].items()}
    for page, source in _READMES.items():
        text = (ROOT / source).read_text(encoding="utf-8")
        for other, readme in _READMES.items():
            text = text.replace(f"]({readme})", f"]({other})")
        added[page] = re.sub(r"\]\((?!docs/|https?:|index|english)", "](../", text).replace("](docs/", "](")
    documents = [path.read_text(encoding="utf-8") for path in (ROOT / "docs").glob("*.md")]
    for linked in {found for text in (*documents, *added.values()) for found in _ABOVE.findall(text)}:
        if (ROOT / linked).is_file():
            added[f"files/{linked}"] = (ROOT / linked).read_text(encoding="utf-8")
    for path, text in added.items():
        files.append(File.generated(config, path, content=text))
    return files


def on_page_markdown(markdown: str, page: Any, **_: Any) -> str:
    """Lead links to files beside the documents to their copies."""
    return markdown if page.file.src_uri.startswith("rules/") else _ABOVE.sub(r"](files/\1)", markdown)


def on_post_build(config: MkDocsConfig) -> None:
    """Make the search find Chinese.

    :raises RuntimeError: MkDocs' own search is no longer as it was.
    """
    path = Path(config.site_dir) / "search" / "worker.js"
    script = path.read_text(encoding="utf-8")
    for was, becomes in _SEARCH.items():
        if was not in script:
            raise RuntimeError(f"{path} has no {was!r}")
        script = script.replace(was, becomes)
    path.write_text(script + _PAIRS, encoding="utf-8")
