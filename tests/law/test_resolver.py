"""Which law on which day."""

from __future__ import annotations

from datetime import date

import pytest

from reports.law.corpus import Instrument, LawLookupError, load
from reports.law.position import Position
from reports.law.resolver import citations, cited_addresses, instruments_in_force, threshold_value, thresholds
from reports.result import Citation, CitationRole

CORPUS = load()
LAST_OF_2016_TEXT, FIRST_OF_2025_TEXT = date(2025, 12, 31), date(2026, 1, 1)
LAST_OF_151, FIRST_OF_176 = date(2026, 9, 30), date(2026, 10, 1)
DAYS = [
    date(2018, 11, 1),
    date(2024, 6, 1),
    LAST_OF_2016_TEXT,
    FIRST_OF_2025_TEXT,
    LAST_OF_151,
    FIRST_OF_176,
    date(2026, 11, 23),
]


def written(cited: tuple[Citation, ...], role: CitationRole | None = None) -> list[str]:
    return [
        f"{one.instrument_key}-{one.version}:{one.article}"
        for one in cited
        if one.in_force and role in (None, one.role)
    ]


@pytest.mark.parametrize("on", DAYS)
@pytest.mark.parametrize("key", list(CORPUS.duties))
def test_every_duty_resolves_on_every_day(key: str, on: date) -> None:
    cited = citations(key, on, critical_infrastructure=True)
    roles = [one.role for one in cited]
    assert CitationRole.INSPECTION in roles
    assert CitationRole.DUTY in roles or on < date(2026, 1, 1)
    assert roles == sorted(roles, key=list(CitationRole).index)
    for one in cited:
        instrument = CORPUS.instruments[f"{one.instrument_key}-{one.version}"]
        assert one.instrument == instrument.head.title
        assert one.in_force == instrument.in_force(on)
        assert (one.text is not None) == one.verified
        if one.text is None:
            assert one.note is not None, "what has no words says why"
        if one.article:
            assert instrument.passage(Position.parse(one.article)).label == one.article


@pytest.mark.parametrize("key", list(CORPUS.duties))
def test_duty_and_penalty_are_known_since_2025(key: str) -> None:
    for on in (LAST_OF_2016_TEXT, FIRST_OF_2025_TEXT, FIRST_OF_176):
        roles = {one.role for one in citations(key, on)}
        assert CitationRole.DUTY in roles
        assert CitationRole.PENALTY in roles or CORPUS.duties[key].penalty_note


def test_the_amended_law_takes_over_on_new_year() -> None:
    before = citations("log_retention", LAST_OF_2016_TEXT)
    after = citations("log_retention", FIRST_OF_2025_TEXT)
    assert "csl-2016:第二十一条第（三）项" in written(before, CitationRole.DUTY)
    assert "csl-2016:第五十九条第一款" in written(before, CitationRole.PENALTY)
    assert not any(one.startswith("csl-2025") for one in written(before))
    assert "csl-2025:第二十三条第（三）项" in written(after, CitationRole.DUTY)
    assert "csl-2025:第六十一条第一款" in written(after, CitationRole.PENALTY)
    assert not any(one.startswith("csl-2016") for one in written(after))
    assert "mps-151-2018:第十条第（三）项" in written(before, CitationRole.INSPECTION)
    assert "mps-151-2018:第十条第（三）项" in written(after, CitationRole.INSPECTION)
    assert (
        next(one for one in after if one.article == "第二十三条第（三）项").former == "原第二十一条第（三）项"
    )
    assert all(one.former == "" for one in before)


@pytest.mark.parametrize("key", list(CORPUS.duties))
def test_order_176_takes_over_from_order_151(key: str) -> None:
    before, after = citations(key, LAST_OF_151), citations(key, FIRST_OF_176)
    old = [one for one in before if one.instrument_key == "mps-151"]
    assert all(one.in_force for one in old)
    assert not [one for one in before if one.instrument_key == "mps-176"]

    (named,) = [one for one in after if one.instrument_key == "mps-176"]
    assert named.in_force
    assert (named.article, named.text, named.verified) == ("", None, False)
    assert named.note is not None
    assert "未收录其条文" in named.note.zh

    shown = [one for one in after if one.instrument_key == "mps-151"]
    assert [one.article for one in shown] == [
        one.article for one in old if one.role is CitationRole.INSPECTION
    ]
    for one in shown:
        assert not one.in_force
        assert one.role is CitationRole.INSPECTION
        assert one.note is not None
        assert "原依据" in one.note.zh
        assert "公安部令第176号" in one.note.zh
        assert "2026年10月1日" in one.note.zh


def test_an_amended_version_is_not_shown_as_former_basis() -> None:
    """Renumbering is told by ``former``; only what another instrument repealed is 原依据."""
    for key in CORPUS.duties:
        for on in DAYS:
            assert not [one for one in citations(key, on) if not one.in_force and one.instrument_key == "csl"]


def test_former_basis_only_while_the_repealing_instrument_is_in_force() -> None:
    assert not [one for one in citations("filing", date(2018, 10, 31)) if one.instrument_key == "mps-151"]


def test_critical_infrastructure_adds_its_own_law() -> None:
    plain = written(citations("mlps", FIRST_OF_176))
    more = written(citations("mlps", FIRST_OF_176, critical_infrastructure=True))
    assert "csl-2025:第三十六条" not in plain
    assert "csl-2025:第三十六条" in more
    assert "csl-2025:第六十一条第二款" in more
    assert set(plain) <= set(more)
    scanning = citations("vulnerability_handling", FIRST_OF_176, critical_infrastructure=True)
    assert "sc-745-2021:第三十一条" in written(scanning, CitationRole.INSPECTION)


def test_nothing_is_cited_twice() -> None:
    for key in CORPUS.duties:
        cited = citations(key, FIRST_OF_176, critical_infrastructure=True)
        marks = [(one.instrument_key, one.version, one.article, one.role) for one in cited]
        assert len(marks) == len(set(marks))


def test_laws_are_not_cited_before_they_begin() -> None:
    assert "cac-incident-2025:第二条" not in written(citations("incident_reporting", date(2025, 10, 31)))
    assert "cac-incident-2025:第二条" in written(citations("incident_reporting", date(2025, 11, 1)))
    assert "pipl-2021:第五十一条" not in written(citations("personal_information", date(2021, 10, 31)))
    assert "pipl-2021:第五十一条" in written(citations("personal_information", date(2021, 11, 1)))


def test_instruments_in_force_are_those_of_the_day() -> None:
    def names(found: tuple[Instrument, ...]) -> set[str]:
        return {f"{one.head.key}-{one.head.version}" for one in found}

    before, after = instruments_in_force(LAST_OF_151), instruments_in_force(FIRST_OF_176, corpus=CORPUS)
    assert names(before) - names(after) == {"mps-151-2018"}
    assert names(after) - names(before) == {"mps-176-2026"}


def test_every_address_of_the_catalogue_is_named_with_its_duty_and_role() -> None:
    found = set(cited_addresses(CORPUS))
    assert ("log_retention", CitationRole.DUTY, "csl-2025:第二十三条第（三）项") in found
    assert {duty for duty, _, _ in found} == set(CORPUS.duties)
    assert {role for _, role, _ in found} == set(CitationRole)
    common = {address for role in CitationRole for address in getattr(CORPUS.common, role.value)}
    for key, duty in CORPUS.duties.items():
        own = {
            address
            for role in CitationRole
            for cites in (duty.cites, duty.cii)
            for address in getattr(cites, role.value)
        }
        assert {address for one, _, address in found if one == key} == own | common


def test_an_unknown_duty_is_refused_with_the_names_there_are() -> None:
    with pytest.raises(LawLookupError, match=r"no duty is called 'nope'.*log_retention"):
        citations("nope", FIRST_OF_176)


# --------------------------------------------------------------------------- numbers


def test_numbers_that_rules_rest_on() -> None:
    held = thresholds(date(2026, 11, 23))
    assert {
        "log_retention_months": 6,
        "rsa_min_bits": 2048,
        "ec_min_bits": 224,
        "dh_min_bits": 2048,
        "certificate_expiry_warning_days": 30,
        "hsts_min_age_seconds": 180 * 86400,
        "officers_min": 2,
        "mps_filing_digits": 14,
        "incident_report_hours_cii": 1,
    }.items() <= held.items()


@pytest.mark.parametrize(
    ("on", "days"),
    [
        (date(2020, 8, 31), 825),
        (date(2020, 9, 1), 398),
        (date(2026, 3, 14), 398),
        (date(2026, 3, 15), 200),
        (date(2027, 3, 15), 100),
        (date(2029, 3, 14), 100),
        (date(2029, 3, 15), 47),
    ],
)
def test_certificate_validity_follows_its_schedule(on: date, days: int) -> None:
    assert thresholds(on)["certificate_max_days"] == days


def test_a_schedule_is_there_whole_on_any_day() -> None:
    for on in DAYS:
        held = thresholds(on)
        assert held["certificate_max_days@"] == 825
        assert held["certificate_max_days@2020-09-01"] == 398
        assert held["certificate_max_days@2026-03-15"] == 200


def test_a_number_is_absent_before_its_law() -> None:
    assert "log_retention_months" not in thresholds(date(2017, 5, 31))
    assert "incident_report_hours_other" not in thresholds(date(2025, 10, 31))
    assert threshold_value(CORPUS.thresholds["log_retention_months"], date(2017, 5, 31)) is None


@pytest.mark.parametrize(("key", "shown"), [("log_retention_months", "不少于六个月"), ("log_backup_days", "六十天"),
                                            ("filing_days", "30日"), ("case_report_hours", "24小时"),
                                            ("incident_report_hours_cii", "1小时"), ("incident_report_hours_state", "2小时")])  # fmt: skip
def test_a_number_of_the_law_stands_in_the_words_cited(key: str, shown: str) -> None:
    for value in CORPUS.thresholds[key].values:
        instrument, place = CORPUS.locate(value.cite, FIRST_OF_176)
        assert place is not None
        assert shown in (instrument.passage(place).text or "")
