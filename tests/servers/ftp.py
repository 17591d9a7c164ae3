"""Real vsftpd servers, which need root, and one of pyftpdlib."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from tests.servers.cache import debian
from tests.servers.process import loopback_address, program, running, short_folder
from tests.servers.tls import Issued, issue, rsa_key


def _certificate(folder: Path, issued: tuple[Issued, ...] = ()) -> Path:
    """The chain ``issued``, or a self-signed certificate, behind its key."""
    leaf, *chain = issued or (issue("localhost", key=rsa_key()),)
    certificate, key = leaf.write(folder, "server", *chain)
    both = folder / "server.pem"
    both.write_bytes(key.read_bytes() + certificate.read_bytes())
    return both


@contextlib.contextmanager
def vsftpd_server(
    folder: Path,
    *,
    anonymous: bool,
    tls: bool,
    force_tls: bool = False,
    settings: Mapping[str, str] | None = None,
    issued: tuple[Issued, ...] = (),
) -> Iterator[str]:
    """A vsftpd on port 21 of an address of its own; ``settings`` go into its configuration."""
    address = loopback_address()
    empty = folder / "empty"
    empty.mkdir(exist_ok=True)
    empty.chmod(0o555)
    own = dict(settings or {})
    settings = {
        "listen": "YES",
        "listen_ipv6": "NO",
        "background": "NO",
        "listen_address": address,
        "anonymous_enable": "YES" if anonymous else "NO",
        "local_enable": "YES",
        "anon_root": str(empty),
        "secure_chroot_dir": str(empty),
        "seccomp_sandbox": "NO",
        "xferlog_enable": "NO",
    }
    if tls:
        certificate = _certificate(folder, issued)
        settings |= {
            "ssl_enable": "YES",
            "rsa_cert_file": str(certificate),
            "rsa_private_key_file": str(certificate),
            "force_local_logins_ssl": "YES" if force_tls else "NO",
            "force_local_data_ssl": "NO",
        }
        if anonymous:
            settings |= {"allow_anon_ssl": "YES"}
    settings |= own
    config = folder / "vsftpd.conf"
    config.write_text("".join(f"{key}={value}\n" for key, value in settings.items()))
    with running([program("vsftpd"), str(config)], address=address, port=21, log=folder / "vsftpd.log"):
        yield address


_PYFTPDLIB = """
import sys
from pyftpdlib.authorizers import DummyAuthorizer
from pyftpdlib.handlers import TLS_FTPHandler
from pyftpdlib.servers import FTPServer
address, TLS_FTPHandler.certfile, TLS_FTPHandler.banner = sys.argv[1:]
TLS_FTPHandler.authorizer = DummyAuthorizer()
FTPServer((address, 21), TLS_FTPHandler).serve_forever()
"""


@contextlib.contextmanager
def pyftpdlib_server(folder: Path, *, banner: str) -> Iterator[str]:
    """Debian's pyftpdlib with AUTH TLS on port 21 of an address of its own.

    It sends a ``banner`` of more than 75 characters as it is, with the code before the first line alone and in a last one.
    """
    address = loopback_address()
    command = [
        "/usr/bin/python3",
        "-W",
        "ignore",
        "-c",
        _PYFTPDLIB,
        address,
        str(_certificate(folder)),
        banner,
    ]
    with running(command, address=address, port=21, log=folder / "pyftpdlib.log"):
        yield address


@contextlib.contextmanager
def proftpd_server(
    *, anonymous: bool, tls: bool, issued: tuple[Issued, ...] = (), options: Sequence[str] = ()
) -> Iterator[str]:
    """A ProFTPD on port 21 of an address of its own; with ``tls`` it lets nobody log in without.

    Its package cannot be installed beside vsftpd's.

    :raises Unavailable: it could not be had.
    """
    address = loopback_address()
    unpacked = debian("proftpd-core", "proftpd-mod-crypto", "libmemcachedutil2", "libpcre2-posix3")
    libraries = ":".join(str(path) for path in unpacked.glob("usr/lib/*-linux-gnu*"))
    with short_folder() as folder:
        empty = folder / "empty"
        empty.mkdir()
        settings = [
            "ServerType standalone", "ServerName Archive", "Port 21", f"DefaultAddress {address}", "SocketBindTight on",
            "UseIPv6 off", "User nobody", "Group nogroup", "WtmpLog off", "AuthOrder mod_auth_file.c",
            f"AuthUserFile {folder}/users", f"PidFile {folder}/pid", f"ScoreboardFile {folder}/scoreboard",
            f"SystemLog {folder}/proftpd.log", f"ModulePath {unpacked}/usr/lib/proftpd", f"DelayTable {folder}/delay",
        ]  # fmt: skip
        if anonymous:
            settings += [f"<Anonymous {empty}>", "User ftp", "Group nogroup", "UserAlias anonymous ftp", "RequireValidShell off", "</Anonymous>"]  # fmt: skip
            (folder / "users").write_text(f"ftp:*:65534:65534::{empty}:/bin/false\n")
        else:
            (folder / "users").touch()
        (folder / "users").chmod(0o600)
        if tls:
            certificate = _certificate(folder, issued)
            settings += [
                "LoadModule mod_tls.c", "TLSEngine on", "TLSRequired on", f"TLSRSACertificateFile {certificate}",
                f"TLSRSACertificateKeyFile {certificate}", *options,
            ]  # fmt: skip
        (folder / "proftpd.conf").write_text("\n".join(settings) + "\n")
        command = [str(unpacked / "usr/sbin/proftpd"), "-n", "-c", str(folder / "proftpd.conf")]
        environment = {"LD_LIBRARY_PATH": libraries}
        with running(command, address=address, port=21, log=folder / "out.log", environment=environment):
            yield address
