"""Formats of the operator's own: what a real Apache writes by them is read, and what cannot be read is refused in one sentence."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from scanner.errors import UsageError
from scanner.logs.custom import custom
from tests.servers.process import loopback_address, short_folder
from tests.servers.web import apache
from tests.test_scan import Zijian

FORMATS = [
    "%v|%a|%{%Y-%m-%d %H:%M:%S %z}t|%>s|%r|%{User-Agent}i",
    '%{remote}p %h %t "%r" %u',
]


@pytest.mark.server
@pytest.mark.parametrize("pattern", FORMATS)
def test_a_format_of_its_own_that_apache_wrote(tmp_path: Path, pattern: str) -> None:
    zijian, address = Zijian(tmp_path), loopback_address()
    with short_folder() as folder:
        site = folder / "site"
        site.mkdir()
        (site / "index.html").write_text("<title>x</title>")
        quoted = pattern.replace('"', '\\"')
        settings = (
            f"DocumentRoot {site}\n<Directory {site}>\nRequire all granted\n</Directory>\n"
            f'LogFormat "{quoted}" own\nCustomLog {folder}/own.log own\n'
        )
        with apache(folder, address, settings):
            done = zijian("scan", address, "--ports", "80", "--checks", "web", "-q", "-o", "out")
            assert done.returncode == 0, done.stderr
        log = tmp_path / "own.log"
        log.write_bytes((folder / "own.log").read_bytes())
    done = zijian("logs", "verify", str(log), "--format", pattern, "--json")
    assert done.returncode == 0, done.stderr
    (facts,) = json.loads(done.stdout)
    (file,) = facts["files"]
    assert (file["format"], file["unrecognised"]) == ("custom", 0)
    assert facts["found"] == facts["expected"] >= 1
    assert abs(facts["skew_median"]) <= 2
    assert facts["zone_written"]
    assert {"time", "source_address", "action"} <= set(facts["fields"])
    for wrong, why in (("$time_local#$host", "fits none of the files"), ("%h %r", "has no time")):
        done = zijian("logs", "verify", str(log), "--format", wrong)
        assert (done.returncode, done.stderr.count("\n")) == (2, 1)
        assert why in done.stderr


@pytest.mark.parametrize(
    ("pattern", "line"),
    [
        ('$remote_addr|$host|$time_iso8601|"$request"', b'203.0.113.9|a.cn|2026-11-27T12:00:00+08:00|"GET / HTTP/1.1"'),
        ('[$time_local] ${remote_addr}', b"[27/Nov/2026:12:00:00 +0800] 203.0.113.9"),
        ('{"a":"$remote_addr","when":"$time_iso8601"}', b'{"a":"203.0.113.9","when":"2026-11-27T12:00:00+08:00"}'),
        ("%h 100%% %{begin:%d/%b/%Y:%T}t %r", b"203.0.113.9 100% 27/Nov/2026:12:00:00 GET /"),
    ],
)  # fmt: skip
def test_the_time_stands_where_the_format_says(pattern: str, line: bytes) -> None:
    own = custom(pattern)
    assert own.fits(line + b"\n", date(2026, 11, 28))
    assert not own.fits(b"Nov 27 12:00:00 web1 cron[1]: x\n", date(2026, 11, 28))
    assert {"time", "source_address"} <= own.fields


@pytest.mark.parametrize(
    ("pattern", "why"),
    [
        ("", "has no variables"),
        ("(a+)+$", "has no variables"),
        ("$remote_addr $msec", "has no time"),
        ("%h %{%s}t", "has no time"),
        ("%h %{%H:%M}t", "has no time"),
        ("$remote_addr$time_local", "nothing between remote_addr and time_local"),
    ],
)
def test_a_format_that_cannot_be_read_is_one_sentence(pattern: str, why: str) -> None:
    with pytest.raises(UsageError, match=why):
        custom(pattern)
