"""The columns of address records: their heads in exports, and a mapping that a person states.

The heads are those of RADIUS accounting (RFC 2865, RFC 2866), of NAT events (RFC 8158, RFC 7659), of Kea's lease files, and the
Chinese terms that devices and systems show for them. docs/logs.md has the table; a test holds it to this one.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence

from scanner.errors import UsageError
from scanner.facts.records import RecordKind

ALIASES: Mapping[str, tuple[str, ...]] = {
    "start": (
        "start", "start time", "begin time", "login time", "acctstarttime", "timestamp", "time", "date time", "event time",
        "create time", "开始时间", "起始时间", "上线时间", "登录时间", "分配时间", "记录时间", "会话开始时间", "创建时间", "时间",
    ),
    "end": (
        "end", "end time", "stop time", "logout time", "acctstoptime", "expire", "close time", "release time", "结束时间",
        "终止时间", "下线时间", "退出时间", "释放时间", "会话结束时间", "到期时间",
    ),
    "lifetime": ("valid_lifetime", "lease time", "lease seconds", "租期", "租约时长"),
    "account": (
        "account", "user", "user name", "login name", "账号", "帐号", "用户账号", "用户名", "用户", "上网账号",
        "认证账号", "宽带账号",
    ),
    "phone": ("phone", "mobile", "phone number", "msisdn", "手机号", "手机号码", "电话号码", "认证手机号"),
    "mac": (
        "mac", "mac address", "hwaddr", "callingstationid", "client mac", "mac地址", "终端mac", "终端mac地址", "用户mac",
        "用户mac地址",
    ),
    "address": (
        "address", "ip", "ip address", "framed ip address", "client ip", "user ip", "assigned ip", "ip地址",
        "用户ip", "用户ip地址", "分配ip", "分配地址", "分配ip地址", "终端ip", "终端ip地址", "网络地址",
    ),
    "private_address": (
        "private address", "private ip", "inside address", "inside local", "internal ip", "source ip", "source address", "src ip",
        "sourceipv4address", "私网地址", "私网ip", "私网ip地址", "内网地址", "内网ip", "内部地址", "内部网络地址", "转换前源地址",
        "转换前源ip", "源ip", "源地址", "源ip地址",
    ),
    "public_address": (
        "public address", "public ip", "global address", "external ip", "inside global", "nat ip", "nat address", "nat source ip",
        "translated ip", "postnatsourceipv4address", "公网地址", "公网ip", "公网ip地址", "外网地址", "外网ip", "互联网地址",
        "转换后地址", "转换后源地址", "转换后ip", "转换后源ip", "nat地址", "nat后源ip",
    ),
    "public_port": (
        "public port", "external port", "nat port", "nat source port", "translated port", "postnaptsourcetransportport",
        "公网端口", "外网端口", "转换后端口", "转换后源端口", "nat端口", "nat后源端口",
    ),
    "port_start": (
        "port start", "start port", "port block start", "portrangestart", "起始端口", "端口块起始", "端口段起始", "公网起始端口",
    ),
    "port_end": (
        "port end", "end port", "port block end", "portrangeend", "结束端口", "终止端口", "端口块结束", "端口段结束",
        "公网结束端口",
    ),
    "port_block": ("port block", "port range", "端口块", "端口段", "端口范围"),
    "place": ("ssid", "ap", "ap name", "ap mac", "venue", "场所", "场所名称", "场所编码", "ap名称", "接入点", "无线名称"),
}  # fmt: skip
"""Our name of a column -> its heads, however they are cased, spaced or joined."""

NEEDED: Mapping[RecordKind, Mapping[str, tuple[str, ...]]] = {
    "assignment": {"start": ("start", "lifetime"), "address": ("address",), "user": ("account", "phone", "mac")},
    "nat": {
        "start": ("start",), "private_address": ("private_address",), "public_address": ("public_address",),
        "ports": ("public_port", "port_start", "port_block"),
    },
    "wifi": {"start": ("start",), "user": ("account", "phone"), "address": ("address", "mac")},
}  # fmt: skip
"""Kind -> what a record must tell -> the columns of which one is enough."""

Columns = Mapping[str, int]
"""Our name of a column -> its place, from 0."""


def plain(head: str) -> str:
    """A head as it is compared: width, case, spaces and joints do not count."""
    return re.sub(r"[\s_\-./:：()（）\"']", "", unicodedata.normalize("NFKC", head)).lower()


_BY_HEAD = {plain(head): name for name, heads in ALIASES.items() for head in heads}


def recognised(row: Sequence[str]) -> dict[str, int]:
    """The columns that ``row`` heads; of two alike the first."""
    found: dict[str, int] = {}
    for place, head in enumerate(row):
        name = _BY_HEAD.get(plain(head[:100]))
        if name is not None:
            found.setdefault(name, place)
    return found


def kind_of(columns: Columns) -> RecordKind | None:
    """What kind of records these columns make; None where they tell no time, or nothing of an address."""
    if "start" not in columns and not {"end", "lifetime"} <= columns.keys():
        return None
    if "public_address" in columns and {"private_address", "address"} & columns.keys():
        return "nat"
    if {"phone", "place"} & columns.keys() and {"address", "mac"} & columns.keys():
        return "wifi"
    return "assignment" if {"address", "mac"} & columns.keys() and len(columns) > 2 else None


def stated(text: str) -> dict[str, str]:
    """``start=开始时间,account=3`` as our name -> head or number.

    :raises UsageError: a part is not NAME=HEAD, or no such name.
    """
    found: dict[str, str] = {}
    for part in text.split(","):
        name, equals, head = part.strip().partition("=")
        if not equals or not head.strip():
            raise UsageError(
                f"--columns：{part.strip()!r} 不是“列名=表头”或者“列名=列号”",
                f"--columns: {part.strip()!r} is not NAME=HEAD or NAME=NUMBER",
            )
        if name not in ALIASES:
            raise UsageError(
                f"--columns：没有名为 {name!r} 的列，可选：{'、'.join(ALIASES)}",
                f"--columns: no column is called {name!r}; there are {', '.join(ALIASES)}",
            )
        if name in found:
            raise UsageError(f"--columns：{name} 写了两次", f"--columns: {name} is stated twice")
        if head.strip().isascii() and head.strip().isdigit() and int(head) < 1:
            raise UsageError(
                f"--columns：列号从 1 数起，不能是 {head.strip()!r}（{name}）",
                f"--columns: columns are counted from 1, not {head.strip()!r} ({name})",
            )
        found[name] = head.strip()
    return found


def placed(mapping: Mapping[str, str], row: Sequence[str], file: str) -> dict[str, int]:
    """The places of ``mapping`` in a file whose first row is ``row``.

    :raises UsageError: the row has no such head, or not so many columns.
    """
    heads = [plain(head) for head in row]
    found = {}
    for name, head in mapping.items():
        if head.isascii() and head.isdigit():
            place = int(head) - 1
            if place >= len(row):
                raise UsageError(
                    f"--columns：写了 {name}={head}，而 {file} 只有 {len(row)} 列",
                    f"--columns: {name}={head}, but {file} has {len(row)} columns",
                )
        elif plain(head) in heads:
            place = heads.index(plain(head))
        else:
            raise UsageError(
                f"--columns：写了 {name}={head}，而 {file} 的第一行没有这个表头",
                f"--columns: {name}={head}, but the first row of {file} has no such head",
            )
        found[name] = place
    return found
