"""Ports: the catalogue's risky ones, the profiles, and how a port specification is written and read."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from scanner.errors import UsageError

RISKY_TCP: dict[int, str] = {
    7: "echo", 13: "daytime", 19: "chargen", 79: "finger",
    21: "ftp", 22: "ssh", 23: "telnet", 25: "smtp", 53: "dns", 80: "http", 110: "pop3", 111: "rpcbind", 135: "msrpc",
    139: "netbios-ssn", 143: "imap", 389: "ldap", 443: "https", 445: "smb", 465: "smtps", 502: "modbus", 512: "exec",
    513: "login", 514: "shell", 587: "submission", 623: "ipmi", 631: "cups", 636: "ldaps", 873: "rsync", 993: "imaps",
    995: "pop3s", 102: "s7", 1080: "socks", 1099: "java-rmi", 1433: "mssql", 1521: "oracle", 1883: "mqtt",
    2049: "nfs", 2181: "zookeeper", 2222: "ssh", 2375: "docker", 2376: "docker-tls", 2379: "etcd", 2404: "iec104",
    3000: "http", 3128: "squid", 3306: "mysql", 3389: "rdp", 4222: "nats", 4443: "https", 4848: "glassfish",
    5000: "docker-registry", 5222: "xmpp", 5432: "postgresql", 5555: "adb", 5601: "kibana", 5672: "amqp", 5900: "vnc",
    5901: "vnc", 5984: "couchdb", 5985: "winrm", 6000: "x11", 6379: "redis", 6443: "kubernetes", 7001: "weblogic",
    7077: "spark", 7848: "nacos-raft", 8000: "http", 8006: "proxmox", 8008: "http", 8009: "ajp", 8020: "hdfs",
    8080: "http", 8081: "http", 8083: "kafka-connect", 8086: "influxdb", 8088: "yarn", 8123: "clickhouse",
    8161: "activemq", 8443: "https", 8500: "consul", 8834: "nessus", 8848: "nacos", 8888: "jupyter", 8983: "solr",
    9000: "clickhouse", 9042: "cassandra", 9060: "websphere", 9090: "prometheus", 9092: "kafka", 9093: "alertmanager",
    9100: "node-exporter", 9200: "elasticsearch", 9300: "elasticsearch-transport", 9443: "https", 9870: "hdfs",
    10000: "webmin", 10250: "kubelet", 10255: "kubelet-ro", 10443: "https", 11211: "memcached", 15672: "rabbitmq",
    16379: "redis", 20000: "dnp3", 26379: "redis-sentinel", 27017: "mongodb", 27018: "mongodb", 28017: "mongodb-http",
    446: "drda", 1522: "oracle", 1527: "drda", 2182: "zookeeper", 2483: "oracle", 3050: "firebird", 4730: "gearman", 5671: "amqp", 7687: "bolt",
    8087: "riak", 9094: "kafka", 9142: "cassandra", 11300: "beanstalkd", 27019: "mongodb", 28015: "rethinkdb",
    33060: "mysqlx", 61613: "stomp", 4840: "opcua", 5005: "jdwp", 5060: "sip", 5061: "sip", 8787: "jdwp", 9010: "java-rmi",
    10099: "java-rmi", 554: "rtsp", 1936: "haproxy-stats", 8404: "haproxy-stats", 8554: "rtsp", 8761: "eureka", 9001: "minio",
    11434: "ollama", 19999: "netdata", 44818: "ethernet-ip",
    50000: "drda", 50070: "hdfs", 61616: "activemq",
}  # fmt: skip
"""TCP ports that every profile looks at: what the check catalogue has rules for."""

RISKY_UDP: dict[int, str] = {
    7: "echo", 13: "daytime", 17: "qotd", 19: "chargen", 53: "dns", 69: "tftp", 111: "rpcbind", 123: "ntp",
    137: "netbios-ns", 161: "snmp", 389: "cldap", 623: "ipmi", 1900: "ssdp", 5060: "sip", 5353: "mdns", 5683: "coap",
    11211: "memcached", 47808: "bacnet",
}  # fmt: skip
"""UDP ports that the profiles standard and full look at: for each there is a question of its own protocol."""

TOP = {"quick": 100, "standard": 1000, "full": 65535}
"""Profile -> how many of nmap's most frequent TCP ports it adds to the risky ones."""


def compress(ports: Iterable[int]) -> str:
    """Ports as nmap's ``-p`` takes them: ``22,80-82``."""
    ordered = sorted(set(ports))
    parts: list[str] = []
    index = 0
    while index < len(ordered):
        end = index
        while end + 1 < len(ordered) and ordered[end + 1] == ordered[end] + 1:
            end += 1
        parts.append(str(ordered[index]) if end == index else f"{ordered[index]}-{ordered[end]}")
        index = end + 1
    return ",".join(parts)


@dataclass(frozen=True, slots=True)
class PortSpec:
    """What to scan: TCP and UDP ports."""

    tcp: frozenset[int]
    udp: frozenset[int]


def parse_ports(text: str) -> PortSpec:
    """Read ``--ports``: numbers and ranges, ``T:`` or ``U:`` before a number switches the protocol.

    :raises UsageError: anything else; the sentence names the part.
    """
    found: dict[str, set[int]] = {"T": set(), "U": set()}
    kind = "T"
    for part in text.split(","):
        item = part.strip()
        if item[:2].upper() in {"T:", "U:"}:
            kind, item = item[0].upper(), item[2:]
        low, dash, high = item.partition("-")
        ends = (low, high) if dash else (low, low)
        if not all(end.isascii() and end.isdigit() and 1 <= int(end) <= 65535 for end in ends):
            raise UsageError(
                f"--ports：{part.strip()!r} 不是端口或者端口范围（1 至 65535）",
                f"--ports: {part.strip()!r} is not a port or a range of ports (1 to 65535)",
            )
        first, last = int(ends[0]), int(ends[1])
        if first > last:
            raise UsageError(
                f"--ports：范围 {item!r} 的起止颠倒", f"--ports: the range {item!r} runs backwards"
            )
        found[kind].update(range(first, last + 1))
    return PortSpec(frozenset(found["T"]), frozenset(found["U"]))


def batches(tcp: frozenset[int], first: frozenset[int]) -> tuple[tuple[int, ...], ...]:
    """Split ``tcp`` so that the likeliest ports come first and their services can be probed while the rest is scanned."""
    head = tuple(sorted(tcp & first))
    rest = sorted(tcp - first)
    size = 8192
    tail = tuple(tuple(rest[start : start + size]) for start in range(0, len(rest), size))
    return (head, *tail) if head else tail
