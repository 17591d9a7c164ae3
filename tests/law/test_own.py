"""A unit's own law: an invented instrument is imported, mapped, cited, verified and removed again."""

from __future__ import annotations

import io
import json
import shutil
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import docx
import pytest
from click.exceptions import Abort
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

from reports.law import corpus as corpora
from reports.law.corpus import load
from reports.law.resolver import citations
from reports.law.text import TextError, decode, split
from scanner.cli import cli
from scanner.errors import UsageError, ZijianError

FICTION = """虚构国假想办法

（本文为软件测试虚构，与任何法律法规无关）

目　录
第一章　总则
第二章　附则

第一章　总则

第一条　为了测试软件，制定本办法。
第二条　测试应当符合下列要求：
（一）记录并留存测试日志不少于九个月；
（二）不得影响他人。
违反前款规定的，由测试者改正。

第二章　附则
第三条　本办法自虚构之日起施行。
"""
AFTER = date(2026, 11, 1)


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("ZIJIAN_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(corpora, "_own", [])
    corpora._load.cache_clear()
    yield tmp_path / "home" / "law"
    corpora._load.cache_clear()


@pytest.fixture
def run() -> Callable[..., Result]:
    def call(*arguments: str, answer: str = "") -> Result:
        # Another process would read it afresh.
        corpora._load.cache_clear()
        result = CliRunner().invoke(cli, arguments, input=answer, standalone_mode=False)
        corpora._load.cache_clear()
        return result

    return call


def written(folder: Path, text: str = FICTION, name: str = "text.txt", encoding: str = "utf-8") -> str:
    path = folder / name
    path.write_bytes(text.encode(encoding))
    return str(path)


# ------------------------------------------------------------------ reading


def test_a_text_is_split_as_it_is_laid_out() -> None:
    found = split(FICTION)
    assert found.title == "虚构国假想办法"
    assert [article.label for article in found.articles] == ["第一条", "第二条", "第三条"]
    assert len(found.headings) == 2
    second = found.articles[1]
    assert [paragraph.text for paragraph in second.paragraphs] == [
        "测试应当符合下列要求：",
        "违反前款规定的，由测试者改正。",
    ]
    assert second.paragraphs[0].items == ["记录并留存测试日志不少于九个月；", "不得影响他人。"]
    assert found.missing == ()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_any_usual_encoding(encoding: str) -> None:
    assert split(decode(FICTION.encode(encoding), "x.txt")) == split(FICTION)


def test_a_docx() -> None:
    document = docx.Document()
    for line in FICTION.splitlines():
        document.add_paragraph(line)
    data = io.BytesIO()
    document.save(data)
    assert split(decode(data.getvalue(), "x.docx")) == split(FICTION)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("没有条文", "no line begins with 第…条"),
        ("题\n第二条　甲。\n第一条　乙。", "line 3: 第一条 comes after 第二条"),
        ("题\n第一条　甲：\n（二）乙；", "line 3: item （二） of 第一条 is out of order"),
        ("题\n第一条\n第二条　乙。", "line 2: 第一条 has no words"),
        ("题\n第一条\n（一）乙。", "line 3: an item of 第一条 stands before any paragraph"),
    ],
)
def test_what_cannot_be_placed_is_said(text: str, says: str) -> None:
    with pytest.raises(TextError, match=says):
        split(text)


@pytest.mark.parametrize(
    "data", [b"%PDF-1.7", b"\xd0\xcf\x11\xe0", b"PK\x03\x04nothing", b"\0\1\2", b"x" * (5 << 20)]
)
def test_what_is_no_text_is_said(data: bytes) -> None:
    with pytest.raises(TextError):
        decode(data, "x.txt")


@given(st.text(alphabet="第一二十〇条章节项（）1 \n　，。之以", max_size=200))
def test_any_text_ends_in_articles_or_a_sentence(text: str) -> None:
    try:
        found = split(text)
    except TextError:
        return
    numbers = [article.number for article in found.articles]
    assert numbers == sorted(set(numbers))


# ------------------------------------------------------------------ the commands


def test_an_imported_text_is_cited_with_its_words(
    own: Path, run: Callable[..., Result], tmp_path: Path
) -> None:
    before = citations("log_retention", AFTER)
    assert any(one.instrument_key == "mps-176" and not one.article for one in before)

    taken = run(
        "law", "import", written(tmp_path), "--as", "mps-176", "--by", "测试者", "--yes", "--lang", "zh"
    )
    assert taken.exit_code == 0, taken.output
    assert "缺少" not in taken.output
    assert "应有 23 条" in taken.output
    assert "题名与所说的文件不同" in taken.output
    corpora.take_up(own)
    named = [one for one in citations("log_retention", AFTER) if one.instrument_key == "mps-176"]
    assert [one.article for one in named] == [""]
    assert named[0].note is not None
    assert "尚未对应" in named[0].note.zh

    mapping = tmp_path / "mapping.toml"
    mapping.write_text(
        '[duty.log_retention]\nduty = ["mps-176-2026:第二条第一款第（一）项"]\n', encoding="utf-8"
    )
    assert run("law", "map", str(mapping), "--by", "测试者").exit_code == 0
    corpora._load.cache_clear()
    cited = [
        one for one in citations("log_retention", AFTER) if one.instrument_key == "mps-176" and one.article
    ]
    assert [one.article for one in cited] == ["第二条第一款第（一）项"]
    assert "不少于九个月" in (cited[0].text or "")
    assert "测试者" in cited[0].source
    assert "SHA-256" in cited[0].source
    assert not any(one.instrument_key == "mps-176" for one in citations("log_retention", date(2026, 9, 1)))
    assert run("law", "verify").return_value == 0

    refused = run("law", "remove", "mps-176-2026", "--by", "测试者")
    assert isinstance(refused.exception, UsageError)
    mapping.write_text("[duty]\n")
    assert run("law", "map", str(mapping), "--by", "测试者").exit_code == 0
    assert run("law", "remove", "mps-176-2026", "--by", "测试者").exit_code == 0
    corpora._load.cache_clear()
    assert citations("log_retention", AFTER) == before
    assert run("law", "verify").return_value == 0
    kinds = [json.loads(line)["kind"] for line in (own / "imports.jsonl").read_text().splitlines()]
    assert kinds == ["imported", "mapped", "mapped", "removed"]


def test_an_instrument_that_does_not_ship(own: Path, run: Callable[..., Result], tmp_path: Path) -> None:
    options = (
        "--issuer",
        "虚构机关",
        "--promulgated",
        "2026-01-01",
        "--from",
        "2026-02-01",
        "--by",
        "x",
        "--yes",
    )
    assert run("law", "import", written(tmp_path), "--new", "fiction-2026", *options).exit_code == 0
    shown = run("law", "show", "fiction:2.1(1)", "--on", "2026-11-01")
    assert "不少于九个月" in shown.output


def test_nothing_is_taken_in_without_a_yes(own: Path, run: Callable[..., Result], tmp_path: Path) -> None:
    result = run("law", "import", written(tmp_path), "--as", "mps-176", "--by", "x", answer="n\n")
    assert isinstance(result.exception, Abort)
    assert not own.exists()


def test_a_text_with_holes_is_taken_in_only_when_told(
    own: Path, run: Callable[..., Result], tmp_path: Path
) -> None:
    holes = written(tmp_path, FICTION.replace("第三条　", "第五条　"))
    result = run("law", "import", holes, "--as", "mps-176", "--by", "x", "--yes")
    assert isinstance(result.exception, UsageError)
    assert "第三条、第四条" in result.output
    assert run("law", "import", holes, "--as", "mps-176", "--by", "x", "--yes", "--incomplete").exit_code == 0
    corpora.take_up(own)
    assert load().instruments["mps-176-2026"].head.complete is False


@pytest.mark.parametrize(
    "change",
    [
        lambda own: next((own / "originals").iterdir()).write_bytes(b"changed"),
        lambda own: (own / "instruments" / "mps-176-2026.toml").open("a").write("\n# changed\n"),
        lambda own: shutil.copy(
            own / "instruments" / "mps-176-2026.toml", own / "instruments" / "mps-176-2027.toml"
        ),
        lambda own: (own / "imports.jsonl").write_text((own / "imports.jsonl").read_text().replace("x", "y")),
        lambda own: next((own / "originals").iterdir()).unlink(),
    ],
)
def test_what_was_changed_behind_our_back_is_found(
    own: Path, run: Callable[..., Result], tmp_path: Path, change: Callable[[Path], object]
) -> None:
    assert run("law", "import", written(tmp_path), "--as", "mps-176", "--by", "x", "--yes").exit_code == 0
    change(own)
    result = run("law", "verify")
    assert result.return_value == 3 or isinstance(result.exception, ZijianError)


@pytest.mark.parametrize(
    ("mapping", "says"),
    [
        ("[duty.nothing]\nduty = []\n", "no duty is called"),
        ('[duty.filing]\nduty = ["mps-176-2026:第一条"]\n', "is not in the corpus"),
        ('[duty.filing]\nduty = ["nobody-2026:第一条"]\n', "there is no instrument"),
        ('[duty.filing]\nwrong = ["x"]\n', "the mapping"),
        ("duty = 3\n", "the mapping"),
        ("= x", "not TOML"),
    ],
)
def test_a_mapping_that_leads_nowhere_is_refused(
    own: Path, run: Callable[..., Result], tmp_path: Path, mapping: str, says: str
) -> None:
    path = tmp_path / "mapping.toml"
    path.write_text(mapping, encoding="utf-8")
    result = run("law", "map", str(path), "--by", "x")
    assert isinstance(result.exception, UsageError)
    assert says in str(result.exception)
    assert not (own / "mapping.toml").exists()
