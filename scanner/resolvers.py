"""What this machine knows of names by itself: its DNS servers and its hosts file."""

from __future__ import annotations

from pathlib import Path

from scanner.errors import UsageError
from scanner.scope import normalize_ip


def system_resolvers(path: Path = Path("/etc/resolv.conf")) -> tuple[tuple[str, int], ...]:
    """DNS servers of this machine, from resolv.conf(5); empty when there is none."""
    found: list[tuple[str, int]] = []
    try:
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return ()
    for line in lines:
        keyword, *values = line.split() or [""]
        if keyword != "nameserver" or not values:
            continue
        try:
            found.append((str(normalize_ip(values[0])), 53))
        except ValueError:
            continue
    return tuple(found)


def parse_dns_server(text: str) -> tuple[str, int]:
    """``IP[:PORT]`` (IPv6 in brackets when a port follows).

    :raises UsageError: neither.
    """
    host, port = text, "53"
    if text.startswith("["):
        host, _, rest = text[1:].partition("]")
        port = rest[1:] if rest.startswith(":") else port
    elif text.count(":") == 1:
        host, _, port = text.partition(":")
    try:
        address = str(normalize_ip(host))
        if not (port.isascii() and port.isdigit() and 1 <= int(port) <= 65535):
            raise ValueError
    except ValueError:
        raise UsageError(
            f"--dns-server {text!r} 不是地址，也不是地址加端口",
            f"--dns-server {text!r} is not an address, or an address and a port",
        ) from None
    return address, int(port)


def read_hosts_file(path: Path = Path("/etc/hosts")) -> dict[str, tuple[str, ...]]:
    """Name (lower case) -> addresses, from the hosts file; empty when it cannot be read."""
    found: dict[str, list[str]] = {}
    try:
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return {}
    for line in lines:
        address, *names = line.partition("#")[0].split() or [""]
        try:
            ip = str(normalize_ip(address))
        except ValueError:
            continue
        for name in names:
            found.setdefault(name.lower().rstrip("."), []).append(ip)
    return {name: tuple(dict.fromkeys(ips)) for name, ips in found.items()}
