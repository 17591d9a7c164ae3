"""Real ZooKeeper and etcd servers."""

from __future__ import annotations

import contextlib
import json
import socket
import time
import urllib.request
from collections.abc import Iterator, Sequence
from pathlib import Path

from tests.servers.brokers import PASSWORD
from tests.servers.process import loopback_address, program, running


@contextlib.contextmanager
def zookeeper_server(folder: Path, port: int = 2181, *, more: str = "") -> Iterator[str]:
    """A ZooKeeper of one node, with ``more`` lines of zoo.cfg."""
    address = loopback_address()
    settings = folder / "zoo.cfg"
    lines = [
        f"dataDir={folder / 'zookeeper'}", f"clientPort={port}", f"clientPortAddress={address}", "admin.enableServer=false", more,
    ]  # fmt: skip
    settings.write_text("\n".join(lines) + "\n")
    command = [
        program("java"), "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx96m",
        "-cp", "/usr/share/java/zookeeper.jar:/usr/share/java/slf4j-simple.jar", "-Dzookeeper.jmx.log4j.disable=true",
        "org.apache.zookeeper.server.ZooKeeperServerMain", str(settings),
    ]  # fmt: skip
    with running(command, address=address, port=port, log=folder / "zookeeper.log", patience=60):
        _until_it_serves(address, port)
        yield address


def _until_it_serves(address: str, port: int) -> None:
    """ZooKeeper listens before it is ready."""
    for _ in range(200):
        with socket.create_connection((address, port), timeout=5) as asking:
            asking.sendall(b"srvr")
            if b"not currently serving" not in asking.recv(4096):
                return
        time.sleep(0.05)
    raise RuntimeError("ZooKeeper does not begin to serve")


@contextlib.contextmanager
def etcd_server(
    folder: Path, *, users: bool = False, tls: Sequence[str] = (), port: int = 2379
) -> Iterator[str]:
    """An etcd of one node; with ``users`` it asks for a name and password, ``tls`` are options such as ``--cert-file``."""
    address = loopback_address()
    url = f"{'https' if tls else 'http'}://{address}:{port}"
    command = [
        program("etcd"), f"--data-dir={folder / 'etcd'}", f"--listen-client-urls={url}", f"--advertise-client-urls={url}",
        f"--listen-peer-urls=http://{address}:2380", f"--initial-advertise-peer-urls=http://{address}:2380",
        f"--initial-cluster=default=http://{address}:2380", "--log-level=error", *tls,
    ]  # fmt: skip
    with running(command, address=address, port=port, log=folder / "etcd.log"):
        if users:
            _call(url, "auth/user/add", {"name": "root", "password": PASSWORD})
            _call(url, "auth/user/grant", {"user": "root", "role": "root"})
            _call(url, "auth/enable", {})
        yield address


def _call(url: str, path: str, body: dict[str, str]) -> None:
    request = urllib.request.Request(f"{url}/v3/{path}", json.dumps(body).encode(), method="POST")
    with urllib.request.urlopen(request, timeout=10) as answer:
        answer.read()
