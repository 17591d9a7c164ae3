"""Filing rules on facts alone: every declared outcome, and what a home page cannot show."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from checks.filing.divisions import PROVINCES, divisions, place
from checks.model import Severity, Status
from checks.registry import builtin, faults
from checks.runner import judge_one
from reports.assessment import assess_duties
from reports.result import DutyStatus
from scanner.facts import Endpoint, FilingFacts, HttpFacts, ServiceFacts
from scanner.http_page import _PROVINCES, Page
from tests.checks.judging import every_outcome_is_tried, findings, outcomes, rule, service, settings

NAME = "www.example.cn"
PAGE = HttpFacts(
    status=200,
    url="https://www.example.cn/",
    final_url="https://www.example.cn/",
    https=True,
    headers={"content-type": "text/html; charset=utf-8"},
)
ICP, MPS = "京ICP备12345678号-1", "京公网安备11010102001234号"
ICP_LINK = "https://beian.miit.gov.cn/"
MPS_LINK = "https://beian.mps.gov.cn/#/query/webSearch?code=11010102001234"


def shows(**filing: object) -> HttpFacts:
    return replace(PAGE, filing=FilingFacts(**filing))  # type: ignore[arg-type]


def asked(facts: HttpFacts, name: str | None = NAME) -> ServiceFacts:
    made = service(facts, tls=True, protocol="http")
    return replace(made, endpoint=Endpoint(ip=made.endpoint.ip, port=443, name=name))


CASES: list[tuple[str, list[str], ServiceFacts]] = []


def case(rule_id: str, outcome: str | list[str], *subjects: HttpFacts | ServiceFacts) -> None:
    wanted = [outcome] if isinstance(outcome, str) else outcome
    CASES.extend(
        (rule_id, wanted, asked(subject) if isinstance(subject, HttpFacts) else subject)
        for subject in subjects
    )


for _rule, _filing in (
    ("filing/icp-number-shown", {"icp": (ICP,)}),
    ("filing/mps-number-shown", {"mps": (MPS,)}),
):
    _shown = shows(**_filing)
    case(_rule, "shown", _shown, asked(_shown, None), asked(_shown, "oa.corp"), replace(_shown, status=404))
    case(_rule, "shown", shows(**_filing, script_rendered=True), replace(_shown, truncated=True))
    case(_rule, "missing", PAGE)
    case(_rule, "no_domain", asked(PAGE, None), asked(PAGE, "198.41.0.4"), asked(PAGE, "2001:db8::1"))
    case(_rule, "no_domain", asked(replace(PAGE, status=404), None))
    case(_rule, "no_page", replace(PAGE, status=502), replace(PAGE, status=None), replace(PAGE, status=302))
    case(_rule, "no_page", replace(PAGE, status=403, headers={"content-type": "text/plain"}))
    case(_rule, "script_rendered", shows(script_rendered=True))
    case(_rule, "script_rendered", shows(in_script=(_rule[7:10],)))
    case(_rule, "missing", shows(in_script=("mps" if "icp" in _rule else "icp",)))
    case(_rule, "link_only", shows(**{f"{_rule[7:10]}_link": "//beian.mps.gov.cn/"}, script_rendered=True))
    case(_rule, "page_cut", replace(PAGE, truncated=True))
case("filing/icp-number-shown", "missing", shows(icp=("京ICP备XXXXXXXX号",)))
case("filing/icp-number-shown", "shown", shows(icp=("粤B2-20090059",)), shows(icp=("ICP备12345678号",)))
case(
    "filing/icp-number-malformed",
    "placeholder",
    shows(icp=("京ICP备XXXXXXXX号-1",)),
    shows(icp=("ICP备****号",)),
)
case(
    "filing/icp-number-malformed",
    "no_province",
    shows(icp=("ICP备12345678号",)),
    shows(icp=("站ICP备12345678",)),
)
case(
    "filing/icp-number-malformed",
    "unusual_length",
    shows(icp=("京ICP备1234567号",)),
    shows(icp=("京ICP证000301731",)),
)
case(
    "filing/icp-number-malformed",
    "well_formed",
    *(
        shows(icp=(number,))
        for number in (
            ICP,
            "沪ICP备2021012345号-12A",
            "京ICP证030173号",
            "浙ICP备B2-20080224号",
            "合字B1.B2-20210001",
        )
    ),
)
case("filing/mps-number-shown", "shown_malformed", shows(mps=("京公网安备123号",)))
case("filing/mps-number-shown", "shown", shows(mps=("京公网安备123号", MPS)))

case("filing/mps-number-malformed", "well_formed", shows(mps=(MPS,)), shows(mps=("11010102001234",)))
case("filing/mps-number-malformed", "well_formed", shows(mps=("公网安备65010102001234号",)))
case("filing/mps-number-malformed", "well_formed", asked(shows(mps=(MPS,)), None))
case(
    "filing/mps-number-malformed",
    "wrong_length",
    shows(mps=("京公网安备1101010200号",)),
    shows(mps=("京公网安备XXXXXXXXXXXXXX号",)),
    shows(mps=("京公网安备110101020012345号",)),
    shows(mps=("京公网安备号",)),
    shows(mps=("京公网安备1101010200123４号",)),
    shows(mps=(MPS, "京公网安备1号")),
)
case(
    "filing/mps-number-malformed",
    "older_form",
    shows(mps=("京公海网安备110108000829号",)),
    shows(mps=("京公网安备110105013098",)),
    shows(mps=("京公网安备1101010200123号",)),
)
for _code in ("00", "10", "16", "24", "38", "47", "55", "66", "71", "81", "82", "99"):
    case("filing/mps-number-malformed", "unknown_province", shows(mps=(f"京公网安备{_code}010102001234号",)))
case("filing/mps-number-malformed", "unknown_division", shows(mps=("苏公网安备32059002001541号",)))
for _old in ("110103", "500157", "653229", "110000"):
    case("filing/mps-number-malformed", "well_formed", shows(mps=(f"公网安备{_old}02001234号",)))
case("filing/mps-number-malformed", "province_differs", shows(mps=("沪公网安备11010102001234号",)))
case(
    "filing/mps-number-malformed",
    ["wrong_length", "province_differs"],
    shows(mps=("京公网安备1号", MPS, "粤公网安备11010102001234号")),
)

case("filing/filing-link", "icp_unlinked", shows(icp=(ICP,)))
case("filing/filing-link", "icp_unlinked", shows(icp=(ICP,), icp_link="http://www.miitbeian.gov.cn/"))
case("filing/filing-link", "icp_unlinked", shows(icp=(ICP,), icp_link="http://[broken"))
case("filing/filing-link", "icp_unlinked", shows(icp=(ICP,), icp_link="https://beian.miit.gov.cn.evil.cn/"))
case("filing/filing-link", "mps_unlinked", shows(mps=(MPS,)))
case("filing/filing-link", ["icp_unlinked", "mps_unlinked"], shows(icp=(ICP,), mps=(MPS,)))
case("filing/filing-link", "cut", replace(shows(icp=(ICP,), mps=(MPS,)), truncated=True))
case("filing/filing-link", "linked", shows(icp=(ICP,), icp_link=ICP_LINK, mps=(MPS,), mps_link=MPS_LINK))
case("filing/filing-link", "linked", shows(mps=(MPS,), mps_link="//www.beian.gov.cn/portal"))
case("filing/filing-link", "linked", shows(icp=(ICP,), icp_link="beian.miit.gov.cn"))


@pytest.mark.parametrize(("rule_id", "wanted", "subject"), CASES)
def test_outcome(rule_id: str, wanted: list[str], subject: ServiceFacts) -> None:
    assert outcomes(rule_id, subject) == wanted


IDS = sorted(loaded.rule.id for loaded in builtin() if loaded.rule.family == "filing")


def test_every_declared_outcome_is_tried() -> None:
    assert len(IDS) == 5
    every_outcome_is_tried(set(IDS), [(rule_id, name) for rule_id, names, _ in CASES for name in names])


@pytest.mark.parametrize("rule_id", IDS)
def test_every_rule_keeps_the_form_and_accuses_nobody(rule_id: str) -> None:
    loaded = next(loaded for loaded in builtin() if loaded.rule.id == rule_id)
    assert faults(loaded.rule, loaded.page) == []
    assert loaded.rule.duties == ("filing",)
    for declared in loaded.rule.outcomes.values():
        assert declared.status is not Status.FAIL
        assert declared.severity.rank <= Severity.LOW.rank


@pytest.mark.parametrize("province", [11, 12, 13, 14, 15, 21, 22, 23, *range(31, 38), *range(41, 47)])
def test_codes_of_the_east_and_the_middle(province: int) -> None:
    assert outcomes("filing/mps-number-malformed", asked(shows(mps=(f"{province}010102001234",)))) == [
        "well_formed"
    ]


@pytest.mark.parametrize("province", [*range(50, 55), *range(61, 66)])
def test_codes_of_the_west(province: int) -> None:
    assert outcomes("filing/mps-number-malformed", asked(shows(mps=(f"{province}010102001234",)))) == [
        "well_formed"
    ]


def test_the_number_is_in_the_sentence_and_in_the_evidence() -> None:
    for rule_id, filing, number in (
        ("filing/icp-number-shown", {"icp": (ICP,)}, ICP),
        ("filing/mps-number-shown", {"mps": (MPS,)}, MPS),
    ):
        (finding,) = findings(rule_id, asked(shows(**filing)))
        assert number in finding.detail.zh
        assert number in finding.detail.en
        assert finding.evidence[0].value == number


@pytest.mark.parametrize("rule_id", IDS)
@pytest.mark.parametrize("name", ["localhost", "oa", "oa.corp", "git.internal.", "nas.local"])
def test_names_that_only_an_inner_network_knows_need_none(rule_id: str, name: str) -> None:
    assert outcomes(rule_id, asked(PAGE, name)) == []


@pytest.mark.parametrize("rule_id", IDS)
def test_answers_for_programs_need_none(rule_id: str) -> None:
    assert outcomes(rule_id, asked(replace(PAGE, headers={"content-type": "application/json"}))) == []


def test_rules_on_form_have_no_say_without_a_number() -> None:
    assert outcomes("filing/mps-number-malformed", asked(shows(icp=(ICP,)))) == []
    assert outcomes("filing/filing-link", asked(PAGE)) == []
    assert rule("filing/filing-link").worst is Status.WARN


def test_a_page_made_by_script_leaves_the_duty_to_be_verified_on_site() -> None:
    subject = asked(shows(script_rendered=True))
    made = [judge_one(rule(rule_id), subject, settings) for rule_id in IDS]
    duties = assess_duties(
        [finding for found, _ in made for finding in found],
        [run for _, run in made if run is not None],
        law_date=date(2026, 11, 20),
        mode="self",
    )
    assert {duty.key: duty.status for duty in duties}["filing"] is DutyStatus.VERIFY_ON_SITE


def test_the_place_of_a_number_is_told() -> None:
    (finding,) = findings("filing/mps-number-malformed", asked(shows(mps=("京公网安备11010302001234号",))))
    assert "北京市崇文区" in finding.detail.zh


def test_the_table_of_divisions_is_what_it_says() -> None:
    table = divisions()
    assert len(table) > 4000
    assert all(len(code) == 6 and code.isdigit() for code in table)
    assert {code[:2] for code in table} == set(PROVINCES.values())
    assert set(_PROVINCES) == set(PROVINCES), "the page is read for the short names that are known"
    assert place("440304") == "广东省深圳市福田区"
    assert place("320590") is None


# ------------------------------------------------------------------ what is read from a page


def read(html: str) -> FilingFacts:
    return Page(html.encode(), "text/html; charset=utf-8", "https://www.example.cn/").filing


@pytest.mark.parametrize(
    ("html", "wanted"),
    [
        ("京ICP备12345678号-1", "京ICP备12345678号-1"),
        ("<p>京ICP备 12345678 号 - 12</p>", "京ICP备12345678号-12"),
        ("京ICP备<b>1234</b><i>5678</i>号", "京ICP备12345678号"),
        ("京ＩＣＰ备１２３４５６７８号－１", "京ICP备12345678号-1"),
        ("京ICP备一二三四五六七八号", "京ICP备12345678号"),
        ("沪icp备&#8203;2021012345&shy;号", "沪ICP备2021012345号"),
        ("备案号：沪ICP备05012345", "沪ICP备05012345"),
        ("京ICP证030173号", "京ICP证030173号"),
        ("浙ICP备案:B2-20080224", "浙ICP备B2-20080224"),
        ("增值电信业务经营许可证：粤B2-20090059", "粤B2-20090059"),
        ("经营许可证编号：合字B1.B2-20210001", "合字B1.B2-20210001"),
        ("京ICP备XXXXXXXX号", "京ICP备XXXXXXXX号"),
        ('<img src=a alt="京ICP备12345678号">', "京ICP备12345678号"),
        ('<a href="/" title="京ICP备12345678号">备案</a>', "京ICP备12345678号"),
    ],
)
def test_icp_numbers_are_read(html: str, wanted: str) -> None:
    assert read(f"<body>{html}</body>").icp == (wanted,)


@pytest.mark.parametrize(
    ("html", "wanted"),
    [
        ("京公网安备 11010102001234号", "京公网安备11010102001234号"),
        ("京公网安备11010102001234", "京公网安备11010102001234"),
        ("<span>京</span>公网安备 <b>110101</b><b>02001234</b> 号", "京公网安备11010102001234号"),
        ("京公网安备１１０１０１０２００１２３４号", "京公网安备11010102001234号"),
        ("京公网安备：11010102001234号", "京公网安备11010102001234号"),
        ("京公海网安备110108000829号", "京公海网安备110108000829号"),
        ("粤公网安备XXXXXXXXXXXXXX号", "粤公网安备XXXXXXXXXXXXXX号"),
        ('<img src=a alt="沪公网安备 31010102001234号">', "沪公网安备31010102001234号"),
        (f'<a href="{MPS_LINK}"><img src=a></a>', "11010102001234"),
        (
            '<a href="http://www.beian.gov.cn/portal/registerSystemInfo?recordcode=11010102001234">.</a>',
            "11010102001234",
        ),
    ],
)
def test_public_security_numbers_are_read(html: str, wanted: str) -> None:
    assert read(f"<body>{html}</body>").mps == (wanted,)


@pytest.mark.parametrize(
    "html",
    [
        "ICP备案查询", "ICP备案号：办理中", "ICP 备 案", "网安备案 2020 年", "TCP备12345678", "公网安备案指南",
        "型号 AB2-20090059", "<script>var a = 1</script>", "<!-- 京ICP备12345678号 -->",
    ],
)  # fmt: skip
def test_what_is_no_number_is_not_taken_for_one(html: str) -> None:
    facts = read(f"<body>{html}{'我们的服务' * 60}</body>")
    assert (facts.icp, facts.mps, facts.script_rendered) == ((), (), False)


@pytest.mark.parametrize(
    "html", ["<div id=app></div><script src=/app.js></script>", "<iframe src=/inner></iframe>"]
)
def test_pages_made_by_script_are_told(html: str) -> None:
    facts = read(f"<body>{html}</body>")
    assert (facts.icp, facts.mps, facts.script_rendered) == ((), (), True)


@pytest.mark.parametrize(
    ("script", "kinds"),
    [
        ("document.write('京ICP备12345678号')", ("icp",)),
        (r'window.__DATA__={"icp":"\u4eacICP\u590712345678\u53f7"}', ("icp",)),
        (r'{"mps":"\u4eac\u516c\u7f51\u5b89\u5907 11010102001234"}', ("mps",)),
        ("write('京ICP备12345678号 京公网安备11010102001234号')", ("icp", "mps")),
        ("var a = 1", ()),
    ],
)
def test_numbers_that_scripts_write_are_told(script: str, kinds: tuple[str, ...]) -> None:
    facts = read(f"<body>{'我们的服务' * 60}<script>{script}</script></body>")
    assert (facts.icp, facts.mps, facts.script_rendered, facts.in_script) == ((), (), False, kinds)
