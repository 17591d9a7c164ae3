"""Real slapd, Prosody and xrdp servers, each on a loopback address of its own."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

from tests.servers.process import loopback_address, program, running, short_folder
from tests.servers.tls import Issued


@contextlib.contextmanager
def slapd_server(folder: Path, leaf: Issued | None, *chain: Issued, extra: str = "") -> Iterator[str]:
    """An OpenLDAP without any data on port 389; ``extra`` goes into slapd.conf."""
    address = loopback_address()
    lines = [
        "include /etc/ldap/schema/core.schema",
        f"pidfile {folder}/slapd.pid",
        f"argsfile {folder}/slapd.args",
    ]
    if leaf is not None:
        certificate, key = leaf.write(folder, "slapd", *chain)
        lines += [f"TLSCertificateFile {certificate}", f"TLSCertificateKeyFile {key}"]
        if chain:
            authority = folder / "authority.pem"
            authority.write_bytes(b"".join(link.pem for link in chain))
            lines.append(f"TLSCACertificateFile {authority}")
    config = folder / "slapd.conf"
    config.write_text("\n".join([*lines, extra, "database monitor", ""]))
    command = [program("slapd"), "-d", "0", "-h", f"ldap://{address}:389/", "-f", str(config)]
    with running(command, address=address, port=389, log=folder / "slapd.log"):
        yield address


_DATABASE = """modulepath /usr/lib/ldap
include /etc/ldap/schema/cosine.schema
moduleload back_ldif
database ldif
suffix "dc=example,dc=cn"
rootdn "cn=admin,dc=example,dc=cn"
directory {folder}
{access}
"""


def one_entry(folder: Path, access: str) -> str:
    """Lines of slapd.conf for a database with one entry, and with ``access`` (further lines) to it."""
    data = folder / "ldif"
    data.mkdir()
    (data / "dc=example,dc=cn.ldif").write_text(
        "dn: dc=example,dc=cn\nobjectClass: domain\ndc: example\nstructuralObjectClass: domain\n"
    )
    (data / "dc=example,dc=cn").mkdir()
    return _DATABASE.format(folder=data, access=access)


@contextlib.contextmanager
def prosody_server(host: str, leaf: Issued, *chain: Issued, required: bool) -> Iterator[str]:
    """A Prosody that serves the domain ``host`` to clients (5222) and servers (5269)."""
    address = loopback_address()
    with short_folder() as folder:
        certificate, key = leaf.write(folder, "xmpp", *chain)
        flag = "true" if required else "false"
        config = folder / "prosody.cfg.lua"
        config.write_text(
            f"""run_as_root = true
pidfile = "{folder}/prosody.pid"
data_path = "{folder}"
certificates = "{folder}"
interfaces = {{ "{address}" }}
modules_enabled = {{ "tls", "saslauth", "dialback", "disco" }}
modules_disabled = {{ "posix" }}
c2s_require_encryption = {flag}
s2s_require_encryption = {flag}
allow_unencrypted_plain_auth = {"false" if required else "true"}
authentication = "internal_plain"
log = "*console"
ssl = {{ certificate = "{certificate}", key = "{key}" }}
VirtualHost "{host}"
"""
        )
        for path in folder.iterdir():
            path.chmod(0o644)
        command = [program("prosody"), "-F", "--config", str(config)]
        with running(command, address=address, port=5222, more_ports=(5269,), log=folder / "out.log"):
            yield address


@contextlib.contextmanager
def xrdp_server(
    folder: Path, leaf: Issued, *chain: Issued, security: str = "tls", more: str = ""
) -> Iterator[str]:
    """An xrdp on port 3389 with ``more`` settings; ``security`` is its security_layer: tls, rdp or negotiate."""
    address = loopback_address()
    certificate, key = leaf.write(folder, "rdp", *chain)
    config = folder / "xrdp.ini"
    config.write_text(
        f"""[Globals]
ini_version=1
fork=true
port=tcp://{address}:3389
security_layer={security}
crypt_level=high
certificate={certificate}
key_file={key}
ssl_protocols=TLSv1.2, TLSv1.3
{more}
allow_channels=true
[Logging]
LogFile={folder}/xrdp.log
LogLevel=INFO
EnableSyslog=false
[Xorg]
name=Xorg
lib=libxup.so
username=ask
password=ask
ip=127.0.0.1
port=-1
"""
    )
    command = [program("xrdp"), "--nodaemon", "--config", str(config)]
    with running(command, address=address, port=3389, log=folder / "out.log"):
        yield address
