"""The unit's own law in the data folder: taking texts in, taking them out, and saying what is held."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from reports.law.corpus import DATA, Corpus, Head, Instrument, LawDataError, read_corpus
from reports.law.own import IMPORTS, Origin, check_mapping, check_with, head_of, to_toml
from reports.law.text import ReadInstrument, TextError, decode, split
from scanner.cli.output import write_file
from scanner.errors import UsageError
from scanner.hashchain import GENESIS, chain_hash, verify_lines
from scanner.paths import own_law
from scanner.said import zh


def read_file(path: Path) -> tuple[bytes, ReadInstrument]:
    """A file and what is understood of it.

    :raises UsageError: it cannot be read, or is no instrument.
    """
    try:
        data = path.read_bytes()
        return data, split(decode(data, path.name))
    except OSError as error:
        raise UsageError(f"无法读取 {path}：{zh(error)}", f"cannot read {path}: {error.strerror}") from error
    except TextError as error:
        raise UsageError(f"{path}：{zh(error)}", f"{path}: {error}") from error


def known_head(corpus: Corpus, name: str) -> Head:
    """Identity and dates of the instrument called ``name`` (an id, or a key with one version)."""
    if name in corpus.instruments:
        return corpus.instruments[name].head
    versions = [one for one in corpus.instruments.values() if one.head.key == name]
    if len(versions) == 1:
        return versions[0].head
    found = ", ".join(one.id for one in versions) or "none"
    raise UsageError(
        f"--as {name!r} 不能确定是哪一部法规（同名的有：{found}；查看：zijian law list）",
        f"--as {name!r} names no one instrument (of that key: {found}; see: zijian law list)",
    )


def new_head(key: str, version: str, title: str, issuer: str, promulgated: date, start: date) -> Head:
    """Identity and dates of an instrument that does not ship."""
    return Head(
        key=key, version=version, title=title, short=title, edition=version, title_en=title, issuer=issuer,
        promulgated=promulgated, in_force_from=start, complete=False, confidence="-", sources={},
    )  # fmt: skip


def take_in(path: Path, data: bytes, text: ReadInstrument, head: Head, by: str) -> Instrument:
    """Keep the file, and cite its text from now on.

    :raises UsageError: the corpus would no longer hold together.
    """
    folder = own_law()
    digest = hashlib.sha256(data).hexdigest()
    origin = Origin(file=path.name, sha256=digest, by=by, at=datetime.now(UTC))
    made = to_toml(head_of(head, text, origin), text)
    try:
        corpus = check_with(folder, DATA, made, head.id)
    except LawDataError as error:
        raise UsageError(f"无法收录 {path}：{zh(error)}", f"{path} cannot be taken in: {error}") from error
    for part in ("originals", "instruments"):
        (folder / part).mkdir(parents=True, exist_ok=True, mode=0o700)
    write_file(folder / "originals" / digest, data)
    write_file(folder / "instruments" / f"{head.id}.toml", made.encode())
    made_sha256 = hashlib.sha256(made.encode()).hexdigest()
    _note(folder, "imported", head.id, by=by, file=path.name, sha256=digest, made_sha256=made_sha256)
    return corpus.instruments[head.id]


def take_out(name: str, by: str) -> None:
    """Cite an imported text no longer. The file itself, and the record of its import, are kept.

    :raises UsageError: it was not imported, or the mapping needs it.
    """
    folder = own_law()
    path = folder / "instruments" / f"{name}.toml"
    if not path.exists():
        raise UsageError(
            f"没有收录过 {name!r}（查看：zijian law list）",
            f"{name!r} was not imported (see: zijian law list)",
        )
    mapping = folder / "mapping.toml"
    if mapping.exists() and f"{name}:" in mapping.read_text(encoding="utf-8"):
        raise UsageError(
            f"对应关系中引用了 {name}，请先改好对应关系（zijian law map）",
            f"the mapping cites {name}: map again without it first (see: zijian law map)",
        )
    path.unlink()
    _note(folder, "removed", name, by=by, file="", sha256="", made_sha256="")


def map_duties(path: Path, by: str) -> int:
    """Take the mapping in ``path`` into use, and say how many duties it gives articles to.

    :raises UsageError: it does not hold together with the corpus.
    """
    folder = own_law()
    try:
        data = path.read_bytes()
    except OSError as error:
        raise UsageError(f"无法读取 {path}：{zh(error)}", f"cannot read {path}: {error.strerror}") from error
    corpus = read_corpus(DATA, *([folder] if folder.is_dir() else []))
    check_mapping(data, corpus)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    write_file(folder / "mapping.toml", data)
    digest = hashlib.sha256(data).hexdigest()
    _note(folder, "mapped", "mapping", by=by, file=path.name, sha256=digest, made_sha256=digest)
    return data.count(b"[duty.")


def _note(folder: Path, kind: str, instrument: str, **values: str) -> None:
    """Add a line to the chained record of imports."""
    log = folder / IMPORTS
    lines = log.read_bytes().splitlines() if log.exists() else []
    checked = verify_lines(lines)
    if checked.error:
        raise UsageError(
            f"{log}：{zh(checked.error)}；记录被改动过，不再追加",
            f"{log}: {checked.error}; nothing is added to a record that was changed",
        )
    head = checked.head if lines else GENESIS
    record: dict[str, Any] = {
        "seq": len(lines) + 1, "at": datetime.now(UTC).isoformat(timespec="seconds"), "kind": kind,
        "instrument": instrument, **values, "prev": head,
    }  # fmt: skip
    record["hash"] = chain_hash(head, record)
    line = json.dumps(record, ensure_ascii=False).encode()
    write_file(log, b"\n".join((*lines, line)) + b"\n")
