"""What ``zijian law`` prints."""

from __future__ import annotations

from datetime import date

import pytest

from reports.law.corpus import LawLookupError, load
from reports.law.show import law_changes, law_diff, law_list, law_show

TODAY = date(2026, 11, 23)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_list_names_every_instrument_and_duty(lang: str) -> None:
    text = law_list(TODAY, lang)
    for name in (*load().instruments, *load().duties):
        assert f"{name}  " in text


def test_the_list_says_what_is_in_force() -> None:
    before, after = law_list(date(2026, 9, 30)), law_list(date(2026, 10, 1))

    def state(text: str, name: str) -> str:
        lines = text.splitlines()
        return lines[next(n for n, line in enumerate(lines) if line.startswith(f"{name}  ")) + 1]

    assert "现行" in state(before, "mps-151-2018")
    assert "未施行" in state(before, "mps-176-2026")
    assert "已失效" in state(after, "mps-151-2018")
    assert "现行" in state(after, "mps-176-2026")
    assert "没有条文" in state(after, "mps-176-2026")
    assert "9 条文字可引" in state(after, "mps-151-2018")


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("on", [date(2018, 11, 1), date(2025, 12, 31), TODAY])
def test_every_duty_can_be_shown(lang: str, on: date) -> None:
    for key, duty in load().duties.items():
        text = law_show(key, on, lang)
        assert text.startswith(f"{key}  ")
        assert (duty.zh if lang == "zh" else duty.en) in text
        assert "None\n" not in text


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_instrument_can_be_shown_without_a_word_that_was_not_seen(lang: str) -> None:
    corpus = load()
    for name, instrument in corpus.instruments.items():
        text = law_show(name, TODAY, lang)
        for position in instrument.positions():
            passage = instrument.passage(position)
            if position.paragraph is None and position.item is None:
                assert passage.label in text
        for article in instrument.articles.values():
            for paragraph in article.paragraphs:
                if not (paragraph.verified if paragraph.verified is not None else article.verified):
                    assert paragraph.text not in text


def test_articles_by_several_addresses() -> None:
    shown = law_show("csl:23(3)", TODAY)
    assert "不少于六个月" in shown
    assert "原第二十一条第（三）项" in shown
    assert shown == law_show("csl-2025:第二十三条第（三）项", TODAY)
    assert "第二十一条第（三）项" in law_show("csl:21(3)", date(2025, 12, 31))
    assert "是否依法采取记录并留存用户注册信息" in law_show("mps-151:10", TODAY)
    assert "[wording not seen in a source, so not quoted]" in law_show("mps-151:16", TODAY, "en")


def test_an_article_seen_in_part_shows_that_part() -> None:
    shown = law_show("mps-151:11", TODAY)
    assert "虚拟空间租用的用户信息" in shown
    assert "网络地址及分配使用情况" not in shown


@pytest.mark.parametrize(
    ("subject", "says"),
    [
        ("nope", "neither a duty nor an article"),
        ("csl:99", "第九十九条 is not in the corpus"),
        ("mps-176:7", "第七条 is not in the corpus"),
        ("csl:x", "not an article"),
        ("mps-999:1", "no instrument is called"),
    ],
)
def test_what_is_not_there_is_said_in_one_sentence(subject: str, says: str) -> None:
    with pytest.raises(LawLookupError, match=says) as caught:
        law_show(subject, TODAY)
    assert "\n" not in str(caught.value)


def test_new_year_renumbers() -> None:
    changes = {change.duty: change for change in law_changes(date(2025, 12, 31), date(2026, 1, 1))}
    assert set(changes) == set(load().duties)
    pairs = {(old.article, new.article) for old, new in changes["log_retention"].renumbered}
    assert ("第二十一条第（三）项", "第二十三条第（三）项") in pairs
    assert ("第五十九条第一款", "第六十一条第一款") in pairs
    assert not changes["log_retention"].removed
    assert [one.article for one in changes["log_retention"].added] == ["第六十一条第三款"]
    assert {("第六十九条第（三）项", "第七十条第（二）项")} <= {
        (old.article, new.article) for old, new in changes["support"].renumbered
    }


def test_october_brings_order_176_and_makes_151_the_former_basis() -> None:
    text = law_diff(date(2026, 9, 30), date(2026, 10, 1))
    assert "+ [检查] 《公安机关网络空间安全监督检查办法》（2026）" in text
    assert "+ [检查] 原依据：《公安机关互联网安全监督检查规定》（2018）第十条第（三）项" in text
    assert "- [检查] 《公安机关互联网安全监督检查规定》（2018）第十条第（三）项" in text
    assert "网络安全法" not in text


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_no_change_is_said(lang: str) -> None:
    assert law_changes(TODAY, TODAY) == ()
    assert "2026-11-23" in law_diff(TODAY, TODAY, lang)
