"""A unit's own law: texts that it imported, in the corpus' own form, over those that ship.

The folder holds ``instruments/*.toml`` as the package's does, ``originals/`` with the imported files byte for byte, ``imports.jsonl``
with a line for each import (hash-chained, :mod:`scanner.hashchain`), and ``mapping.toml``: which articles are the basis of which duty.
"""

from __future__ import annotations

import hashlib
import json
import tempfile
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import msgspec

from reports.law.corpus import Corpus, Head, LawDataError, LawLookupError, Mapped, read_corpus
from reports.law.position import Position
from reports.law.text import ReadInstrument
from scanner.hashchain import verify_lines
from scanner.said import Sentence, zh

IMPORTS = "imports.jsonl"
SOURCE = "import"
"""The name of an imported file among the sources of its articles."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where an imported text came from."""

    file: str
    """Its name, without folders."""
    sha256: str
    by: str
    at: datetime

    @property
    def sentence(self) -> str:
        """For the sources of its articles."""
        return f"由{self.by}于{self.at:%Y-%m-%d %H:%M} UTC导入，文件{self.file}，SHA-256 {self.sha256}"


def head_of(known: Head, text: ReadInstrument, origin: Origin) -> dict[str, Any]:
    """The head of an imported instrument: identity and dates as known, the rest from the text."""
    fields = msgspec.structs.asdict(known)
    whole = not text.missing and (known.article_count is None or known.article_count == len(text.articles))
    return fields | {
        "complete": whole,
        "article_count": known.article_count or len(text.articles),
        "confidence": "条文为本单位导入的文本，逐字来自所导入的文件；是否与官方文本一致，由导入人负责。",
        "sources": {**known.sources, SOURCE: origin.sentence},
    }


def to_toml(head: Mapping[str, Any], text: ReadInstrument) -> str:
    """The file of an imported instrument, in the form of ``docs/law.md``."""
    lines = [f"# 由 zijian law import 生成，请勿手改：zijian law verify 会发现。 {head['sources'][SOURCE]}"]
    lines += [
        f"{key} = {_value(value)}"
        for key, value in head.items()
        if key != "sources" and value not in (None, "")
    ]
    lines += [
        "",
        "[sources]",
        *(f"{_value(name)} = {_value(said)}" for name, said in head["sources"].items()),
    ]
    for article in text.articles:
        lines += ["", "[[article]]", f"number = {article.number}", f"label = {_value(article.label)}"]
        lines += ["verified = true", f"sources = [{_value(SOURCE)}]"]
        for paragraph in article.paragraphs:
            lines += ["", "[[article.paragraph]]", f"text = {_value(paragraph.text)}"]
            for count, item in enumerate(paragraph.items, start=1):
                lines += ["", "[[article.paragraph.item]]", f"number = {count}", f"text = {_value(item)}"]
    return "\n".join(lines) + "\n"


def _value(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, date):
        return value.isoformat()
    # A TOML basic string takes what a JSON string has, but for DEL (TOML 1.0: Strings).
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def problems(folder: Path) -> Iterator[Sentence]:
    """What no longer holds of the imported texts: one sentence each."""
    log = folder / IMPORTS
    if not log.exists():
        return
    data = log.read_bytes()
    checked = verify_lines(data.splitlines())
    if checked.error:
        yield Sentence(f"{log}：{checked.error.zh}", f"{log}: {checked.error}")
        return
    newest: dict[str, dict[str, Any]] = {}
    for line in data.splitlines():
        record = json.loads(line)
        newest[record["instrument"]] = record
    for instrument, record in newest.items():
        made = folder / "instruments" / f"{instrument}.toml"
        if record["kind"] == "removed":
            if made.exists():
                yield Sentence(f"{made}：已经移除，却又出现", f"{made}: was removed, and is there again")
            continue
        if record["kind"] == "mapped":
            files = {folder / "mapping.toml": record["sha256"]}
        else:
            files = {folder / "originals" / record["sha256"]: record["sha256"], made: record["made_sha256"]}
        for path, digest in files.items():
            if not path.exists():
                yield Sentence(f"{path}：已不存在", f"{path}: is gone")
            elif hashlib.sha256(path.read_bytes()).hexdigest() != digest:
                yield Sentence(
                    f"{path}：在 {record['by']} 于 {record['at']} 收录之后被改动过",
                    f"{path}: was changed after {record['by']} imported it at {record['at']}",
                )
    for path in (folder / "instruments").glob("*.toml"):
        if path.stem not in newest:
            yield Sentence(f"{path}：没有收录记录", f"{path}: nobody imported it")


def check_with(folder: Path, package: Path, candidate: str, name: str) -> Corpus:
    """The corpus as it would be with ``candidate`` for the file ``instruments/NAME.toml`` of ``folder``.

    :raises LawDataError: it would not hold together.
    """
    with tempfile.TemporaryDirectory(prefix="zijian-law-") as scratch:
        trial = Path(scratch)
        (trial / "instruments").mkdir()
        for path in (folder / "instruments").glob("*.toml"):
            (trial / "instruments" / path.name).write_bytes(path.read_bytes())
        (trial / "instruments" / f"{name}.toml").write_text(candidate, encoding="utf-8")
        if (folder / "mapping.toml").exists():
            (trial / "mapping.toml").write_bytes((folder / "mapping.toml").read_bytes())
        corpus = read_corpus(package, trial)
        for instrument in corpus.instruments.values():
            _ = instrument.articles
        return corpus


def check_mapping(data: bytes, corpus: Corpus) -> None:
    """Hold a mapping against the corpus.

    :raises LawDataError: it is not TOML, or names a duty or an article that there is not.
    """
    try:
        table = tomllib.loads(data.decode("utf-8-sig"))
        mapping = msgspec.convert(table, Mapped)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise LawDataError(
            f"对应关系不是 TOML 格式：{zh(error)}", f"the mapping is not TOML: {error}"
        ) from error
    except msgspec.ValidationError as error:
        raise LawDataError(f"对应关系：{zh(error)}", f"the mapping: {error}") from error
    for key, cites in mapping.duty.items():
        if key not in corpus.duties:
            raise LawDataError(
                f"对应关系：没有名为 {key!r} 的义务，可选：{'、'.join(corpus.duties)}",
                f"the mapping: no duty is called {key!r}; there are: {', '.join(corpus.duties)}",
            )
        for cite in (*cites.duty, *cites.inspection, *cites.penalty):
            name, _, place = cite.partition(":")
            if name not in corpus.instruments:
                raise LawDataError(
                    f"对应关系：{key}：没有法规 {name}", f"the mapping: {key}: there is no instrument {name}"
                )
            try:
                corpus.instruments[name].passage(Position.parse(place))
            except (ValueError, LawLookupError) as error:
                raise LawDataError(
                    f"对应关系：{key}：{cite}：{zh(error)}", f"the mapping: {key}: {cite}: {error}"
                ) from None
