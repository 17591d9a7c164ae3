"""The HTML report as text: complete, in order, self-contained, and harmless whatever it is made of."""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import itertools
import re
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

import reports.html
from checks.model import Confirmation, Reference, Status, Text
from reports.digest import digest
from reports.html import render
from reports.html.charts import charts
from reports.html.facts_view import CHARACTERS, ENTRIES, Entry, fact_entries
from reports.html.view import Anchors, safe_link
from reports.result import CitationRole, DutyStatus, NotChecked
from reports.shown import steps
from reports.wording import Wording
from tests.reports import sample

HERE = Path(reports.html.__file__).parent
VOID = {"meta", "link", "br", "img", "input", "hr", "base", "source", "wbr"}


class Page(HTMLParser):
    """The document's elements with their attributes, and the text of each section."""

    def __init__(self, document: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.raw: dict[str, list[str]] = {"script": [], "style": []}
        self.stack: list[str] = []
        self.text: list[str] = []
        self.misnested: list[str] = []
        self.feed(document)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert len(attrs) == len(dict(attrs)), f"an attribute twice in <{tag}>"
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.stack.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        if not self.stack or self.stack.pop() != tag:
            self.misnested.append(tag)

    def handle_data(self, data: str) -> None:
        if self.stack and self.stack[-1] in self.raw:
            self.raw[self.stack[-1]].append(data)
        elif data.strip():
            self.text.append(data)

    def all(self, name: str) -> list[dict[str, str | None]]:
        return [attributes for tag, attributes in self.elements if tag == name]

    @property
    def words(self) -> str:
        return " ".join(" ".join(self.text).split())


RICH = {(mode, lang): render(sample.rich(mode), lang) for mode in ("self", "police") for lang in ("zh", "en")}
EVERY = {
    **{f"{mode}-{lang}": document for (mode, lang), document in RICH.items()},
    "empty": render(sample.empty(), "zh"),
    "hostile-zh": render(sample.hostile(), "zh"),
    "hostile-en": render(sample.hostile(), "en"),
}
every_document = pytest.mark.parametrize("name", EVERY)


# --------------------------------------------------------------------------- self-contained and harmless


@every_document
def test_nothing_is_fetched_and_nothing_runs_but_our_own_script(name: str) -> None:
    page = Page(EVERY[name])
    assert not page.misnested
    assert page.stack == []
    assert len(page.raw["script"]) == len(page.raw["style"]) == 1
    assert not {
        "link",
        "img",
        "iframe",
        "object",
        "embed",
        "base",
        "audio",
        "video",
        "image",
        "foreignobject",
    } & {tag for tag, _ in page.elements}
    for tag, attributes in page.elements:
        assert not [
            key
            for key in attributes
            if key.startswith("on") or key in ("style", "src", "srcset", "formaction")
        ]
        for key in ("href", "xlink:href", "action"):
            if key in attributes:
                value = attributes[key] or ""
                assert value.startswith("#") or (tag == "a" and re.match(r"https?://[^\s]+$", value)), value
    assert "@import" not in EVERY[name]
    assert "url(" not in page.raw["style"][0]


@every_document
def test_policy_names_style_and_script_by_hash_and_nothing_else(name: str) -> None:
    page = Page(EVERY[name])
    (policy,) = [m["content"] for m in page.all("meta") if m.get("http-equiv") == "Content-Security-Policy"]
    parts = dict(part.strip().split(" ", 1) for part in (policy or "").split(";"))

    def source(content: str) -> str:
        return f"'sha256-{base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()}'"

    assert parts == {
        "default-src": "'none'",
        "style-src": source(page.raw["style"][0]),
        "script-src": source(page.raw["script"][0]),
        "img-src": "data:",
        "base-uri": "'none'",
        "form-action": "'none'",
    }


@every_document
def test_no_control_or_bidirectional_character_reaches_the_page(name: str) -> None:
    for char in set(EVERY[name]) - {"\n"}:
        assert char.isprintable() or char in "\u3000\xa0\t", hex(ord(char))
    EVERY[name].encode("utf-8")


@every_document
def test_anchors_are_unique_and_every_inner_link_leads_somewhere(name: str) -> None:
    page = Page(EVERY[name])
    ids = [str(attributes["id"]) for _, attributes in page.elements if "id" in attributes]
    assert not [anchor for anchor, number in Counter(ids).items() if number > 1]
    assert all(re.fullmatch(r"[A-Za-z][A-Za-z0-9_-]*", anchor) for anchor in ids)
    links = {str(attributes["href"])[1:] for tag, attributes in page.elements if tag in ("a", "use") and "href" in attributes
             and str(attributes["href"]).startswith("#")}  # fmt: skip
    assert links <= set(ids)


@every_document
def test_outside_links_tell_the_other_side_nothing(name: str) -> None:
    for attributes in Page(EVERY[name]).all("a"):
        if str(attributes.get("href")).startswith("http"):
            assert "noreferrer" in str(attributes["rel"])
            assert "noopener" in str(attributes["rel"])


def test_hostile_text_is_shown_as_text() -> None:
    page = Page(EVERY["hostile-zh"])
    assert "<script>window.__pwned=1</script>" in page.words
    assert "{{ 7*7 }}" in page.words
    assert "␛[31mred" in page.words
    assert "<U+202E>" in page.words
    assert len(EVERY["hostile-zh"]) < 30_000_000


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)", "JaVaScRiPt:alert(1)", " https://x.example/", "https://x.example/\n", "//x.example/",
        "data:text/html,x", "vbscript:x", "file:///etc/passwd", "https://", "https:///x", "https://user:pass@x.example/",
        'https://x.example/"onclick=x', "https://x.example/<script>", "https://[::1", "", "x", "http://x\u202e.example/",
        "https://x.example/" + "a" * 3000, "ftp://x.example/", "https:x.example/aaaaaa",
    ],
)  # fmt: skip
def test_what_is_no_plain_web_address_does_not_become_a_link(url: str) -> None:
    assert safe_link(url) == ""


def test_a_plain_web_address_stays_as_it_is() -> None:
    url = "https://www.rfc-editor.org/rfc/rfc9325#section-3.1.1"
    assert safe_link(url) == url


def test_a_scan_id_cannot_enter_the_style_sheet() -> None:
    result = sample.rich()
    evil = dataclasses.replace(
        result, scan=dataclasses.replace(result.scan, id='x"; } body { display: none } @page { x: "')
    )
    assert "display: none }" not in Page(render(evil)).raw["style"][0].split("@page")[1].split("@media")[0]


def test_anchors_are_never_given_twice() -> None:
    anchors = Anchors()
    assert [anchors.give("rule", name) for name in ("tls/a", "tls-a", "TLS A", "中文", "…")] == [
        "rule-tls-a", "rule-tls-a-2", "rule-tls-a-3", "rule-x", "rule-x-2",
    ]  # fmt: skip


# --------------------------------------------------------------------------- content


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("mode", ["self", "police"])
def test_sections_come_in_the_agreed_order(mode: str, lang: str) -> None:
    page = Page(RICH[mode, lang])
    order = [
        "duties", "pictures", "duty-details", "findings", "services", "passes", "not-checked", "footprint",
        "authorization", "method", "versions",
    ]  # fmt: skip
    assert [attributes["id"] for attributes in page.all("section") if "id" in attributes] == order
    assert len(page.all("h1")) == 1


def test_heading_levels_never_skip() -> None:
    for document in EVERY.values():
        levels = [int(tag[1]) for tag, _ in Page(document).elements if re.fullmatch(r"h[1-6]", tag)]
        assert all(b - a <= 1 for a, b in itertools.pairwise(levels))


@every_document
def test_tables_have_captions_and_scopes(name: str) -> None:
    page = Page(EVERY[name])
    assert len(page.all("table")) == len(page.all("caption")) == len(page.all("thead"))
    assert all(attributes.get("scope") in ("row", "col") for attributes in page.all("th"))


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("mode", ["self", "police"])
def test_every_finding_duty_service_and_reason_is_in_the_report(mode: str, lang: str) -> None:
    result, page, words = sample.rich(mode), Page(RICH[mode, lang]), Wording(lang)
    text = page.words
    assert result.ledger.outsiders
    assert all(asked in text for asked in result.ledger.outsiders)
    for finding in result.findings:
        assert words.pick(finding.detail) in text
        assert finding.subject_label in text
        if finding.status.deviates:
            assert finding.key in text
            assert " ".join(" ".join(steps(words.pick(finding.remediation))).split()) in text
            assert all(item.fact in text and item.value in text for item in finding.evidence)
    for duty in result.duties:
        assert words.pick(duty.name) in text
        assert words.pick(duty.reason) in text
        assert words.word("duty_status", duty.status) in text
    assert all(service.ip in text for service in result.services)
    for entry in result.not_checked:
        assert entry.subject in text
        assert entry.message in text
        assert words.word("reason", entry.reason) in text
    assert all(run.command in text for run in result.ledger.nmap)
    assert result.ledger.head_hash in text
    assert result.scan.tool.rules in text


def test_why_something_was_not_done_is_said_for_what_it_is() -> None:
    result = sample.rich()
    entries = (
        NotChecked(what="host", subject="203.0.113.9", name="", status="skipped", reason="no_answer"),
        NotChecked(what="target", subject="nowhere.example", name="", status="failed", reason="no_answer"),
        NotChecked(
            what="plugin",
            subject="*",
            name="odd",
            status="failed",
            reason="broken_plugin",
            message="SyntaxError",
        ),
        NotChecked(what="probe", subject="x", name="tls", status="failed", reason=""),
    )
    text = Page(render(dataclasses.replace(result, not_checked=entries))).words
    assert "主机 没有应答 203.0.113.9" in text
    assert "目标 域名没有地址记录 nowhere.example" in text
    assert "检查插件 odd 检查插件无法载入 – SyntaxError" in text
    assert "探测 tls 未记录 x" in text


def test_what_was_seen_on_a_third_party_s_edge_is_said_to_be() -> None:
    words = Page(RICH["self", "zh"]).words
    carried = [finding for finding in sample.rich().findings if finding.hosting is not None]
    assert len(carried) >= 3
    told = words.count("这里看到的是 阿里云 CDN（内容分发）的节点，不是运营者自己的机器")
    shown = [finding for finding in carried if finding.status is not Status.PASS]
    assert told == len(shown) + 1, "beside each finding, and at the service"
    assert "www.example.cn → www.example.cn.w.kunlunaq.com" in words
    assert "声明由第三方承载的地址" in words
    assert (
        "识别不一致：zijian 识别为“http (TLS) nginx 1.18.0”，nmap 识别为“http-proxy (TLS) Squid http proxy”"
        in words
    )
    assert (
        "an edge of Alibaba Cloud CDN (content delivery), not on the operator's own machine"
        in Page(RICH["self", "en"]).words
    )


def test_the_tables_that_judged_are_named_and_an_old_one_is_said_to_be() -> None:
    words = Page(RICH["self", "zh"]).words
    assert "产品维护期表，2025-10-01，29 项" in words
    assert "由 张三 于" in words
    assert "比检测早一年以上" in words


def test_titles_and_the_line_on_what_a_police_report_is() -> None:
    assert "网络安全自检报告" in RICH["self", "zh"]
    police = Page(RICH["police", "zh"]).words
    assert "远程检测报告" in police
    assert "本报告是制作《监督检查记录》的材料" in police
    assert "不对是否违法作出认定" in police
    assert "违法" not in police.replace("违法信息", "").replace("不对是否违法作出认定", "").replace(
        "不表示已经构成违法", ""
    ).replace("是否构成违法，由公安机关依法认定", "").replace("查处违法", "")


def test_authorisation_is_printed_in_full() -> None:
    police = Page(RICH["police", "zh"]).words
    for wanted in (
        "某市公安局网络安全保卫支队", "某公网安检通字〔2026〕第12号", "2026年11月18日", "2026-11-23 09:00:00", "2026-11-23 17:00:00",
        "张警官", "012345", "李警官", "012346", "某网络安全服务有限公司", "赵工", "CISP-0001", "某保护工作部门授权函〔2026〕3号",
        "203.0.113.20/31", "203.0.113.25", "ab" * 32, "198.51.100.7", "在检查对象网络外部",
    ):  # fmt: skip
        assert wanted in police, wanted
    assert "王小明 声明有权检测" in Page(RICH["self", "zh"]).words


def test_law_is_quoted_only_where_its_text_was_seen() -> None:
    result = sample.rich()
    page = Page(RICH["self", "zh"])
    quoted = len(page.all("blockquote"))
    own = [
        item
        for duty in result.duties
        if duty.status is not DutyStatus.NOT_APPLICABLE
        for item in duty.citations
        if item.text is not None
    ]
    in_place = sum(item.role is CitationRole.DUTY for item in own)
    once = {(item.instrument_key, item.article) for item in own if item.role is not CitationRole.DUTY}
    assert quoted == in_place + len(once) > 1
    silent = dataclasses.replace(
        result,
        duties=tuple(
            dataclasses.replace(
                duty, citations=tuple(dataclasses.replace(c, text=None) for c in duty.citations)
            )
            for duty in result.duties
        ),
    )
    page = Page(render(silent))
    assert page.all("blockquote") == []
    assert "未附条文原文，请对照官方文本" in page.words


def test_former_numbers_former_basis_and_notes_are_shown() -> None:
    text = Page(RICH["self", "zh"]).words
    assert "原第二十一条第（二）项" in text
    assert "原依据（已不是现行依据）" in text
    assert "《公安机关互联网安全监督检查规定》第十条第（四）项" in text
    assert "该办法的条文原文尚未录入" in text


def test_repealed_law_is_never_in_the_table_as_basis() -> None:
    table = RICH["self", "zh"].split('id="duties"')[1].split('id="pictures"')[0]
    assert "互联网安全监督检查规定" not in table


def test_refuted_findings_are_marked_and_not_counted() -> None:
    result = sample.rich()
    one = next(finding for finding in result.findings if finding.check == "web/git-exposed")
    refuted = dataclasses.replace(one, confirmation=Confirmation.REFUTED)
    document = render(
        dataclasses.replace(result, findings=tuple(refuted if f is one else f for f in result.findings))
    )
    first = document.split('id="first-title"')[1].split("</section>")[0]
    assert "rule-web-git-exposed" not in first
    assert "经核实不成立" in document.split('id="rule-web-git-exposed"')[1].split("</summary>")[0]


def test_second_look_and_ledger_numbers_are_told() -> None:
    text = Page(RICH["self", "zh"]).words
    assert "隔一段时间再看一次，结果一致" in text
    assert "31–34、160" in text


def test_an_empty_scan_claims_nothing() -> None:
    text = Page(EVERY["empty"]).words
    assert "没有检查到任何服务或者域名，不能据此得出任何结论" in text
    assert "扫描没有完成" in text
    assert "没有发现不符合" not in text


def test_status_is_never_colour_alone() -> None:
    for document in RICH.values():
        for badge in re.findall(r'<span class="st st-[a-z_]+">(.*?)</span>', document):
            assert "<svg" in badge


@pytest.mark.parametrize("value", [None, Text("甲", "a")])
def test_a_template_that_prints_a_missing_value_fails(value: Any) -> None:
    from reports.html.document import _environment

    with pytest.raises(TypeError):
        _environment().from_string("{{ x }}").render(x=value)


def test_there_is_no_other_language() -> None:
    with pytest.raises(ValueError, match="fr"):
        render(sample.rich(), "fr")


def test_same_result_same_document() -> None:
    assert render(sample.rich()) == render(sample.rich())


# --------------------------------------------------------------------------- facts


def _count(entries: tuple[Entry, ...]) -> int:
    return sum(1 + _count(entry.children) for entry in entries)


def test_facts_are_labelled_and_the_undetermined_set_apart() -> None:
    words = Wording("zh")
    (tls,) = fact_entries(
        {"tls": {"protocols": ["TLSv1.2"], "compression": False, "ems": None, "alpn": []}}, words
    )
    assert [(entry.label, entry.value) for entry in tls.children] == [
        ("接受的协议版本", "TLSv1.2"),
        ("压缩", "否"),
        ("没有", "应用层协议（ALPN）"),
        ("未确定", "扩展主密钥"),
    ]


def test_facts_of_any_size_and_depth_are_cut() -> None:
    words = Wording("en")
    deep: Any = "end"
    for _ in range(500):
        deep = {"in": deep}
    wide = {str(number): {"a": [{"b": number}] * 50} for number in range(5000)}
    for facts in ({"x": deep}, {"x": wide}, {"x": ["y" * 100_000] * 1000}, {"x": "z" * 1_000_000}):
        entries = fact_entries(facts, words)
        assert _count(entries) < 2 * ENTRIES
        assert all(len(entry.value) < 40 * (CHARACTERS + 40) for entry in entries)
    assert re.search(r"and 49\d\d more, see result.json", render_facts(wide))


def render_facts(facts: dict[str, Any]) -> str:
    result = sample.rich()
    service = dataclasses.replace(result.services[0], facts={"odd": facts})
    return render(dataclasses.replace(result, services=(service, *result.services[1:])), "en")


def test_private_looking_blocks_are_not_repeated() -> None:
    assert "-----BEGIN" not in RICH["self", "zh"]


# --------------------------------------------------------------------------- pictures


def test_pictures_count_what_the_text_counts() -> None:
    result, words = sample.rich(), Wording("zh")
    drawn = charts(result, digest(result), words)
    assert [(bar.label, bar.figure) for bar in drawn.severities] == [
        ("严重", "1"),
        ("高危", "6"),
        ("中危", "4"),
        ("低危", "5"),
    ]
    assert sum(int(bar.figure) for bar in drawn.services) == len(result.services)
    assert [(bar.label, bar.kind) for bar in drawn.certificates] == [
        ("CN=mail.example.cn", "expired"),
        ("CN=www.example.cn", "soon"),
    ]
    assert "267" in drawn.certificates[0].figure
    assert drawn.connections is not None
    assert len(drawn.connections.columns) == 10
    assert drawn.connections.peak == 31


def test_both_certificates_of_tlcp_are_in_the_picture() -> None:
    """The pair, wherever the authority's certificate stands among those sent."""
    result = sample.rich()
    dates = {"not_before": "2026-01-01T00:00:00Z", "not_after": "2027-06-01T00:00:00Z"}
    pair = [
        {"sha256": "a", "subject": "CN=a", "is_ca": False, **dates},
        {"sha256": "b", "subject": "CN=CA", "is_ca": True, **dates},
        {"sha256": "c", "subject": "CN=c", "is_ca": False, **dates},
    ]
    service = dataclasses.replace(result.services[0], facts={"tls": {"tlcp_certificates": pair}})
    drawn = charts(dataclasses.replace(result, services=(service,)), digest(result), Wording("zh"))
    assert [bar.label for bar in drawn.certificates] == ["CN=a（TLCP 签名）", "CN=c（TLCP 加密）"]


def test_pictures_stay_within_their_frames() -> None:
    for make in (sample.rich, sample.hostile, sample.empty):
        result = make()
        drawn = charts(result, digest(result), Wording("en"))
        for bar in (*drawn.severities, *drawn.services, *drawn.certificates):
            for part in bar.segments:
                assert 0 <= part.start <= 100
                assert 0 < part.length <= 100
                assert part.start + part.length <= 101
        if drawn.connections:
            assert all(0 < column.length <= 100 for column in drawn.connections.columns)


@pytest.mark.parametrize("minutes", [1, 60, 100_000])
def test_long_scans_join_minutes_and_lose_no_connection(minutes: int) -> None:
    result = sample.rich()
    per_minute = {
        f"2026-{1 + (number // 40000):02d}-{1 + (number // 1440) % 28:02d}T{(number // 60) % 24:02d}:{number % 60:02d}Z": 1
        for number in range(minutes)
    }
    ledger = dataclasses.replace(result.ledger, per_minute={**per_minute, "not a time": 5})
    result = dataclasses.replace(result, ledger=ledger)
    drawn = charts(result, digest(result), Wording("zh")).connections
    assert drawn is not None
    assert len(drawn.columns) <= 120
    assert sum(int(column.kind.partition("：")[2].removesuffix(" 次")) for column in drawn.columns) == len(
        per_minute
    )


@pytest.mark.parametrize(
    "leaf",
    [
        {"not_before": "9999-12-31T23:59:59Z", "not_after": "0001-01-01T00:00:00Z"},
        {"not_before": "0001-01-01T00:00:00Z", "not_after": "9999-12-31T23:59:59Z"},
        {"not_before": "x", "not_after": None},
        {"not_before": 5, "not_after": []},
        "not a certificate",
        None,
    ],
)
def test_odd_certificates_do_not_break_the_picture(leaf: Any) -> None:
    result = sample.rich()
    service = dataclasses.replace(result.services[0], facts={"tls": {"certificates": [leaf]}})
    render(dataclasses.replace(result, services=(service,)))


# --------------------------------------------------------------------------- looks


def _luminance(colour: str) -> float:
    parts = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _contrast(one: str, other: str) -> float:
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _palettes() -> list[dict[str, str]]:
    style = (HERE / "report.css").read_text()
    blocks = re.findall(r":root \{(.*?)\}", style, re.S)
    found = []
    for block in blocks:
        tokens = dict(re.findall(r"--([a-z-]+): (#[0-9a-fA-F]{3,6})", block))
        found.append(
            {
                name: value if len(value) == 7 else "#" + "".join(c * 2 for c in value[1:])
                for name, value in tokens.items()
            }
        )
    return found


def test_contrast_meets_wcag_aa_in_light_dark_and_print() -> None:
    palettes = _palettes()
    assert len(palettes) == 3
    for tokens in palettes:
        grounds = ("paper", "card", "accent-wash", "quote", "none-wash")
        pairs = [(text, ground) for text in ("ink", "soft", "accent") for ground in grounds]
        pairs += [
            (name, ground)
            for name in ("fail", "warn", "pass", "person", "none")
            for ground in ("paper", "card")
        ]
        pairs += [(name, f"{name}-wash") for name in ("fail", "warn", "pass", "person", "none")]
        pairs += [("ink", "pass-wash"), ("soft", "pass-wash")]
        pairs += [("on-sev", name) for name in ("critical", "high", "medium", "low", "info")]
        for text, ground in pairs:
            assert _contrast(tokens[text], tokens[ground]) >= 4.5, (
                text,
                ground,
                tokens[text],
                tokens[ground],
            )
        for drawn in ("quietly", "high", "medium", "critical", "low", "info"):
            assert _contrast(tokens[drawn], tokens["card"]) >= 3, drawn


def test_large_result_keeps_one_line_per_place() -> None:
    result = sample.large()
    document = render(result)
    rows = document.count('data-status="fail"') + document.count('data-status="warn"')
    assert rows == sum(finding.status.deviates for finding in result.findings)
    assert document.count('<details class="rule fold"') < 40
    assert document.count('<details class="ev" open') < 100
    assert len(document) < 25_000_000


def test_statuses_of_the_sample_cover_the_model() -> None:
    assert {finding.status for finding in sample.rich().findings} == set(Status)
    assert {duty.status for duty in sample.rich().duties} == set(DutyStatus)
    assert len({duty.key for duty in sample.rich().duties}) == 24
    assert any(isinstance(f.references[0], Reference) for f in sample.rich().findings if f.references)
