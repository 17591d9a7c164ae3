"""What is read from a scope file, entry by entry, and the exact sentences about what is missing or wrong."""

from __future__ import annotations

import hashlib
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from scanner.errors import PolicyRefusal, UsageError
from scanner.records import AuthorizationRecord, HostedRange, Notice, Person
from scanner.scope import build_scope, parse_target, read_hosted_file, read_scope_file

WHOLE = """
mode = "police"
unit = " 某市公安局 "
authorized_by = " 赵六 "
statement = " 依法检测 "

[object]
name = " 某某科技有限公司 "
credit_code = " 91110000000000000X "
critical_infrastructure = true
cii_approval = " 公网安〔2026〕8号 "
protection_level = 3
provider_kinds = ["information", "idc"]
event = true

[notice]
kind = "announcement"
number = " 网安检〔2026〕1号 "
issued = 2026-11-20
not_before = 2026-11-24T09:00:00+08:00
not_after = 2026-11-24T18:00:00+08:00

[[officers]]
name = " 张三 "
number = " 010001 "
unit = " 网安支队 "

[company]
name = " 某安全公司 "
[[company.staff]]
name = "王五"
number = "A-17"
unit = "检测部"

[scope]
targets = ["198.51.100.0/28", "www.example.cn"]
addresses = ["198.51.100.0-3"]
exclude = ["198.51.100.5"]

[[hosted]]
name = " 某云 CDN "
kind = "cdn"
networks = ["203.0.113.0/24", "203.0.112.1-2"]
"""


def test_every_entry_is_recorded(tmp_path: Path) -> None:
    path = tmp_path / "scope.toml"
    path.write_text(WHOLE, encoding="utf-8")
    record = read_scope_file(path).record
    assert record == AuthorizationRecord(
        mode="police",
        authorized_by="赵六",
        statement="依法检测",
        object_name="某某科技有限公司",
        object_credit_code="91110000000000000X",
        unit="某市公安局",
        notice=Notice(
            kind="announcement",
            number="网安检〔2026〕1号",
            issued=date(2026, 11, 20),
            not_before=datetime(2026, 11, 24, 1, tzinfo=UTC),
            not_after=datetime(2026, 11, 24, 10, tzinfo=UTC),
        ),
        officers=(Person(name="张三", number="010001", unit="网安支队"),),
        company="某安全公司",
        company_staff=(Person(name="王五", number="A-17", unit="检测部"),),
        critical_infrastructure=True,
        cii_approval="公网安〔2026〕8号",
        protection_level=3,
        provider_kinds=("information", "idc"),
        event=True,
        targets=("198.51.100.0/28", "www.example.cn"),
        addresses=("198.51.100.0/30",),
        exclude=("198.51.100.5/32",),
        scope_sha256=hashlib.sha256(WHOLE.encode()).hexdigest(),
        hosted=(
            HostedRange(name="某云 CDN", networks=("203.0.113.0/24", "203.0.112.1/32", "203.0.112.2/32"), kind="cdn"),
        ),
    )  # fmt: skip
    assert record.notice is not None
    assert record.notice.not_before is not None
    assert record.notice.not_before.tzinfo is UTC
    assert record.notice.not_after is not None
    assert record.notice.not_after.tzinfo is UTC


def test_what_is_not_written_is_empty(tmp_path: Path) -> None:
    path = tmp_path / "scope.toml"
    text = '[scope]\ntargets = ["192.0.2.1"]\n[notice]\n[object]\nname = "甲"\n[company]\nname = "乙"\n'
    path.write_text(text, encoding="utf-8")
    assert read_scope_file(path).record == AuthorizationRecord(
        mode="self", object_name="甲", company="乙", notice=Notice(kind="notice"), targets=("192.0.2.1",),
        scope_sha256=hashlib.sha256(text.encode()).hexdigest(),
    )  # fmt: skip
    path.write_text('[scope]\ntargets = ["192.0.2.1"]\n', encoding="utf-8")
    record = read_scope_file(path).record
    assert (record.notice, record.object_name, record.company, record.protection_level) == (
        None,
        "",
        "",
        None,
    )


def test_the_command_line_s_name_stands_before_the_file_s(tmp_path: Path) -> None:
    path = tmp_path / "scope.toml"
    path.write_text('authorized_by = "赵六"\n[scope]\ntargets = ["192.0.2.1"]\n', encoding="utf-8")
    found = read_scope_file(path)
    for said, kept in (("", "赵六"), ("张三", "张三")):
        assert build_scope("self", [], found, authorized_by=said, own=()).record.authorized_by == kept


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "police mode needs [object] name, [notice]"),
        ('[company]\nname = "乙"', "police mode needs [object] name, [notice], [[company.staff]]"),
        (
            '[object]\nname = "甲"\n[notice]',
            "police mode needs [notice] number, [notice] not_before, [notice] not_after",
        ),
        (
            '[object]\nname = "甲"\n[notice]\nkind = "announcement"\nnot_before = 2026-11-24T09:00:00Z\n[[officers]]\nname = ""',
            "police mode needs [notice] not_after, a name for every officer and member of staff",
        ),
        (
            '[object]\nname = "甲"\n[notice]\nnumber = "1"\nnot_before = 2026-11-24T09:00:00Z\n'
            'not_after = 2026-11-24T10:00:00Z\n[[officers]]\nname = "张三"\n[[officers]]\nname = "张三"',
            "a remote check needs two or more officers; 2 named",
        ),
    ],
)  # fmt: skip
def test_all_that_a_police_check_lacks_is_named_at_once(tmp_path: Path, text: str, says: str) -> None:
    path = tmp_path / "scope.toml"
    path.write_text(f'mode = "police"\n{text}\n[scope]\ntargets = ["192.0.2.1"]\n', encoding="utf-8")
    with pytest.raises(PolicyRefusal) as caught:
        build_scope("police", [], read_scope_file(path), authorized_by="", own=())
    assert str(caught.value) == f"scope file {path}: {says}"


def test_a_police_check_without_a_scope_file_is_told_what_it_needs() -> None:
    with pytest.raises(PolicyRefusal) as caught:
        build_scope("police", [parse_target("192.0.2.1")], None, authorized_by="", own=())
    needs = "police mode needs a scope file (--scope FILE.toml) with the object, notice and officers"
    assert str(caught.value) == needs


def test_a_scan_needs_a_target() -> None:
    with pytest.raises(UsageError) as caught:
        build_scope("self", [], None, authorized_by="", own=())
    assert str(caught.value) == "no target: name one on the command line, in --targets, or in a scope file"


def test_a_window_must_have_a_length(tmp_path: Path) -> None:
    path = tmp_path / "scope.toml"
    same = "2026-11-24T09:00:00Z"
    path.write_text(f"[notice]\nnot_before = {same}\nnot_after = {same}\n[scope]\ntargets = ['192.0.2.1']\n")
    with pytest.raises(UsageError) as caught:
        read_scope_file(path)
    assert str(caught.value) == f"scope file {path}: [notice] not_after is not later than not_before"


# ------------------------------------------------------------------ --hosted


def test_a_file_of_hosted_ranges_is_read(tmp_path: Path) -> None:
    path = tmp_path / "hosted.toml"
    longest = "云" * 100
    path.write_text(
        f'[[hosted]]\nname = "{longest}"\nnetworks = ["192.0.2.1"]\n'
        '[[hosted]]\nname = " 乙 "\nkind = "waf"\nnetworks = ["2001:db8::/32", "192.0.2.4-7"]\n',
        encoding="utf-8",
    )
    assert read_hosted_file(path) == (
        HostedRange(name=longest, networks=("192.0.2.1/32",), kind="other"),
        HostedRange(name="乙", networks=("2001:db8::/32", "192.0.2.4/30"), kind="waf"),
    )


UNUSABLE = "[[hosted]] name is empty, too long, or has characters that cannot be printed"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('[[hosted]]\nname = " "\nnetworks = ["192.0.2.1"]', UNUSABLE),
        (f'[[hosted]]\nname = "{"云" * 101}"\nnetworks = ["192.0.2.1"]', UNUSABLE),
        ('[[hosted]]\nname = "a\\u202eb"\nnetworks = ["192.0.2.1"]', UNUSABLE),
        ('[[hosted]]\nname = "甲"\nnetworks = []', "[[hosted]] 甲 has no networks"),
        (
            '[[hosted]]\nname = "甲"\nnetworks = ["www.example.cn"]',
            "networks: 'www.example.cn' is not an address, network or range",
        ),
        (
            '[[hosted]]\nname = "甲"\nnetworks = ["192.0.2.1:80"]',
            "networks: '192.0.2.1:80' is not an address, network or range",
        ),
    ],
)
def test_a_wrong_entry_of_a_hosted_file_is_named(tmp_path: Path, text: str, says: str) -> None:
    path = tmp_path / "hosted.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(UsageError) as caught:
        read_hosted_file(path)
    assert str(caught.value) == f"--hosted {path}: {says}"


def test_a_hosted_file_that_is_none_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"^cannot read --hosted .*none\.toml: No such file or directory$"):
        read_hosted_file(tmp_path / "none.toml")
    path = tmp_path / "hosted.toml"
    path.write_text("[[hosted]]\nname = '甲'\nnetworks = ['192.0.2.1']\nport = 1", encoding="utf-8")
    with pytest.raises(UsageError, match=r"^--hosted .*hosted\.toml: .*`port`"):
        read_hosted_file(path)
