"""Who may be touched: targets as written, the authorisation that covers them, and the addresses pinned for the scan.

A :class:`Scope` is immutable. It permits a connection only when the address was granted, the port was granted, the
address is not excluded, and the moment lies in the notified window. Names are resolved once, before anything else is
sent, by :func:`scanner.resolve.resolve_names`; from then on only the pinned addresses count, whatever DNS,
redirects or certificates say later.
"""

from __future__ import annotations

import hashlib
import ipaddress
import re
import tomllib
from collections.abc import Collection, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Literal, TypeVar
from urllib.parse import urlsplit

import idna
import msgspec

from scanner.errors import PolicyRefusal, UsageError
from scanner.records import AuthorizationRecord, HostedRange, Notice, Person
from scanner.said import Sentence, Told, zh
from scanner.text import without_credentials

T = TypeVar("T")
IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address
IPNetwork = ipaddress.IPv4Network | ipaddress.IPv6Network

LARGEST = 65536
"""Most addresses that one scan takes."""

_HTTP_PORT = 80
_LEADING_ELSEWHERE = tuple(
    ipaddress.ip_network(text)
    for text in (
        "192.88.99.0/24",
        "::/96",
        "::ffff:0:0/96",
        "64:ff9b::/96",
        "64:ff9b:1::/48",
        "2001::/32",
        "2002::/16",
        "fec0::/10",
    )
)
_UNSPECIFIED = ipaddress.IPv4Address(0)
_LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)")


class _NoTarget(Told, ValueError):
    """What is wrong with a target as written."""


@lru_cache(maxsize=4096)
def normalize_ip(text: str) -> IPAddress:
    """The address, with IPv4-mapped IPv6 (RFC 4291 §2.5.5.2) turned into the IPv4 address it stands for.

    :raises ValueError: not an address in its standard form.
    """
    address = ipaddress.ip_address(text)
    if isinstance(address, ipaddress.IPv6Address):
        if address.scope_id is not None:
            raise _NoTarget(
                f"{text!r} 是带区域标识的地址", f"{text!r}: an address with a zone is not a target"
            )
        if address.ipv4_mapped is not None:
            return address.ipv4_mapped
    return address


def is_public(address: IPAddress) -> bool:
    """Whether an address is a host's of its own on the public Internet, with no other address inside it.

    Left out are private and special addresses (IANA's registries) and the IPv6 forms that lead to an IPv4 address:
    NAT64 (RFC 6052, RFC 8215), 6to4 (RFC 3056), Teredo (RFC 4380), and mapped or compatible ones (RFC 4291).
    """
    if any(address in network for network in _LEADING_ELSEWHERE):
        return False
    return (
        address.is_global and not address.is_multicast and not address.is_reserved and not address.is_private
    )


def _normalize_network(text: str) -> IPNetwork:
    network = ipaddress.ip_network(text, strict=True)
    # Its last 32 bits alone can be the host's: with a shorter prefix the mapped form's ones would be host bits.
    if isinstance(network, ipaddress.IPv6Network) and network.network_address.ipv4_mapped is not None:
        return ipaddress.ip_network((network.network_address.ipv4_mapped, network.prefixlen - 96))
    return network


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """One target as written: an address, a network or range of addresses, or a name; perhaps a port."""

    text: str
    networks: tuple[IPNetwork, ...] = ()
    name: str | None = None
    """In A-labels (RFC 5890), lower case, no final dot."""
    port: int | None = None
    is_range: bool = False
    """Every address was meant, also one that would be the first or last of a network."""

    @property
    def size(self) -> int:
        """Number of addresses written; 0 for a name."""
        return sum(network.num_addresses for network in self.networks)


def parse_target(text: str) -> Target:
    """Read IPv4/IPv6, CIDR, range (``192.0.2.1-20`` or ``192.0.2.1-192.0.2.20``), name, ``host:port`` or URL.

    :raises UsageError: none of these; the sentence says what is wrong with ``text``.
    """
    written = text.strip()
    shown = without_credentials(written)
    if not written:
        raise UsageError("有一个目标是空的", "a target is empty")
    if written.startswith("-"):
        raise UsageError(
            f"目标 {shown!r} 以“-”开头；如果想写的是选项，没有这个选项",
            f"target {shown!r} begins with '-'; if it is an option, it is not one that zijian knows",
        )
    if any(ord(char) < 0x21 or ord(char) == 0x7F for char in written):
        raise UsageError(
            f"目标 {shown!r} 中有空格或者控制字符",
            f"target {shown!r} has a space or control character in it",
        )
    try:
        if "://" in written:
            return _parse_url(written)
        return _parse_plain(written)
    except ValueError as error:
        # The error and its cause may repeat a password.
        why = (
            Sentence("目标中不能带用户名或者密码", "a user name or password is not taken")
            if "@" in written
            else Sentence(zh(error), str(error))
        )
        raise UsageError(
            f"目标 {shown!r} 不是地址、网段、范围、域名或者网址：{zh(why)}",
            f"target {shown!r} is not an address, network, range, name or URL: {why}",
        ) from None


def _parse_url(written: str) -> Target:
    parts = urlsplit(written)
    if parts.scheme not in {"http", "https"}:
        raise _NoTarget(
            f"网址应以 http 或者 https 开头，不能是 {parts.scheme!r}",
            f"scheme {parts.scheme!r} is not http or https",
        )
    if parts.username is not None or parts.password is not None:
        raise _NoTarget("网址中不能带用户名或者密码", "a URL with a user name or password is not taken")
    if not parts.hostname:
        raise _NoTarget("网址中没有主机", "the URL has no host")
    port = parts.port if parts.port is not None else {"http": 80, "https": 443}[parts.scheme]
    # Nothing is asked of the path; a query may hold a token, and is not kept.
    return replace(_parse_host(parts.hostname, re.split(r"[?#]", written)[0]), port=_port(port))


def _parse_plain(written: str) -> Target:
    if written.startswith("["):
        host, bracket, rest = written[1:].partition("]")
        if not bracket or (rest and not rest.startswith(":")):
            raise _NoTarget("方括号不配对", "brackets do not match")
        ipaddress.IPv6Address(host)
        return replace(_parse_host(host, written), port=_port(rest[1:]) if rest else None)
    if written.count(":") == 1:
        host, _, port = written.partition(":")
        return replace(_parse_host(host, written), port=_port(port))
    return _parse_host(written, written)


def _port(value: str | int) -> int:
    text = str(value)
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= 65535):
        raise _NoTarget(
            f"端口 {text!r} 不是 1 至 65535 的数字", f"port {text!r} is not a number from 1 to 65535"
        )
    return int(text)


def _parse_host(host: str, written: str) -> Target:
    if "/" in host:
        return Target(text=written, networks=(_usable(_normalize_network(host)),))
    try:
        address = normalize_ip(host)
    except ValueError:
        pass
    else:
        return Target(text=written, networks=(_usable(ipaddress.ip_network(address)),))
    if ":" in host and "%" in host:
        raise _NoTarget(
            "带区域标识（RFC 4007）的地址在每台机器上指向不同的主机",
            "an address with a zone (RFC 4007) is another host on each machine",
        )
    first, dash, last = host.partition("-")
    if dash and re.fullmatch(r"[0-9.]+", first):
        return Target(text=written, networks=_parse_range(first, last), is_range=True)
    return Target(text=written, name=parse_name(host))


def _parse_range(first: str, last: str) -> tuple[IPNetwork, ...]:
    low = ipaddress.IPv4Address(first)
    if last.isascii() and last.isdigit():
        if int(last) > 255:
            raise _NoTarget(f"{last} 大于 255", f"{last} is above 255")
        last = f"{first.rpartition('.')[0]}.{int(last)}"
    high = ipaddress.IPv4Address(last)
    return tuple(_usable(network) for network in ipaddress.summarize_address_range(low, high))


def _usable(network: IPNetwork) -> IPNetwork:
    if network.is_multicast or network.is_unspecified or network.network_address == _UNSPECIFIED:
        raise _NoTarget(f"{network} 不是主机的地址", f"{network} is not the address of a host")
    if isinstance(network, ipaddress.IPv4Network) and network.broadcast_address == ipaddress.IPv4Address(
        "255.255.255.255"
    ):
        raise _NoTarget(f"{network} 包含广播地址", f"{network} holds the broadcast address")
    return network


def parse_name(text: str) -> str:
    """A host name in A-labels (IDNA 2008, UTS 46), lower case, without the final dot.

    A last label of digits only is refused: some resolvers would read it as an address (``127.1``, ``0x7f.1``).

    :raises ValueError: not a host name.
    """
    name = text.rstrip(".")
    try:
        name = idna.encode(name, uts46=True).decode().lower() if not name.isascii() else name.lower()
    except idna.IDNAError as error:
        raise _NoTarget(f"不是正确的国际化域名（{error}）", str(error)) from error
    labels = name.split(".")
    if len(name) > 253 or not all(_LABEL.fullmatch(label) for label in labels):
        raise _NoTarget("不是正确的主机名（RFC 1123）", "it is not a host name (RFC 1123)")
    if re.fullmatch(r"[0-9]+|0x[0-9a-f]*", labels[-1]):
        raise _NoTarget(
            "最后一段是数字，像是地址的不规范写法",
            "its last label is a number, so it looks like an unusual way to write an address",
        )
    return name


@dataclass(frozen=True, slots=True)
class Grant:
    """A block of addresses that may be touched, on all ports or on some."""

    network: IPNetwork
    ports: frozenset[int] | None = None

    def covers(self, address: IPAddress, port: int | None) -> bool:
        """Whether ``address`` (and ``port``, when given) lies within."""
        return address in self.network and (port is None or self.ports is None or port in self.ports)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """The authorised extent of one scan; the authority that the guarded door asks."""

    record: AuthorizationRecord
    targets: tuple[Target, ...]
    """What this scan examines, each within the authorisation."""
    grants: tuple[Grant, ...]
    exclude: tuple[IPNetwork, ...] = ()
    addresses: tuple[IPNetwork, ...] = ()
    """When not empty: the only addresses that a name may stand for."""
    resolvers: tuple[tuple[str, int], ...] = ()
    """DNS servers (address, port) that names may be asked of. They are not targets."""
    pins: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Name -> the addresses it stood for when the scan began and that are authorised."""
    _single: Mapping[IPAddress, tuple[Grant, ...]] = field(init=False, repr=False, compare=False)
    _wide: tuple[Grant, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        # Every connection asks; a city's worth of single addresses must not be gone through each time.
        single: dict[IPAddress, tuple[Grant, ...]] = {}
        for grant in self.grants:
            if grant.network.num_addresses == 1:
                address = grant.network.network_address
                single[address] = (*single.get(address, ()), grant)
        object.__setattr__(self, "_single", single)
        object.__setattr__(
            self, "_wide", tuple(grant for grant in self.grants if grant.network.num_addresses > 1)
        )

    def _grants_of(self, address: IPAddress) -> Iterator[Grant]:
        yield from self._single.get(address, ())
        yield from (grant for grant in self._wide if address in grant.network)

    def _excluded(self, address: IPAddress) -> bool:
        return any(address in network for network in self.exclude)

    def window(self) -> tuple[datetime | None, datetime | None]:
        """The notified window; None where it is open."""
        notice = self.record.notice
        return (notice.not_before, notice.not_after) if notice else (None, None)

    def permit_moment(self, at: datetime) -> None:
        """:raises PolicyRefusal: ``at`` lies outside the notified window."""
        not_before, not_after = self.window()
        if not_before is not None and at < not_before:
            raise PolicyRefusal(
                f"告知的时段从 {not_before.isoformat()} 开始，在此之前不发送任何数据",
                f"the notified time begins at {not_before.isoformat()}; nothing is sent before",
                kind="outside_window",
            )
        if not_after is not None and at >= not_after:
            raise PolicyRefusal(
                f"告知的时段已于 {not_after.isoformat()} 结束，此后不发送任何数据",
                f"the notified time ended at {not_after.isoformat()}; nothing is sent after",
                kind="outside_window",
            )

    def permit(self, ip: str, port: int, transport: str, at: datetime) -> None:
        """Return when a connection is authorised; see :class:`scanner.transport.Authority`.

        :raises PolicyRefusal: it is not.
        """
        self.permit_moment(at)
        if (ip, port) in self.resolvers:
            return
        if not self.allows(ip, port):
            raise PolicyRefusal(
                f"{ip} 的端口 {port}/{transport} 不在授权范围以内",
                f"{ip} port {port}/{transport} is not within the authorised scope",
                kind="out_of_scope",
            )

    def permit_address(self, ip: str, ports: Collection[int] | None, at: datetime) -> None:
        """Return when nmap may touch ``ports`` of an address; None stands for ports of nmap's own choice.

        :raises PolicyRefusal: it may not.
        """
        self.permit_moment(at)
        granted = self.ports_for(ip) if self.allows(ip) else frozenset()
        if granted is None or (ports is not None and granted.issuperset(ports) and granted):
            return
        raise PolicyRefusal(
            f"{ip} 的这些端口不都在授权范围以内",
            f"{ip} is not within the authorised scope on all of these ports",
            kind="out_of_scope",
        )

    def permit_outsider(self, ip: str, port: int, at: datetime) -> None:
        """Return when a host that a certificate names may be asked about it, which ``--revocation online`` allows.

        A certificate is the target's word, and may name anything: an address that is no public one, or any port but
        that of HTTP, is touched only where the scope itself grants it.

        :raises PolicyRefusal: it may not.
        """
        self.permit_moment(at)
        if self.allows(ip, port):
            return
        address = normalize_ip(ip)
        if self._excluded(address):
            raise PolicyRefusal(f"{ip} 已被排除", f"{ip} is excluded", kind="out_of_scope")
        if port != _HTTP_PORT or not is_public(address):
            raise PolicyRefusal(
                f"{ip} 端口 {port} 不是公网地址的 {_HTTP_PORT} 端口，也不在授权范围以内",
                f"{ip} port {port} is no public address on port {_HTTP_PORT}, and not within the authorised scope",
                kind="out_of_scope",
            )

    def allows(self, ip: str, port: int | None = None) -> bool:
        """Whether the address (and port) is granted and not excluded."""
        try:
            address = normalize_ip(ip)
        except ValueError:
            return False
        if self._excluded(address):
            return False
        return any(grant.covers(address, port) for grant in self._grants_of(address))

    def domains(self) -> tuple[str, ...]:
        """Names in DNS that the targets name, and what stands behind a ``www.``: subjects of questions to the DNS servers.

        A parent of a name is nobody's whom the targets name, so that it is left alone. ``localhost`` and names without a
        point are no names in DNS (RFC 6761 §6.3).
        """
        names = (target.name for target in self.targets if target.name)
        named = dict.fromkeys(part for name in names for part in (name, name.removeprefix("www.")))
        return tuple(name for name in named if "." in name and not name.endswith(".localhost"))

    def ports_for(self, ip: str) -> frozenset[int] | None:
        """The only ports granted on ``ip``; None when all are."""
        address = normalize_ip(ip)
        ports: set[int] = set()
        for grant in self._grants_of(address):
            if grant.ports is None:
                return None
            ports |= grant.ports
        return frozenset(ports)

    def with_pins(self, resolved: Mapping[str, Iterable[str]]) -> tuple[Scope, tuple[tuple[str, str], ...]]:
        """Pin the addresses that names resolved to, once.

        Returns the new scope and the (name, address) pairs that are refused: excluded, not among ``addresses``, or
        no address of a host.
        """
        pins: dict[str, tuple[str, ...]] = {}
        grants = list(self.grants)
        refused: list[tuple[str, str]] = []
        for name, found in resolved.items():
            kept: list[str] = []
            ports = {target.port for target in self.targets if target.name == name}
            allowed = None if None in ports else frozenset(port for port in ports if port is not None)
            for ip in found:
                try:
                    address = normalize_ip(ip)
                    network = _usable(ipaddress.ip_network(address))
                except ValueError:
                    refused.append((name, ip))
                    continue
                outside = self.addresses and not any(address in limit for limit in self.addresses)
                if outside or self._excluded(address):
                    refused.append((name, str(address)))
                    continue
                kept.append(str(address))
                grants.append(Grant(network, allowed))
            pins[name] = tuple(dict.fromkeys(kept))
        return replace(self, pins=pins, grants=tuple(grants)), tuple(refused)

    def to_json(self) -> dict[str, list[str]]:
        """What :meth:`from_json` needs beside the record to make the same scope again, without the pins."""
        granted = [
            f"{grant.network}"
            if grant.ports is None
            else f"{grant.network} {','.join(map(str, sorted(grant.ports)))}"
            for grant in self.grants
        ]
        return {
            "targets": [target.text for target in self.targets],
            "grants": granted,
            "addresses": [str(network) for network in self.addresses],
            "exclude": [str(network) for network in self.exclude],
            "resolvers": [f"{ip} {port}" for ip, port in self.resolvers],
        }

    @classmethod
    def from_json(cls, record: AuthorizationRecord, data: Mapping[str, Sequence[str]]) -> Scope:
        """The scope that :meth:`to_json` wrote down before names were pinned."""
        grants: list[Grant] = []
        for text in data["grants"]:
            network, _, ports = text.partition(" ")
            numbers = frozenset(int(port) for port in ports.split(",")) if ports else None
            grants.append(Grant(ipaddress.ip_network(network), numbers))
        resolvers = (text.partition(" ") for text in data["resolvers"])
        return cls(
            record=record,
            targets=tuple(parse_target(text) for text in data["targets"]),
            grants=tuple(grants),
            exclude=tuple(ipaddress.ip_network(text) for text in data["exclude"]),
            addresses=tuple(ipaddress.ip_network(text) for text in data["addresses"]),
            resolvers=tuple((ip, int(port)) for ip, _, port in resolvers),
        )

    def hosts(self) -> tuple[tuple[str, str, tuple[str, ...]], ...]:
        """(address, first target that named it, names) for every address to examine, in the order written."""
        found: dict[str, tuple[str, list[str]]] = {}
        for target in self.targets:
            if target.name is not None:
                for ip in self.pins.get(target.name, ()):
                    _, names = found.setdefault(ip, (target.text, []))
                    if target.name not in names:
                        names.append(target.name)
                continue
            for network in target.networks:
                for address in network if target.is_range else network.hosts():
                    if not self._excluded(address):
                        found.setdefault(str(address), (target.text, []))
        return tuple((ip, target, tuple(names)) for ip, (target, names) in found.items())


# --------------------------------------------------------------------------- scope.toml


class _PersonEntry(msgspec.Struct, forbid_unknown_fields=True):
    name: str
    number: str = ""
    unit: str = ""


class _Object(msgspec.Struct, forbid_unknown_fields=True):
    name: str
    credit_code: str = ""
    critical_infrastructure: bool = False
    cii_approval: str = ""
    protection_level: Annotated[int, msgspec.Meta(ge=1, le=5)] | None = None
    provider_kinds: list[str] = []
    event: bool = False


class _Window(msgspec.Struct, forbid_unknown_fields=True):
    kind: str = "notice"
    number: str = ""
    issued: date | None = None
    not_before: datetime | None = None
    not_after: datetime | None = None


class _Company(msgspec.Struct, forbid_unknown_fields=True):
    name: str
    staff: list[_PersonEntry] = []


class _Extent(msgspec.Struct, forbid_unknown_fields=True):
    targets: list[str]
    addresses: list[str] = []
    exclude: list[str] = []


class _Hosted(msgspec.Struct, forbid_unknown_fields=True):
    name: str
    networks: list[str]
    kind: Literal["cdn", "waf", "load_balancer", "storage", "saas", "other"] = "other"


class _HostedFile(msgspec.Struct, forbid_unknown_fields=True):
    hosted: list[_Hosted]


class _ScopeFile(msgspec.Struct, forbid_unknown_fields=True, rename={"object_": "object"}):
    scope: _Extent
    mode: str = "self"
    authorized_by: str = ""
    statement: str = ""
    unit: str = ""
    object_: _Object | None = None
    notice: _Window | None = None
    officers: list[_PersonEntry] = []
    company: _Company | None = None
    hosted: list[_Hosted] = []


@dataclass(frozen=True, slots=True, kw_only=True)
class ScopeFile:
    """A scope file as read: the authorisation record and the extent it grants."""

    path: Path
    record: AuthorizationRecord
    targets: tuple[Target, ...]
    addresses: tuple[IPNetwork, ...]
    exclude: tuple[IPNetwork, ...]


def _read_toml(path: Path, what: Sentence, kind: type[T]) -> tuple[bytes, T]:
    try:
        raw = path.read_bytes()
        data = tomllib.loads(raw.decode("utf-8"))
    except OSError as error:
        raise UsageError(
            f"无法读取{zh(what)} {path}：{zh(error)}", f"cannot read {what} {path}: {error.strerror}"
        ) from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise UsageError(
            f"{zh(what)} {path} 不是 TOML 格式：{zh(error)}", f"{what} {path} is not TOML: {error}"
        ) from error
    try:
        return raw, msgspec.convert(data, kind)
    except msgspec.ValidationError as error:
        raise UsageError(f"{zh(what)} {path}：{zh(error)}", f"{what} {path}: {error}") from error


def read_hosted_file(path: Path) -> tuple[HostedRange, ...]:
    """Read a file of ``[[hosted]]`` tables (``--hosted``): addresses that third parties run, as the user states.

    :raises UsageError: it cannot be read, is not TOML, or an entry is wrong; the sentence names the place.
    """
    _, parsed = _read_toml(path, Sentence(" --hosted", "--hosted"), _HostedFile)
    try:
        return _hosted(parsed.hosted)
    except UsageError as error:
        raise UsageError(f"--hosted {path}：{zh(error)}", f"--hosted {path}: {error}") from error


def _hosted(entries: Iterable[_Hosted]) -> tuple[HostedRange, ...]:
    found: list[HostedRange] = []
    for entry in entries:
        name = entry.name.strip()
        if not name or not name.isprintable() or len(name) > 100:
            raise UsageError(
                "[[hosted]] name 是空的、过长，或者含有不能显示的字符",
                "[[hosted]] name is empty, too long, or has characters that cannot be printed",
            )
        if not entry.networks:
            raise UsageError(f"[[hosted]] {name} 没有写 networks", f"[[hosted]] {name} has no networks")
        networks = _networks(entry.networks, "networks")
        found.append(
            HostedRange(name=name, networks=tuple(str(network) for network in networks), kind=entry.kind)
        )
    return tuple(found)


def read_scope_file(path: Path) -> ScopeFile:
    """Read and check a ``scope.toml``; its form is documented in ``docs/scope.md``.

    :raises UsageError: it cannot be read, is not TOML, or an entry is wrong; the sentence names the place.
    """
    raw, parsed = _read_toml(path, Sentence("范围文件", "scope file"), _ScopeFile)
    if parsed.mode not in {"self", "police"}:
        raise UsageError(
            f"范围文件 {path}：mode 是 {parsed.mode!r}，应为 'self' 或者 'police'",
            f"scope file {path}: mode is {parsed.mode!r}; it must be 'self' or 'police'",
        )
    if not parsed.scope.targets:
        raise UsageError(
            f"范围文件 {path}：[scope] targets 是空的", f"scope file {path}: [scope] targets is empty"
        )
    try:
        targets = tuple(parse_target(text) for text in parsed.scope.targets)
        addresses = _networks(parsed.scope.addresses, "addresses")
        exclude = _networks(parsed.scope.exclude, "exclude")
        hosted = _hosted(parsed.hosted)
    except UsageError as error:
        raise UsageError(f"范围文件 {path}：{zh(error)}", f"scope file {path}: {error}") from error
    notice = _notice(path, parsed.notice)
    owner = parsed.object_
    record = AuthorizationRecord(
        mode=parsed.mode,
        authorized_by=parsed.authorized_by.strip(),
        statement=parsed.statement.strip(),
        object_name=owner.name.strip() if owner else "",
        object_credit_code=owner.credit_code.strip() if owner else "",
        unit=parsed.unit.strip(),
        notice=notice,
        officers=_people(parsed.officers),
        company=parsed.company.name.strip() if parsed.company else "",
        company_staff=_people(parsed.company.staff) if parsed.company else (),
        critical_infrastructure=owner.critical_infrastructure if owner else False,
        cii_approval=owner.cii_approval.strip() if owner else "",
        protection_level=owner.protection_level if owner else None,
        provider_kinds=tuple(owner.provider_kinds) if owner else (),
        event=owner.event if owner else False,
        targets=tuple(target.text for target in targets),
        addresses=tuple(str(network) for network in addresses),
        exclude=tuple(str(network) for network in exclude),
        scope_sha256=hashlib.sha256(raw).hexdigest(),
        hosted=hosted,
    )
    return ScopeFile(path=path, record=record, targets=targets, addresses=addresses, exclude=exclude)


def _notice(path: Path, window: _Window | None) -> Notice | None:
    if window is None:
        return None
    if window.kind not in {"notice", "announcement"}:
        raise UsageError(
            f"范围文件 {path}：[notice] kind 是 {window.kind!r}，应为 'notice' 或者 'announcement'",
            f"scope file {path}: [notice] kind is {window.kind!r}; it must be 'notice' or 'announcement'",
        )
    for key in ("not_before", "not_after"):
        moment = getattr(window, key)
        if moment is not None and moment.tzinfo is None:
            raise UsageError(
                f"范围文件 {path}：[notice] {key} 没有写时区，写法如 2026-11-24T09:00:00+08:00",
                f"scope file {path}: [notice] {key} has no time zone; write it like 2026-11-24T09:00:00+08:00",
            )
    if window.not_before and window.not_after and window.not_before >= window.not_after:
        raise UsageError(
            f"范围文件 {path}：[notice] not_after 应当晚于 not_before",
            f"scope file {path}: [notice] not_after is not later than not_before",
        )
    return Notice(
        kind=window.kind,
        number=window.number.strip(),
        issued=window.issued,
        not_before=window.not_before.astimezone(UTC) if window.not_before else None,
        not_after=window.not_after.astimezone(UTC) if window.not_after else None,
    )


def _people(entries: Iterable[_PersonEntry]) -> tuple[Person, ...]:
    return tuple(
        Person(name=entry.name.strip(), number=entry.number.strip(), unit=entry.unit.strip())
        for entry in entries
    )


def _networks(texts: Iterable[str], key: str) -> tuple[IPNetwork, ...]:
    found: list[IPNetwork] = []
    for text in texts:
        target = parse_target(text)
        if target.name is not None or target.port is not None:
            raise UsageError(
                f"{key}：{text!r} 不是地址、网段或者范围",
                f"{key}: {text!r} is not an address, network or range",
            )
        found.extend(target.networks)
    return tuple(found)


def build_scope(
    mode: str,
    written: Iterable[Target],
    scope_file: ScopeFile | None,
    *,
    authorized_by: str,
    own: Container[str],
    resolvers: tuple[tuple[str, int], ...] = (),
) -> Scope:
    """Join the command line's targets and the scope file into one scope, or refuse.

    ``own`` tells (by ``in``) which addresses belong to this machine; those need no statement in self mode.

    :raises PolicyRefusal: a condition of the mode is not met, or a target lies outside what is authorised.
    :raises UsageError: no target, or too many addresses.
    """
    targets = tuple(written)
    if scope_file is not None:
        record = replace(
            scope_file.record, mode=mode, authorized_by=authorized_by or scope_file.record.authorized_by
        )
        for target in targets:
            if not _within(target, scope_file):
                raise PolicyRefusal(
                    f"目标 {target.text} 不在范围文件 {scope_file.path} 的范围以内",
                    f"target {target.text} is not within the scope file {scope_file.path}",
                    kind="out_of_scope",
                )
        granted = scope_file.targets
        targets = targets or granted
        addresses, exclude = scope_file.addresses, scope_file.exclude
    else:
        record = AuthorizationRecord(
            mode=mode, authorized_by=authorized_by, targets=tuple(target.text for target in targets)
        )
        granted, addresses, exclude = targets, (), ()
    if not targets:
        raise UsageError(
            "没有目标：请写在命令行、--targets 文件或者范围文件中",
            "no target: name one on the command line, in --targets, or in a scope file",
        )
    size = sum(target.size for target in targets)
    if size > LARGEST:
        raise UsageError(
            f"目标共有 {size} 个地址，一次扫描最多 {LARGEST} 个",
            f"the targets hold {size} addresses; one scan takes at most {LARGEST}",
        )
    _require_conditions(record, targets, scope_file, own)
    grants = tuple(
        Grant(network, None if target.port is None else frozenset({target.port}))
        for target in granted
        for network in target.networks
    )
    scope = Scope(
        record=record,
        targets=targets,
        grants=grants,
        exclude=exclude,
        addresses=addresses,
        resolvers=resolvers,
    )
    for target in targets:
        if target.name is None and all(_covered(network, list(exclude)) for network in target.networks):
            raise PolicyRefusal(
                f"目标 {target.text} 已被授权范围排除",
                f"target {target.text} is excluded by the scope",
                kind="out_of_scope",
            )
    return scope


def _within(target: Target, scope_file: ScopeFile) -> bool:
    def port_fits(granted: Target) -> bool:
        return granted.port is None or granted.port == target.port

    if target.name is not None:
        return any(granted.name == target.name and port_fits(granted) for granted in scope_file.targets)
    allowed = [
        network for granted in scope_file.targets if port_fits(granted) for network in granted.networks
    ]
    return all(_covered(network, allowed) for network in target.networks)


def _covered(network: IPNetwork, allowed: list[IPNetwork]) -> bool:
    """Whether the union of ``allowed`` holds all of ``network``."""
    same = [block for block in allowed if block.version == network.version]
    return any(
        network.subnet_of(block)  # type: ignore[arg-type]
        for block in ipaddress.collapse_addresses(same)  # type: ignore[type-var]
    )


def _require_conditions(
    record: AuthorizationRecord,
    targets: tuple[Target, ...],
    scope_file: ScopeFile | None,
    own: Container[str],
) -> None:
    if record.critical_infrastructure and not record.cii_approval:
        raise PolicyRefusal(
            "对象是关键信息基础设施：应当在 [object] cii_approval 中写明国务院令第745号第三十一条所要求的批准或者授权",
            "the object is critical information infrastructure (关键信息基础设施): [object] cii_approval must name the "
            "approval or authorisation that State Council order 745 article 31 asks for",
        )
    if record.mode == "police":
        _require_police_conditions(record, scope_file)
        return
    only_own = all(
        target.name is None
        and target.size <= LARGEST
        and all(str(address) in own for network in target.networks for address in network)
        for target in targets
    )
    only_own = only_own or all(target.name == "localhost" or _is_loopback(target) for target in targets)
    if not only_own and not record.authorized_by:
        raise PolicyRefusal(
            "目标不是本机：应当有人声明有权检测这些目标（--authorized-by 姓名）",
            "the targets are not this machine: a person must state the right to test them (--authorized-by NAME)",
            kind="no_statement",
        )


def _is_loopback(target: Target) -> bool:
    return target.name is None and all(network.is_loopback for network in target.networks)


def _require_police_conditions(record: AuthorizationRecord, scope_file: ScopeFile | None) -> None:
    if scope_file is None:
        raise PolicyRefusal(
            "公安机关检测模式需要范围文件（--scope FILE.toml），写明对象、通知和检查人员",
            "police mode needs a scope file (--scope FILE.toml) with the object, notice and officers",
        )
    missing: list[str] = []
    if not record.object_name:
        missing.append("[object] name")
    notice = record.notice
    if notice is None:
        missing.append("[notice]")
    else:
        if notice.kind == "notice" and not notice.number:
            missing.append("[notice] number")
        missing += [f"[notice] {key}" for key in ("not_before", "not_after") if getattr(notice, key) is None]
    if record.company and not record.company_staff:
        missing.append("[[company.staff]]")
    if any(not person.name for person in (*record.officers, *record.company_staff)):
        missing.append(
            Sentence("每名检查人员和工作人员的姓名", "a name for every officer and member of staff")
        )
    if missing:
        raise PolicyRefusal(
            f"范围文件 {scope_file.path}：公安机关检测模式还需要 {'、'.join(map(zh, missing))}",
            f"scope file {scope_file.path}: police mode needs {', '.join(missing)}",
        )
    if len({(person.name, person.number) for person in record.officers}) < 2:
        raise PolicyRefusal(
            f"范围文件 {scope_file.path}：远程检测的检查人员不得少于二人，只写了 {len(record.officers)} 人",
            f"scope file {scope_file.path}: a remote check needs two or more officers; {len(record.officers)} named",
        )
