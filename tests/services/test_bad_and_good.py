"""Each server, badly set and well: the bad one is found out, and of the good one no rule at all has anything to say.

A server is asked everything that a scan would ask of it, and judged by every rule. What is meant for strangers is judged as if
it stood on a public address. What is not (stores, consoles, controllers) is well set when it listens where strangers are not:
there a public address would be a finding of its own, so it is judged on the loopback address that it has.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from checks.model import Finding
from checks.registry import builtin
from checks.runner import judge_one
from scanner.errors import TargetError
from scanner.facts import Endpoint, Facts, IdentifyFacts, ProbeRun, RunStatus, ServiceFacts
from scanner.probes import Probe, identify
from scanner.probes.registry import probes
from tests.checks.judging import PUBLIC, settings
from tests.conftest import Scanner
from tests.servers import (
    brokers,
    coordination,
    databases,
    desktops,
    directory,
    dns,
    files,
    ftp,
    industrial,
    java,
    mail,
    memcached,
    mqtt,
    proxies,
    redis,
    rsync,
    ssh,
    telnet,
    udp,
    web,
    webservices,
    zones,
)
from tests.servers.cache import Unavailable
from tests.servers.process import let_pass, loopback_address, short_folder
from tests.servers.tls import Issued, issue

pytestmark = pytest.mark.server

NAME = "www.example.cn"
PASSWORD = "not-guessed-by-anyone"
SUITES = "ECDHE+AESGCM"
"""OpenSSL's name for those that all of today's clients know, with forward secrecy and authenticated encryption."""


@dataclass(frozen=True)
class Place:
    """What a server may use: a folder of its own, a certificate for :data:`NAME`, and the authority that issued it."""

    folder: Path
    authority: Issued
    leaf: Issued


Start = Callable[[Place], AbstractContextManager[str]]
"""Starts a server and gives the address that it listens on."""


@dataclass(frozen=True, kw_only=True)
class Server:
    """A server in two settings. ``rule`` fails the bad one, and has judged the good one unless that says nothing at all."""

    rule: str
    bad: Start | None
    """None where the program has no setting that would be bad in what is asked of it (chrony answers neither of ntpd's questions)."""
    good: Start
    port: int
    good_port: int | None = None
    transport: str = "tcp"
    protocol: str | None = None
    """What it speaks, where it cannot be put on the port by which it would be asked."""
    for_strangers: bool = False
    mute: bool = False
    """The good one shows nothing that could be judged by ``rule``."""
    unavoidable: frozenset[str] = frozenset()
    """Rules that find what the version in Debian 12 has no setting against: dropbear's methods are chosen when it is built, and
    tinyproxy always names its version."""


def judged(scanner: Scanner, server: Server, address: str, port: int, *, public: bool) -> list[Finding]:
    """Everything that every rule says of the service, after every question that applies to it."""
    endpoint = Endpoint(ip=address, port=port, transport=server.transport, name=NAME)  # type: ignore[arg-type]
    service = ServiceFacts(endpoint=endpoint, target=NAME, protocol=server.protocol)
    named = run_of(scanner, identify.PROBE, service) if server.protocol is None else None
    if named is not None:
        service = replace(service, runs={named.probe: named})
    if named is not None and isinstance(named.facts, IdentifyFacts):
        own = named.facts
        service = replace(
            service, protocol=own.protocol, tls=own.tls, product=own.product, version=own.version
        )
    for probe in probes():
        if probe.name != identify.PROBE.name and probe.applies(service):
            run = run_of(scanner, probe, service)
            service = replace(service, runs={**service.runs, run.probe: run})
    if public:
        service = replace(service, endpoint=replace(endpoint, ip=PUBLIC))
    return [finding for loaded in builtin() for finding in judge_one(loaded.rule, service, settings)[0]]


def run_of(scanner: Scanner, probe: Probe, service: ServiceFacts) -> ProbeRun:
    facts: Facts | None = None
    reason = None
    try:
        facts = scanner.run(lambda session: probe.run(session, service))
    except TargetError as error:
        reason = error.kind
    now = datetime.now(UTC)
    return ProbeRun(
        probe=probe.name, endpoint=service.endpoint, attempt=1, started=now, finished=now, facts=facts, reason=reason,
        status=RunStatus.COMPLETED if facts is not None else RunStatus.FAILED,
    )  # fmt: skip


# ------------------------------------------------------------------ servers


@contextlib.contextmanager
def modbus_for_clients_with_certificates(place: Place) -> Iterator[str]:
    with industrial.modbus_tls_server(place.folder, place.leaf, place.authority) as address:
        yield address


@contextlib.contextmanager
def telnet_inside_tls(place: Place) -> Iterator[str]:
    certificate = place.folder / "telnets.pem"
    certificate.write_bytes(place.leaf.key_pem + place.leaf.pem + place.authority.pem)
    with telnet.telnets_server(place.folder, certificate) as address:
        yield address


@contextlib.contextmanager
def on_port_53(place: Place, *, version: str) -> Iterator[str]:
    address = loopback_address()
    zone = {"example.cn": zones.zone("@ IN NS ns1.invalid.\n")}
    with zones.nsd(place.folder, address, zone, options=version):
        yield address


@contextlib.contextmanager
def resolving(place: Place, kind: str, *, open_to_all: bool) -> Iterator[str]:
    with dns.everything_server(place.folder) as upstream:
        version = None if open_to_all else "none"
        started = (
            dns.unbound(place.folder, upstream, open_to_all=open_to_all)
            if kind == "unbound"
            else dns.resolver(place.folder, upstream, open_to_all=open_to_all, version=version)
        )
        with started as port:
            yield f"{dns.ADDRESS}:{port}"


@contextlib.contextmanager
def on_address(start: Callable[[Path, str], AbstractContextManager[None]], place: Place) -> Iterator[str]:
    address = loopback_address()
    let_pass(place.folder)
    with start(place.folder, address):
        yield address


def x11_port(start: AbstractContextManager[tuple[str, int]]) -> AbstractContextManager[str]:
    @contextlib.contextmanager
    def started() -> Iterator[str]:
        with start as (address, port):
            yield f"{address}:{port}"

    return started()


def simple(start: Callable[..., AbstractContextManager[str]], *args: object, **options: object) -> Start:
    return lambda place: start(place.folder, *args, **options)


OPEN_MODULE = "[www]\npath = {folder}\n"
CLOSED_MODULE = "[www]\npath = {folder}\nauth users = tester\nsecrets file = {secrets}\nread only = yes\n"
SSH_WEAK = {"Ciphers": "3des-cbc,aes128-cbc"}
SSH_GOOD = {
    "KexAlgorithms": "curve25519-sha256,diffie-hellman-group16-sha512",
    "Ciphers": "aes256-gcm@openssh.com,aes256-ctr",
    "MACs": "hmac-sha2-512-etm@openssh.com",
    "HostKeyAlgorithms": "ssh-ed25519,rsa-sha2-512",
}
GNUTLS = "SECURE128:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2:-RSA:-CIPHER-ALL:+AES-256-GCM:+AES-128-GCM"
"""The same in GnuTLS' words."""
RELAYS = {
    "mynetworks": "0.0.0.0/0",
    "smtpd_relay_restrictions": "permit_mynetworks, reject_unauth_destination",
}
RELAYS_NOT = {
    "mynetworks": "192.0.2.0/24",
    "smtpd_relay_restrictions": "permit_mynetworks, reject_unauth_destination",
    "disable_vrfy_command": "yes",
    "smtpd_tls_security_level": "may",
    "smtpd_tls_mandatory_ciphers": "high",
    "smtpd_tls_protocols": ">=TLSv1.2",
    "tls_preempt_cipherlist": "yes",
}

APACHE_STATUS = "<Location /server-status>\nSetHandler server-status\nRequire {allowed}\n</Location>\n"
PHP_WARNS = "<?php echo $undefined; ?>"
JSP_THROWS = '<% if (true) throw new IllegalStateException("x"); %>'
HEADERS = {
    "Content-Security-Policy": "default-src 'self'; frame-ancestors 'self'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "SAMEORIGIN",
    "Referrer-Policy": "no-referrer",
    "Strict-Transport-Security": "max-age=31536000",
}
JSP_CAREFUL = (
    '<%@ page contentType="text/html; charset=UTF-8" pageEncoding="UTF-8" session="false" %><%'
    + "".join(f'response.setHeader("{name}", "{value}");' for name, value in HEADERS.items())
    + f"%>{web.PAGE}"
)
TOMCAT_QUIET = '<Valve className="org.apache.catalina.valves.ErrorReportValve" showReport="false" showServerInfo="false"/>'


def apache_careful(place: Place, address: str) -> str:
    """Apache's settings for a careful site with TLS on port 443."""
    site = web.careful_site(place.folder)
    certificate, key = place.leaf.write(place.folder, "apache", place.authority)
    modules = "/usr/lib/apache2/modules"
    headers = "".join(f'Header always set {name} "{value}"\n' for name, value in HEADERS.items())
    return (
        f"LoadModule socache_shmcb_module {modules}/mod_socache_shmcb.so\nLoadModule ssl_module {modules}/mod_ssl.so\n"
        f"Listen {address}:443\nServerTokens Prod\nServerSignature Off\nTraceEnable off\nAddDefaultCharset utf-8\n"
        f"DocumentRoot {site}\nDirectoryIndex index.html\n"
        f"<Directory {site}>\nOptions -Indexes\nRequire all granted\n</Directory>\n"
        f"{APACHE_STATUS.format(allowed='all denied')}"
        f"<VirtualHost {address}:443>\nSSLEngine on\nSSLProtocol -all +TLSv1.2 +TLSv1.3\nSSLHonorCipherOrder on\n"
        "SSLCipherSuite ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-ECDSA-AES128-GCM-SHA256\n"
        f"SSLCertificateFile {certificate}\nSSLCertificateKeyFile {key}\n{headers}</VirtualHost>\n"
    )


SERVERS: dict[str, Server] = {
    "redis": Server(
        rule="exposure/redis-unauthenticated",
        port=6379,
        bad=simple(redis.redis_server, options=("--protected-mode", "no")),
        good=simple(redis.redis_server, password=PASSWORD),
    ),
    "memcached": Server(
        rule="exposure/memcached-unauthenticated",
        port=11211,
        bad=simple(memcached.memcached_server),
        good=simple(memcached.memcached_server, password=PASSWORD),
    ),
    "mosquitto": Server(
        rule="exposure/mqtt",
        port=1883,
        bad=simple(mqtt.mosquitto_server, anonymous=True),
        good=simple(mqtt.mosquitto_server, anonymous=False),
    ),
    "mariadb": Server(
        rule="exposure/mysql-reachable",
        port=3306,
        bad=lambda place: databases.mariadb_server(tls=False, let_in=True),
        good=lambda place: databases.mariadb_server(
            tls=True,
            let_in=True,
            issued=(place.leaf, place.authority),
            options=("--tls-version=TLSv1.2,TLSv1.3",),
        ),
    ),
    "postgres": Server(
        rule="exposure/postgresql-trust",
        port=5432,
        bad=lambda place: databases.postgres_server("host all all 127.0.0.0/8 trust\n", tls=False),
        good=lambda place: databases.postgres_server(
            "hostssl all all 127.0.0.0/8 scram-sha-256\n",
            tls=True,
            issued=(place.leaf, place.authority),
            settings=(f"ssl_ciphers={SUITES}",),
        ),
    ),
    "rsync": Server(
        rule="exposure/rsync",
        port=873,
        bad=simple(rsync.rsync_daemon, OPEN_MODULE),
        good=simple(rsync.rsync_daemon, CLOSED_MODULE),
    ),
    "vsftpd": Server(
        rule="exposure/ftp-anonymous",
        port=21,
        bad=simple(ftp.vsftpd_server, anonymous=True, tls=False),
        good=lambda place: ftp.vsftpd_server(
            place.folder,
            anonymous=False,
            tls=True,
            force_tls=True,
            settings={"ssl_ciphers": SUITES},
            issued=(place.leaf, place.authority),
        ),
        for_strangers=True,
    ),
    "proftpd": Server(
        rule="exposure/ftp-anonymous",
        port=21,
        bad=lambda place: ftp.proftpd_server(anonymous=True, tls=False),
        good=lambda place: ftp.proftpd_server(
            anonymous=False,
            tls=True,
            issued=(place.leaf, place.authority),
            options=(f"TLSCipherSuite {SUITES}", "TLSProtocol TLSv1.2 TLSv1.3"),
        ),
        for_strangers=True,
    ),
    "telnetd": Server(
        rule="exposure/telnet-reachable",
        port=23,
        good_port=992,
        bad=simple(telnet.telnet_server),
        good=telnet_inside_tls,
        for_strangers=True,
    ),
    "snmpd": Server(
        rule="exposure/snmp",
        port=161,
        transport="udp",
        bad=simple(udp.snmpd_server, "rocommunity public\nsysDescr a tester's agent"),
        good=simple(udp.snmpd_server, "createUser tester SHA not-guessed-by-anyone\nrouser tester authPriv"),
    ),
    "slapd": Server(
        rule="exposure/ldap",
        port=389,
        bad=lambda place: directory.slapd_server(
            place.folder, None, extra=directory.one_entry(place.folder, "access to * by * read")
        ),
        good=lambda place: directory.slapd_server(
            place.folder,
            place.leaf,
            place.authority,
            extra=f"TLSCipherSuite {GNUTLS}\n" + directory.one_entry(place.folder, "require authc"),
        ),
    ),
    "samba": Server(
        rule="exposure/smb",
        port=445,
        bad=simple(files.smbd_server),
        good=simple(files.smbd_server, "restrict anonymous = 2\nserver signing = mandatory\n"),
    ),
    "tigervnc": Server(
        rule="exposure/vnc",
        port=5900,
        bad=simple(desktops.vnc_server, security="None"),
        good=simple(desktops.vnc_server),
    ),
    "x11vnc": Server(
        rule="exposure/vnc",
        port=5900,
        bad=simple(desktops.x11vnc_server, password=False),
        good=simple(desktops.x11vnc_server, password=True),
    ),
    "xvfb": Server(
        rule="exposure/x11",
        port=0,
        bad=lambda place: x11_port(desktops.x11_server(place.folder, open_to_all=True)),
        good=lambda place: x11_port(desktops.x11_server(place.folder, open_to_all=False)),
    ),
    "etcd": Server(
        rule="exposure/etcd",
        port=2379,
        bad=simple(coordination.etcd_server),
        good=simple(coordination.etcd_server, users=True),
    ),
    "zookeeper": Server(
        rule="exposure/zookeeper",
        port=2181,
        bad=simple(coordination.zookeeper_server),
        good=simple(coordination.zookeeper_server, more="4lw.commands.whitelist=ruok"),
    ),
    "rabbitmq": Server(
        rule="exposure/clear-text-access",
        port=5672,
        bad=lambda place: brokers.rabbitmq_server(),
        good=lambda place: brokers.rabbitmq_server(issued=(place.leaf, place.authority)),
    ),
    "nats": Server(
        rule="exposure/nats",
        port=4222,
        bad=simple(brokers.nats_server),
        good=simple(brokers.nats_server, "--user", "tester", "--pass", PASSWORD),
    ),
    "activemq": Server(
        rule="exposure/activemq",
        port=61616,
        bad=lambda place: brokers.activemq_server(anonymous=True),
        good=lambda place: brokers.activemq_server(anonymous=False),
    ),
    "influxdb": Server(
        rule="exposure/influxdb",
        port=8086,
        bad=simple(webservices.influxdb_server, password=False),
        good=simple(webservices.influxdb_server, password=True),
    ),
    "alertmanager": Server(
        rule="exposure/alertmanager",
        port=9093,
        bad=simple(webservices.alertmanager, password=False),
        good=simple(webservices.alertmanager, password=True),
        mute=True,
    ),
    "haproxy": Server(
        rule="exposure/haproxy-stats",
        port=8404,
        bad=simple(webservices.haproxy_stats, password=False),
        good=simple(webservices.haproxy_stats, password=True),
    ),
    "microsocks": Server(
        rule="exposure/socks",
        port=1080,
        bad=simple(proxies.microsocks, password=False),
        good=simple(proxies.microsocks, password=True),
    ),
    "tomcat's AJP": Server(
        rule="exposure/ajp",
        port=8009,
        bad=simple(java.ajp_connector),
        good=simple(java.ajp_connector, "a-secret"),
    ),
    "ipmi_sim": Server(
        rule="exposure/ipmi",
        port=623,
        transport="udp",
        bad=simple(udp.ipmi_server, types="none md5", user='"admin" "not-guessed"'),
        good=simple(udp.ipmi_server, types="md5", user='"admin" "not-guessed"'),
    ),
    "prometheus": Server(
        rule="exposure/prometheus",
        port=9090,
        bad=simple(webservices.prometheus_server, password=False),
        good=simple(webservices.prometheus_server, password=True),
        mute=True,
    ),
    "exporters": Server(
        rule="exposure/exporter",
        port=9104,
        bad=simple(webservices.node_exporter, password=False),
        good=simple(webservices.node_exporter, password=True),
        mute=True,
    ),
    "docker-registry": Server(
        rule="exposure/docker-registry",
        port=5000,
        bad=simple(webservices.docker_registry, password=False),
        good=simple(webservices.docker_registry, password=True),
    ),
    "cups": Server(
        rule="exposure/cups",
        port=631,
        bad=simple(webservices.cupsd, password=False),
        good=simple(webservices.cupsd, password=True),
    ),
    "nfs": Server(
        rule="exposure/nfs-exports",
        port=111,
        bad=simple(files.nfs_server, "Access_Type = RO;"),
        good=simple(files.nfs_server, "CLIENT { Clients = 192.0.2.1; Access_Type = RO; }", protocols="4"),
    ),
    "chrony": Server(
        rule="exposure/ntp",
        port=123,
        transport="udp",
        bad=None,
        good=simple(udp.chronyd_server),
        for_strangers=True,
    ),
    "ntpsec": Server(
        rule="exposure/ntp",
        port=123,
        transport="udp",
        bad=simple(udp.ntpd_server, "nomodify\nunrestrict default noquery\nunrestrict 127.0.0.1 noquery"),
        good=simple(udp.ntpd_server, "nomodify noquery"),
        for_strangers=True,
    ),
    "bind9": Server(
        rule="dns/open-recursion",
        port=0,
        protocol="dns",
        transport="udp",
        bad=lambda place: resolving(place, "bind9", open_to_all=True),
        good=lambda place: resolving(place, "bind9", open_to_all=False),
        for_strangers=True,
    ),
    "unbound": Server(
        rule="dns/open-recursion",
        port=0,
        protocol="dns",
        transport="udp",
        bad=lambda place: resolving(place, "unbound", open_to_all=True),
        good=lambda place: resolving(place, "unbound", open_to_all=False),
        for_strangers=True,
    ),
    "nsd": Server(
        rule="dns/version-disclosure",
        port=53,
        transport="udp",
        bad=lambda place: on_port_53(place, version="hide-version: no"),
        good=lambda place: on_port_53(place, version="hide-version: yes"),
        for_strangers=True,
    ),
    "openssh": Server(
        rule="ssh/weak-cipher",
        port=22,
        bad=simple(ssh.ssh_server, keys={"ed25519": None}, settings=SSH_WEAK),
        good=simple(ssh.ssh_server, keys={"rsa": 3072, "ed25519": None}, settings=SSH_GOOD),
        for_strangers=True,
    ),
    "dropbear": Server(
        rule="ssh/small-host-key",
        port=22,
        bad=simple(ssh.dropbear_server, "-s", key="rsa 1024"),
        good=simple(ssh.dropbear_server, "-s", key="ed25519"),
        for_strangers=True,
        unavoidable=frozenset({"ssh/weak-kex", "ssh/weak-host-key-algorithm"}),
    ),
    "tftpd": Server(
        rule="exposure/tftp",
        port=69,
        transport="udp",
        bad=simple(udp.tftpd_server),
        good=simple(udp.tftpd_server, "a .*\n"),
    ),
    "xrdp": Server(
        rule="exposure/rdp-without-nla",
        port=3389,
        bad=lambda place: directory.xrdp_server(place.folder, place.leaf, place.authority, security="rdp"),
        good=lambda place: directory.xrdp_server(
            place.folder, place.leaf, place.authority, more=f"tls_ciphers={SUITES}"
        ),
    ),
    "squid": Server(
        rule="exposure/http-proxy",
        port=3128,
        bad=simple(proxies.squid, "http_access allow all"),
        good=simple(
            proxies.squid,
            "acl here src 192.0.2.0/24\nhttp_access allow here\nhttp_access deny all\nhttpd_suppress_version_string on",
        ),
    ),
    "tinyproxy": Server(
        rule="exposure/http-proxy",
        port=8888,
        bad=simple(proxies.tinyproxy, ""),
        good=simple(proxies.tinyproxy, "Allow 192.0.2.0/24"),
        unavoidable=frozenset({"web/version-disclosure"}),
    ),
    "kamailio": Server(
        rule="exposure/sip",
        port=5060,
        transport="udp",
        bad=simple(udp.kamailio_server, 'sl_send_reply("200", "OK")'),
        good=simple(udp.kamailio_server, 'sl_send_reply("403", "Forbidden")'),
    ),
    "pymodbus": Server(
        rule="exposure/modbus",
        port=502,
        bad=simple(industrial.modbus_server),
        good=modbus_for_clients_with_certificates,
        good_port=802,
        mute=True,
    ),
    "jupyter": Server(
        rule="exposure/jupyter",
        port=8888,
        bad=simple(webservices.jupyter_server, token=""),
        good=simple(webservices.jupyter_server, token=PASSWORD),
    ),
    "nginx": Server(
        rule="web/git-exposed",
        port=80,
        good_port=443,
        bad=lambda place: on_address(
            lambda folder, address: web.nginx_site(folder, address, web.careless_site(folder), web.CARELESS),
            place,
        ),
        good=lambda place: on_address(
            lambda folder, address: web.nginx_site(
                folder, address, web.careful_site(folder), web.CAREFUL, issued=(place.leaf, place.authority)
            ),
            place,
        ),
        for_strangers=True,
    ),
    "apache2": Server(
        rule="web/server-status-exposed",
        port=80,
        good_port=443,
        bad=lambda place: on_address(
            lambda folder, address: web.apache(folder, address, APACHE_STATUS.format(allowed="all granted")),
            place,
        ),
        good=lambda place: on_address(
            lambda folder, address: web.apache(folder, address, apache_careful(place, address)), place
        ),
        for_strangers=True,
    ),
    "tomcat": Server(
        rule="web/stack-trace-exposed",
        port=80,
        good_port=443,
        bad=lambda place: on_address(lambda folder, address: web.tomcat(folder, address, JSP_THROWS), place),
        good=lambda place: on_address(
            lambda folder, address: web.tomcat(
                folder, address, JSP_CAREFUL, valve=TOMCAT_QUIET, issued=(place.leaf, place.authority)
            ),
            place,
        ),
        for_strangers=True,
    ),
    "php": Server(
        rule="web/stack-trace-exposed",
        port=80,
        good_port=443,
        bad=lambda place: on_address(
            lambda folder, address: web.php_site(folder, address, PHP_WARNS, display_errors=True), place
        ),
        good=lambda place: on_address(
            lambda folder, address: web.php_cgi(
                folder,
                address,
                PHP_WARNS + web.PAGE,
                display_errors=False,
                issued=(place.leaf, place.authority),
            ),
            place,
        ),
        for_strangers=True,
    ),
    "postfix": Server(
        rule="mail/open-relay",
        port=25,
        bad=lambda place: mail.postfix_server(None, **RELAYS),
        good=lambda place: mail.postfix_server(place.leaf, place.authority, **RELAYS_NOT),
        for_strangers=True,
    ),
    "dovecot": Server(
        rule="tls/starttls-missing",
        port=143,
        bad=lambda place: mail.dovecot_server(None, disable_plaintext_auth="no"),
        good=lambda place: mail.dovecot_server(
            place.leaf, place.authority, ssl="required", ssl_min_protocol="TLSv1.2", ssl_cipher_list=SUITES
        ),
        for_strangers=True,
    ),
    "exim4": Server(
        rule="mail/open-relay",
        port=25,
        bad=lambda place: mail.exim_server(relay=True),
        good=lambda place: mail.exim_server(relay=False, issued=(place.leaf, place.authority)),
        for_strangers=True,
    ),
}

LISTED = """
redis, memcached, mosquitto, mariadb, postgres, rsync, vsftpd, proftpd, telnetd, snmpd, slapd, samba, tigervnc, x11vnc, etcd,
zookeeper, rabbitmq, prometheus, exporters, docker-registry, cups, nfs, chrony, ntpsec, bind9, unbound, nsd, openssh, dropbear,
tftpd, xrdp, squid, tinyproxy, kamailio, pymodbus, jupyter, nginx, apache2, tomcat, php, postfix, dovecot, exim4
"""
"""Servers that the catalogue is held against."""


@pytest.fixture
def place() -> Iterator[Place]:
    authority = issue("zijian test authority", ca=True)
    with short_folder() as folder:
        yield Place(folder, authority, issue(NAME, issuer=authority, san=[NAME]))


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Silence is silence after tenths of seconds too."""
    monkeypatch.setattr("scanner.probes.datagram.WAITS", (0.4, 0.4))


def deviations(
    scanner: Scanner, place: Place, server: Server, start: Start, port: int, *, public: bool
) -> tuple[dict[str, str], set[str]]:
    """Rule -> outcome of all that deviates, and every rule that judged."""
    trusted, _ = place.authority.write(place.folder, "authority")
    scanner.ca_file = trusted
    with contextlib.ExitStack() as stack:
        try:
            where = stack.enter_context(start(place))
        except Unavailable as error:
            pytest.skip(str(error))
        address, _, own_port = where.partition(":")
        found = judged(scanner, server, address, int(own_port or port), public=public)
    return {one.check: one.outcome for one in found if one.status.deviates}, {one.check for one in found}


@pytest.mark.parametrize("name", [name for name, server in SERVERS.items() if server.bad is not None])
def test_the_bad_one_is_found_out(scanner: Scanner, place: Place, name: str) -> None:
    server = SERVERS[name]
    assert server.bad is not None
    found, _ = deviations(scanner, place, server, server.bad, server.port, public=True)
    assert server.rule in found


@pytest.mark.parametrize("name", SERVERS)
def test_the_good_one_is_left_in_peace(scanner: Scanner, place: Place, name: str) -> None:
    server = SERVERS[name]
    port = server.good_port or server.port
    found, rules = deviations(scanner, place, server, server.good, port, public=server.for_strangers)
    assert {rule: outcome for rule, outcome in found.items() if rule not in server.unavoidable} == {}
    assert (server.rule in rules) is not server.mute


def test_every_listed_server_is_here() -> None:
    assert {name.strip() for name in LISTED.split(",")} <= set(SERVERS)
