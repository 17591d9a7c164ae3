"""Targets from files, port specifications, DNS servers, and nmap's XML when it was cut short."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.errors import UsageError
from scanner.nmap_worker import read_hosts, whole_hosts
from scanner.ports import RISKY_TCP, batches, compress, parse_ports
from scanner.resolvers import parse_dns_server, read_hosts_file, system_resolvers
from scanner.targets_file import read_targets
from scanner.text import printable


def written(path: Path) -> list[str]:
    return [target.text for target in read_targets(path)]


def test_plain_text(tmp_path: Path) -> None:
    path = tmp_path / "targets.txt"
    path.write_text("# 目标\n192.0.2.1\n\n  www.example.cn  # 官网\n192.0.2.8/30\n", encoding="utf-8")
    assert written(path) == ["192.0.2.1", "www.example.cn", "192.0.2.8/30"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_csv_with_a_headed_column(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "targets.csv"
    path.write_text("单位,域名\n某公司,www.example.cn\n另一公司,192.0.2.1\n,\n", encoding=encoding)
    assert written(path) == ["www.example.cn", "192.0.2.1"]


def test_csv_without_heads(tmp_path: Path) -> None:
    path = tmp_path / "targets.csv"
    path.write_text("192.0.2.1,x\n192.0.2.2,y\n")
    assert written(path) == ["192.0.2.1", "192.0.2.2"]


def test_excel(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (
        ["单位", "IP地址"],
        ["某公司", "192.0.2.1"],
        ["另一公司", None],
        ["第三家", "www.example.cn"],
    ):
        sheet.append(row)
    book.save(tmp_path / "targets.xlsx")
    assert written(tmp_path / "targets.xlsx") == ["192.0.2.1", "www.example.cn"]


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("a.txt", b"192.0.2.1\n-sS\n999.1.1.1\n", "line 2.*line 3"),
        ("a.csv", b"ip\n192.0.2.1\nnot a host\n", "row 3"),
        ("a.txt", b"# nothing\n", "holds no target"),
        ("a.txt", b"\x81\x00\xff", "neither UTF-8"),
        ("a.xlsx", b"not a workbook", "not an Excel workbook"),
    ],
)
def test_bad_lines_are_named(tmp_path: Path, name: str, content: bytes, says: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(UsageError, match=says):
        read_targets(tmp_path / name)


@given(st.sets(st.integers(1, 65535), min_size=1, max_size=200))
def test_ports_are_written_and_read_alike(ports: set[int]) -> None:
    assert parse_ports(compress(ports)).tcp == frozenset(ports)
    assert {port for batch in batches(frozenset(ports), frozenset(RISKY_TCP)) for port in batch} == ports


def test_ports_of_both_kinds() -> None:
    spec = parse_ports("22,U:53,161-162,T:80")
    assert (spec.tcp, spec.udp) == (frozenset({22, 80}), frozenset({53, 161, 162}))


@pytest.mark.parametrize(
    "text", ["", "0", "65536", "a", "1-", "-1", "9-1", "1,,2", "1 2", "T:", "--script", "１２"]
)
def test_wrong_ports_are_refused(text: str) -> None:
    with pytest.raises(UsageError, match="--ports"):
        parse_ports(text)


def test_dns_servers() -> None:
    assert parse_dns_server("192.0.2.1") == ("192.0.2.1", 53)
    assert parse_dns_server("192.0.2.1:5353") == ("192.0.2.1", 5353)
    assert parse_dns_server("[2001:db8::1]:53") == ("2001:db8::1", 53)
    for text in ("dns.example", "192.0.2.1:x", "", "192.0.2.1:99999"):
        with pytest.raises(UsageError):
            parse_dns_server(text)


def test_files_of_the_system(tmp_path: Path) -> None:
    (tmp_path / "resolv.conf").write_text("search x\nnameserver 192.0.2.1\nnameserver bad\n")
    (tmp_path / "hosts").write_text("127.0.0.1 localhost\n192.0.2.1 a.example A.Example # x\nbroken\n")
    assert system_resolvers(tmp_path / "resolv.conf") == (("192.0.2.1", 53),)
    assert system_resolvers(tmp_path / "none") == ()
    assert read_hosts_file(tmp_path / "hosts")["a.example"] == ("192.0.2.1",)
    assert read_hosts_file(tmp_path / "none") == {}


# ------------------------------------------------------------------ nmap's XML

HOST = (
    '<host><status state="up" reason="user-set" reason_ttl="0"/><address addr="127.0.0.{0}" addrtype="ipv4"/>'
    '<hostnames></hostnames><ports><port protocol="tcp" portid="22"><state state="open" reason="syn-ack" '
    'reason_ttl="0"/><service name="ssh" product="&lt;script&gt;" method="probed" conf="10" tunnel="ssl"/></port>'
    "</ports></host>\n"
)
HEAD = '<?xml version="1.0"?>\n<nmaprun scanner="nmap" args="nmap" start="1" version="7.93">\n'
TAIL = (
    '<runstats><finished time="1" timestr="x" elapsed="1" exit="success"/><hosts up="2" down="0" total="2"/>'
    "</runstats>\n</nmaprun>\n"
)
WHOLE = (HEAD + HOST.format(1) + HOST.format(2) + TAIL).encode()


def test_whole_xml_is_read() -> None:
    xml, complete = whole_hosts(WHOLE)
    hosts = read_hosts(xml)
    assert complete
    assert [host["ip"] for host in hosts] == ["127.0.0.1", "127.0.0.2"]
    assert hosts[0]["ports"][0]["product"] == "<script>"
    assert hosts[0]["ports"][0]["tunnel"] == "ssl"


@pytest.mark.parametrize("length", range(0, len(WHOLE), 41))
def test_cut_xml_keeps_its_whole_hosts(length: int) -> None:
    xml, complete = whole_hosts(WHOLE[:length])
    expected = WHOLE[:length].count(b"</host>")
    assert complete == WHOLE[:length].endswith(b"</nmaprun>")
    assert len(read_hosts(xml)) == expected


# ------------------------------------------------------------------ text of targets


@given(st.one_of(st.binary(max_size=3000), st.text(max_size=3000)), st.integers(1, 200))
def test_printable_text_is_short_and_harmless(value: bytes | str, limit: int) -> None:
    shown = printable(value, limit)
    assert len(shown) <= limit * 12 + 20
    assert all(ord(char) >= 0x20 and char not in "\x7f\u202e\u2066\u200f" for char in shown)


def test_control_characters_are_shown() -> None:
    assert printable(b"\x1b[31m\x00\r\n") == "␛[31m␀␍␊"
    assert printable("a\u202eb") == "a<U+202E>b"
    assert printable(b"\xff\xfe") == "\\xff\\xfe"
    assert printable("x" * 30, 10) == "x" * 10 + "…(+20)"
