"""Filing rules on facts alone: every declared outcome, and what a home page cannot show."""

from __future__ import annotations

from dataclasses import replace

import pytest

from checks.model import Severity, Status
from checks.registry import builtin, faults
from scanner.facts import Endpoint, FilingFacts, HttpFacts, ServiceFacts
from tests.checks.judging import every_outcome_is_tried, findings, outcomes, rule, service

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
    case(_rule, "page_cut", replace(PAGE, truncated=True))
case("filing/mps-number-shown", "shown_malformed", shows(mps=("京公网安备123号",)))
case("filing/mps-number-shown", "shown", shows(mps=("京公网安备123号", MPS)))

case("filing/mps-number-malformed", "well_formed", shows(mps=(MPS,)), shows(mps=("11010102001234",)))
case("filing/mps-number-malformed", "well_formed", shows(mps=("公网安备65010102001234号",)))
case("filing/mps-number-malformed", "well_formed", asked(shows(mps=(MPS,)), None))
case(
    "filing/mps-number-malformed",
    "wrong_length",
    shows(mps=("京公网安备1101010200123号",)),
    shows(mps=("京公网安备110101020012345号",)),
    shows(mps=("京公网安备号",)),
    shows(mps=("京公网安备1101010200123４号",)),
    shows(mps=(MPS, "京公网安备1号")),
)
for _code in ("00", "10", "16", "24", "38", "47", "55", "66", "71", "81", "82", "99"):
    case("filing/mps-number-malformed", "unknown_province", shows(mps=(f"京公网安备{_code}010102001234号",)))
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
    assert len(IDS) == 4
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
