"""``zijian doctor``: what is missing on this machine, and the command that mends it."""

from __future__ import annotations

import ctypes
import os
import shutil
import subprocess
import sys

import click

from scanner.cli.language import told
from scanner.said import Sentence, zh

_GOOD, _MISSING = Sentence("正常", "ok  "), Sentence("缺少", "MISS")


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

    def say(good: bool, chinese: str, english: str, mend: str = "") -> None:
        nonlocal missing
        missing = missing or not good
        mark = told(_GOOD if good else _MISSING)
        click.echo(
            f"{mark}  {told(Sentence(chinese, english))}"
            + (f"  ->  {told(mend)}" if mend and not good else "")
        )

    python = f"Python {sys.version.split()[0]}"
    say(True, python, python)
    version = nmap_version()
    nmap = f"nmap {version}".strip()
    say(bool(version), nmap, nmap, "sudo apt-get install nmap")
    say(
        can_send_raw(),
        "原始套接字，用于半开扫描和 UDP 扫描",
        "raw sockets, for half-open and UDP scans",
        Sentence("以 root 运行：sudo ./zijian scan ...", "run as root: sudo ./zijian scan ..."),
    )
    if (synchronised := clock_synchronised()) is not None:
        say(
            synchronised,
            "时钟已同步，台账和报告中的时间可以与日志核对",
            "clock synchronised, so that times in ledger and report can be held against logs",
            Sentence(
                "sudo timedatectl set-ntp true（或者：sudo apt-get install chrony）",
                "sudo timedatectl set-ntp true   (or: sudo apt-get install chrony)",
            ),
        )
    say(
        chinese_fonts(),
        "中文字体，用于 --format pdf",
        "Chinese fonts, for --format pdf",
        "sudo apt-get install fontconfig fonts-noto-cjk",
    )
    say(
        pdf_libraries(),
        "Pango，用于 --format pdf",
        "Pango, for --format pdf",
        "sudo apt-get install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0",
    )
    say(
        bool(system_resolvers()),
        "/etc/resolv.conf 中的 DNS 服务器",
        "a DNS server in /etc/resolv.conf",
        Sentence("用 --dns-server IP 指定", "give one with --dns-server IP"),
    )
    try:
        open_store().close()
        say(True, f"数据保存在 {data_home()}", f"store in {data_home()}")
    except ZijianError as error:
        mend = Sentence(
            "用 ZIJIAN_HOME 改到可以写入的文件夹", "set ZIJIAN_HOME to a folder that can be written to"
        )
        say(False, f"数据：{zh(error)}", f"store: {error}", mend)
    free = shutil.disk_usage(data_home() if data_home().exists() else os.sep).free >> 20
    room = Sentence("腾出空间，或者另设 ZIJIAN_HOME", "make room, or set ZIJIAN_HOME")
    say(free > 200, f"磁盘剩余 {free} MiB", f"disk: {free} MiB free", room)
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
