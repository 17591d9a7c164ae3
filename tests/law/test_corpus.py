"""The corpus: whole, consistent, true to its sources, and strict about what may be quoted."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from reports.law.corpus import DATA, Corpus, LawDataError, LawLookupError, load, read_corpus
from reports.law.position import Position, chinese
from reports.law.resolver import cited_addresses, instruments_in_force
from reports.law.tables import duty_table_markdown
from reports.law.validation import problems

CORPUS = load()
ROOT = Path(__file__).parents[2]

DUTY_KEYS = [
    "filing", "management", "log_retention", "intrusion_protection", "content_control", "support", "mlps",
    "access_ip_allocation", "idc_tenants", "domain_records", "publishing_control", "cdn_origin_mapping",
    "public_wifi_protection", "event_plan", "event_risk_assessment", "event_emergency", "event_other_measures",
    "event_reporting", "vulnerability_handling", "personal_information", "data_protection",
    "commercial_cryptography", "incident_reporting", "cooperation",
]  # fmt: skip


def words(address: str) -> str | None:
    instrument, position = CORPUS.locate(address, date(2026, 11, 1))
    assert position is not None
    return instrument.passage(position).text


def test_nothing_is_wrong_with_the_package_s_own_corpus() -> None:
    assert problems(CORPUS) == ()


def test_every_duty_is_in_the_catalogue_in_order() -> None:
    assert list(CORPUS.duties) == DUTY_KEYS


def test_texts_for_people_are_there_in_both_languages() -> None:
    for duty in CORPUS.duties.values():
        for text in (duty.name, duty.verify.text, *(question.text for question in duty.questions)):
            assert re.search("[一-鿿]", text.zh)
            assert text.en
            assert not re.search("[一-鿿]", text.en)


# --------------------------------------------------------------------------- verbatim


VERBATIM = [
    (
        "csl-2025:23(3)",
        "国家实行网络安全等级保护制度。网络运营者应当按照网络安全等级保护制度的要求，履行下列安全保护义务，保障网络免受干扰、"
        "破坏或者未经授权的访问，防止网络数据泄露或者被窃取、篡改：\n……\n（三）采取监测、记录网络运行状态、网络安全事件的"
        "技术措施，并按照规定留存相关的网络日志不少于六个月；",
    ),
    (
        "csl-2025:61.1",
        "网络运营者不履行本法第二十三条、第二十七条规定的网络安全保护义务的，由有关主管部门责令改正，给予警告，可以处一万元以上"
        "五万元以下罚款；拒不改正或者导致危害网络安全等后果的，处五万元以上五十万元以下罚款，对直接负责的主管人员和其他直接责任"
        "人员处一万元以上十万元以下罚款。",
    ),
    (
        "csl-2016:59.1",
        "网络运营者不履行本法第二十一条、第二十五条规定的网络安全保护义务的，由有关主管部门责令改正，给予警告；拒不改正或者导致"
        "危害网络安全等后果的，处一万元以上十万元以下罚款，对直接负责的主管人员处五千元以上五万元以下罚款。",
    ),
    ("csl-2016:28", "网络运营者应当为公安机关、国家安全机关依法维护国家安全和侦查犯罪的活动提供技术支持和协助。"),
    (
        "csl-2025:71.1(2)",
        "有下列行为之一的，依照有关法律、行政法规的规定处理、处罚：\n……\n（二）违反本法第二十四条第三款、第四十三条至第四十五条"
        "规定，侵害个人信息权益的；",
    ),
    ("csl-2025:81", "本法自2017年6月1日起施行。"),
    (
        "mps-151:10(7)",
        "公安机关应当根据互联网服务提供者和联网使用单位履行法定网络安全义务的实际情况，依照国家有关规定和标准，对下列内容进行"
        "监督检查：\n……\n（七）是否履行法律、行政法规规定的网络安全等级保护等义务。",
    ),
    (
        "mps-151:18.2",
        "公安机关开展远程检测，应当制作监督检查记录，并由二名以上开展监督检查的人民警察在监督检查记录上签名。",
    ),
    (
        "mps-151:11(2)",
        "（二）对提供互联网数据中心服务的，监督检查是否记录所提供的主机托管、主机租用和虚拟空间租用的用户信息；",
    ),
    ("mps-82:13", "互联网服务提供者和联网使用单位依照本规定落实的记录留存技术措施，应当具有至少保存六十天记录备份的功能。"),
    (
        "sc-745:31",
        "未经国家网信部门、国务院公安部门批准或者保护工作部门、运营者授权，任何个人和组织不得对关键信息基础设施实施漏洞探测、"
        "渗透性测试等可能影响或者危害关键信息基础设施安全的活动。对基础电信网络实施漏洞探测、渗透性测试等活动，应当事先向国务院"
        "电信主管部门报告。",
    ),
    ("sc-147:17(1)", "公安机关对计算机信息系统安全保护工作行使下列监督职权：\n（一）监督、检查、指导计算机信息系统安全保护工作；"),
]  # fmt: skip


@pytest.mark.parametrize(("address", "text"), VERBATIM, ids=[address for address, _ in VERBATIM])
def test_words_are_the_law_s_own(address: str, text: str) -> None:
    assert words(address) == text


def test_whole_laws_are_whole() -> None:
    for name, count in (("csl-2016", 79), ("csl-2025", 81), ("mps-151-2018", 29)):
        assert list(CORPUS.instruments[name].articles) == list(range(1, count + 1))


def test_marks_of_the_sources_are_not_part_of_the_words() -> None:
    for one in CORPUS.instruments.values():
        for article in one.articles.values():
            for paragraph in article.paragraphs:
                for text in (paragraph.text, *(item.text for item in paragraph.items)):
                    assert not re.search(r"待核|原文·|来源至此|[【】*|\n]", text), (one.id, article.label)


def test_order_176_has_no_articles() -> None:
    order = CORPUS.instruments["mps-176-2026"]
    assert not order.articles
    assert order.head.number == "公安部令第176号"
    assert order.head.in_force_from == date(2026, 10, 1)


# --------------------------------------------------------------------------- old numbers and new


def _renumber(text: str) -> str:
    """The words of 2016 with every reference to an article given its number of 2025."""
    table = {
        entry.former: entry.to[0]
        for entry in CORPUS.instruments["csl-2025"].renumbered
        if re.fullmatch("第[^条]+条", entry.former) and re.fullmatch("第[^条]+条", entry.to[0])
    }
    return re.sub("第[一二三四五六七八九十]+条", lambda match: table[match[0]], text)


MOVED = [entry for entry in CORPUS.instruments["csl-2025"].renumbered if entry.change in ("same", "moved")]


@pytest.mark.parametrize("entry", MOVED, ids=[entry.former for entry in MOVED])
def test_what_only_moved_says_the_same(entry: object) -> None:
    former, to = MOVED[MOVED.index(entry)].former, MOVED[MOVED.index(entry)].to  # type: ignore[call-overload]
    old = CORPUS.instruments["csl-2016"].passage(Position.parse(former)).text
    assert len(to) == 1
    new = CORPUS.instruments["csl-2025"].passage(Position.parse(to[0])).text
    assert old is not None
    assert new is not None
    if "项" in former:
        # The number of the item itself changed, and with it the mark of items passed over.
        old, new = (text.splitlines()[-1].partition("）")[2].rstrip("；。") for text in (old, new))
    assert _renumber(old) == new


def test_amended_articles_differ() -> None:
    for entry in CORPUS.instruments["csl-2025"].renumbered:
        if entry.change == "amended":
            old = CORPUS.instruments["csl-2016"].passage(Position.parse(entry.former)).text
            new = CORPUS.instruments["csl-2025"].passage(Position.parse(entry.to[0])).text
            assert old is not None
            assert _renumber(old) != new, entry.former


def test_every_article_of_2025_is_reached_from_2016_but_for_the_four_new_ones() -> None:
    reached = {
        Position.parse(to).article for entry in CORPUS.instruments["csl-2025"].renumbered for to in entry.to
    }
    assert set(range(1, 82)) - reached == {3, 20, 63, 73}


@pytest.mark.parametrize(
    ("new", "former"),
    [
        ("23(3)", "原第二十一条第（三）项"),
        ("27", "原第二十五条"),
        ("61.1", "原第五十九条第一款"),
        ("61.3", ""),
        ("42.1", "原第四十条"),
        ("42.2", ""),
        ("51.2", "原第四十九条第二款"),
        ("62.1(2)", "原第六十条第（二）项"),
        ("64", "原第六十一条"),
        ("69.1", "原第六十八条第一款、第六十九条第（一）项"),
        ("70(1)", "原第六十九条第（二）项"),
        ("70(2)", "原第六十九条第（三）项"),
        ("71.1(2)", "原第六十四条第一款"),
        ("71.2", "原第六十四条第二款"),
        ("1", ""),
        ("20", ""),
        ("73", ""),
    ],
)
def test_former_numbers(new: str, former: str) -> None:
    law = CORPUS.instruments["csl-2025"]
    assert CORPUS.former(law, law.passage(Position.parse(new)).position) == former


# --------------------------------------------------------------------------- quoting


def test_unseen_words_are_never_returned() -> None:
    """No unverified paragraph or item appears in any text the corpus gives, however it is asked for."""
    for one in CORPUS.instruments.values():
        unseen = []
        for article in one.articles.values():
            for paragraph in article.paragraphs:
                seen = paragraph.verified if paragraph.verified is not None else article.verified
                if not seen:
                    unseen.append(paragraph.text)
                unseen += [
                    item.text
                    for item in paragraph.items
                    if not (item.verified if item.verified is not None else seen)
                ]
        given = [one.passage(position) for position in one.positions()]
        for passage in given:
            assert (passage.text is not None) == passage.verified
            assert not any(text in (passage.text or "") for text in unseen), (one.id, passage.label)


@pytest.mark.parametrize("address", ["mps-151:11", "mps-151:11(1)", "mps-151:11(4)", "mps-151:6", "mps-151:16", "mps-151:21",
                                     "mps-82:7", "mps-82:7(3)", "mps-82:12", "cac-incident:4", "cac-incident:4.4"])  # fmt: skip
def test_provisions_seen_in_part_are_not_quoted(address: str) -> None:
    assert words(address) is None


def test_penalties_refer_to_their_duty() -> None:
    """A penalty cited for a duty names the duty's article, of the same version, where the law writes it so."""
    for key, duty_article, penalty in [
        ("csl-2025", 23, "61.1"), ("csl-2025", 27, "61.1"), ("csl-2025", 36, "61.2"), ("csl-2025", 40, "61.2"),
        ("csl-2025", 24, "62.1(2)"), ("csl-2025", 26, "64"), ("csl-2025", 49, "69.1"), ("csl-2025", 50, "69.3"),
        ("csl-2025", 43, "71.1(2)"), ("csl-2016", 21, "59.1"), ("csl-2016", 25, "59.1"), ("csl-2016", 34, "59.2"),
        ("csl-2016", 38, "59.2"), ("csl-2016", 22, "60"), ("csl-2016", 24, "61"), ("csl-2016", 47, "68.1"),
        ("csl-2016", 48, "68.2"), ("csl-2016", 41, "64.1"), ("sc-760", 41, "62"), ("sc-760", 38, "60"),
        ("cryptography-law", 27, "37.1"), ("mps-33", 12, "23"),
    ]:  # fmt: skip
        assert f"第{chinese(duty_article)}条" in (words(f"{key}:{penalty}") or ""), (key, penalty)


def test_every_cited_penalty_of_the_cybersecurity_law_names_a_cited_duty() -> None:
    for key, duty in CORPUS.duties.items():
        for version in ("csl-2016", "csl-2025"):
            articles = {
                f"第{chinese(Position.parse(address.partition(':')[2]).article)}条"
                for cites in (duty.cites, duty.cii)
                for address in cites.duty
                if address.startswith(f"{version}:")
            }
            for address in (*duty.cites.penalty, *duty.cii.penalty):
                if not address.startswith(f"{version}:") or not articles:
                    continue
                text = words(address) or ""
                # Supervision and assistance are punished by what was done, not by an article's number.
                if (
                    ("下列行为之一" in text and "违反本法规定" in text)
                    or "有前两款行为" in text
                    or "有前款行为" in text
                ):
                    continue
                mentioned = set(re.findall("第[一二三四五六七八九十]+条", text))
                spans = re.findall("(第[一二三四五六七八九十]+条)至(第[一二三四五六七八九十]+条)", text)
                for first, last in spans:
                    bounds = range(Position.parse(first).article, Position.parse(last).article + 1)
                    mentioned |= {f"第{chinese(number)}条" for number in bounds}
                assert mentioned & articles, (key, address)


# --------------------------------------------------------------------------- addresses


def test_a_key_without_version_means_the_version_of_the_day() -> None:
    assert CORPUS.locate("csl:23", date(2025, 12, 31))[0].id == "csl-2016"
    assert CORPUS.locate("csl:23", date(2026, 1, 1))[0].id == "csl-2025"
    assert CORPUS.locate("csl-2016:21", date(2026, 1, 1))[0].id == "csl-2016"
    assert CORPUS.locate("mps-151:10", date(2026, 11, 1))[0].id == "mps-151-2018"
    assert CORPUS.locate("mps-176", date(2026, 11, 1)) == (CORPUS.instruments["mps-176-2026"], None)


@pytest.mark.parametrize(
    ("address", "says"),
    [
        ("nope:1", "no instrument is called"),
        ("csl:x", "not an article"),
        ("csl:", "not an article"),
        ("", "no instrument"),
    ],
)
def test_wrong_addresses_are_refused_in_one_sentence(address: str, says: str) -> None:
    with pytest.raises(LawLookupError, match=says):
        CORPUS.locate(address, date(2026, 11, 1))


def test_no_version_on_that_day_is_said() -> None:
    with pytest.raises(LawLookupError, match="no version of 'csl' is in force on 2010-01-01"):
        CORPUS.locate("csl:1", date(2010, 1, 1))


@pytest.mark.parametrize(("place", "says"), [("99", "is not in the corpus"), ("23(9)", "is not in the corpus"), ("61.4", "is not in"),
                                             ("23.2", "is not in")])  # fmt: skip
def test_places_that_are_not_there(place: str, says: str) -> None:
    with pytest.raises(LawLookupError, match=says):
        CORPUS.instruments["csl-2025"].passage(Position.parse(place))


def test_instruments_in_force_by_day() -> None:
    def on(day: date) -> set[str]:
        return {one.id for one in instruments_in_force(day)}

    assert {"csl-2016", "mps-151-2018"} <= on(date(2025, 12, 31))
    assert "csl-2025" not in on(date(2025, 12, 31))
    assert {"csl-2025", "mps-151-2018"} <= on(date(2026, 1, 1))
    assert "csl-2016" not in on(date(2026, 1, 1))
    assert "mps-151-2018" in on(date(2026, 9, 30))
    assert "mps-176-2026" not in on(date(2026, 9, 30))
    assert "mps-151-2018" not in on(date(2026, 10, 1))
    assert "mps-176-2026" in on(date(2026, 10, 1))
    assert "mps-151-2018" not in on(date(2018, 10, 31))
    assert "mps-151-2018" in on(date(2018, 11, 1))


# --------------------------------------------------------------------------- the generated page


def test_the_committed_table_is_the_generated_one() -> None:
    assert (ROOT / "docs" / "duties.md").read_text(encoding="utf-8") == duty_table_markdown(), (
        "run: python -m reports.law.tables > docs/duties.md"
    )


def test_every_cited_provision_is_in_the_table() -> None:
    page = duty_table_markdown()
    for _, _, address in cited_addresses(CORPUS):
        name, _, place = address.partition(":")
        assert (
            f"{CORPUS.instruments[name].head.short}（{CORPUS.instruments[name].head.version}） | {place}"
            in page
        )


# --------------------------------------------------------------------------- broken and additional files


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    shutil.copytree(DATA, tmp_path / "law")
    return tmp_path / "law"


def _edit(file: str, old: str, new: str) -> Callable[[Path], None]:
    def edit(folder: Path) -> None:
        path = folder / file
        text = path.read_text(encoding="utf-8")
        assert old in text, f"{file} no longer has {old!r}"
        path.write_text(text.replace(old, new, 1), encoding="utf-8")

    return edit


def _twice(folder: Path) -> None:
    shutil.copy(folder / "instruments" / "csl-2025.toml", folder / "instruments" / "other.toml")


CSL = "instruments/csl-2025.toml"


@pytest.mark.parametrize(
    ("edit", "says"),
    [
        (_edit(CSL, "title = ", "title = 'x\n#"), r"csl-2025\.toml: is not TOML.*line 6"),
        (_edit(CSL, "issuer = ", "isuer = "), r"csl-2025\.toml: .*isuer"),
        (_edit(CSL, "in_force_from = 2026-01-01", "in_force_from = 'soon'"), r"csl-2025\.toml: .*in_force_from"),
        (_edit(CSL, "in_force_from = 2026-01-01", "in_force_from = 2026-01-02"), r"csl-2016\.toml: in force to 2025-12-31"),
        (_edit(CSL, "in_force_from = 2026-01-01", "in_force_from = 2025-12-31"), r"csl-20\d\d\.toml: in force"),
        (_edit("instruments/mps-151-2018.toml", "'mps-176-2026'", "'mps-177-2026'"), r"mps-151-2018\.toml: repealed_by"),
        (_twice, r"other\.toml: csl-2025 is already in csl-2025\.toml"),
        (_edit("duties.toml", "key = 'support'", "key = 'management'"), r"duties\.toml: duty management is there twice"),
        (_edit("duties.toml", "'csl-2016:第二十八条'", "'csl-2015:第二十八条'"), r"duties\.toml: support: there is no instrument csl-2015"),
        (_edit("duties.toml", "'csl-2016:第二十八条'", "'csl-2016:二十八'"), r"duties\.toml: support: csl-2016:二十八: not an article"),
        (_edit("duties.toml", "provider_kinds = ['cdn']", "provider_kinds = ['cnd']"), r"no provider kind is called cnd"),
        (_edit("thresholds.toml", "to = 2025-12-31\n", ""), r"thresholds\.toml: log_retention_months: two values hold"),
        (_edit("thresholds.toml", "source = 'RFC 9325 §4.5'", ""), r"thresholds\.toml: group_min_bits: give either cite or source"),
        (_edit("thresholds.toml", "value = 6", "value = 'six'"), r"thresholds\.toml: .*value"),
    ],
)  # fmt: skip
def test_a_broken_file_is_named_with_the_place(copy: Path, edit: Callable[[Path], None], says: str) -> None:
    edit(copy)
    with pytest.raises(LawDataError, match=says):
        read_corpus(copy)


@pytest.mark.parametrize(
    ("edit", "says"),
    [
        (_edit(CSL, "label = '第二十三条'", "label = '第二十二条'"), "第二十二条: label and number 23 differ"),
        (_edit(CSL, "number = 23\n", "number = 24\n"), "article 24 is there twice"),
        (_edit(CSL, "article_count = 81", "article_count = 80"), "says it is complete with 80 articles, but has 81"),
        (_edit(CSL, "sources = ['A', 'C']", "sources = ['A', 'Z']"), r"第一条: there is no source Z"),
        (_edit(CSL, "verified = true\n", ""), "verified"),
        (_edit(CSL, "to = ['第二十三条']", "to = ['第九十三条']"), "第九十三条 is not in the corpus"),
        (_edit("duties.toml", "'csl-2025:第三十条'", "'csl-2025:第九十条'"), "duty support: .*第九十条 is not in the corpus"),
        (_edit("duties.toml", "'csl-2025:第三十条'", "'csl-2025:第三十条第一款'"), "write 第三十条 for 第三十条第一款"),
        (_edit("thresholds.toml", "cite = 'csl-2016:第二十一条第（三）项'", "cite = 'csl-2016:第二十一条第（九）项'"), "threshold log_retention_months: "),
        (_edit("thresholds.toml", "to = 2025-12-31", "to = 2025-12-30"), ""),
    ],
)  # fmt: skip
def test_validation_finds_what_loading_does_not_look_for(
    copy: Path, edit: Callable[[Path], None], says: str
) -> None:
    edit(copy)
    found = problems(read_corpus(copy))
    if says:
        assert re.search(says, "\n".join(found)), found
    else:
        assert found == ()


def test_an_article_that_does_not_say_whether_it_was_seen_is_refused(copy: Path) -> None:
    _edit(CSL, "verified = true\n", "")(copy)
    with pytest.raises(LawDataError, match=r"csl-2025\.toml: .*verified"):
        _ = read_corpus(copy).instruments["csl-2025"].articles


def _unit(folder: Path, text: str) -> Path:
    (folder / "instruments").mkdir(parents=True)
    head = (DATA / "instruments" / "mps-176-2026.toml").read_text(encoding="utf-8")
    (folder / "instruments" / "order.toml").write_text(head + text, encoding="utf-8")
    return folder


def test_a_unit_s_directory_replaces_a_version_whole(tmp_path: Path) -> None:
    unit = _unit(
        tmp_path / "unit",
        "\n[[article]]\nnumber = 1\nlabel = '第一条'\nverified = true\nsources = ['A']\n[[article.paragraph]]\ntext = '甲。'\n",
    )
    merged: Corpus = read_corpus(DATA, unit)
    assert merged.instruments["mps-176-2026"].passage(Position(1)).text == "甲。"
    assert merged.duties == CORPUS.duties
    assert not load().instruments["mps-176-2026"].articles


def test_a_missing_directory_is_said(tmp_path: Path) -> None:
    with pytest.raises(LawDataError, match="there is no such directory"):
        read_corpus(DATA, tmp_path / "nowhere")


def test_articles_are_read_only_when_asked_for(copy: Path) -> None:
    """Loading reads heads alone: a fault in an article shows when the article is wanted, with the file's name."""
    path = copy / "instruments" / "sc-790-2024.toml"
    path.write_text(path.read_text(encoding="utf-8") + "\n[[article]]\nnumber = 'x'\n", encoding="utf-8")
    corpus = read_corpus(copy)
    assert corpus.instruments["csl-2025"].articles
    with pytest.raises(LawDataError, match=r"sc-790-2024\.toml"):
        _ = corpus.instruments["sc-790-2024"].articles


AT_ONCE = """
import sys, threading
sys.setswitchinterval(1e-6)
from reports.law.corpus import load
start, found = threading.Barrier(4), []
def read():
    start.wait()
    corpus = load()
    found.append((corpus, [len(instrument.articles) for instrument in corpus.instruments.values()]))
threads = [threading.Thread(target=read) for _ in range(4)]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
assert len(found) == 4 and all(one[0] is found[0][0] and one[1] == found[0][1] for one in found)
"""


def test_threads_that_ask_at_once_get_one_corpus() -> None:
    """A scan's loader and its main thread do so when there was little to scan; it ended the process by SIGSEGV."""
    done = subprocess.run(
        [sys.executable, "-c", AT_ONCE], check=False, capture_output=True, text=True, cwd=ROOT, timeout=60
    )
    assert done.returncode == 0, (done.returncode, done.stderr)
