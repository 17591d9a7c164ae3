"""Address records in CSV exports: heads, encodings, faults; a lease file that Kea itself wrote."""

from __future__ import annotations

import csv
import gzip
import io
import json
import shutil
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.errors import UsageError
from scanner.facts.records import AddressRecordFacts
from scanner.logs.record_columns import ALIASES, plain, stated
from scanner.logs.records import gather, moment
from scanner.logs.sources import BLOCK, Source
from tests.test_scan import Zijian

NAT = "开始时间,结束时间,私网地址,公网地址,公网起始端口,公网结束端口\n"
DOC = Path(__file__).parents[2] / "docs/logs.md"


def read(data: bytes | str, **stating: object) -> AddressRecordFacts:
    """The one kind of records in ``data``, by way of the readers of files."""
    (facts,), unknown = gathered(data, **stating)
    assert not unknown
    return facts


def gathered(data: bytes | str, **stating: object) -> tuple[tuple[AddressRecordFacts, ...], tuple[str, ...]]:
    raw = data.encode() if isinstance(data, str) else data
    return gather([(Source("a.csv", None), iter([raw]))], 480, **stating)  # type: ignore[arg-type]


def signs(facts: AddressRecordFacts) -> dict[str, tuple[int, tuple[str, ...]]]:
    return {sign.kind: (sign.records, sign.examples) for sign in facts.signs}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "utf-16"])
@pytest.mark.parametrize("packed", [False, True])
def test_encodings_and_packing_make_no_difference(tmp_path: Path, encoding: str, packed: bool) -> None:
    from scanner.logs.sources import sources

    text = (
        "地址转换记录导出\r\n"
        + NAT
        + '2026-01-31 08:00:00,"2026-01-31 09:00:00",10.0.0.1,203.0.113.1,1024,2047\r\n'
    )
    data = text.encode(encoding)
    (tmp_path / "nat.csv").write_bytes(gzip.compress(data) if packed else data)
    (facts,), unknown = gather(sources([tmp_path]), 480)
    assert not unknown
    assert (facts.kind, facts.records, facts.absent, facts.signs) == ("nat", 1, (), ())
    assert facts.first == datetime(2026, 1, 31, tzinfo=UTC)
    assert facts.days == {"2026-01-31": 1}
    assert facts.columns["private_address"] == "私网地址"


def test_a_lease_file_that_kea_wrote(tmp_path: Path) -> None:
    head = "address,hwaddr,client_id,valid_lifetime,expire,subnet_id,fqdn_fwd,fqdn_rev,hostname,state,user_context\n"
    (tmp_path / "copy").write_text(
        head
        + "10.0.0.5,02:00:00:00:00:01,,3600,1790003600,1,0,0,a,0,\n"
        + '10.0.0.6,02:00:00:00:00:02,01:02,3600,1790003700,1,0,0,,0,{ "comment": "a&#x2cb" }\n'
        + "10.0.0.5,02:00:00:00:00:01,,3600,1790005400,1,0,0,a,0,\n"
    )
    (tmp_path / "conf").write_text('{"Dhcp4": {}}')
    options = {"-x": "leases.csv", "-i": "copy", "-o": "output", "-f": "finish", "-c": "conf", "-p": "pid"}
    arguments = [part for option, name in options.items() for part in (option, str(tmp_path / name))]
    program = shutil.which("kea-lfc", path="/usr/sbin:/usr/bin")
    assert program
    subprocess.run([program, "-4", *arguments], check=True, capture_output=True, cwd=tmp_path, timeout=60)
    facts = read((tmp_path / "leases.csv").read_bytes())
    assert (facts.kind, facts.records, facts.absent, facts.lacking, facts.signs) == (
        "assignment", 2, (), {}, (),
    )  # fmt: skip
    assert facts.first == datetime.fromtimestamp(1790003700 - 3600, UTC)
    assert facts.last == datetime.fromtimestamp(1790005400 - 3600, UTC)


def test_each_fault_is_named_with_its_record() -> None:
    facts = read(
        NAT
        + "2026-01-31 08:00:00,2026-01-31 09:00:00,10.0.0.1,203.0.113.1,1024,2047\n"
        + "2026-01-31 08:30:00,2026-01-31 09:30:00,10.0.0.2,203.0.113.1,1024,2047\n"
        + "2026-01-31 08:30:00,2026-01-31 09:30:00,10.0.0.2,203.0.113.1,2048,3071\n"
        + "2026-01-31 08:30:00,2026-01-31 07:30:00,10.0.0.3,203.0.113.2,1024,2047\n"
        + "31.01.2026,,10.0.0.3,203.0.113.2,1024,2047\n"
        + "2026-01-31 08:30:00,,10.0.0.300,203.0.113.2,1024,2047\n"
        + "2026-01-31 08:30:00,,10.0.0.3,203.0.113.2,2047,70000\n"
        + "2026-02-01 08:30:00,,10.0.0.3,203.0.113.2,,\n"
    )
    assert signs(facts) == {
        "overlap": (1, ("a.csv:3",)),
        "end_before_start": (1, ("a.csv:5",)),
        "unreadable_time": (1, ("a.csv:6",)),
        "bad_address": (1, ("a.csv:7",)),
        "bad_port": (1, ("a.csv:8",)),
    }
    assert facts.lacking == {"ports": 1}
    assert facts.days == {"2026-01-31": 6, "2026-02-01": 1}


def test_users_that_follow_one_another_or_stay_are_no_overlap() -> None:
    facts = read(
        "账号,IP地址,上线时间,下线时间\n"
        "a,10.0.0.1,2026-01-31 08:00:00,2026-01-31 09:00:00\n"
        "A,10.0.0.1,2026-01-31 08:30:00,2026-01-31 09:30:00\n"
        "b,10.0.0.1,2026-01-31 09:30:00,2026-01-31 10:30:00\n"
    )
    assert facts.kind == "assignment"
    assert not facts.signs


def test_what_may_be_one_user_or_two_by_right_is_no_overlap() -> None:
    same = "2026-01-31 08:00:00,2026-01-31 09:00:00"
    ports = read(
        f"start,end,private ip,public ip,public port\n{same},10.0.0.1,203.0.113.1,53\n{same},10.0.0.2,203.0.113.1,53\n"
    )
    users = read(f"start,end,address,account,mac\n{same},10.0.0.1,a,\n{same},10.0.0.1,a,02:00:00:00:00:01\n")
    assert (ports.kind, users.kind) == ("nat", "assignment")
    assert not ports.signs
    assert not users.signs


def test_nat_without_ports_cannot_tell_a_user() -> None:
    facts = read("time;源地址;转换后源地址\n2026-01-31T00:00:00Z;10.0.0.1;203.0.113.1\n")
    assert (facts.kind, facts.absent, facts.lacking) == ("nat", ("ports",), {"ports": 1})


def test_public_wifi_is_told_by_telephone_or_place() -> None:
    facts = read(
        "手机号\t终端MAC\tSSID\t上线时间\n13800000000\t02:00:00:00:00:01\tx\t2026/1/31 8:00\n\t\tx\t2026/1/31 8:01\n"
    )
    assert (facts.kind, facts.records, facts.lacking) == ("wifi", 2, {"user": 1, "address": 1})
    assert "13800000000" not in repr(facts)


def test_columns_that_are_stated_by_number_or_head() -> None:
    mapping = stated("start=1,private_address=2,public_address=3,public_port=4")
    facts = read(
        "1769817600,10.0.0.1,203.0.113.1,5\n1769817601,10.0.0.1,203.0.113.1,6\n", kind="nat", mapping=mapping
    )
    assert (facts.records, facts.lacking, facts.signs) == (2, {}, ())
    facts = read(
        "wann,wer,was\n1769817600000,a,10.0.0.1\n", mapping=stated("start=wann,account=2,address=was")
    )
    assert (facts.kind, facts.records, facts.lacking) == ("assignment", 1, {})


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("start", "not NAME=HEAD"), ("when=1", "no column is called 'when'"), ("start=0", "counted from 1"),
        ("start=1,start=2", "stated twice"), ("start=9", "has 2 columns"), ("start=x", "no such head"),
    ],
)  # fmt: skip
def test_a_mapping_that_is_none_is_refused_in_a_sentence(text: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        gathered("a,b\n1,2\n", mapping=stated(text))


@pytest.mark.parametrize(
    ("written", "seconds"),
    [
        ("2026-01-31 08:00:00", 1769817600), ("2026/1/31 8:00", 1769817600), ("2026年1月31日 8时0分0秒", 1769817600),
        ("20260131080000", 1769817600), ("2026-01-31T00:00:00.123Z", 1769817600), ("2026-01-31T01:00:00+01:00", 1769817600),
        ("1769817600", 1769817600), ("1769817600123", 1769817600), ("2026-02-30 00:00:00", None), ("", None), ("5", None),
        ("9" * 5000, None), ("2026-01-31", None),
    ],
)  # fmt: skip
def test_times_as_exports_write_them(written: str, seconds: int | None) -> None:
    assert moment(written, 480) == seconds


@given(st.binary(max_size=400))
def test_no_bytes_break_it(data: bytes) -> None:
    for head in (b"", NAT.encode(), NAT.encode("gbk"), b'start,address,user\n"'):
        gathered(head + data)


cells = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0"), max_size=12)


@given(st.lists(st.tuples(st.integers(0, 10**6), cells), min_size=1, max_size=20))
def test_every_record_is_counted_whatever_is_quoted(rows: list[tuple[int, str]]) -> None:
    base = datetime(2026, 1, 1, tzinfo=UTC)
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["login time", "ip address", "user name"])
    for late, user in rows:
        writer.writerow([(base + timedelta(seconds=late)).isoformat(), "2001:db8::1", user])
    facts = read(out.getvalue())
    assert facts.records == sum(facts.days.values()) == len(rows)
    assert facts.first == base + timedelta(seconds=min(late for late, _ in rows))
    assert facts.last == base + timedelta(seconds=max(late for late, _ in rows))
    assert facts.lacking.get("user", 0) == sum(not user.strip() for _, user in rows)


def test_a_quote_that_never_ends_is_named_and_takes_no_memory() -> None:
    facts, _ = gathered(NAT.encode() + b'"' + b"x,y\n" * (BLOCK // 4))
    assert "malformed" in signs(facts[0])


def test_no_head_means_one_column_only() -> None:
    heads = [plain(head) for names in ALIASES.values() for head in names]
    assert len(heads) == len(set(heads))


def test_the_documents_table_is_the_table() -> None:
    text = DOC.read_text(encoding="utf-8")
    for name, heads in ALIASES.items():
        assert f"| `{name}` |" in text
        assert f"| {'、'.join(heads)} |" in text


def test_the_command_says_how_far_back_and_no_name(tmp_path: Path) -> None:
    zijian = Zijian(tmp_path)
    file = tmp_path / "online.csv"
    file.write_text("账号,IP地址,上线时间,下线时间\nzhangsan,10.0.0.1,2026-01-31 08:00:00,\n", encoding="gbk")
    done = zijian("logs", "records", str(file), "--law-date", "2026-04-01", "--lang", "zh")
    assert done.returncode == 0, done.stderr
    assert "最早一条距 2026-04-01 60 天" in done.stdout
    assert "不足 6 个月（网络安全法第二十三条第（三）项）" in done.stdout
    assert "已满 60 天（公安部令第82号第十三条）" in done.stdout
    assert "zhangsan" not in done.stdout
    assert "10.0.0.1" not in done.stdout
    (facts,) = json.loads(zijian("logs", "records", str(file), "--json").stdout)
    assert facts["kind"] == "assignment"
    file.write_text("a,b\n1,2\n")
    done = zijian("logs", "records", str(file))
    assert done.returncode == 2
    assert "no address records were recognised in online.csv" in done.stderr
