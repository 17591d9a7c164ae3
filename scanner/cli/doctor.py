"""``zijian doctor``: what is missing on this machine, and the command that mends it."""

from __future__ import annotations

import ctypes
import os
import shutil
import subprocess
import sys

import click


@click.command()
def doctor() -> int:
    """Say what is missing on this machine, with the command that mends it; exit 3 when something is."""
    from scanner.discovery import nmap_version
    from scanner.errors import ZijianError
    from scanner.paths import data_home
    from scanner.resolvers import system_resolvers
    from scanner.store import open_store
    from scanner.transport import can_send_raw

    missing = False

    def say(good: bool, text: str, mend: str = "") -> None:
        nonlocal missing
        missing = missing or not good
        click.echo(f"{'ok  ' if good else 'MISS'}  {text}" + (f"  ->  {mend}" if mend and not good else ""))

    say(True, f"Python {sys.version.split()[0]}")
    version = nmap_version()
    say(bool(version), f"nmap {version}".strip(), "sudo apt-get install nmap")
    say(can_send_raw(), "raw sockets, for half-open and UDP scans", "run as root: sudo ./zijian scan ...")
    if (synchronised := clock_synchronised()) is not None:
        say(
            synchronised,
            "clock synchronised, so that times in ledger and report can be held against logs",
            "sudo timedatectl set-ntp true   (or: sudo apt-get install chrony)",
        )
    say(chinese_fonts(), "Chinese fonts, for --format pdf", "sudo apt-get install fontconfig fonts-noto-cjk")
    say(
        pdf_libraries(),
        "Pango, for --format pdf",
        "sudo apt-get install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0",
    )
    say(bool(system_resolvers()), "a DNS server in /etc/resolv.conf", "give one with --dns-server IP")
    try:
        open_store().close()
        say(True, f"store in {data_home()}")
    except ZijianError as error:
        say(False, f"store: {error}", "set ZIJIAN_HOME to a folder that can be written to")
    free = shutil.disk_usage(data_home() if data_home().exists() else os.sep).free >> 20
    say(free > 200, f"disk: {free} MiB free", "make room, or set ZIJIAN_HOME")
    return 3 if missing else 0


class _Timex(ctypes.Structure):
    """The head of the kernel's ``struct timex``, and room for the rest (adjtimex(2))."""

    _fields_ = (
        ("modes", ctypes.c_uint),
        ("offset", ctypes.c_long),
        ("freq", ctypes.c_long),
        ("maxerror", ctypes.c_long),
        ("esterror", ctypes.c_long),
        ("status", ctypes.c_int),
        ("rest", ctypes.c_byte * 512),
    )


_TIME_ERROR, _STA_UNSYNC = 5, 0x40


def clock_synchronised() -> bool | None:
    """Whether the kernel counts its clock as synchronised; None where that cannot be asked. Reads only (``modes`` is 0)."""
    try:
        libc = ctypes.CDLL(None, use_errno=True)
        told = _Timex()
        state = libc.adjtimex(ctypes.byref(told))
    except (OSError, AttributeError):
        return None
    if state < 0:
        return None
    return state != _TIME_ERROR and not told.status & _STA_UNSYNC


def chinese_fonts() -> bool:
    """Whether fontconfig knows a font for Chinese."""
    program = shutil.which("fc-list")
    if program is None:
        return False
    try:
        done = subprocess.run(
            [program, ":lang=zh-cn", "family"], capture_output=True, timeout=30, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0 and bool(done.stdout.strip())


def pdf_libraries() -> bool:
    """Whether the libraries are there that WeasyPrint lays text out with: it loads them when it is imported."""
    try:
        import weasyprint  # noqa: F401
    except OSError:
        return False
    return True
