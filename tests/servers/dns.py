"""Real DNS servers: a BIND that is authoritative for everything, and resolvers (BIND, Unbound) that ask it and no other."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Iterator
from pathlib import Path

from tests.servers.process import program, running

ADDRESS = "127.0.0.1"
_ZONE = """$TTL 60
@ IN SOA ns.example.net. hostmaster.example.net. 1 60 60 60 60
@ IN NS ns.example.net.
ns.example.net. IN A 192.0.2.53
example.com. IN A 192.0.2.1
"""


def _free_port() -> int:
    """A port that is free for TCP and, as far as can be told, for UDP."""
    with socket.socket() as tcp, socket.socket(type=socket.SOCK_DGRAM) as udp:
        tcp.bind((ADDRESS, 0))
        port = int(tcp.getsockname()[1])
        udp.bind((ADDRESS, port))
        return port


@contextlib.contextmanager
def named(folder: Path, *, options: str, zones: str = "") -> Iterator[int]:
    """A BIND on a free port of 127.0.0.1 (it listens on addresses that an interface has, and no other)."""
    port = _free_port()
    config = folder / f"named-{port}.conf"
    config.write_text(
        f"""
options {{
  directory "{folder}"; pid-file none; session-keyfile none; lock-file none;
  listen-on port {port} {{ {ADDRESS}; }}; listen-on-v6 {{ none; }}; query-source address {ADDRESS};
  dnssec-validation no; empty-zones-enable no; notify no;
  {options}
}};
controls {{ }};
{zones}
"""
    )
    command = [program("named"), "-f", "-4", "-c", str(config), "-n", "1", "-g"]
    with running(command, address=ADDRESS, port=port, log=folder / f"named-{port}.log", cwd=folder):
        yield port


@contextlib.contextmanager
def everything_server(folder: Path) -> Iterator[int]:
    """A BIND that holds the root zone, with example.com in it: the resolvers' whole world."""
    (folder / "root.zone").write_text(_ZONE)
    zones = f'zone "." {{ type primary; file "{folder}/root.zone"; }};'
    with named(folder, options="recursion no; allow-query { any; };", zones=zones) as port:
        yield port


@contextlib.contextmanager
def resolver(folder: Path, upstream: int, *, open_to_all: bool, version: str | None = None) -> Iterator[int]:
    """A BIND that forwards to the one on port ``upstream`` alone; for everybody, or not for us."""
    options = (
        f"recursion yes; forward only; forwarders {{ {ADDRESS} port {upstream}; }}; allow-query {{ any; }};"
    )
    options += " allow-recursion { any; };" if open_to_all else " allow-recursion { 192.0.2.0/24; };"
    if version is not None:
        options += f" version {version};"
    with named(folder, options=options) as port:
        yield port


@contextlib.contextmanager
def unbound(folder: Path, upstream: int, *, open_to_all: bool, anchor: str | None = None) -> Iterator[int]:
    """An Unbound that forwards to the server on port ``upstream`` alone; for everybody, or not for us.

    With a trust ``anchor`` (a DS record) it checks signatures.
    """
    port = _free_port()
    config = folder / f"unbound-{port}.conf"
    access = "access-control: 0.0.0.0/0 allow" if open_to_all else "access-control: 127.0.0.0/8 refuse"
    config.write_text(
        f"""
server:
  interface: {ADDRESS}
  port: {port}
  {access}
  do-daemonize: no
  do-ip6: no
  do-not-query-localhost: no
  use-syslog: no
  username: ""
  chroot: ""
  directory: "{folder}"
  pidfile: ""
  module-config: "{"validator iterator" if anchor else "iterator"}"
  {f'trust-anchor: "{anchor}"' if anchor else ""}
  local-zone: "test." nodefault
  hide-version: {"no" if open_to_all else "yes"}
remote-control:
  control-enable: no
forward-zone:
  name: "."
  forward-addr: {ADDRESS}@{upstream}
"""
    )
    command = [program("unbound"), "-d", "-p", "-c", str(config)]
    with running(command, address=ADDRESS, port=port, log=folder / f"unbound-{port}.log", cwd=folder):
        yield port
