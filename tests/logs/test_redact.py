"""``zijian logs redact``: nobody is left in the copy, and it verifies as the original does."""

from __future__ import annotations

import gzip
import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.logs.redact import redactor
from tests.logs.conftest import Scanned

KEY = b"0123456789abcdef0123456789abcdef"


@pytest.mark.parametrize(
    ("line", "gone", "stays"),
    [
        (b'1.2.3.4 - zhangsan [27/Nov/2026:10:00:00 +0800] "GET /a?token=S3cret&id=7 HTTP/1.1" 200 1 "-" "-"', [b"zhangsan", b"S3cret"], [b"/a?token=", b"27/Nov/2026:10:00:00 +0800", b"1.2.3.4"]),
        (b'1.2.3.4 - - [27/Nov/2026:10:00:00 +0800] "GET /a HTTP/1.1" 200 1 "https://x.cn/?u=13812345678" "-"', [b"13812345678"], [b"GET /a HTTP"]),
        (b"2026-11-27T10:00:00+08:00 h sshd[1]: Failed password for invalid user lisi from 1.2.3.4 port 5 ssh2", [b"lisi"], [b"from 1.2.3.4 port 5"]),
        (b"2026-11-27T10:00:00+08:00 h sshd[1]: Accepted publickey for wangwu from 1.2.3.4 port 5 ssh2", [b"wangwu"], [b"Accepted publickey"]),
        (b"Nov 27 10:00:00 h postfix/smtpd[1]: A1: client=x[1.2.3.4], sasl_method=PLAIN, sasl_username=zhaoliu@x.cn", [b"zhaoliu"], [b"x[1.2.3.4]"]),
        (b"Nov 27 10:00:00 h postfix/qmgr[1]: A1: from=<a.b@x.cn>, size=1, nrcpt=1", [b"a.b@x.cn"], [b"size=1"]),
        (b"imap-login: Info: Login: user=<qianqi>, method=PLAIN, rip=1.2.3.4", [b"qianqi"], [b"rip=1.2.3.4"]),
        (b'{"time":"2026-11-27T10:00:00+08:00","user":"sunba","ip":"1.2.3.4","cookie":"SESSION=abc"}', [b"sunba", b"SESSION=abc"], [b'"ip":"1.2.3.4"']),
        (b"name=x id 11010519491231002X end", [b"11010519491231002X"], [b"end"]),
        (b"contact someone@example.cn now", [b"someone@example.cn"], [b"now"]),
    ],
)  # fmt: skip
def test_people_are_masked_and_the_rest_stays(line: bytes, gone: list[bytes], stays: list[bytes]) -> None:
    masked = redactor(KEY)(line + b"\n")
    assert masked.count(b"\n") == 1
    for word in gone:
        assert word not in masked, masked
    for word in stays:
        assert word in masked, masked
    assert masked == redactor(KEY)(line + b"\n")
    assert masked != redactor(b"another key of some length")(line + b"\n")


def test_one_value_has_one_token() -> None:
    mask = redactor(KEY)
    tokens = {
        re.findall(rb"~[0-9a-f]{12}", mask(line))[0]
        for line in (b"user=<lisi>, x\n", b"sasl_username=lisi\n", b"?who=lisi \n")
    }
    assert len(tokens) == 1


@given(st.binary(max_size=400))
def test_lines_are_neither_lost_nor_made(data: bytes) -> None:
    assert redactor(KEY)(data).count(b"\n") == data.count(b"\n")


def test_a_masked_copy_verifies_as_the_original(scanned: Scanned, tmp_path: Path) -> None:
    (scanned.logs / "nginx-access.log.1.gz").write_bytes(
        gzip.compress((scanned.logs / "nginx-access.log").read_bytes())
    )
    out = tmp_path / "masked"
    done = scanned.zijian(
        "logs", "redact", str(scanned.logs), "-o", str(out), "--key-file", str(tmp_path / "key")
    )
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "key").stat().st_mode & 0o777 == 0o600
    assert {path.name for path in out.iterdir()} == {path.name for path in scanned.logs.iterdir()}
    for path in out.iterdir():
        assert path.stat().st_mode & 0o777 == 0o600

    def verified(folder: Path) -> list[tuple[str, int, int, float | None, int]]:
        done = scanned.zijian("logs", "verify", str(folder), "--json", "--zone", "Z")
        assert done.returncode == 0, done.stderr
        return [
            (
                one["service"],
                one["found"],
                one["expected"],
                one["skew_median"],
                sum(f["lines"] for f in one["files"]),
            )
            for one in json.loads(done.stdout)
        ]

    assert verified(out) == verified(scanned.logs)
    again = scanned.zijian(
        "logs", "redact", str(scanned.logs), "-o", str(out), "--key-file", str(tmp_path / "key")
    )
    assert again.returncode == 2
    assert "is there already" in again.stderr
    (tmp_path / "short").write_text("x")
    short = scanned.zijian(
        "logs", "redact", str(scanned.logs), "-o", str(tmp_path / "o"), "--key-file", str(tmp_path / "short")
    )
    assert "holds no key" in short.stderr
