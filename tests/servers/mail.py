"""Real mail servers: Postfix and Dovecot, each on a loopback address of its own. They need root, as they do in life."""

from __future__ import annotations

import contextlib
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

from tests.servers import cache
from tests.servers.process import loopback_address, program, running, short_folder
from tests.servers.tls import Issued

# service type private unpriv chroot wakeup maxproc command
_MASTER = """{address}:25 inet n - n - - smtpd
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
tlsmgr unix - - n 1000? 1 tlsmgr
proxymap unix - - n - - proxymap
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
"""


@contextlib.contextmanager
def postfix_server(leaf: Issued | None, *chain: Issued, **settings: str) -> Iterator[str]:
    """A Postfix on port 25, with TLS where a certificate is given; ``settings`` go into main.cf."""
    address = loopback_address()
    with short_folder() as folder:
        for name in ("spool", "data", "etc"):
            (folder / name).mkdir()
        shutil.chown(folder / "data", "postfix")
        lines: dict[str, str] = {
            "compatibility_level": "3.6",
            "queue_directory": str(folder / "spool"),
            "data_directory": str(folder / "data"),
            # Postfix takes addresses of interfaces alone; where it listens is said in master.cf.
            "inet_interfaces": "127.0.0.1",
            "inet_protocols": "ipv4",
            "myhostname": "mail.zijian.test",
            "mydestination": "",
            "mynetworks": "",
            "smtpd_relay_restrictions": "reject",
            "local_recipient_maps": "",
            "alias_maps": "",
            "alias_database": "",
            "maillog_file": str(folder / "postfix.log"),
            "maillog_file_prefixes": str(folder),
            **settings,
        }
        if leaf is not None:
            certificate, key = leaf.write(folder, "server", *chain)
            lines |= {
                "smtpd_tls_security_level": "may",
                "smtpd_tls_cert_file": str(certificate),
                "smtpd_tls_key_file": str(key),
            } | settings
        (folder / "etc/main.cf").write_text("".join(f"{key} = {value}\n" for key, value in lines.items()))
        (folder / "etc/master.cf").write_text(_MASTER.format(address=address))
        command = [program("postfix"), "-c", str(folder / "etc"), "start-fg"]
        with running(command, address=address, port=25, log=folder / "out.log"):
            try:
                yield address
            finally:
                subprocess.run([*command[:-1], "stop"], capture_output=True, check=False)


_EXIM = """
primary_hostname = mail.zijian.test
exim_path = {program}
spool_directory = {folder}/spool
log_file_path = {folder}/%slog
pid_file_path = {folder}/pid
daemon_smtp_ports = 25
local_interfaces = {address}
never_users =
host_lookup =
rfc1413_query_timeout = 0s
{tls}
acl_smtp_rcpt = rcpt
acl_smtp_vrfy = {vrfy}
domainlist local_domains = zijian.test
begin acl
rcpt:
  {relay}
  accept domains = +local_domains
  deny message = relay not permitted
begin routers
nowhere:
  driver = redirect
  data = :blackhole:
begin transports
begin retry
"""


@contextlib.contextmanager
def exim_server(*, relay: bool, issued: tuple[Issued, ...] = ()) -> Iterator[str]:
    """An Exim on port 25 that relays for everybody and answers VRFY, or does neither; with TLS where a chain is ``issued``.

    Its package cannot be installed beside Postfix: it is unpacked, and finds the user that the package would have made in a list of
    users of its own.

    :raises cache.Unavailable: it could not be fetched.
    """
    address = loopback_address()
    unpacked = cache.debian("exim4-daemon-light", "exim4-base", "exim4-config")
    exim = unpacked / "usr/sbin/exim4"
    with short_folder() as folder:
        (folder / "spool").mkdir()
        # The user in question has no name outside.
        folder.chmod(0o777), (folder / "spool").chmod(0o777)
        config = folder / "exim.conf"
        tls = "tls_advertise_hosts ="
        if issued:
            certificate, key = issued[0].write(folder, "exim", *issued[1:])
            key.chmod(0o644)
            tls = (
                f"tls_advertise_hosts = *\ntls_certificate = {certificate}\ntls_privatekey = {key}\n"
                "tls_require_ciphers = SECURE128:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2:-RSA:-CIPHER-ALL:+AES-256-GCM:+AES-128-GCM"
            )
        config.write_text(
            _EXIM.format(
                program=exim, folder=folder, address=address, tls=tls,
                vrfy="accept" if relay else "deny", relay="accept" if relay else "",
            )
        )  # fmt: skip
        for name in ("passwd", "group"):
            known = Path("/etc", name).read_text()
            mine = "64999::/:/bin/false" if name == "passwd" else ""
            (folder / name).write_text(f"{known}Debian-exim:x:64999:{mine}\n")
        mounts = " && ".join(f"mount --bind {folder}/{name} /etc/{name}" for name in ("passwd", "group"))
        command = [program("unshare"), "--mount", "sh", "-c", f"{mounts} && exec {exim} -bdf -C {config}"]
        with running(command, address=address, port=25, log=folder / "exim.log"):
            yield address


@contextlib.contextmanager
def dovecot_server(leaf: Issued | None, *chain: Issued, **settings: str) -> Iterator[str]:
    """A Dovecot with IMAP, POP3 and ManageSieve on their ports; ``settings`` go into its configuration."""
    address = loopback_address()
    with short_folder() as folder:
        lines: Mapping[str, str] = {
            "base_dir": str(folder / "run"),
            "state_dir": str(folder / "state"),
            "log_path": str(folder / "dovecot.log"),
            "protocols": "imap pop3 sieve",
            "listen": address,
            "mail_location": f"maildir:{folder}/mail",
            "ssl": "no" if leaf is None else "yes",
            "auth_mechanisms": "plain login",
            "default_login_user": "nobody",
            "default_internal_user": "nobody",
            "default_internal_group": "nogroup",
            **settings,
        }
        text = "".join(f"{key} = {value}\n" for key, value in lines.items())
        if leaf is not None:
            certificate, key = leaf.write(folder, "server", *chain)
            text += f"ssl_cert = <{certificate}\nssl_key = <{key}\n"
        text += "passdb {\n  driver = static\n  args = nopassword=n password=x\n}\nuserdb {\n  driver = static\n  args = uid=65534 gid=65534\n}\n"
        for name, own in (("imap", "imaps"), ("pop3", "pop3s")):
            text += f"service {name}-login {{\n  inet_listener {own} {{\n    port = 0\n  }}\n}}\n"
        (folder / "dovecot.conf").write_text(text)
        command = [program("dovecot"), "-F", "-c", str(folder / "dovecot.conf")]
        with running(command, address=address, port=143, more_ports=(110, 4190), log=folder / "out.log"):
            yield address
