"""The check catalogue: every item has its rule, every rule is proven on a server, every rule says how it is mended.

A rule counts as proven when a test that starts real servers, or replays a documented exchange, names it. Beside the tables of
outcomes in this folder, that test is where its facts come from.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import pytest

from checks.registry import LoadedRule, builtin

RULES = builtin()

CATALOGUE: Mapping[str, Mapping[str, str]] = {
    "tls": {
        "SSLv2/3, TLS 1.0/1.1 offered": "legacy-protocol", "no TLS 1.2+": "no-tls12", "TLS 1.3 missing": "no-tls13",
        "NULL": "null-cipher", "anonymous": "anonymous-cipher", "export": "export-cipher", "DES": "des-cipher", "RC4": "rc4",
        "3DES/64-bit": "block-cipher-64-bit", "CBC-only": "cbc-only", "no forward secrecy": "no-forward-secrecy",
        "DH < 2048 or common prime": "weak-dh", "weak groups": "weak-group", "compression": "compression",
        "insecure renegotiation": "insecure-renegotiation", "no fallback SCSV": "no-fallback-scsv",
        "client-preferred weak order": "client-preferred-weak-order", "heartbleed-era stacks": "heartbeat-offered",
        "STARTTLS missing": "starttls-missing", "STARTTLS strippable": "starttls-strippable", "TLCP and SM suites": "sm-suites",
    },
    "certificate": {
        "expired": "expired", "not yet valid": "not-yet-valid", "expires < 30 days": "expires-soon", "too long": "too-long-lived",
        "self-signed": "self-signed", "untrusted": "untrusted-chain", "incomplete chain": "incomplete-chain",
        "wrong name": "name-mismatch", "RSA < 2048": "weak-rsa-key", "EC < 224": "weak-ec-key", "SHA-1/MD5": "weak-signature",
        "no SAN": "no-san", "revoked": "revoked-staple", "must-staple without staple": "must-staple-missing",
        "wildcard breadth": "wildcard", "private CA": "private-ca", "SM2 pair for TLCP": "tlcp-pair",
    },
    "exposure": {
        "redis": "redis-unauthenticated", "memcached": "memcached-unauthenticated", "mongodb": "mongodb",
        "elasticsearch/opensearch": "elasticsearch", "kibana": "kibana", "couchdb": "couchdb", "cassandra": "cassandra",
        "influxdb": "influxdb", "clickhouse": "clickhouse", "zookeeper": "zookeeper", "etcd": "etcd", "consul": "consul",
        "docker API": "docker", "kubernetes API": "kubernetes", "kubelet": "kubelet", "kubernetes dashboard": "kubernetes-dashboard", "yarn": "yarn", "hdfs": "hdfs",
        "spark": "spark", "flink": "flink", "jenkins": "jenkins", "solr": "solr", "rabbitmq console": "rabbitmq-console",
        "activemq": "activemq", "activemq console": "activemq-console", "mosquitto": "mqtt", "nats": "nats", "kafka": "kafka", "postgres": "postgresql-trust",
        "mysql": "mysql-reachable", "mssql": "mssql", "oracle tns": "oracle", "rsync modules": "rsync",
        "ftp anonymous": "ftp-anonymous", "tftp": "tftp", "ldap anonymous bind": "ldap", "snmp public": "snmp",
        "vnc none-auth": "vnc", "rdp without NLA": "rdp-without-nla", "x11": "x11", "telnet": "telnet-reachable",
        "jupyter": "jupyter", "prometheus": "prometheus", "exporters": "exporter", "docker registry": "docker-registry",
        "ntp monlist": "ntp", "memcached udp": "memcached-udp", "ipmi": "ipmi", "bacnet": "bacnet", "ssdp/upnp": "ssdp", "sip": "sip", "sip over TCP": "sip-tcp", "smb guest": "smb", "nfs exports": "nfs-exports", "nfs": "nfs",
        "rpcbind": "rpcbind", "r-services": "r-services", "modbus": "modbus", "s7": "s7comm", "iec104": "iec104", "open proxy": "http-proxy", "cups": "cups", "databases reachable at all": "database-port-reachable",
        "management reachable at all": "management-port-reachable", "over clear text": "clear-text-access",
        "hadoop": "hdfs", "open DNS resolver": "dns/open-recursion", "socks": "socks",
        "end-of-life": "end-of-life", "outdated": "outdated-version", "a disagreement is shown": "identification-disagrees",
    },
    "web": {
        "no https": "no-https", "no redirect to it": "no-https-redirect", "HSTS missing": "hsts-missing", "HSTS weak": "hsts-weak",
        "CSP": "csp-missing", "frame": "frame-protection-missing", "nosniff": "nosniff-missing",
        "referrer policy": "referrer-policy-missing", "cookies without Secure": "insecure-cookie", "HttpOnly": "cookie-httponly",
        "SameSite": "cookie-samesite", "directory listing": "directory-listing", ".git": "git-exposed", ".svn": "svn-exposed",
        ".env": "env-exposed", "backups, dumps": "backup-exposed", "phpinfo": "phpinfo-exposed",
        "server-status": "server-status-exposed", "actuator": "actuator-exposed", "swagger": "api-docs-exposed",
        "druid": "druid-exposed", "nacos": "nacos-exposed", "default pages": "default-page", "stack traces": "stack-trace-exposed",
        "source maps": "source-map-exposed", "access.log": "access-log-exposed", "mixed content": "mixed-content",
        "login form in clear text": "login-over-clear-text", "CORS": "cors-reflects-origin", "methods": "dangerous-methods",
        "version disclosure": "version-disclosure", "security.txt": "security-txt-missing", "DANE": "dane",
    },
    "ssh": {
        "protocol 1": "protocol-1", "weak kex": "weak-kex", "cipher": "weak-cipher", "mac": "weak-mac",
        "host key": "weak-host-key-algorithm", "small keys": "small-host-key", "password login offered": "password-login",
        "Terrapin": "terrapin", "no authentication": "no-authentication", "outdated version": "exposure/outdated-version",
    },
    "dns": {
        "AXFR open": "zone-transfer", "open recursion": "open-recursion", "DNSSEC": "dnssec-missing", "CAA": "caa-missing",
        "dangling CNAME": "dangling-cname", "NS redundancy": "ns-redundancy", "private addresses leaked": "private-address",
        "wildcard": "wildcard",
    },
    "mail": {
        "SPF": "spf-missing", "DKIM (known selectors)": "dkim-weak-key", "DMARC": "dmarc-missing", "MTA-STS": "mta-sts-missing", "MTA-STS policy": "mta-sts-policy",
        "TLS-RPT": "tls-rpt-missing", "DANE": "dane", "open relay": "open-relay",
    },
    "filing": {
        "ICP number shown": "icp-number-shown", "public security number shown": "mps-number-shown",
        "ICP well-formed": "icp-number-malformed", "public security well-formed": "mps-number-malformed", "linked": "filing-link",
    },
}  # fmt: skip
"""Item of the catalogue -> the rule's name in its family, or its id where another family has it."""


def _access(name: str) -> tuple[str, str, str]:
    rule = f"exposure/{name}"
    return f"{rule}:reachable", f"{rule}:authentication_required", f"{rule}:usable"


CASES: Mapping[str, tuple[str, str, str]] = {
    "redis": ("exposure/redis-reachable:reachable", "exposure/redis-unauthenticated:password_required", "exposure/redis-unauthenticated:usable"),
    "memcached": ("exposure/memcached-reachable:reachable", "exposure/memcached-unauthenticated:authentication_required", "exposure/memcached-unauthenticated:usable"),
    **{
        name: _access(name)
        for name in (
            "mongodb", "elasticsearch", "etcd", "docker", "kubelet", "rsync", "ldap", "smb", "snmp", "mqtt", "vnc", "x11", "ipmi", "modbus",
        )
    },
    "ftp": ("exposure/ftp-anonymous:undecided", "exposure/ftp-anonymous:refused", "exposure/ftp-anonymous:let_in"),
    "nfs/rpc": ("exposure/rpcbind:reachable", "exposure/nfs-exports:listed", "exposure/nfs-exports:to_all"),
    "postgresql": ("exposure/postgresql-reachable:reachable", "exposure/postgresql-trust:asks", "exposure/postgresql-trust:trusted"),
    # Nobody is let in without a login: the third case is the logon screen before one.
    "rdp": ("exposure/rdp:reachable", "exposure/rdp:tells", "exposure/rdp-without-nla:without_nla"),
    # Reading data wants a session, which the ensemble writes into its log: the last that is read is what srvr tells.
    "zookeeper": ("exposure/zookeeper:reachable", "exposure/zookeeper:tells", "exposure/zookeeper:tells"),
}  # fmt: skip
"""Protocol -> how it is said that it is reachable, that it answers before authentication, and that it is usable without."""

SERVERS = re.compile(r"^from tests\.(?:servers|services\.hostile|logs\.conftest)\b", re.MULTILINE)
"""What a test module imports that talks to a server, or replays one."""


@pytest.mark.parametrize("family", CATALOGUE)
def test_every_item_of_the_catalogue_has_its_rule(family: str) -> None:
    there = {loaded.rule.id for loaded in RULES}
    named = CATALOGUE[family].values()
    assert {name if "/" in name else f"{family}/{name}" for name in named} <= there


@pytest.mark.parametrize("protocol", CASES)
def test_three_cases_are_told_apart(protocol: str) -> None:
    outcomes = {loaded.rule.id: loaded.rule.outcomes for loaded in RULES}
    said = [case.split(":") for case in CASES[protocol]]
    assert all(outcome in outcomes[rule] for rule, outcome in said)
    assert outcomes[said[2][0]][said[2][1]].status.deviates


@cache
def _modules() -> Mapping[str, str]:
    """Test modules that start servers, without the tables of outcomes."""
    here = Path(__file__).parent
    found = {str(path): path.read_text(encoding="utf-8") for path in here.parent.rglob("test_*.py")}
    return {
        path: text for path, text in found.items() if not path.startswith(str(here)) and SERVERS.search(text)
    }


def _named_in(text: str, rule_id: str) -> bool:
    """Whether a test names the rule: by its id, by its name behind its family's, or by the probe that is called like it."""
    family, _, name = rule_id.partition("/")
    return (
        f'"{rule_id}"' in text
        or (f'f"{family}/{{' in text and f'"{name}"' in text)
        or (f'f"{family}/{{probe.' in text and f"{name.replace('-', '_')}.PROBE" in text)
    )


@pytest.mark.parametrize("loaded", RULES, ids=lambda loaded: loaded.rule.id)
def test_every_rule_is_proven_on_a_server_or_a_replay(loaded: LoadedRule) -> None:
    proven = [path for path, text in _modules().items() if _named_in(text, loaded.rule.id)]
    assert proven, f"no test with a server or a replay names {loaded.rule.id}"


COMMON = {
    "web": ("nginx", "Apache", "IIS", "Tomcat"),
    "ssh": ("OpenSSH", "dropbear"),
    "dns": ("BIND", "Windows DNS"),
    "filing": ("WordPress", "Discuz!", "IIS"),
    "tls": ("nginx", "Apache", "IIS", "Tomcat"),
    "certificate": ("nginx", "Apache", "IIS", "Tomcat"),
}
INSTEAD: Mapping[str, tuple[str, ...]] = {
    **{f"certificate/{name}": ("Tongsuo", "nginx") for name in ("tlcp-pair", "tlcp-name-mismatch", "tlcp-untrusted", "tlcp-validity")},
    "tls/starttls-missing": ("Postfix", "Dovecot", "OpenLDAP", "Prosody"),
    "tls/starttls-strippable": ("Postfix", "Dovecot", "Exchange", "Prosody"),
}  # fmt: skip
"""Rules on what the servers of their family do not do."""
_RECORD = ("BIND", "PowerDNS", "Windows DNS")
_SIGNING = ("Postfix", "Exim", "Exchange", "OpenDKIM", "rspamd")
OF_RULES: Mapping[str, tuple[str, ...]] = {
    **{f"mail/{name}": _RECORD for name in ("dmarc-missing", "dmarc-invalid", "mx-invalid", "spf-missing", "spf-invalid", "spf-weak", "tls-rpt-missing")},
    **{f"mail/{name}": (*_RECORD, *_SIGNING) for name in ("dkim-weak-key", "dmarc-monitor-only")},
    **{f"mail/{name}": ("nginx", "Apache", "IIS", "Tomcat") for name in ("mta-sts-missing", "mta-sts-policy")},
    **{f"mail/{name}": ("Postfix", "Exim", "Sendmail", "Exchange") for name in ("open-relay", "vrfy-answers")},
    "mail/dane": ("Postfix", "Exim", "Exchange"),
    **{
        f"exposure/{name}": files
        for name, files in {
            "activemq": ("activemq.xml",), "activemq-console": ("jetty.xml",), "ajp": ("server.xml", "mod_jk"),
            "alertmanager": ("--web.config.file", "nginx"), "amqp": ("rabbitmq.conf",), "cassandra": ("cassandra.yaml",),
            "clickhouse": ("users.xml", "config.xml"), "couchdb": ("local.ini",), "cups": ("cupsd.conf",), "docker": ("daemon.json",),
            "docker-registry": ("config.yml", "Harbor"), "elasticsearch": ("elasticsearch.yml", "OpenSearch", "Docker"),
            "end-of-life": ("nginx", "httpd"), "etcd": ("--client-cert-auth",), "exporter": ("--web.listen-address",),
            "flink": ("config.yaml",), "ftp-anonymous": ("vsftpd", "ProFTPD", "IIS"), "ftp-clear-text": ("vsftpd", "ProFTPD", "IIS"),
            "gearman": ("gearman-job-server",), "grafana": ("grafana.ini",), "haproxy-stats": ("haproxy.cfg",), "hdfs": ("hdfs-site.xml",),
            "http-proxy": ("squid.conf", "tinyproxy.conf", "Apache", "nginx", "IIS"), "influxdb": ("influxdb.conf",),
            "jupyter": ("jupyter_server_config.py",), "kafka": ("server.properties",), "kubelet": ("readOnlyPort",),
            "kubernetes": ("kube-apiserver",), "ldap": ("OpenLDAP", "Active Directory"), "memcached-reachable": ("memcached.conf", "Docker"),
            "memcached-udp": ("memcached.conf",), "memcached-unauthenticated": ("memcached.conf",), "mongodb": ("mongod.conf", "Docker"),
            "mqtt": ("mosquitto.conf", "EMQX"), "mysql-clear-text": ("my.cnf",), "mysql-reachable": ("my.cnf", "Docker"),
            "nats": ("nats-server.conf",), "netdata": ("netdata.conf", "nginx"), "nfs": ("/etc/exports",), "nfs-exports": ("/etc/exports", "Ganesha"),
            "ntp": ("ntp.conf", "chrony"), "oracle": ("sqlnet.ora", "listener.ora"), "postgresql-clear-text": ("postgresql.conf", "pg_hba.conf"),
            "postgresql-reachable": ("postgresql.conf", "Docker"), "postgresql-trust": ("pg_hba.conf",), "prometheus": ("--web.config.file", "nginx"),
            "rabbitmq-console": ("rabbitmq.conf",), "rdp": ("xrdp",), "rdp-without-nla": ("Windows", "xrdp"),
            "redis-reachable": ("redis.conf", "Docker"), "redis-unauthenticated": ("redis.conf",), "rsync": ("rsyncd.conf",),
            "sip": ("Asterisk", "FreeSWITCH", "Kamailio"), "smb": ("Windows", "smb.conf"), "smb1": ("Windows", "smb.conf"),
            "snmp": ("snmpd.conf", "Windows"), "socks": ("danted.conf",), "solr": ("security.json",), "spark": ("spark-defaults.conf",),
            "stomp": ("activemq.xml", "RabbitMQ"), "tftp": ("tftpd-hpa", "dnsmasq"), "tomcat-manager": ("context.xml",),
            "vnc": ("TigerVNC", "x11vnc", "RealVNC"), "x11": ("-nolisten tcp",), "yarn": ("yarn-site.xml",), "zookeeper": ("zoo.cfg",),
        }.items()
    },
}  # fmt: skip
"""Products, or the files of their settings, that a reader expects on one rule's page."""
DEVICES = (("华为", "Huawei"), ("华三", "H3C"), ("思科", "Cisco"))
"""In Chinese and in English."""


EXPECTED = {
    loaded.rule.id: INSTEAD.get(
        loaded.rule.id, (*COMMON.get(loaded.rule.family, ()), *OF_RULES.get(loaded.rule.id, ()))
    )
    for loaded in RULES
}


def test_every_rule_of_mail_names_its_products() -> None:
    assert all(EXPECTED[rule_id] for rule_id in EXPECTED if rule_id.startswith("mail/"))
    assert {*OF_RULES, *INSTEAD} <= set(EXPECTED)


@pytest.mark.parametrize(
    "loaded", [loaded for loaded in RULES if EXPECTED[loaded.rule.id]], ids=lambda loaded: loaded.rule.id
)
def test_how_to_mend_it_is_said_for_the_common_servers(loaded: LoadedRule) -> None:
    remediation = loaded.rule.remediation
    for product in EXPECTED[loaded.rule.id]:
        assert product.lower() in remediation.zh.lower()
        assert product.lower() in remediation.en.lower()
    if loaded.rule.family == "ssh":
        for zh, en in DEVICES:
            assert zh in remediation.zh
            assert en in remediation.en
