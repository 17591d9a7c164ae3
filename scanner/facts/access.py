"""How far a stranger gets: the facts of services whose exposure is judged by one question that only reads.

They share one shape, so that rules tell the same three cases apart everywhere: the service can be reached; it tells
something of itself before any authentication; it carries out a request for someone who gave no credentials.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from scanner.facts.base import ProbeError

Access = Literal["open", "authentication", "refused"]


@dataclass(frozen=True, slots=True)
class Said:
    """Something that a service said of itself before it asked for credentials, such as ``("cluster", "main")``."""

    name: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessFacts:
    """What one service answered to a stranger. A subclass for each service names its probe; it is a dataclass of its own only
    where it has fields of its own."""

    PROBE: ClassVar[str] = ""
    answers: bool = False
    """It answered in its own protocol."""
    said: tuple[Said, ...] = ()
    """What it told before authentication; at most a handful of values, none of them anybody's data."""
    access: Access | None = None
    """``open``: a request that needs rights was carried out for a stranger. ``authentication``: credentials were asked for.
    ``refused``: turned away for another reason, such as our address. None: not told."""
    request: str = ""
    """The request that shows it, as the protocol's manual writes it: ``GET /_cat/indices``."""
    reply: str = ""
    """The start of its answer, cut and masked."""
    version: str | None = None
    tls: bool = False
    errors: tuple[ProbeError, ...] = ()

    CLEAR_WITHOUT_TLS: ClassVar[bool] = False
    """The protocol has no encryption but TLS from the first byte: without it credentials and content cross in clear text."""

    @property
    def in_clear(self) -> bool | None:
        """Whether credentials, which are asked for, and what follows them cross the network without encryption.

        None: not told, or nobody is asked for credentials.
        """
        if not self.CLEAR_WITHOUT_TLS or self.access != "authentication":
            return None
        return not self.tls

    def told(self, name: str) -> str | None:
        """The value that the service said of itself under ``name``, or None."""
        return next((said.value for said in self.said if said.name == name), None)


class ActivemqFacts(AccessFacts):
    """ActiveMQ: the answer to OpenWire's ConnectionInfo without user name and password (OpenWire specification)."""

    __slots__ = ()
    PROBE: ClassVar[str] = "activemq"
    CLEAR_WITHOUT_TLS: ClassVar[bool] = True


class AmqpFacts(AccessFacts):
    """AMQP 0-9-1: the mechanisms of Connection.Start, and the answer to ANONYMOUS where that is among them (§1.4.2)."""

    __slots__ = ()
    PROBE: ClassVar[str] = "amqp"
    CLEAR_WITHOUT_TLS: ClassVar[bool] = True


class BeanstalkdFacts(AccessFacts):
    """beanstalkd: the answer to ``stats`` (doc/protocol.txt)."""

    __slots__ = ()
    PROBE: ClassVar[str] = "beanstalkd"


class CassandraFacts(AccessFacts):
    """Cassandra and ScyllaDB: the answer to STARTUP without credentials (CQL native protocol v4 §4.1.1)."""

    __slots__ = ()
    PROBE: ClassVar[str] = "cassandra"
    CLEAR_WITHOUT_TLS: ClassVar[bool] = True


class EtcdFacts(AccessFacts):
    """etcd: the answer to a counting read of the whole range of keys (API reference: range)."""

    __slots__ = ()
    PROBE: ClassVar[str] = "etcd"
    CLEAR_WITHOUT_TLS: ClassVar[bool] = True


class GearmanFacts(AccessFacts):
    """Gearman: the answer to ``status`` in its text protocol (gearmand: PROTOCOL)."""

    __slots__ = ()
    PROBE: ClassVar[str] = "gearman"


class KafkaFacts(AccessFacts):
    """Kafka: what a client without credentials may do to the cluster (protocol guide: Metadata, KIP-430)."""

    __slots__ = ()
    PROBE: ClassVar[str] = "kafka"
    CLEAR_WITHOUT_TLS: ClassVar[bool] = True


class LdapFacts(AccessFacts):
    """LDAP: the answer to a search without a bind, for the presence of one entry (RFC 4511 §4.5)."""

    __slots__ = ()
    PROBE: ClassVar[str] = "ldap"


class MongodbFacts(AccessFacts):
    """MongoDB: the answer to ``listDatabases`` before login (command reference)."""

    __slots__ = ()
    PROBE: ClassVar[str] = "mongodb"
    CLEAR_WITHOUT_TLS: ClassVar[bool] = True


class MqttFacts(AccessFacts):
    """MQTT: the answer to a CONNECT without user name and password (MQTT 3.1.1 §3.1, §3.2)."""

    __slots__ = ()
    PROBE: ClassVar[str] = "mqtt"
    CLEAR_WITHOUT_TLS: ClassVar[bool] = True


@dataclass(frozen=True, slots=True, kw_only=True)
class MssqlFacts(AccessFacts):
    """Microsoft SQL Server: what PRELOGIN tells ([MS-TDS] §2.2.6.5). No login is tried."""

    PROBE: ClassVar[str] = "mssql"
    encryption: str | None = None
    """``login only``, ``on``, ``not supported`` or ``required``, to a client that could encrypt and does not insist."""

    @property
    def in_clear(self) -> bool | None:
        """As of every kind; queries and results cross in clear text where only the login is encrypted."""
        if self.tls or self.encryption in ("on", "required"):
            return False
        return True if self.encryption in ("login only", "not supported") else None


class NatsFacts(AccessFacts):
    """NATS: the answer to CONNECT without credentials (client protocol). ``tls`` holds after its own upgrade too."""

    __slots__ = ()
    PROBE: ClassVar[str] = "nats"
    CLEAR_WITHOUT_TLS: ClassVar[bool] = True


class OracleFacts(AccessFacts):
    """Oracle Database: the listener's answer to its ``version`` command."""

    __slots__ = ()
    PROBE: ClassVar[str] = "oracle"


@dataclass(frozen=True, slots=True, kw_only=True)
class RdpFacts(AccessFacts):
    """RDP: what the negotiation of security grants to a client without NLA ([MS-RDPBCGR] §2.2.1.2, §5.4)."""

    PROBE: ClassVar[str] = "rdp"
    nla_required: bool | None = None
    """Only clients that authenticate before the session (CredSSP) are let through; otherwise the logon screen is shown to all."""
    standard_security: bool | None = None
    """Its own old encryption, which does not authenticate the server, is granted too."""


class RsyncFacts(AccessFacts):
    """An rsync daemon: its list of modules, and whether one opens without a password (rsyncd.conf(5))."""

    __slots__ = ()
    PROBE: ClassVar[str] = "rsync"


class StompFacts(AccessFacts):
    """STOMP: the answer to CONNECT without login and passcode (STOMP 1.2)."""

    __slots__ = ()
    PROBE: ClassVar[str] = "stomp"
    CLEAR_WITHOUT_TLS: ClassVar[bool] = True


@dataclass(frozen=True, slots=True, kw_only=True)
class VncFacts(AccessFacts):
    """VNC: the security types offered, and the result of type None where that is among them (RFC 6143 §7.1)."""

    PROBE: ClassVar[str] = "vnc"
    encrypted: bool | None = None
    """A security type that encrypts the session is among them (TLS, VeNCrypt, RA2)."""

    @property
    def in_clear(self) -> bool | None:
        """Without such a type everything but the password itself crosses in clear text."""
        return (
            None
            if self.encrypted is None or self.access != "authentication"
            else not (self.encrypted or self.tls)
        )


class X11Facts(AccessFacts):
    """X11: the answer to a connection setup without authorisation data (X Window System Protocol §8)."""

    __slots__ = ()
    PROBE: ClassVar[str] = "x11"


class ZookeeperFacts(AccessFacts):
    """ZooKeeper: what ``srvr`` tells (administrator's guide: four letter words)."""

    __slots__ = ()
    PROBE: ClassVar[str] = "zookeeper"


ACCESS: tuple[type[AccessFacts], ...] = (
    ActivemqFacts, AmqpFacts, BeanstalkdFacts, CassandraFacts, EtcdFacts, GearmanFacts, KafkaFacts, LdapFacts,
    MongodbFacts, MqttFacts, MssqlFacts, NatsFacts, OracleFacts, RdpFacts, RsyncFacts, StompFacts, VncFacts,
    X11Facts, ZookeeperFacts,
)  # fmt: skip
"""Every kind of these facts."""
