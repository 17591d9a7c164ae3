"""Logs by themselves: faults are named, and no honest log is called out of order or full of holes."""

from __future__ import annotations

import gzip
import io
import random
import tarfile
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path

import pytest

from scanner.challenge import Trace
from scanner.facts import LogFacts
from scanner.logs.reconcile import reconcile
from scanner.logs.sources import sources
from scanner.logs.survey import Survey, Wanted, survey

END = datetime(2026, 11, 27, 4, 0, tzinfo=UTC)
CHINA = timezone(timedelta(hours=8))
TRACE = Trace(
    seq=1,
    protocol="http",
    remote="192.0.2.1:80",
    source_ip="198.51.100.7",
    source_port=40000,
    opened=END,
    closed=END,
)


def _surveys(*paths: Path, zone: int = 480) -> list[Survey]:
    wanted = Wanted([], [b"198.51.100.7"], int(END.timestamp()) - 90000, int(END.timestamp()) + 90000)
    return [survey(source, blocks, wanted, date(2026, 11, 28), zone) for source, blocks in sources(paths)]


def _facts(*paths: Path, protocol: str = "http") -> LogFacts:
    return reconcile(protocol, [TRACE], ["0123456789abcdef"], _surveys(*paths), {})


def _clf(moment: datetime, number: int = 0, zone: timezone = CHINA) -> str:
    at = moment.astimezone(zone).strftime("%d/%b/%Y:%H:%M:%S %z")
    return f'203.0.113.{number % 250} - - [{at}] "GET /{number} HTTP/1.1" 200 {number % 9000} "-" "Mozilla/5.0"\n'


def _iso(moment: datetime, number: int = 0) -> str:
    return f"{moment.astimezone(CHINA).isoformat(timespec='microseconds')} web1 sshd[{number}]: Connection closed by 203.0.113.9 port {number % 60000} [preauth]\n"


def _rfc3164(moment: datetime, number: int = 0) -> str:
    local = moment.astimezone(CHINA)
    return f"{local:%b} {local.day:2} {local:%H:%M:%S} web1 postfix/smtpd[{number}]: connect from unknown[203.0.113.9]\n"


def _json(moment: datetime, number: int = 0) -> str:
    return f'{{"time":"{moment.astimezone(CHINA).isoformat()}","remote_addr":"203.0.113.9","request":"GET /{number}"}}\n'


def _iis(moment: datetime, number: int = 0) -> str:
    return (
        f"{moment:%Y-%m-%d %H:%M:%S} 192.0.2.1 GET /{number} - 443 - 203.0.113.9 Mozilla/5.0 - 200 0 0 15\n"
    )


def _haproxy(moment: datetime, number: int = 0) -> str:
    return f'{_rfc3164(moment)[:20]}haproxy[9]: 203.0.113.9:{1024 + number % 60000} [{moment.astimezone(CHINA):%d/%b/%Y:%H:%M:%S}.123] web~ app/s1 0/0/0/1/1 200 90 - - ---- 1/1/0/0/0 0/0 "GET / HTTP/1.1"\n'


def _vsftpd(moment: datetime, number: int = 0) -> str:
    local = moment.astimezone(CHINA)
    return f'{local:%a %b} {local.day:2} {local:%H:%M:%S %Y} [pid {number}] CONNECT: Client "203.0.113.9"\n'


def _bind(moment: datetime, number: int = 0) -> str:
    return f"{moment.astimezone(CHINA):%d-%b-%Y %H:%M:%S}.123 queries: info: client @0x7f 203.0.113.9#{1024 + number % 60000} (a.cn): query: a.cn IN A + (192.0.2.1)\n"


def _every(step: timedelta, days: float) -> Iterator[datetime]:
    moment = END - timedelta(days=days)
    while moment < END:
        yield moment
        moment += step


def _random(days: int, seed: int) -> list[datetime]:
    """Traffic as people make it: little at night, little on Sundays, bursts."""
    chance = random.Random(seed)
    found: list[datetime] = []
    for moment in _every(timedelta(hours=1), days):
        local = moment.astimezone(CHINA)
        busy = 40 if 8 <= local.hour <= 22 else 2
        busy = busy // 5 if local.weekday() == 6 else busy
        number = chance.randrange(busy + 1) + (500 if chance.random() < 0.01 else 0)
        found += sorted(moment + timedelta(seconds=chance.randrange(3600)) for _ in range(number))
    return found


def _late(moments: list[datetime]) -> list[datetime]:
    """Apache: the time of a request's start, written at its end; some downloads take half an hour."""
    chance = random.Random(3)
    return [
        m - timedelta(seconds=chance.choice((0, 0, 0, 1, 2, 5, 40, 1800 if chance.random() < 0.02 else 0)))
        for m in moments
    ]


HONEST: dict[str, Callable[[], str]] = {
    "steady": lambda: "".join(map(_clf, _every(timedelta(minutes=5), 200))),
    "people": lambda: "".join(map(_clf, _random(60, 1))),
    "people_2": lambda: "".join(map(_clf, _random(90, 2))),
    "apache_late": lambda: "".join(map(_clf, _late(_random(30, 3)))),
    "few": lambda: "".join(map(_clf, _every(timedelta(hours=30), 200))),
    "one_day": lambda: "".join(map(_clf, _every(timedelta(seconds=30), 1))),
    "one_line": lambda: _clf(END),
    "same_second": lambda: "".join(_clf(END, n) for n in range(5000)),
    "health_checks": lambda: "".join(_clf(m, 1) for m in _every(timedelta(seconds=60), 20)),
    "utc": lambda: "".join(_clf(m, zone=UTC) for m in _every(timedelta(minutes=9), 100)),  # type: ignore[arg-type]
    "rfc3339": lambda: "".join(map(_iso, _every(timedelta(minutes=7), 100))),
    "rfc3164": lambda: "".join(map(_rfc3164, _every(timedelta(minutes=7), 300))),
    "rfc3164_new_year": lambda: "".join(_rfc3164(m - timedelta(days=320)) for m in _every(timedelta(minutes=7), 10)),
    "json": lambda: "".join(map(_json, _every(timedelta(minutes=7), 100))),
    "iis": lambda: "#Software: Microsoft Internet Information Services 10.0\n#Fields: date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip cs(User-Agent) cs(Referer) sc-status sc-substatus sc-win32-status time-taken\n"
    + "".join(map(_iis, _every(timedelta(minutes=7), 100))),
    "haproxy": lambda: "".join(map(_haproxy, _every(timedelta(minutes=7), 100))),
    "vsftpd": lambda: "".join(map(_vsftpd, _every(timedelta(minutes=7), 100))),
    "bind": lambda: "".join(map(_bind, _every(timedelta(minutes=7), 100))),
    "workers_out_of_step": lambda: "".join(_clf(m + timedelta(seconds=(n * 7) % 3)) for n, m in enumerate(_every(timedelta(seconds=20), 9))),
    "closed_on_sundays": lambda: "".join(_clf(m) for m in _every(timedelta(minutes=10), 60) if m.astimezone(CHINA).weekday() != 6),
    "growing": lambda: "".join(_clf(m, n) for n, m in enumerate(_random(40, 5)) if n % 40 < 1 + n // 300),
    "with_traces": lambda: "".join(_clf(m) + ("\tat java.lang.Thread\n" if n % 50 == 0 else "") for n, m in enumerate(_every(timedelta(minutes=6), 30))),
}  # fmt: skip


@pytest.mark.parametrize("name", HONEST)
def test_no_honest_log_calls_for_an_explanation(tmp_path: Path, name: str) -> None:
    path = tmp_path / "x.log"
    path.write_text(HONEST[name]())
    (one,) = _surveys(path)
    facts = _facts(
        path, protocol="http" if one.facts.format in ("combined", "json", "iis", "haproxy") else "ssh"
    )
    assert one.facts.format, name
    assert one.facts.first is not None
    assert one.facts.last is not None
    assert one.signs == []
    assert facts.gaps == ()
    if name not in ("rfc3164_new_year",):
        assert END - timedelta(days=1.5) <= one.facts.last <= END + timedelta(seconds=3)


def test_the_rest_of_the_year_is_last_years(tmp_path: Path) -> None:
    path = tmp_path / "mail.log"
    path.write_text(HONEST["rfc3164_new_year"]())
    (one,) = _surveys(path)
    assert one.facts.first is not None
    assert abs(one.facts.first - (END - timedelta(days=330))) < timedelta(minutes=1)


def test_a_block_put_in_is_named(tmp_path: Path) -> None:
    lines = [_clf(moment, number) for number, moment in enumerate(_every(timedelta(minutes=5), 30))]
    put_in = [*lines[:5000], *lines[1000:1200], *lines[5000:]]
    path = tmp_path / "access.log"
    path.write_text("".join(put_in))
    (sign,) = _surveys(path)[0].signs
    assert (sign.kind, sign.line, sign.lines) == ("out_of_order", 5001, 200)


def test_files_put_together_are_told_apart_from_a_block_put_in(tmp_path: Path) -> None:
    lines = [_clf(moment, number) for number, moment in enumerate(_every(timedelta(minutes=5), 30))]
    path = tmp_path / "access.log"
    path.write_text("".join((*lines[4000:], *lines[:4000])))
    (sign,) = _surveys(path)[0].signs
    assert sign.kind == "clock_set_back"


def test_days_cut_out_are_a_gap(tmp_path: Path) -> None:
    start, end = END - timedelta(days=20), END - timedelta(days=18)
    path = tmp_path / "access.log"
    path.write_text("".join(_clf(m) for m in _random(60, 1) if not start <= m < end))
    (gap,) = _facts(path).gaps
    assert gap.start - start < timedelta(hours=12)
    assert end - gap.end < timedelta(hours=12)
    assert gap.expected > 100


NATIONAL_DAY = datetime(2026, 10, 1, tzinfo=CHINA)


@pytest.mark.parametrize(
    ("first", "days", "before"),
    [
        pytest.param(NATIONAL_DAY, 7, 60, id="national-day"),
        pytest.param(datetime(2026, 2, 15, tzinfo=CHINA), 9, 330, id="spring-festival"),
        pytest.param(datetime(2026, 5, 1, tzinfo=CHINA), 5, 230, id="labour-day"),
    ],
)
def test_an_office_that_is_shut_on_a_public_holiday_lost_no_log(
    tmp_path: Path, first: datetime, days: int, before: int
) -> None:
    path = tmp_path / "access.log"
    kept = [m for m in _random(before, 1) if not first <= m < first + timedelta(days=days)]
    path.write_text("".join(map(_clf, kept)))
    facts = _facts(path)
    assert facts.gaps == ()
    assert first.date().isoformat() not in facts.days


def test_as_long_a_silence_on_working_days_is_a_gap(tmp_path: Path) -> None:
    start = NATIONAL_DAY + timedelta(days=17)
    path = tmp_path / "access.log"
    path.write_text("".join(_clf(m) for m in _random(60, 1) if not start <= m < start + timedelta(days=7)))
    (gap,) = _facts(path).gaps
    assert abs(gap.start - start) < timedelta(hours=12)


def test_a_silence_that_goes_on_after_a_holiday_is_a_gap(tmp_path: Path) -> None:
    end = NATIONAL_DAY + timedelta(days=11)
    path = tmp_path / "access.log"
    path.write_text("".join(_clf(m) for m in _random(60, 1) if not NATIONAL_DAY <= m < end))
    (gap,) = _facts(path).gaps
    assert abs(gap.end - end) < timedelta(hours=12)


def test_days_cut_out_of_a_holiday_that_is_otherwise_logged_are_a_gap(tmp_path: Path) -> None:
    start, end = NATIONAL_DAY + timedelta(days=3), NATIONAL_DAY + timedelta(days=5)
    path = tmp_path / "access.log"
    path.write_text("".join(_clf(m) for m in _random(60, 1) if not start <= m < end))
    (gap,) = _facts(path).gaps
    assert abs(gap.start - start) < timedelta(hours=12)
    assert abs(gap.end - end) < timedelta(hours=12)


def test_a_change_of_zone_is_named(tmp_path: Path) -> None:
    moments = list(_every(timedelta(minutes=5), 10))
    path = tmp_path / "access.log"
    path.write_text("".join(_clf(m, zone=CHINA if n < 1000 else UTC) for n, m in enumerate(moments)))  # type: ignore[arg-type]
    (sign,) = _surveys(path)[0].signs
    assert (sign.kind, sign.line, sign.detail) == ("zone_change", 1001, "+08:00 → +00:00")


def test_a_missing_rotation_is_named(tmp_path: Path) -> None:
    lines = [_clf(m) for m in _every(timedelta(minutes=5), 9)]
    for number in (1, 2, 4, 5):
        path = tmp_path / f"access.log.{number}.gz"
        path.write_bytes(gzip.compress("".join(lines[-number * 300 - 300 : -number * 300]).encode()))
    (sign,) = _facts(*sorted(tmp_path.glob("*.gz"))).signs
    assert (sign.kind, sign.detail) == ("rotation_hole", "3")


def _entry(number: int, moment: datetime, message: str = "Connection closed") -> bytes:
    stamp = int(moment.timestamp() * 1e6)
    return (
        (
            f"__CURSOR=s=1;i={number:x}\n__REALTIME_TIMESTAMP={stamp}\n__SEQNUM={number}\n_HOSTNAME=web1\n"
            f"SYSLOG_IDENTIFIER=sshd\n_SYSTEMD_UNIT=u{number % 3}\n_PID=9\n"
        ).encode()
        + b"MESSAGE\n"
        + len(message.encode()).to_bytes(8, "little")
        + message.encode()
        + b"\n\n"
    )


def test_a_journal_in_its_export_format(tmp_path: Path) -> None:
    path = tmp_path / "journal.export"
    numbers = [number for number in range(500) if number not in (200, 201)]
    path.write_bytes(b"".join(_entry(n, END - timedelta(minutes=500 - n), "two\nlines") for n in numbers))
    facts = _facts(path, protocol="ssh")
    assert facts.files[0].format == "journald"
    assert facts.files[0].lines == 498
    assert [sign.kind for sign in facts.signs] == ["sequence_hole"]
    path.write_bytes(b"".join(_entry(n, END - timedelta(minutes=500 - n)) for n in range(500)))
    assert _facts(path, protocol="ssh").signs == ()


def test_a_bomb_is_cut_and_named(tmp_path: Path) -> None:
    path = tmp_path / "access.log.gz"
    path.write_bytes(gzip.compress((_clf(END) * 10).encode()) + gzip.compress(bytes(300 << 20)))
    (one,) = _surveys(path)
    assert one.facts.lines >= 10
    assert set(one.facts.troubles) & {"too_large", "overlong_lines"}


@pytest.mark.parametrize(
    "head", [b"\x1f\x8b\x08\x00", b"BZh9", b"\xfd7zXZ\x00", b"\x28\xb5\x2f\xfd", b"ElfFile\0"]
)
def test_a_file_that_only_looks_packed_is_damaged(tmp_path: Path, head: bytes) -> None:
    path = tmp_path / "x.gz"
    path.write_bytes(head + random.Random(1).randbytes(5000))
    (one,) = _surveys(path)
    assert set(one.facts.troubles) & {"damaged", "truncated", "unreadable"}


def test_nothing_but_line_ends_is_read_in_small_blocks(tmp_path: Path) -> None:
    path = tmp_path / "access.log.gz"
    path.write_bytes(gzip.compress(_clf(END).encode() + b"\n" * (32 << 20)))
    most = total = 0
    for _, blocks in sources([path]):
        for block in blocks:
            most, total = max(most, block.count(b"\n")), total + len(block)
    assert total == len(_clf(END)) + (32 << 20)
    assert most <= 300_000


@pytest.mark.parametrize("packed", [False, True])
def test_a_tar_that_breaks_off_in_a_file_gives_the_lines_before(tmp_path: Path, packed: bool) -> None:
    text = "".join(_clf(END - timedelta(seconds=200_000 - n), n) for n in range(100_000)).encode()
    held = io.BytesIO()
    with tarfile.open(fileobj=held, mode="w") as tar:
        member = tarfile.TarInfo("nginx/access.log")
        member.size = len(text)
        tar.addfile(member, io.BytesIO(text))
    cut = held.getvalue()[: 512 + 5_000_000]
    path = tmp_path / "logs.tar"
    path.write_bytes(gzip.compress(cut, 1)[:-8] if packed else cut)
    member_survey, archive = _surveys(path)
    assert member_survey.facts.troubles == ("truncated",)
    assert member_survey.facts.lines >= text[: 5_000_000 - (96 << 10)].count(b"\n")
    assert "truncated" in archive.facts.troubles


@pytest.mark.parametrize("stated", ["1e30", "-1e30", "nan"])
def test_a_tar_may_state_any_time_of_change(tmp_path: Path, stated: str) -> None:
    text = _clf(END).encode()
    path = tmp_path / "logs.tar"
    with tarfile.open(path, "w", format=tarfile.PAX_FORMAT) as tar:
        member = tarfile.TarInfo("access.log")
        member.size = len(text)
        member.pax_headers = {"mtime": stated}
        tar.addfile(member, io.BytesIO(text))
    (one,) = _surveys(path)
    assert one.facts.lines == 1
    assert one.facts.modified is None
    assert one.facts.troubles == ()
