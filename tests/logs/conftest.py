"""One scan of several real servers that write logs, made once; every test has the logs and the data folder for itself."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.servers.ftp import vsftpd_server
from tests.servers.mail import dovecot_server, postfix_server
from tests.servers.process import loopback_address, program, running, short_folder
from tests.servers.ssh import ssh_server
from tests.servers.web import CARELESS, apache, careless_site, nginx_site
from tests.test_scan import Zijian


@dataclass(frozen=True)
class Scanned:
    """A scan and what the servers wrote of it."""

    zijian: Zijian
    logs: Path
    addresses: dict[str, str]

    def own(self, folder: Path) -> Scanned:
        """A copy."""
        shutil.copytree(self.zijian.folder, folder / "scan")
        shutil.copytree(self.logs, folder / "logs")
        return Scanned(Zijian(folder / "scan"), folder / "logs", self.addresses)


@contextlib.contextmanager
def rsyslog(folder: Path) -> Iterator[tuple[Path, Path]]:
    """An rsyslogd with a socket and a file of its own, in Debian's format with RFC 3339 times."""
    socket, file = folder / "log", folder / "auth.log"
    (folder / "rsyslog.conf").write_text(
        f'global(workDirectory="{folder}")\nmodule(load="imuxsock" SysSock.Use="off")\n'
        f'input(type="imuxsock" Socket="{socket}" CreatePath="off" RateLimit.Interval="0")\n'
        f'*.* action(type="omfile" file="{file}" template="RSYSLOG_FileFormat")\n'
    )
    command = [program("rsyslogd"), "-n", "-f", str(folder / "rsyslog.conf"), "-i", str(folder / "pid")]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for _ in range(100):
            if socket.exists():
                break
            time.sleep(0.05)
        yield socket, file
        time.sleep(0.3)
    finally:
        process.terminate()
        process.wait(10)


@contextlib.contextmanager
def _haproxy(folder: Path, socket: Path) -> Iterator[str]:
    """HAProxy on port 80, which answers by itself and logs each request to ``socket``."""
    address = loopback_address()
    settings = folder / "haproxy.cfg"
    settings.write_text(
        f"global\n  log {socket} local0\ndefaults\n  mode http\n  log global\n  option httplog\n"
        "  timeout client 5s\n  timeout server 5s\n  timeout connect 5s\n"
        f"frontend web\n  bind {address}:80\n  http-request return status 200 content-type text/html string x\n"
    )
    with running(
        [program("haproxy"), "-f", str(settings)], address=address, port=80, log=folder / "haproxy.log"
    ):
        yield address


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Scanned:
    folder = tmp_path_factory.mktemp("logs")
    logs = folder / "logs"
    logs.mkdir()
    zijian = Zijian(folder / "scan")
    zijian.folder.mkdir()
    with contextlib.ExitStack() as stack:
        places = [stack.enter_context(short_folder()) for _ in range(6)]
        addresses = {"nginx": loopback_address(), "apache": loopback_address()}
        stack.enter_context(nginx_site(places[0], addresses["nginx"], careless_site(places[0]), CARELESS))
        modules = "/usr/lib/apache2/modules"
        site = places[1] / "site"
        site.mkdir()
        (site / "index.html").write_text("<title>x</title>")
        settings = (
            f"DocumentRoot {site}\n<Directory {site}>\nRequire all granted\n</Directory>\n"
            f'LogFormat "%h %l %u %t \\"%r\\" %>s %b \\"%{{Referer}}i\\" \\"%{{User-Agent}}i\\"" combined\n'
            f"CustomLog {places[1]}/access.log combined\n"
        )
        assert Path(modules).is_dir()
        stack.enter_context(apache(places[1], addresses["apache"], settings))
        postfix_log = logs / "mail.log"
        addresses["postfix"] = stack.enter_context(
            postfix_server(None, maillog_file=str(postfix_log), maillog_file_prefixes=str(folder))
        )
        addresses["vsftpd"] = stack.enter_context(
            vsftpd_server(
                places[2], anonymous=True, tls=False,
                settings={"xferlog_enable": "YES", "log_ftp_protocol": "YES", "vsftpd_log_file": f"{logs}/vsftpd.log"},
            )
        )  # fmt: skip
        socket, auth = stack.enter_context(rsyslog(places[3]))
        addresses["sshd"] = stack.enter_context(ssh_server(places[4], keys={"ed25519": None}, syslog=socket))
        addresses["haproxy"] = stack.enter_context(_haproxy(places[5], socket))
        dovecot_log = logs / "dovecot.log"
        addresses["dovecot"] = stack.enter_context(dovecot_server(None, log_path=str(dovecot_log)))
        done = zijian("scan", *addresses.values(), "--ports", "21,22,25,80,110,143,443", "-q", "-o", "out")
        assert done.returncode in (0, 3), done.stderr
        time.sleep(0.5)
        shutil.copy(places[0] / "access.log", logs / "nginx-access.log")
        shutil.copy(places[1] / "access.log", logs / "apache-access.log")
        shutil.copy(auth, logs / "auth.log")
    for path in logs.iterdir():
        os.chmod(path, 0o644)
    return Scanned(zijian, logs, addresses)


@pytest.fixture
def scanned(made: Scanned, tmp_path: Path) -> Scanned:
    return made.own(tmp_path)
