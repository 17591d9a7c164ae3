"""Our connections against a log's lines: what counts as found, by what, when, and under whose address."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from scanner.challenge import Trace
from scanner.facts import LogFacts
from scanner.facts.logs import EarlierMark, LogFileFacts
from scanner.logs.reconcile import reconcile
from scanner.logs.survey import Candidate, Survey

START = datetime(2026, 11, 27, 4, 0, tzinfo=UTC)
NONCE = "0123456789abcdef"
US = "198.51.100.7"
DAY = 86400
Line = tuple[float | None, str]
"""Seconds after START by the log's clock, and the text."""


def trace(seq: int, at: float, port: int = 40000, mark: str = "", lasts: float = 1) -> Trace:
    opened = START + timedelta(seconds=at)
    return Trace(
        seq=seq, protocol="http", remote="192.0.2.1:80", source_ip=US, source_port=port + seq, opened=opened,
        closed=opened + timedelta(seconds=lasts), mark=mark,
    )  # fmt: skip


def log(
    *lines: Line,
    name: str = "access.log",
    form: str = "combined",
    span: tuple[float, float] | None = None,
    fields: Sequence[str] = (),
    zone_assumed: bool = False,
) -> Survey:
    """A log with ``lines`` among others, from ``span[0]`` to ``span[1]``."""
    first, last = (START + timedelta(seconds=second) for second in span) if span else (None, None)
    return Survey(
        LogFileFacts(name=name, format=form, lines=100, octets=9000, first=first, last=last),
        candidates=[
            Candidate(name, number, None if at is None else int(START.timestamp() + at), text.encode())
            for number, (at, text) in enumerate(lines, 1)
        ],
        fields=frozenset(fields),
        zone_assumed=zone_assumed,
    )


def facts(
    traces: Sequence[Trace], *surveys: Survey, earlier: Sequence[tuple[str, str, float]] = ()
) -> LogFacts:
    ran = {scan: ((nonce, f"{nonce}-resumed"), START + timedelta(seconds=at)) for scan, nonce, at in earlier}
    return reconcile("http", traces, [NONCE], surveys, ran)


def found(facts: LogFacts) -> tuple[int, int, tuple[str, ...]]:
    return facts.found, facts.expected, facts.matched_by


# ------------------------------------------------------------------ what is found, and by what


def test_a_connection_is_found_by_its_mark_wherever_its_line_stands() -> None:
    traces = [trace(1, 0, mark=f"{NONCE}-a"), trace(2, 10, mark=f"{NONCE}-b"), trace(3, 20)]
    seen = facts(traces, log((10, f"GET /{NONCE}-b"), (0, f"GET /{NONCE}-a")))
    assert found(seen) == (2, 3, ("mark",))
    assert seen.missing == ("3 2026-11-27T04:00:20Z",)
    assert seen.evidence == (f"access.log:2: GET /{NONCE}-a", f"access.log:1: GET /{NONCE}-b")
    assert seen.skew_median == 0.0


def test_connections_that_share_a_mark_each_have_the_line_nearest_to_them() -> None:
    traces = [trace(1, 0, mark=NONCE), trace(2, 100, mark=NONCE), trace(3, 200, mark=NONCE)]
    seen = facts(traces, log((100, NONCE), (0, NONCE)))
    assert found(seen) == (2, 3, ("mark",))
    assert (seen.skew_median, seen.skew_drift) == (0.0, 0.0)
    assert seen.missing == ("3 2026-11-27T04:03:20Z",)


@pytest.mark.parametrize(
    ("at", "text", "is_found"),
    [
        (0, f"{US}:40001 [x] GET /", True),
        (None, f"Connection closed by {US} port 40001 [preauth]", True),
        (0, f"client {US}#40001: query", True),
        (0, f'"remote_addr":"{US}","port":40001', True),
        (26 * 3600, f"{US}:40001", True),
        (26 * 3600 + 60, f"{US}:40001", False),
        (-26 * 3600 - 60, f"{US}:40001", False),
        (0, "198.51.100.8:40001", False),
        (0, f"{US} 400011", False),
        (0, f"{US} size 40001", False),
    ],
)
def test_a_connection_is_found_by_its_address_and_port_near_its_time(
    at: float | None, text: str, is_found: bool
) -> None:
    # The second connection keeps the first from being found by its time alone.
    seen = facts([trace(1, 0), trace(2, 5000)], log((at, text)))
    assert (seen.found == 1 and seen.matched_by == ("port",)) is is_found, seen
    assert bool(seen.missing[0].startswith("1 ")) is not is_found


@pytest.mark.parametrize(
    ("late", "is_found"), [(-3, True), (0, True), (4, True), (-5, False), (5, False)]
)  # lasts one second, and three either way are allowed
def test_a_line_without_mark_or_port_is_ours_by_its_time(late: float, is_found: bool) -> None:
    marked = trace(1, 0, mark=NONCE)
    seen = facts([marked, trace(2, 500)], log((0, NONCE), (500 + late, f"{US} GET /")))
    assert found(seen) == ((2, 2, ("mark", "time")) if is_found else (1, 2, ("mark",)))


def test_a_line_counts_once_and_only_with_our_address() -> None:
    traces = [trace(1, 0, mark=NONCE), trace(2, 500), trace(3, 501), trace(4, 0)]
    seen = facts(traces, log((0, f"{US} {NONCE}"), (500, "203.0.113.9 GET /"), (501, f"{US} GET /")))
    # 2 and 3 both fit the last line; nothing is left for 4 beside the marked one.
    assert found(seen) == (3, 4, ("mark", "time"))
    assert seen.missing == ("4 2026-11-27T04:00:00Z",)


def test_without_mark_or_port_the_shift_is_what_most_lines_agree_on() -> None:
    traces = [trace(number, 97 * number) for number in range(1, 6)]
    lines = [(97 * number + 28800, f"{US} GET /") for number in range(1, 6)]
    seen = facts(traces, log((50, f"{US} GET /old"), *lines))
    assert found(seen) == (5, 5, ("time",))
    # What was found by such a shift says nothing on the clock: it was chosen to fit.
    assert (seen.skew_median, seen.zone_shift) == (None, 0)


def test_one_line_alone_is_no_agreement() -> None:
    assert found(facts([trace(1, 0), trace(2, 100)], log((7777, f"{US} GET /")))) == (0, 2, ())
    assert found(facts([trace(1, 0), trace(2, 100)], log((None, f"{US} GET /")))) == (0, 2, ())
    assert found(facts([], log((0, f"{US} GET /")))) == (0, 0, ())


# ------------------------------------------------------------------ whose address


@pytest.mark.parametrize(
    ("text", "source"),
    [
        (f"{US} - - GET /{NONCE}", ("ours", "")),
        (f"10.0.0.5 - - GET /{NONCE} for 203.0.113.1", ("other", "10.0.0.5")),
        (f"2001:db8::5 - - GET /{NONCE}", ("other", "2001:db8::5")),
        (f"[2001:DB8::5]:443 GET /{NONCE}", ("other", "2001:DB8::5")),
        (f"::ffff:10.0.0.5 GET /{NONCE}", ("other", "::ffff:10.0.0.5")),
        (f"fe80::1%eth0 GET /{NONCE}", ("other", "fe80::1")),
        (f"client=2001:db8:0:0:0:0:0:5 GET /{NONCE}", ("other", "2001:db8:0:0:0:0:0:5")),
        (f"GET /{NONCE} :: 0.0.0.0 from 10.0.0.5: via 10.0.0.6.", ("other", "10.0.0.5")),
        (f"GET /{NONCE} via 10.0.0.6.", ("other", "10.0.0.6")),
        # Neither a time, nor a MAC, nor a version is an address.
        (f"- - [27/Nov/2026:04:00:00 +0000] GET /{NONCE}", ("none", "")),
        (f"04:00:00 52:54:00:12:34:56 std::string 1.2.3.400 300.1.1.1 1.2.3.4.5 GET /{NONCE}", ("none", "")),
        (f"- - GET /{NONCE}", ("none", "")),
        ("203.0.113.1 GET /", (None, "")),
    ],
)
def test_the_address_of_the_marked_line_is_told(text: str, source: tuple[str | None, str]) -> None:
    seen = facts([trace(1, 0, mark=NONCE)], log((0, text)))
    assert (seen.source, seen.source_seen) == source


def test_without_marks_the_lines_found_by_port_tell_it() -> None:
    seen = facts([trace(1, 0)], log((0, f"{US}:40001")))
    assert (seen.source, seen.source_seen) == ("ours", "")


# ------------------------------------------------------------------ the clock


def marked(*seconds: float) -> tuple[list[Trace], Survey]:
    """Connections a minute apart, and their lines so many seconds late by the log's clock."""
    traces = [trace(number, 60 * number, mark=f"{NONCE}-{number}-") for number in range(len(seconds))]
    lines = [(60 * number + late, f"{NONCE}-{number}-") for number, late in enumerate(seconds)]
    return traces, log(*lines)


def test_skew_is_told_by_median_95th_percentile_and_drift() -> None:
    traces, survey = marked(3, 5, 7, 9, 11)
    seen = facts(traces, survey)
    # A connection lasts a second: a line three seconds after its start is two after its end.
    assert (seen.skew_median, seen.skew_p95, seen.skew_drift) == (6.0, 9.6, 8.0)
    traces, survey = marked(-7)
    seen = facts(traces, survey)
    # Logs cut off the fraction: the middle of the second that is written.
    assert (seen.skew_median, seen.skew_p95, seen.skew_drift) == (-6.5, 6.5, None)


@pytest.mark.parametrize(
    ("late", "shift", "rest"),
    [
        (28801, 480, 0.0),
        (-28800, -480, 0.5),
        (20701, 345, 0.0),
        (1801, 30, 0.0),
        (1801 + 120, 30, 120.0),
        (1801 + 121, 0, 1921.0),
        (901, 0, 900.0),
    ],
)
def test_a_shift_by_half_hours_and_quarters_is_a_zone_s(late: float, shift: int, rest: float) -> None:
    traces, survey = marked(late, late, late)
    seen = facts(traces, survey)
    assert (seen.zone_shift, seen.skew_median, seen.skew_drift) == (shift, rest, 0.0)


# ------------------------------------------------------------------ which files, and what they cover


def test_a_file_of_another_service_counts_only_where_it_bears_our_nonce() -> None:
    traces = [trace(1, 0, mark=NONCE)]
    web = log((0, NONCE), fields=["time", "source"], span=(-DAY, DAY))
    mail = log((0, f"{US} x"), name="mail.log", form="postfix", fields=["user"], span=(-9 * DAY, 9 * DAY))
    other = log((0, f"{NONCE} seen"), name="app.log", form="", fields=["request"], zone_assumed=True)
    seen = facts(traces, mail, web)
    assert [file.name for file in seen.files] == ["access.log"]
    assert (seen.fields, seen.zone_written) == (("source", "time"), True)
    assert (seen.first, seen.last) == (START - timedelta(days=1), START + timedelta(days=1))
    seen = facts(traces, mail, web, other)
    assert [file.name for file in seen.files] == ["access.log", "app.log"]
    assert (seen.fields, seen.zone_written) == (("request", "source", "time"), False)
    seen = facts(traces, mail)
    assert (seen.files, seen.zone_written, seen.first, seen.covers_scan) == ((), None, None, None)


@pytest.mark.parametrize(
    ("span", "covers"),
    [
        ((0, 700), True),
        ((-1, 601), True),
        ((1, 700), False),
        ((0, 302), True),
        ((0, 300), False),
        (None, None),
    ],
)
def test_a_log_covers_the_scan_from_the_first_connection_to_five_minutes_before_the_end_of_the_last(
    span: tuple[float, float] | None, covers: bool | None
) -> None:
    assert facts([trace(1, 0), trace(2, 600)], log(span=span)).covers_scan is covers


def test_what_a_log_covers_is_told_by_our_clock() -> None:
    traces, survey = marked(28801, 28801)
    survey.facts = log(span=(28800, 28800 + 600)).facts
    assert facts(traces, survey).covers_scan is True
    survey.facts = log(span=(0, 600)).facts
    assert facts(traces, survey).covers_scan is False


def test_missing_connections_are_listed_up_to_twenty_and_lines_shown_up_to_eight() -> None:
    traces = [trace(number, 60 * number, mark=f"{NONCE}-{number}-") for number in range(40)]
    lines = [(60 * number, f"user=13800138000 {NONCE}-{number}-") for number in range(15)]
    seen = facts(traces, log(*lines))
    assert found(seen) == (15, 40, ("mark",))
    assert len(seen.missing) == 20
    assert seen.missing[0] == "15 2026-11-27T04:15:00Z"
    assert len(seen.evidence) == 8
    assert "13800138000" not in seen.evidence[0]


def test_lines_with_marks_are_shown_before_those_found_by_port_and_time() -> None:
    traces = [trace(1, 0), trace(2, 60), trace(3, 120, mark=NONCE)]
    seen = facts(traces, log((0, f"{US} a"), (60, f"{US}:40002 b"), (120, f"{NONCE} c")))
    assert [line.rpartition(" ")[2] for line in seen.evidence] == ["c", "b", "a"]


def test_days_are_counted_by_the_clock_of_china() -> None:
    survey = log()
    hour = int(START.timestamp()) // 3600
    survey.hours = Counter({hour: 5, hour + 11: 7, hour + 12: 2})
    assert facts([trace(1, 0)], survey).days == {"2026-11-27": 12, "2026-11-28": 2}


# ------------------------------------------------------------------ earlier scans, rotated files


def test_lines_of_an_earlier_scan_count_where_they_are_of_its_day() -> None:
    earlier = [("first", "aaaa", -200 * DAY), ("second", "bbbb", -90 * DAY), ("third", "cccc", -3 * DAY)]
    at = -200 * DAY
    survey = log(
        (at, "GET /aaaa"), (at + 26 * 3600, "GET /aaaa-resumed"), (at + 26 * 3600 + 1, "GET /aaaa"), (None, "GET /aaaa"),
        (-DAY, "GET /bbbb"), (0, NONCE),
    )  # fmt: skip
    seen = facts([trace(1, 0, mark=NONCE)], survey, earlier=earlier)
    assert seen.earlier == (EarlierMark(scan="first", at=START - timedelta(days=200), lines=2),)


def test_a_number_missing_among_rotated_files_is_a_sign() -> None:
    def signs(*names: str) -> list[tuple[str, str, str]]:
        return [
            (sign.kind, sign.file, sign.detail)
            for sign in facts([trace(1, 0)], *(log(name=name) for name in names)).signs
        ]

    assert signs("a.log", "a.log.1", "a.log.2.gz", "a.log.4.gz", "a.log.7.gz", "a.log.8") == [
        ("rotation_hole", "a.log.*", "3, 5, 6")
    ]
    assert signs("a.log.1", "a.log.2", "b.log.3") == []
    # Most are not there: the files were chosen, not lost.
    assert signs("a.log.1", "a.log.4") == []
    assert signs("a.log.20260101", "a.log.20260103") == []
