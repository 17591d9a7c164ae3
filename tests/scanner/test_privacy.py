"""What is personal or secret is taken out of every probe's facts, and what is not stays as it was."""

from __future__ import annotations

import sqlite3
import time
import types
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.facts import (
    FACTS,
    CertificateFacts,
    Endpoint,
    Facts,
    FilingFacts,
    HttpFacts,
    ProbeRun,
    RunStatus,
    SshHostKeyFacts,
)
from scanner.privacy import masked, without_personal_data
from tests.checks.judging import SEEN
from tests.servers.process import loopback_address
from tests.servers.web import nginx_site
from tests.test_scan import Zijian

# A number with a right check character, of a division code that has not been in use since 1984.
IDENTITY = "110102198001010017"
JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ6aGFuZ3NhbiJ9.c2lnbmF0dXJl"

SECRETS = [
    ("联系人 zhangsan@example.cn，", "zhangsan"),
    ("sysContact <li.si+ops@mail.example.com.cn>", "li.si"),
    ("电话：13812345678", "1381234"),
    ("tel +86 138-1234-5678.", "1234-5678"),
    ("值班 010-62345678", "62345678"),
    ("0755 1234 5678", "1234 5678"),
    (f"身份证 {IDENTITY}", "19800101"),
    (f"x={JWT}", "eyJzdWIi"),
    ("Authorization: Bearer abcdefghijklmnop", "abcdefghijklmnop"),
    ("/login;jsessionid=0123456789ABCDEF", "0123456789ABCDEF"),
    ("https://example.cn/?a=1&access_token=secretvalue&b=2", "secretvalue"),
    ("PHPSESSID=secretvalue; path=/", "secretvalue"),
    ("connect.sid=s%3Asecretvalue", "secretvalue"),
    ("ASP.NET_SessionId=secretvalue", "secretvalue"),
    ('{"password": "secretvalue"}', "secretvalue"),
    ("https://root:secretvalue@example.cn/", "secretvalue"),
    ("X-Api-Key: secretvalue", "secretvalue"),
]


@pytest.mark.parametrize(("text", "secret"), SECRETS)
def test_what_is_personal_or_secret_is_masked(text: str, secret: str) -> None:
    assert secret in text
    assert secret not in masked(text)
    assert masked(masked(text)) == masked(text)


@pytest.mark.parametrize(
    "text",
    [
        "OpenSSH_9.2p1 Debian-2+deb12u10",
        "京公网安备11010102001234号",
        "5.5.5-10.11.19-MariaDB-0+deb12u1",
        "110102198001010018",  # the check character is wrong
        "91110000100000123X",  # a unified social credit code
        "Mon, 23 Nov 2026 10:00:00 +0800",
        "2026-11-23T10:00:00.123Z",
        "max-age=31536000; includeSubDomains",
        "default-src 'self'; script-src 'nonce-abc'",
        "https://beian.mps.gov.cn/#/query/webSearch?code=11010102001234",
        'Basic realm="Ticket office"',
        "Password: ",
        "331 Please specify the password.",
        "1763000000000",
        "inside=12345",
        "10.0.0.1:6379",
        "fe80::1380:1234:5678",
        "nginx/1.22.1",
        "@RSYNCD: 31.0 sha512",
    ],
)
def test_what_is_neither_stays(text: str) -> None:
    assert masked(text) == text


@given(st.text(max_size=3000))
def test_no_text_breaks_it_and_twice_is_once(text: str) -> None:
    once = masked(text)
    assert masked(once) == once


@pytest.mark.parametrize("piece", ["token", "a.", "_-", "1", "@a.", "0755 ", "sid=", "eyJ.", "://"])
def test_no_text_costs_much(piece: str) -> None:
    started = time.process_time()
    masked(piece * (4096 // len(piece)))
    assert time.process_time() - started < 0.5


POISON = f"zhangsan@example.cn 13812345678 {IDENTITY} sid=secretvalue {JWT}"
TRACES = ("zhangsan", "13812345678", IDENTITY, "secretvalue", JWT)
PUBLISHED = {CertificateFacts, FilingFacts, SshHostKeyFacts}
ALGORITHMS = {"kex", "host_key_algorithms", "ciphers", "macs", "compression"}


def poisoned(hint: Any) -> Any:
    """A value of the type in which every text holds what must not be kept."""
    origin, arguments = get_origin(hint), get_args(hint)
    if hint is str:
        return POISON
    if origin is Literal:
        return arguments[0]
    if origin in (Union, types.UnionType):
        return poisoned(arguments[0])
    if origin is tuple:
        return (poisoned(arguments[0]),)
    if origin is not None and issubclass(origin, Mapping):
        return {poisoned(arguments[0]): poisoned(arguments[1])}
    if is_dataclass(hint):
        assert isinstance(hint, type)
        hints = get_type_hints(hint)
        return hint(
            **{
                field.name: () if hint.__name__ == "SshFacts" and field.name in ALGORITHMS else poisoned(hints[field.name])
                for field in fields(hint)
                if hints[field.name] not in PUBLISHED and not PUBLISHED & set(get_args(hints[field.name]))
            }
        )  # fmt: skip
    return {bool: True, int: 7, float: 0.5, datetime: SEEN}[hint]


def run(facts: Facts) -> ProbeRun:
    return ProbeRun(
        probe=facts.PROBE,
        endpoint=Endpoint(ip="192.0.2.1", port=1),
        status=RunStatus.COMPLETED,
        started=SEEN,
        finished=SEEN,
        facts=facts,
        message=POISON,
    )


@pytest.mark.parametrize("kind", FACTS.values(), ids=lambda kind: kind.PROBE)
def test_no_text_of_any_probe_s_facts_keeps_it(kind: type[Facts]) -> None:
    facts = poisoned(kind)
    assert POISON in repr(facts) or all(hint not in (str,) for hint in get_type_hints(kind).values())
    cleaned = repr(without_personal_data(run(facts)))
    for trace in TRACES:
        assert trace not in cleaned


def test_a_value_is_masked_where_its_name_says_that_it_is_secret() -> None:
    facts = HttpFacts(headers={"x-auth-token": "abc", "server": "nginx", "x-csrf-token": "d"}, filing=FilingFacts(mps=("公网安备13812345678",)))  # fmt: skip
    cleaned = without_personal_data(run(facts)).facts
    assert isinstance(cleaned, HttpFacts)
    assert cleaned.headers == {"x-auth-token": "***", "server": "nginx", "x-csrf-token": "***"}
    assert cleaned.filing == facts.filing, "a filing number is published by law"


@pytest.mark.server
def test_nothing_personal_of_a_page_is_in_the_store_or_the_report(tmp_path: Path) -> None:
    address, site = loopback_address(), tmp_path / "site"
    site.mkdir()
    (site / "index.html").write_text(
        f"<title>值班 张三 13812345678 zhangsan@example.cn</title><p>{IDENTITY}{'本单位。' * 100}"
        "<form action='/login;jsessionid=secretvalue?user=zhangsan@example.cn'><input type=password></form>"
    )
    settings = (
        f'add_header X-Contact "{IDENTITY} 13812345678";\nadd_header X-Auth-Token secretvalue;\n'
        f'add_header Set-Cookie "SESSIONID=secretvalue";\nadd_header X-Id {JWT};\n'
    )
    zijian = Zijian(tmp_path)
    with nginx_site(tmp_path, address, site, settings):
        done = zijian("scan", address, "--ports", "443", "--checks", "web,filing", "-o", "out")
    assert done.returncode in (0, 3), done.stderr
    told = (tmp_path / "out" / "report.html").read_text() + (tmp_path / "out" / "result.json").read_text()
    with sqlite3.connect(zijian.home / "zijian.sqlite") as connection:
        told += "\n".join(connection.iterdump())
    assert "***@example.cn" in told
    for trace in TRACES:
        assert trace not in told
