"""How protocols show themselves in their first bytes: the table that identification reads.

Every entry rests on a protocol's own specification, named beside it; none was taken from another tool's list. Patterns
are matched against at most a few kilobytes, and have no nested repetition, so that no answer can make them slow.
"""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Match:
    """A protocol recognised, and what the bytes say of the product."""

    protocol: str
    product: str | None = None
    version: str | None = None
    tls: bool = False


@dataclass(frozen=True, slots=True)
class Signature:
    """A protocol and the pattern that its first bytes have.

    ``product`` and ``version`` may be named groups of the pattern. ``source`` says where the form is laid down.
    """

    protocol: str
    pattern: re.Pattern[bytes]
    source: str

    def match(self, data: bytes) -> Match | None:
        """The match with ``data``, or None."""
        found = self.pattern.match(data)
        if found is None:
            return None
        groups = found.groupdict()
        return Match(self.protocol, _text(groups.get("product")), _text(groups.get("version")))


def _text(value: bytes | None) -> str | None:
    return value.decode("ascii", errors="replace") if value else None


def _signature(protocol: str, pattern: bytes, source: str) -> Signature:
    return Signature(protocol, re.compile(pattern, re.DOTALL | re.IGNORECASE), source)


GREETINGS: tuple[Signature, ...] = (
    _signature(
        "ssh",
        rb"(?:[^\r\n]{0,1000}\r?\n){0,50}?SSH-[12]\.\d{1,2}-(?P<product>[A-Za-z]{2,32})(?:[_-](?P<version>[0-9][\w.]{0,31}))?",
        "RFC 4253 §4.2",
    ),
    _signature("ssh", rb"(?:[^\r\n]{0,1000}\r?\n){0,50}?SSH-[12]\.\d{1,2}-", "RFC 4253 §4.2"),
    _signature("vnc", rb"RFB \d{3}\.\d{3}\n", "RFC 6143 §7.1.1"),
    _signature("rsync", rb"@RSYNCD: (?P<version>\d{1,3}(?:\.\d{1,3})?)", "rsync: csprotocol.txt"),
    _signature("telnet", rb"\xff(?:[\xfb-\xfe][\x00-\xff]|\xfa)", "RFC 854"),
    _signature(
        "smtp", rb"220[ -][^\r\n]{0,400}(?P<product>Postfix|Exim|Sendmail|Exchange|OpenSMTPD|qmail|Coremail)"
        rb"(?:[ /](?P<version>[0-9][\w.]{0,31}))?", "RFC 5321 §4.2",
    ),
    _signature("smtp", rb"(?:220|521|554)[ -][^\r\n]{0,400}\bE?SMTP\b(?![.-])", "RFC 5321 §3.1, §4.2; RFC 7504"),
    _signature(
        "ftp", rb"(?:220|421|530|500)[ -](?:[^\r\n]{0,400}\r?\n220[ -]){0,20}?[^\r\n]{0,400}?"
        rb"(?P<product>vsFTPd|ProFTPD|Pure-FTPd|FileZilla|Serv-U|wu-ftpd|bftpd|Microsoft FTP)"
        rb"(?:[^\r\n0-9]{0,24}(?P<version>[0-9][\w.]{0,31}))?", "RFC 959 §5.4",
    ),
    _signature("ftp", rb"(?:220|421|530)[ -](?:[^\r\n]{0,400}\r?\n220[ -]){0,20}?[^\r\n]{0,400}\bFTP\b(?![.-])", "RFC 959 §5.4"),
    _signature("nntp", rb"20[01] [^\r\n]{0,400}\b(?:NNTP|InterNetNews|InterNetworkNews|news)", "RFC 3977 §5.1"),
    _signature("pop3", rb"(?:\+OK|-ERR)[ \r\n][^\r\n]{0,400}(?P<product>Dovecot|Courier|Cyrus)", "RFC 1939 §4"),
    _signature("pop3", rb"\+OK(?:[ \r\n]|$)", "RFC 1939 §4"),
    _signature("imap", rb"\* (?:OK|PREAUTH|BYE) [^\r\n]{0,1000}(?P<product>Dovecot|Courier|Cyrus)", "RFC 9051 §7.1"),
    _signature("imap", rb"\* (?:OK|PREAUTH|BYE)[ \[]", "RFC 9051 §7.1"),
    _signature(
        "sieve", rb"\"IMPLEMENTATION\" \"(?P<product>[A-Za-z]{2,20})?[^\r\n]{0,400}\"\r?\n", "RFC 5804 §1.7",
    ),
    _signature("nats", rb"INFO \{[^\r\n]{0,2000}\"version\" ?: ?\"(?P<version>[\w.-]{1,32})\"", "NATS client protocol"),
    _signature("redis", rb"-(?:DENIED|NOAUTH|LOADING|MASTERDOWN|ERR max number of clients)\b", "Redis RESP specification"),
    _signature("mysql", rb"[\x00-\xff]{3}\x00\x0a(?:5\.5\.5-)?(?P<version>[0-9][^\x00]{2,60})\x00", "MySQL: Protocol::HandshakeV10"),
    _signature("mysql", rb"[\x00-\xff]{2}\x00[\x00-\x02]\xff(?:\x10\x04|\x69\x04|\x6a\x04)", "MySQL: ERR_Packet, errors 1040, 1129, 1130"),
    _signature(
        "activemq", rb"[\x00-\xff]{4}\x01ActiveMQ(?:.{0,1000}?ProviderVersion\x09\x00[\x01-\x20](?P<version>[0-9][\w.-]{2,30}))?",
        "ActiveMQ OpenWire: WireFormatInfo",
    ),
    _signature("mysqlx", rb"\x05\x00\x00\x00\x0b\x08\x05\x1a\x00", "MySQL X protocol: Notice ServerHello (mysqlx_notice.proto)"),
    _signature("chargen", rb" ?!\"#\$%&'\(\)\*\+,-\./0123456789", "RFC 864: lines of the printable characters in their order"),
    _signature(
        "daytime", rb"(?:\n\r?)?(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]{0,6},? [^\r\n]{0,40}\d{1,2}:\d\d:\d\d[^\r\n]{0,20}\r?\n\Z",
        "RFC 867: the usual syntax",
    ),
    _signature("telnet", rb"[^\x00]{0,2000}(?:login|username|user name|password) ?: ?$", "a login prompt in clear text"),
)  # fmt: skip
"""What a server says before it is asked."""

GENERIC_220 = re.compile(rb"220[ -]")
"""A greeting that FTP (RFC 959) and SMTP (RFC 5321) share; one NOOP tells them apart."""


ANSWERS: tuple[Signature, ...] = (
    _signature(
        "mongodb", rb"HTTP/1\.[01] [^\r\n]{0,200}\r\n.{0,2000}native driver port",
        "MongoDB: the driver port's answer to an HTTP request",
    ),
    _signature(
        "clickhouse", rb"HTTP/1\.[01] 400 [^\r\n]{0,100}\r\n.{0,500}Port \d{1,5} is for clickhouse-client program",
        "ClickHouse: TCPHandler's answer to an HTTP request",
    ),
    _signature(
        "hadoop-ipc", rb"HTTP/1\.[01] 404 [^\r\n]{0,100}\r\n.{0,500}making an HTTP request to a Hadoop IPC port",
        "Hadoop: ipc.Server, the answer to an HTTP request",
    ),
    _signature("http", rb"HTTP/\d(?:\.\d)? \d{3}", "RFC 9112 §4"),
    _signature("http", rb"\s{0,8}<(?:!doctype )?html", "HTTP/0.9: a document without a status line"),
    _signature("rtsp", rb"RTSP/\d\.\d \d{3}", "RFC 2326 §7.1"),
    _signature("sip", rb"SIP/2\.0 \d{3}", "RFC 3261 §7.2"),
    _signature("xmpp", rb"(?:<\?xml [^>]{0,200}\?>\s{0,8})?<stream:stream\s[^>]{0,1000}http://etherx\.jabber\.org/streams", "RFC 6120 §4.7"),
    _signature("ldap", rb"0(?:[\x0c-\x7f]|\x81.|\x82..|\x84....)\x02\x01[\x00\x01](?:[\x64\x65]|\x78.{1,5}\x0a\x01)", "RFC 4511 §4.1.1"),
    _signature("mqtt", rb"\x20(?:\x02[\x00\x01][\x00-\x05]|.[\x00\x01][\x80-\x9f])", "MQTT 3.1.1 §3.2; MQTT 5.0 §3.2"),
    _signature("rdp", rb"\x03\x00\x00.[\x06-\x7f][\xd0-\xdf]", "[MS-RDPBCGR] §2.2.1.2"),
    _signature("redis", rb"\+PONG\r\n", "Redis RESP specification"),
    _signature("redis", rb"-(?:NOAUTH|DENIED|LOADING|MASTERDOWN|NOPERM) ", "Redis RESP specification"),
    _signature("redis", rb"-ERR (?:wrong number of arguments|unknown command|operation not permitted|Protocol error)", "Redis RESP specification"),
    _signature("memcached", rb"(?:ERROR\r\n)*VERSION (?P<version>[0-9][\w.+-]{0,31})", "memcached: doc/protocol.txt"),
    _signature("memcached", rb"CLIENT_ERROR unauthenticated", "memcached: doc/protocol.txt"),
    _signature("amqp", rb"AMQP[\x00-\x03]\x00?[\x00-\x09]", "AMQP 0-9-1 §4.2.2; OASIS AMQP 1.0 §2.2"),
    _signature(
        "amqp", rb"\x01\x00\x00\x00[\x00-\xff]{3}\x00\x0a\x00\x0a\x00\x09", "AMQP 0-9-1 §4.2.3, connection.start"
    ),
    _signature("beanstalkd", rb"(?:OK \d{1,5}\r\n---\n|UNKNOWN_COMMAND\r\n)", "beanstalkd: doc/protocol.txt"),
    _signature("cassandra", rb"[\x81-\x86]\x00\x00\x00[\x00\x06]\x00\x00", "Cassandra: native_protocol_v4.spec §2, §4.2"),
    _signature("mongodb", rb".{2}\x00\x00.{4}\x01\x00\x00\x00\xdd\x07\x00\x00.{4}\x00", "MongoDB wire protocol: OP_MSG in answer to request 1"),
    _signature("mysqlx", rb".{3}\x00\x02\x0a.{1,2}\x0a[\x03-\x40][a-z._]{3}", "MySQL X protocol: Capabilities (mysqlx_connection.proto)"),
    _signature("rethinkdb", rb"\{\s{0,4}\"max_protocol_version\"[^\x00]{0,200}\"server_version\":\s{0,4}\"(?:rethinkdb )?(?P<version>[0-9][\w.+~-]{0,40})", "RethinkDB: writing RethinkDB drivers"),
    _signature("stomp", rb"(?:CONNECTED|ERROR)\r?\n(?:version|server|session|heart-beat|message|content-type|content-length|receipt-id):", "STOMP 1.2: server frames"),
    _signature("zookeeper", rb"Zookeeper version: (?P<version>[0-9][0-9.]{0,20})", "ZooKeeper administrator's guide: four letter words"),
    _signature("zookeeper", rb"(?:srvr is not executed because it is not in the whitelist|This ZooKeeper instance is not currently serving)", "ZooKeeper administrator's guide: four letter words"),
    _signature("jetdirect", rb"@PJL INFO ID", "HP PJL Technical Reference Manual"),
)  # fmt: skip
"""What a server says after it was asked, whatever it was asked in."""

PLAIN_HTTP_TO_TLS = re.compile(
    rb"HTTP/1\.[01] 400[^\r\n]{0,100}\r\n.{0,4000}?(?:plain HTTP request was sent to HTTPS port"
    rb"|speaking plain HTTP to an SSL-enabled server port|sent an HTTP request to an HTTPS server"
    rb"|requires? TLS\b|combination of host and port requires TLS)",
    re.DOTALL | re.IGNORECASE,
)
"""How nginx, Apache httpd, Go and Tomcat answer an HTTP request in clear text on their TLS ports."""


@dataclass(frozen=True, slots=True)
class HttpProduct:
    """A product that shows itself in the answer to ``GET /``."""

    product: str
    pattern: re.Pattern[bytes]
    version: re.Pattern[bytes] | None = None


def _http(product: str, pattern: bytes, version: bytes | None = None) -> HttpProduct:
    flags = re.IGNORECASE | re.MULTILINE
    return HttpProduct(product, re.compile(pattern, flags), re.compile(version, flags) if version else None)


_NUMBER = rb'"number"\s{0,8}:\s{0,8}"([0-9][\w.-]{0,31})"'

HTTP_PRODUCTS: tuple[HttpProduct, ...] = (
    _http(
        "OpenSearch",
        rb'"distribution"\s{0,8}:\s{0,8}"opensearch"|^www-authenticate: basic realm="OpenSearch Security"',
        _NUMBER,
    ),
    _http(
        "Elasticsearch",
        rb'^x-elastic-product: Elasticsearch|"You Know, for Search"|^www-authenticate: (?:basic|bearer|apikey)[^\r\n]{0,20} realm="security"',
        _NUMBER,
    ),
    _http(
        "CouchDB",
        rb'^server: CouchDB/|"couchdb"\s{0,8}:\s{0,8}"Welcome"',
        rb"^server: CouchDB/([0-9][\w.]{0,31})",
    ),
    _http("ClickHouse", rb"^x-clickhouse-"),
    _http("InfluxDB", rb"^x-influxdb-(?:version|build): ", rb"^x-influxdb-version: v?([0-9][\w.-]{0,31})"),
    _http("Docker", rb"^server: Docker/|^docker-experimental: ", rb"^server: Docker/([0-9][\w.-]{0,31})"),
    _http("Kubernetes API", rb'"kind"\s{0,8}:\s{0,8}"Status",\s{0,8}"apiVersion"\s{0,8}:\s{0,8}"v1"'),
    _http("etcd", rb'"etcdserver"\s{0,8}:\s{0,8}"', rb'"etcdserver"\s{0,8}:\s{0,8}"([0-9][\w.-]{0,31})"'),
    _http("Consul", rb"^x-consul-(?:index|knownleader|default-acl-policy): "),
    _http("Kubernetes API", rb"^audit-id: [0-9a-f-]{36}\r?$"),
    _http("Docker registry", rb"^docker-distribution-api-version: registry/"),
    _http("Grafana", rb"<title>Grafana</title>|^set-cookie: (?:grafana_session|redirect_to)="),
    _http(
        "Prometheus",
        rb"<title>Prometheus Time Series Collection and Processing Server</title>|^location: (?:/classic)?/graph\r?$",
    ),
    _http("Alertmanager", rb"<title>Alertmanager</title>"),
    _http("Prometheus exporter", rb"<title>[^<]{0,60}Exporter[^<]{0,20}</title>"),
    _http("Solr", rb"^location: [^\r\n]{0,200}/solr/|<title>Solr Admin</title>"),
    _http("Spark master", rb"<title>Spark Master at "),
    _http("Flink", rb"<title>Apache Flink Web Dashboard</title>"),
    _http(
        "Jupyter",
        rb"<title>(?:Jupyter|JupyterLab|Home Page)[^<]{0,40}</title>|^location: [^\r\n]{0,100}/(?:tree|lab|login\?next=%2F(?:tree|lab))",
    ),
    _http("Kibana", rb"^kbn-name: |^kbn-license-sig: "),
    _http("Jenkins", rb"^x-jenkins: ", rb"^x-jenkins: ([0-9][\w.]{0,31})"),
    _http("Webmin", rb"^server: MiniServ/", rb"^server: MiniServ/([0-9][\w.]{0,31})"),
    _http(
        "ActiveMQ console", rb"<title>Apache ActiveMQ</title>|^www-authenticate: basic realm=\"?ActiveMQRealm"
    ),
    _http(
        "HAProxy statistics",
        rb"<title>Statistics Report for HAProxy|^www-authenticate: basic realm=\"HAProxy Statistics",
    ),
    _http("MinIO", rb"^server: MinIO"),
    _http("Portainer", rb"<title>Portainer</title>"),
    _http(
        "Netdata",
        rb"^server: Netdata Embedded HTTP Server",
        rb"^server: Netdata Embedded HTTP Server v?([0-9][\w.]{0,20})",
    ),
    _http("Ollama", rb"\r\n\r\nOllama is running"),
    _http("Eureka", rb"<title>Eureka</title>"),
    _http("Kubernetes dashboard", rb"<title>Kubernetes Dashboard</title>"),
    _http("RabbitMQ management", rb"<title>RabbitMQ Management</title>"),
)
"""Data stores and consoles whose name the port list of the exposure rules needs."""

_SERVER = re.compile(
    rb"^server: ([A-Za-z][\w.-]{0,40})(?:/([0-9][\w.]{0,31}))?", re.IGNORECASE | re.MULTILINE
)


def greeting(data: bytes) -> Match | None:
    """The protocol of a server that spoke first."""
    return _first(GREETINGS, data)


def answer(data: bytes) -> Match | None:
    """The protocol of an answer, whichever question brought it about."""
    if PLAIN_HTTP_TO_TLS.match(data):
        return Match("http", tls=True)
    found = _first(ANSWERS, data)
    if found is not None and found.protocol == "http":
        return _http_product(data)
    return found or greeting(data)


def _first(table: tuple[Signature, ...], data: bytes) -> Match | None:
    return next((found for signature in table if (found := signature.match(data))), None)


def _http_product(data: bytes) -> Match:
    # The status line must not be read as a header, nor the body as one: headers end at the first empty line.
    for entry in HTTP_PRODUCTS:
        if entry.pattern.search(data):
            version = entry.version.search(data) if entry.version else None
            return Match("http", entry.product, _text(version.group(1)) if version else None)
    head = data.partition(b"\r\n\r\n")[0]
    if server := _SERVER.search(head):
        return Match("http", _text(server.group(1)), _text(server.group(2)))
    return Match("http")
