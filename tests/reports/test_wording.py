"""Every string in both languages, none missing, none dead, and the same places to fill."""

from __future__ import annotations

import re
import string
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

import reports
from checks.model import Basis, Confirmation, Severity, Status, Text
from reports.result import CitationRole, DutyStatus
from reports.wording import LANGUAGES, Wording, load

ROOT = Path(next(iter(reports.__path__)))
SOURCES = [
    *ROOT.glob("html/templates/**/*.jinja2"),
    *ROOT.glob("*.py"),
    *ROOT.glob("html/*.py"),
    *ROOT.glob("casefile/*.py"),
    *ROOT.glob("inspection/*.py"),
    ROOT.parent / "scanner/cli/inspect.py",
]
CALL = re.compile(r"""\b(?:t|words|self\.words|self)\(\s*["']([a-z_]+\.[a-z0-9_]+)["'](?! ~)""")
WORD_SECTIONS = re.compile(r"""\.word\(\s*"([a-z_]+)\"""")
COMPUTED = {
    "nav", "title", "method", "pictures.services_exposed", "pictures.services_other", "pictures.services_clean",
    "pictures.calendar_entries", "pictures.calendar_gap", "pictures.calendar_none",
}  # fmt: skip
"""Sections and keys that are asked for by a name put together at run time."""


def _bare(keys: object) -> set[str]:
    return {key for key in keys if not key.endswith("_one")}  # type: ignore[attr-defined]


def _places(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_both_languages_have_the_same_keys() -> None:
    assert _bare(load("zh")) == _bare(load("en"))


def test_both_languages_fill_the_same_places() -> None:
    zh, en = load("zh"), load("en")
    # A date is written from its parts in Chinese and as ISO in English.
    differing = {key for key in zh if _places(zh[key]) != _places(en[key])} - {"format.day"}
    assert not differing


def test_no_string_is_empty_but_the_chinese_joint() -> None:
    for lang in LANGUAGES:
        assert {key for key, text in load(lang).items() if not text} <= {"headline.joint"}


def test_every_string_asked_for_exists_and_every_string_is_asked_for() -> None:
    text = "\n".join(path.read_text(encoding="utf-8") for path in SOURCES)
    asked = set(CALL.findall(text)) | set(re.findall(r"""["']([a-z_]+\.[a-z0-9_]+)["']""", text)) & set(
        load("zh")
    )
    sections = set(WORD_SECTIONS.findall(text))
    missing = set(CALL.findall(text)) - set(load("zh"))
    assert not missing
    dead = {
        key
        for key in _bare(load("zh"))
        if key not in asked and key.partition(".")[0] not in sections | COMPUTED and key not in COMPUTED
    }
    assert not dead


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize(
    ("section", "codes"),
    [
        ("status", Status),
        ("duty_status", DutyStatus),
        ("severity", Severity),
        ("basis", Basis),
        ("confirmation", Confirmation),
        ("role", CitationRole),
    ],
)
def test_every_code_of_the_model_has_a_word(lang: str, section: str, codes: type) -> None:
    words = Wording(lang)
    assert all(words.knows(section, code) for code in codes)  # type: ignore[attr-defined]


def test_unknown_codes_stand_for_themselves_and_details_are_kept() -> None:
    words = Wording("zh")
    assert words.word("reason", "never_heard_of") == "never_heard_of"
    assert words.word("reason", "probe_failed:timeout") == "探测没有完成（等待应答超时）"
    assert words.word("reason", "probe_failed:alert:handshake_failure").endswith(
        "（对方发出 TLS 警报（handshake_failure））"
    )


def test_there_is_no_other_language() -> None:
    with pytest.raises(ValueError, match="fr"):
        Wording("fr")


def test_times_are_beijing_time_and_spans_are_short() -> None:
    words = Wording("zh")
    start = datetime(2026, 11, 23, 15, 59, 30, tzinfo=UTC)
    assert words.moment(start) == "2026-11-23 23:59:30"
    assert words.until(start, start + timedelta(minutes=1)) == "2026-11-24 00:00"
    assert words.until(start - timedelta(hours=1), start) == "23:59"
    assert words.duration(start, start + timedelta(hours=2, seconds=5)) == "2小时0分5秒"
    assert words.duration(start, None) == "未记录"


def test_numbers_as_people_write_them() -> None:
    words = Wording("en")
    assert words.ranges([34, 31, 32, 33, 160, 160]) == "31–34, 160"
    assert [words.size(value) for value in (0, 1023, 1024, 1536 * 1024)] == [
        "0 B",
        "1,023 B",
        "1.0 KiB",
        "1.5 MiB",
    ]
    assert words("findings.places", n=1) == "1 place"
    assert words("findings.places", n=2) == "2 places"


def test_a_text_left_empty_in_one_language_falls_back_to_the_other() -> None:
    assert Wording("en").pick(Text("只有中文", "")) == "只有中文"
    assert Wording("zh").pick(None) == ""
