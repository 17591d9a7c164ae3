"""``zijian doctor``: what is missing on this machine, and the command that mends it."""

from __future__ import annotations

import os
import shutil
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
    say(bool(system_resolvers()), "a DNS server in /etc/resolv.conf", "give one with --dns-server IP")
    try:
        open_store().close()
        say(True, f"store in {data_home()}")
    except ZijianError as error:
        say(False, f"store: {error}", "set ZIJIAN_HOME to a folder that can be written to")
    free = shutil.disk_usage(data_home() if data_home().exists() else os.sep).free >> 20
    say(free > 200, f"disk: {free} MiB free", "make room, or set ZIJIAN_HOME")
    return 3 if missing else 0
