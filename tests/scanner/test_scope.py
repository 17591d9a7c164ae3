"""Attempts to get round the scope. Nothing here sends anything."""

from __future__ import annotations

import ipaddress
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.errors import PolicyRefusal, UsageError
from scanner.scope import Grant, Scope, build_scope, is_public, parse_name, parse_target, read_scope_file
from scanner.text import without_credentials

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)

POLICE = """
mode = "police"
unit = "某市公安局网络安全保卫支队"

[object]
name = "某某科技有限公司"
credit_code = "91110000000000000X"

[notice]
kind = "notice"
number = "网安检〔2026〕1号"
not_before = 2026-11-23T09:00:00+08:00
not_after = 2026-11-23T18:00:00+08:00

[[officers]]
name = "张三"
number = "010001"

[[officers]]
name = "李四"
number = "010002"

[scope]
targets = ["198.51.100.0/28", "www.example.cn", "203.0.113.7:443"]
addresses = ["198.51.100.0/28"]
exclude = ["198.51.100.5"]
"""


@pytest.fixture
def scope_file(tmp_path: Path) -> Path:
    path = tmp_path / "scope.toml"
    path.write_text(POLICE, encoding="utf-8")
    return path


def police(path: Path, *targets: str) -> Scope:
    written = [parse_target(text) for text in targets]
    return build_scope("police", written, read_scope_file(path), authorized_by="", own=())


def self_scope(*targets: str, name: str = "张三") -> Scope:
    return build_scope("self", [parse_target(text) for text in targets], None, authorized_by=name, own=())


def refused(scope: Scope, ip: str, port: int = 80, at: datetime = NOW) -> str:
    with pytest.raises(PolicyRefusal) as caught:
        scope.permit(ip, port, "tcp", at)
    return caught.value.kind


# ------------------------------------------------------------------ reading targets


@pytest.mark.parametrize(
    ("text", "networks", "name", "port"),
    [
        ("192.0.2.1", ["192.0.2.1/32"], None, None),
        ("192.0.2.0/30", ["192.0.2.0/30"], None, None),
        ("192.0.2.1-3", ["192.0.2.1/32", "192.0.2.2/31"], None, None),
        ("192.0.2.254-192.0.3.1", ["192.0.2.254/31", "192.0.3.0/31"], None, None),
        ("192.0.2.1:8443", ["192.0.2.1/32"], None, 8443),
        ("2001:db8::1", ["2001:db8::1/128"], None, None),
        ("[2001:db8::1]:443", ["2001:db8::1/128"], None, 443),
        ("::ffff:192.0.2.1", ["192.0.2.1/32"], None, None),
        ("[::ffff:192.0.2.1]:80", ["192.0.2.1/32"], None, 80),
        ("::ffff:192.0.2.0/124", ["192.0.2.0/28"], None, None),
        ("WWW.Example.CN.", [], "www.example.cn", None),
        ("例子.中国", [], "xn--fsqu00a.xn--fiqs8s", None),
        ("https://www.example.cn/a?b", [], "www.example.cn", 443),
        ("http://192.0.2.1:8080/", ["192.0.2.1/32"], None, 8080),
    ],
)
def test_reads_targets(text: str, networks: list[str], name: str | None, port: int | None) -> None:
    target = parse_target(text)
    assert [str(network) for network in target.networks] == networks
    assert (target.name, target.port) == (name, port)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "-sS",
        "--script=exploit",
        "-iL/etc/passwd",
        "192.0.2.1 -sU",
        "192.0.2.1\n198.51.100.1",
        "192.0.2.1,198.51.100.1",
        "192.0.2.0/33",
        "192.0.2.1/24",
        "192.0.2.9-3",
        "192.0.2.1-999",
        "192.0.2.*",
        "127.1",
        "0x7f.0.0.1",
        "0177.0.0.1",
        "2130706433",
        "192.0.2.1:0",
        "192.0.2.1:65536",
        "example.cn:http",
        "[2001:db8::1",
        "[192.0.2.1]:80",
        "fe80::1%eth0",
        "224.0.0.1",
        "255.255.255.255",
        "0.0.0.0",
        "0.0.0.0/0",
        "::",
        "ftp://example.cn/",
        "https://user:pass@example.cn/",
        "https:///path",
        "exa mple.cn",
        "example..cn",
        "-example.cn",
        "a" * 64 + ".cn",
        "$(reboot).cn",
        "example.cn;id",
    ],
)
def test_refuses_what_is_no_target(text: str) -> None:
    with pytest.raises(UsageError):
        parse_target(text)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("ftp://example.cn/", "scheme 'ftp' is not http or https"),
        ("https://user@example.cn/", "a user name or password is not taken"),
        ("https://:pass@example.cn/", "a user name or password is not taken"),
        ("https:///path", "the URL has no host"),
        ("192.0.2.1-256", "256 is above 255"),
        ("192.0.2.1:65536", "port '65536' is not a number from 1 to 65535"),
        ("192.0.2.1:１", "port '１' is not a number from 1 to 65535"),
        ("[2001:db8::1]x", "brackets do not match"),
        ("[2001:db8::1]]:80", "brackets do not match"),
        ("192.0.2.1-192.0.2.3-5", "Only decimal digits permitted in '3-5' in '192.0.2.3-5'"),
        ("example!.cn", "it is not a host name (RFC 1123)"),
        ("fe80::1%eth0", "an address with a zone (RFC 4007) is another host on each machine"),
        ("224.0.0.0/4", "224.0.0.0/4 is not the address of a host"),
        ("0.0.0.0/1", "0.0.0.0/1 is not the address of a host"),
        ("255.255.255.0/24", "255.255.255.0/24 holds the broadcast address"),
        ("::ffff:0:0/95", "::ffff:0:0/95 has host bits set"),
        ("a" * 64 + ".cn", "it is not a host name (RFC 1123)"),
        ("127.1", "its last label is a number, so it looks like an unusual way to write an address"),
    ],
)
def test_a_refused_target_is_told_what_is_wrong_with_it(text: str, says: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_target(text)
    shown = without_credentials(text)
    assert str(caught.value) == f"target {shown!r} is not an address, network, range, name or URL: {says}"


@pytest.mark.parametrize(
    "text", ["192.0.2.1-255", "192.0.2.255", "http://192.0.2.1:80/", "http://192.0.2.1/", "192.0.2.1:65535"]
)
def test_the_last_of_what_is_allowed_is_taken(text: str) -> None:
    assert parse_target(text).networks
    assert parse_target(text).port in {None, 80, 65535}


@given(st.text(max_size=60))
def test_parsing_never_fails_otherwise(text: str) -> None:
    try:
        target = parse_target(text)
    except UsageError:
        return
    assert target.networks or target.name
    assert not target.text.startswith("-")


@given(st.text(alphabet="0123456789abcdefxX.:-/[]%", max_size=40))
def test_unusual_spellings_of_addresses_are_never_names(text: str) -> None:
    try:
        name = parse_name(text)
    except ValueError:
        return
    assert not name.rpartition(".")[2].isdigit()


# ------------------------------------------------------------------ the extent


def test_permits_what_is_granted_and_nothing_else(scope_file: Path) -> None:
    scope = police(scope_file)
    scope.permit("198.51.100.1", 22, "tcp", NOW)
    assert refused(scope, "198.51.100.16") == "out_of_scope"
    assert refused(scope, "198.51.100.5") == "out_of_scope"
    assert refused(scope, "203.0.113.8", 443) == "out_of_scope"
    scope.permit("203.0.113.7", 443, "tcp", NOW)
    assert refused(scope, "203.0.113.7", 22) == "out_of_scope"
    assert refused(scope, "not an address") == "out_of_scope"


def test_mapped_ipv6_is_the_ipv4_address_it_stands_for(scope_file: Path) -> None:
    scope = police(scope_file)
    scope.permit("::ffff:198.51.100.1", 22, "tcp", NOW)
    assert refused(scope, "::ffff:203.0.113.9") == "out_of_scope"
    assert refused(scope, "::ffff:198.51.100.5") == "out_of_scope"


@pytest.mark.parametrize(
    "target",
    ["198.51.100.0/27", "198.51.100.0/24", "198.51.100.14-17", "203.0.113.7", "203.0.113.7:80", "mail.example.cn",
     "example.cn", "2001:db8::1", "::ffff:198.51.100.0/123"],
)  # fmt: skip
def test_a_target_wider_than_the_notice_is_refused(scope_file: Path, target: str) -> None:
    with pytest.raises(PolicyRefusal) as caught:
        police(scope_file, target)
    assert caught.value.kind == "out_of_scope"
    assert str(caught.value) == f"target {target} is not within the scope file {scope_file}"


@pytest.mark.parametrize(
    "target", ["198.51.100.3", "198.51.100.8/29", "203.0.113.7:443", "https://www.example.cn/"]
)
def test_a_target_within_the_notice_is_taken(scope_file: Path, target: str) -> None:
    assert police(scope_file, target).targets[0].text == target


def test_a_target_that_is_excluded_is_refused(scope_file: Path) -> None:
    with pytest.raises(PolicyRefusal, match=r"^target 198\.51\.100\.5 is excluded by the scope$") as caught:
        police(scope_file, "198.51.100.5")
    assert caught.value.kind == "out_of_scope"


def test_a_name_with_one_address_outside_keeps_only_the_inside_one(scope_file: Path) -> None:
    scope, left_out = police(scope_file).with_pins(
        {"www.example.cn": ["198.51.100.2", "192.0.2.66", "198.51.100.5", "::ffff:192.0.2.67", "224.0.0.1"]}
    )
    assert scope.pins == {"www.example.cn": ("198.51.100.2",)}
    assert [ip for _, ip in left_out] == ["192.0.2.66", "198.51.100.5", "192.0.2.67", "224.0.0.1"]
    assert refused(scope, "192.0.2.66") == "out_of_scope"


def test_a_pinned_name_with_a_port_grants_that_port_only() -> None:
    scope, _ = self_scope("www.example.cn:443").with_pins({"www.example.cn": ["192.0.2.1"]})
    scope.permit("192.0.2.1", 443, "tcp", NOW)
    assert refused(scope, "192.0.2.1", 80) == "out_of_scope"
    assert scope.ports_for("192.0.2.1") == frozenset({443})


def test_nmap_is_held_to_granted_ports() -> None:
    scope = self_scope("192.0.2.1:443", "192.0.2.2")
    scope.permit_address("192.0.2.1", [443], NOW)
    scope.permit_address("192.0.2.2", None, NOW)
    for ports in ([443, 80], None):
        with pytest.raises(PolicyRefusal):
            scope.permit_address("192.0.2.1", ports, NOW)


def test_hosts_leave_out_network_broadcast_and_excluded_addresses(scope_file: Path) -> None:
    ips = [ip for ip, _, _ in police(scope_file).hosts()]
    assert "198.51.100.0" not in ips
    assert "198.51.100.15" not in ips
    assert "198.51.100.5" not in ips
    assert ips[0] == "198.51.100.1"
    assert ips[-1] == "203.0.113.7"


@pytest.mark.parametrize(
    ("target", "last"),
    [
        ("192.0.2.0-15", range(16)),
        ("192.0.2.1-9", range(1, 10)),
        ("192.0.2.4-192.0.2.7", range(4, 8)),
        ("192.0.2.0/28", range(1, 15)),
        ("192.0.2.4/30", range(5, 7)),
        ("192.0.2.4/31", range(4, 6)),
        ("192.0.2.4/32", range(4, 5)),
    ],
)
def test_a_range_is_every_address_in_it_and_a_network_its_hosts(target: str, last: range) -> None:
    assert [ip for ip, _, _ in self_scope(target).hosts()] == [f"192.0.2.{one}" for one in last]


@pytest.mark.parametrize(
    ("target", "ips"),
    [("2001:db8::/127", ["2001:db8::", "2001:db8::1"]), ("2001:db8::/126", ["2001:db8::1", "2001:db8::2", "2001:db8::3"])],
)  # fmt: skip
def test_the_hosts_of_an_ipv6_network_leave_out_the_anycast_address_of_its_routers(
    target: str, ips: list[str]
) -> None:
    assert [ip for ip, _, _ in self_scope(target).hosts()] == ips


def test_hosts_are_told_with_the_target_that_named_them_first_and_all_their_names() -> None:
    scope, _ = self_scope("a.example.cn", "192.0.2.2", "b.example.cn", "a.example.cn:443", "192.0.2.1-2").with_pins(
        {"a.example.cn": ["192.0.2.1", "192.0.2.1"], "b.example.cn": ["192.0.2.1", "192.0.2.2"]}
    )  # fmt: skip
    assert scope.hosts() == (
        ("192.0.2.1", "a.example.cn", ("a.example.cn", "b.example.cn")),
        ("192.0.2.2", "192.0.2.2", ("b.example.cn",)),
    )


def test_a_name_that_is_written_with_several_ports_is_granted_them_all() -> None:
    scope, left_out = self_scope("a.example.cn:443", "a.example.cn:8443", "b.example.cn:80", "b.example.cn").with_pins(
        {"a.example.cn": ["not an address", "192.0.2.1"], "b.example.cn": ["192.0.2.2"]}
    )  # fmt: skip
    assert scope.ports_for("192.0.2.1") == {443, 8443}
    assert scope.ports_for("192.0.2.2") is None
    assert left_out == (("a.example.cn", "not an address"),)
    assert self_scope("192.0.2.1:80", "192.0.2.1:81", "192.0.2.0/30:82").ports_for("192.0.2.1") == {
        80,
        81,
        82,
    }


def test_too_many_addresses_are_refused() -> None:
    assert self_scope("10.0.0.0/16").allows("10.0.255.255")
    with pytest.raises(UsageError) as caught:
        self_scope("10.0.0.0/16", "10.1.0.0")
    assert str(caught.value) == "the targets hold 65537 addresses; one scan takes at most 65536"


def test_the_two_addresses_of_a_31_are_granted() -> None:
    scope = self_scope("192.0.2.4/31")
    assert [scope.allows(f"192.0.2.{last}") for last in range(3, 7)] == [False, True, True, False]


def test_what_was_given_stands_in_the_scope(scope_file: Path) -> None:
    scope = build_scope(
        "self", [parse_target("192.0.2.1"), parse_target("www.example.cn:443")], None, authorized_by="张三", own=(),
        resolvers=(("192.0.2.53", 53),),
    )  # fmt: skip
    assert scope.record.mode == "self"
    assert scope.record.targets == ("192.0.2.1", "www.example.cn:443")
    scope.permit("192.0.2.53", 53, "udp", NOW)
    assert refused(scope, "192.0.2.53", 54) == "out_of_scope"
    # The mode is what the command says, not what the file says.
    chosen = build_scope("self", [], read_scope_file(scope_file), authorized_by="张三", own=())
    assert chosen.record.mode == "self"


@given(st.ip_addresses(v=4), st.integers(1, 65535))
def test_scope_is_never_left(ip: ipaddress.IPv4Address, port: int) -> None:
    scope = self_scope("192.0.2.0/24", "198.51.100.7:443")
    inside = ip in ipaddress.ip_network("192.0.2.0/24") or (str(ip) == "198.51.100.7" and port == 443)
    assert scope.allows(str(ip), port) is inside
    assert scope.allows(f"::ffff:{ip}", port) is inside


def test_a_scope_survives_being_stored(scope_file: Path) -> None:
    written = [parse_target(text) for text in ("198.51.100.1-3", "203.0.113.7:443")]
    scope = build_scope(
        "police", written, read_scope_file(scope_file), authorized_by="", own=(),
        resolvers=(("192.0.2.53", 53), ("2001:db8::53", 5353)),
    )  # fmt: skip
    several = replace(
        scope, grants=(*scope.grants, Grant(ipaddress.ip_network("192.0.2.9"), frozenset({80, 443})))
    )
    for kept in (scope, several):
        stored = json.loads(json.dumps(kept.to_json()))
        assert Scope.from_json(kept.record, stored) == kept
    assert several.to_json()["grants"][-1] == "192.0.2.9/32 80,443"


def test_a_refusal_says_what_was_refused_and_why(scope_file: Path) -> None:
    scope = police(scope_file)
    for at, says in (
        (datetime(2026, 11, 23, 0, 59, tzinfo=UTC), "begins at 2026-11-23T01:00:00+00:00; nothing is sent before"),
        (datetime(2026, 11, 23, 10, tzinfo=UTC), "ended at 2026-11-23T10:00:00+00:00; nothing is sent after"),
    ):  # fmt: skip
        for ask in (
            lambda at: scope.permit("198.51.100.1", 80, "tcp", at),
            lambda at: scope.permit_address("198.51.100.1", [80], at),
            lambda at: scope.permit_outsider("198.51.100.1", 80, at),
        ):
            with pytest.raises(PolicyRefusal) as caught:
                ask(at)
            assert (str(caught.value), caught.value.kind) == (f"the notified time {says}", "outside_window")
    with pytest.raises(PolicyRefusal) as caught:
        scope.permit("203.0.113.8", 161, "udp", NOW)
    assert str(caught.value) == "203.0.113.8 port 161/udp is not within the authorised scope"
    for ip in ("203.0.113.8", "198.51.100.5"):
        with pytest.raises(PolicyRefusal) as caught:
            scope.permit_address(ip, [80], NOW)
        assert str(caught.value) == f"{ip} is not within the authorised scope on all of these ports"
        assert caught.value.kind == "out_of_scope"


PUBLIC = ["9.9.9.9", "223.5.5.5", "2620:fe::fe", "2400:3200::1"]
NOT_PUBLIC = [
    "10.0.0.1", "100.64.0.1", "127.0.0.1", "169.254.1.1", "192.0.2.1", "192.88.99.1", "192.168.1.1", "224.0.0.251", "240.0.0.1",
    "255.255.255.255", "0.0.0.0", "::1", "::9.9.9.9", "64:ff9b::909:909", "64:ff9b:1::1", "2001::1", "2002:909:909::1", "fc00::1",
    "fe80::1", "fec0::1", "ff02::1", "ff0e::1", "2001:db8::1",
]  # fmt: skip


@pytest.mark.parametrize("ip", PUBLIC)
def test_a_host_that_a_certificate_names_is_asked_on_the_port_of_http_where_it_is_public(ip: str) -> None:
    scope = self_scope("192.0.2.1")
    assert is_public(ipaddress.ip_address(ip))
    scope.permit_outsider(ip, 80, NOW)
    with pytest.raises(PolicyRefusal) as caught:
        scope.permit_outsider(ip, 443, NOW)
    assert (
        str(caught.value)
        == f"{ip} port 443 is no public address on port 80, and not within the authorised scope"
    )
    assert caught.value.kind == "out_of_scope"


@pytest.mark.parametrize("ip", NOT_PUBLIC)
def test_no_other_address_is_asked_about_a_certificate(ip: str) -> None:
    assert not is_public(ipaddress.ip_address(ip))
    with pytest.raises(PolicyRefusal) as caught:
        self_scope("198.51.100.1").permit_outsider(ip, 80, NOW)
    assert caught.value.kind == "out_of_scope"


def test_mapped_outsiders_are_the_ipv4_address_inside() -> None:
    scope = self_scope("192.0.2.1")
    scope.permit_outsider("::ffff:9.9.9.9", 80, NOW)
    with pytest.raises(PolicyRefusal):
        scope.permit_outsider("::ffff:10.0.0.1", 80, NOW)


def test_a_granted_address_may_be_asked_about_a_certificate_on_its_ports_and_an_excluded_one_never(
    tmp_path: Path,
) -> None:
    path = tmp_path / "scope.toml"
    path.write_text(
        '[scope]\ntargets = ["10.0.0.0/30", "10.0.1.1:8888"]\nexclude = ["10.0.0.2", "9.9.9.0/24"]\n',
        encoding="utf-8",
    )
    scope = build_scope("self", [], read_scope_file(path), authorized_by="张三", own=())
    scope.permit_outsider("10.0.0.1", 8080, NOW)
    scope.permit_outsider("10.0.1.1", 8888, NOW)
    for ip, port in (("10.0.0.2", 80), ("9.9.9.9", 80)):
        with pytest.raises(PolicyRefusal) as caught:
            scope.permit_outsider(ip, port, NOW)
        assert (str(caught.value), caught.value.kind) == (f"{ip} is excluded", "out_of_scope")
    with pytest.raises(PolicyRefusal, match=r"10\.0\.1\.1 port 80 is no public address"):
        scope.permit_outsider("10.0.1.1", 80, NOW)


def test_domains_are_the_names_of_the_targets_and_what_stands_behind_www() -> None:
    scope = self_scope(
        "www.example.cn",
        "192.0.2.1",
        "mail.example.cn:25",
        "example.cn",
        "localhost",
        "db.localhost",
        "intranet",
    )
    assert scope.domains() == ("www.example.cn", "example.cn", "mail.example.cn")


# ------------------------------------------------------------------ the conditions


@pytest.mark.parametrize(
    ("at", "kind"),
    [
        (datetime(2026, 11, 23, 0, 59, 59, tzinfo=UTC), "outside_window"),
        (datetime(2026, 11, 23, 10, 0, tzinfo=UTC), "outside_window"),
        (datetime(2026, 11, 24, 8, 0, tzinfo=UTC), "outside_window"),
    ],
)
def test_nothing_is_sent_outside_the_window(scope_file: Path, at: datetime, kind: str) -> None:
    assert refused(police(scope_file), "198.51.100.1", at=at) == kind


def test_the_window_opens_and_closes_to_the_second(scope_file: Path) -> None:
    scope = police(scope_file)
    scope.permit("198.51.100.1", 80, "tcp", datetime(2026, 11, 23, 1, 0, tzinfo=UTC))
    scope.permit(
        "198.51.100.1", 80, "tcp", datetime(2026, 11, 23, 10, 0, tzinfo=UTC) - timedelta(milliseconds=1)
    )


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('[[officers]]\nname = "李四"\nnumber = "010002"', "", "two or more officers"),
        ('name = "李四"\nnumber = "010002"', 'name = "张三"\nnumber = "010001"', "two or more officers"),
        ('name = "李四"', 'name = " "', "name for every officer"),
        ('name = "某某科技有限公司"', 'name = ""', r"\[object\] name"),
        ('number = "网安检〔2026〕1号"', "", r"\[notice\] number"),
        ("not_after = 2026-11-23T18:00:00+08:00", "", r"\[notice\] not_after"),
        ("[scope]", 'company = { name = "某安全公司" }\n[scope]', "company"),
        (
            'credit_code = "91110000000000000X"',
            "critical_infrastructure = true",
            r"^the object is critical information infrastructure \(关键信息基础设施\): \[object\] cii_approval must name the "
            "approval or authorisation that State Council order 745 article 31 asks for$",
        ),
    ],
)
def test_police_mode_asks_for_every_condition(scope_file: Path, old: str, new: str, says: str) -> None:
    text = POLICE.replace(old, new)
    if new.startswith("company"):
        text = POLICE.replace("unit =", 'company = { name = "某安全公司" }\nunit =')
    scope_file.write_text(text, encoding="utf-8")
    with pytest.raises(PolicyRefusal, match=says):
        police(scope_file)


def test_police_mode_needs_a_scope_file() -> None:
    with pytest.raises(PolicyRefusal, match="scope file"):
        build_scope("police", [parse_target("192.0.2.1")], None, authorized_by="x", own=())


def test_critical_infrastructure_with_its_approval_is_taken(scope_file: Path) -> None:
    added = 'critical_infrastructure = true\ncii_approval = "公网安〔2026〕8号"\n\n[notice]'
    scope_file.write_text(POLICE.replace("[notice]", added), encoding="utf-8")
    assert police(scope_file).record.cii_approval == "公网安〔2026〕8号"


def test_the_protection_level_is_one_of_five(scope_file: Path) -> None:
    scope_file.write_text(POLICE.replace("[notice]", "protection_level = 3\n\n[notice]"), encoding="utf-8")
    assert police(scope_file).record.protection_level == 3
    scope_file.write_text(POLICE.replace("[notice]", "protection_level = 6\n\n[notice]"), encoding="utf-8")
    with pytest.raises(UsageError, match="protection_level"):
        police(scope_file)


def test_self_mode_needs_a_statement_except_for_this_machine() -> None:
    with pytest.raises(PolicyRefusal) as caught:
        self_scope("192.0.2.1", name="")
    assert caught.value.kind == "no_statement"
    assert str(caught.value) == (
        "the targets are not this machine: a person must state the right to test them (--authorized-by NAME)"
    )
    with pytest.raises(PolicyRefusal):
        self_scope("127.0.0.1", "192.0.2.1", name="")
    assert self_scope("127.0.0.1", "::1", "localhost", name="").record.authorized_by == ""
    own = {"192.0.2.1"}
    assert build_scope("self", [parse_target("192.0.2.1")], None, authorized_by="", own=own)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("mode = ", "not TOML"),
        ("[scope]\ntargets = []", "empty"),
        ("[scope]\ntargets = ['192.0.2.1']\n[scop]\nx = 1", "scop"),
        ("mode = 'other'\n[scope]\ntargets = ['192.0.2.1']", "mode"),
        ("[scope]\ntargets = ['-sS']", "-sS"),
        ("[scope]\ntargets = 5", "targets"),
        ("[notice]\nkind='x'\n[scope]\ntargets = ['192.0.2.1']", "kind"),
        ("[notice]\nnot_before=2026-11-23T09:00:00\n[scope]\ntargets = ['192.0.2.1']", "time zone"),
        (
            "[notice]\nnot_before=2026-11-23T09:00:00Z\nnot_after=2026-11-23T08:00:00Z\n[scope]\ntargets=['192.0.2.1']",
            "not_after",
        ),
        ("[scope]\ntargets = ['192.0.2.1']\naddresses = ['www.example.cn']", "addresses"),
        ("[scope]\ntargets = ['192.0.2.1']\nexclude = ['192.0.2.1:80']", "exclude"),
    ],
)
def test_a_wrong_scope_file_gets_one_sentence_with_its_place(tmp_path: Path, text: str, says: str) -> None:
    path = tmp_path / "scope.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(UsageError, match=says) as caught:
        read_scope_file(path)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_an_unreadable_scope_file_is_named(tmp_path: Path) -> None:
    path = tmp_path / "scope.toml"
    with pytest.raises(
        UsageError, match=r"^cannot read scope file .*scope\.toml: No such file or directory$"
    ):
        read_scope_file(path)
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(UsageError, match=r"^scope file .*scope\.toml is not TOML: "):
        read_scope_file(path)
    for key, entry in (("addresses", "www.example.cn"), ("exclude", "192.0.2.1:80")):
        path.write_text(f"[scope]\ntargets = ['192.0.2.1']\n{key} = ['{entry}']")
        with pytest.raises(UsageError) as caught:
            read_scope_file(path)
        assert str(caught.value) == f"scope file {path}: {key}: {entry!r} is not an address, network or range"
