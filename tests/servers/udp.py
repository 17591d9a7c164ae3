"""Real servers that are asked over UDP, each on an address of its own and on the port that its protocol has."""

from __future__ import annotations

import contextlib
import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.servers.cache import debian
from tests.servers.namespace import inside_udp, why_not
from tests.servers.process import loopback_address, program, running, running_udp

needs_namespace = pytest.mark.skipif(
    os.geteuid() != 0 or bool(why_not()), reason=why_not() or "needs root for a network namespace"
)
"""For servers that cannot be told to listen on one loopback address."""


@contextlib.contextmanager
def snmpd_server(folder: Path, settings: str) -> Iterator[str]:
    """Net-SNMP's agent with these lines in its snmpd.conf."""
    address = loopback_address()
    config = folder / "snmpd.conf"
    config.write_text(f"agentAddress udp:{address}:161\n[snmp] persistentDir {folder}\n{settings}\n")
    command = [program("snmpd"), "-f", "-Lo", "-C", "-c", str(config), "-p", str(folder / "snmpd.pid")]
    with running_udp(command, address=address, port=161, log=folder / "snmpd.log"):
        yield address


@contextlib.contextmanager
def ntpd_server(folder: Path, restrict: str) -> Iterator[str]:
    """NTPsec with this ``restrict default``."""
    address = loopback_address()
    config = folder / "ntp.conf"
    config.write_text(f"driftfile {folder}/drift\nstatsdir {folder}/\nrestrict default {restrict}\n")
    command = [program("ntpd"), "-n", "-g", "-c", str(config)]
    with inside_udp(command, folder=folder, address=address, port=123):
        yield address


@contextlib.contextmanager
def chronyd_server(folder: Path) -> Iterator[str]:
    """chrony as a time server that leaves this machine's clock alone; its package cannot be installed beside NTPsec's.

    :raises Unavailable: it could not be had.
    """
    address = loopback_address()
    config = folder / "chrony.conf"
    config.write_text(
        f"local stratum 8\nallow all\nport 123\nbindaddress {address}\ncmdport 0\nbindcmdaddress /\nuser root\n"
        f"pidfile {folder}/pid\ndriftfile {folder}/drift\n"
    )
    command = [str(debian("chrony") / "usr/sbin/chronyd"), "-x", "-d", "-F", "0", "-f", str(config)]
    with running_udp(command, address=address, port=123, log=folder / "chronyd.log"):
        yield address


@contextlib.contextmanager
def tftpd_server(folder: Path, rules: str = "") -> Iterator[str]:
    """tftpd-hpa over a folder with one file; ``rules`` say which names it takes (tftpd(8), FILENAME REMAPPING)."""
    address = loopback_address()
    root = folder / "tftp"
    root.mkdir()
    (root / "startup-config").write_text("not to be read\n")
    remapping = folder / "rules"
    remapping.write_text(rules)
    command = [
        program("in.tftpd"), "-L", "-a", f"{address}:69", "-m", str(remapping), "-u", "nobody", "-s", str(root),
    ]  # fmt: skip
    with running_udp(command, address=address, port=69, log=folder / "tftpd.log"):
        yield address


@contextlib.contextmanager
def memcached_udp_server(folder: Path) -> Iterator[str]:
    """A memcached that answers over UDP too."""
    address = loopback_address()
    command = [program("memcached"), "-u", "nobody", "-l", address, "-p", "11211", "-U", "11211", "-m", "8"]
    with running_udp(command, address=address, port=11211, log=folder / "memcached.log"):
        yield address


@contextlib.contextmanager
def coap_server(folder: Path) -> Iterator[str]:
    """libcoap's example server."""
    address = loopback_address()
    command = [program("coap-server-notls", "coap-server"), "-A", address]
    with running_udp(command, address=address, port=5683, log=folder / "coap.log"):
        yield address


@contextlib.contextmanager
def kamailio_server(folder: Path, reply: str, *, tcp: bool = False) -> Iterator[str]:
    """Kamailio that answers OPTIONS with this call of its configuration language, over TCP or over UDP alone."""
    address = loopback_address()
    config = folder / "kamailio.cfg"
    config.write_text(
        f"""debug=1
log_stderror=yes
fork={"yes" if tcp else "no"}
children=1
disable_tcp={"no" if tcp else "yes"}
listen={"tcp" if tcp else "udp"}:{address}:5060
loadmodule "sl.so"
loadmodule "pv.so"
request_route {{ {reply}; exit; }}
"""
    )
    command = [program("kamailio"), "-f", str(config), "-DD", "-E", "-Y", str(folder)]
    start = running if tcp else running_udp
    with start(command, address=address, port=5060, log=folder / "kamailio.log"):
        yield address


@contextlib.contextmanager
def ipmi_server(folder: Path, *, types: str, user: str) -> Iterator[str]:
    """OpenIPMI's simulator: authentication types of every level, and its one user (name and password)."""
    address = loopback_address()
    config, commands = folder / "lan.conf", folder / "commands"
    levels = "".join(
        f"allowed_auths_{level} {types}\n" for level in ("callback", "user", "operator", "admin")
    )
    config.write_text(
        f'name "tester"\nset_working_mc 0x20\nstartlan 1\naddr {address} 623\npriv_limit admin\n{levels}'
        f"guid a123456789abcdefa123456789abcdef\nendlan\nuser 2 true {user} admin 10 {types}\n"
    )
    commands.write_text(
        "mc_setbmc 0x20\nmc_add 0x20 0 no-device-sdrs 0x23 9 8 0x9f 0x1291 0xf02 persist_sdr\nmc_enable 0x20\n"
    )
    command = [program("ipmi_sim"), "-c", str(config), "-f", str(commands), "-s", str(folder), "-n"]
    with running_udp(command, address=address, port=623, log=folder / "ipmi.log"):
        yield address


@contextlib.contextmanager
def avahi_server(folder: Path) -> Iterator[str]:
    """Avahi, which announces one service on the loopback of its namespace."""
    address = loopback_address()
    config = folder / "avahi.conf"
    config.write_text(
        "[server]\nuse-ipv4=yes\nuse-ipv6=no\nenable-dbus=no\nallow-interfaces=lo\nhost-name=tester\n"
        "[publish]\npublish-workstation=yes\n"
    )
    start = (
        "mkdir /run/avahi-daemon && chown avahi /run/avahi-daemon && exec avahi-daemon --no-drop-root --no-rlimits "
        f"--no-chroot --no-proc-title -f {config}"
    )
    with inside_udp(["sh", "-c", start], folder=folder, address=address, port=5353):
        yield address


@contextlib.contextmanager
def rpcbind_server(folder: Path) -> Iterator[str]:
    """rpcbind."""
    address = loopback_address()
    with inside_udp([program("rpcbind"), "-f", "-w"], folder=folder, address=address, port=111):
        yield address


@contextlib.contextmanager
def minissdpd_server(folder: Path) -> Iterator[str]:
    """minissdpd, to which one device was announced."""
    address = loopback_address()
    control = folder / "minissdpd.sock"
    command = [
        program("minissdpd"),
        "-i",
        "lo",
        "-d",
        "-s",
        str(control),
        "-p",
        str(folder / "minissdpd.pid"),
    ]
    with inside_udp(command, folder=folder, address=address, port=1900):
        with socket.socket(socket.AF_UNIX) as client:
            client.connect(str(control))
            device = (
                "upnp:rootdevice",
                "uuid:1::upnp:rootdevice",
                "tester/1.0 UPnP/1.1",
                "http://127.0.0.1/d.xml",
            )
            # Its own protocol: 4 announces, then each text behind its length.
            client.sendall(b"\x04" + b"".join(bytes((len(text),)) + text.encode() for text in device))
        yield address


@contextlib.contextmanager
def nmbd_server(folder: Path) -> Iterator[str]:
    """Samba's name service; it wants an interface with a broadcast address."""
    address = loopback_address()
    config = folder / "smb.conf"
    folders = "".join(
        f"{kind} = {folder}\n"
        for kind in ("lock directory", "state directory", "cache directory", "pid directory")
    )
    config.write_text(
        f"[global]\nworkgroup = TESTERS\nnetbios name = TESTER\ninterfaces = v0\nlog file = {folder}/log\n{folders}"
        f"private dir = {folder}\nncalrpc dir = {folder}/ncalrpc\n"
    )
    start = (
        "ip link add v0 type veth peer name v1 && ip addr add 127.77.0.1/8 broadcast 127.255.255.255 dev v0 && "
        f"ip link set v0 up && ip link set v1 up && mkdir -p /run/samba && exec {program('nmbd')} -F --no-process-group "
        f"--configfile={config} --debug-stdout"
    )
    with inside_udp(["sh", "-c", start], folder=folder, address=address, port=137):
        yield address
