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


class AdbFacts(AccessFacts):
    """Android Debug Bridge: the answer to CNXN without a key (AOSP: adb/protocol.txt)."""

    __slots__ = ()
    PROBE: ClassVar[str] = "adb"


class AjpFacts(AccessFacts):
    """AJP 1.3: the answers to CPing, and to a request without the connector's secret (AJP Protocol Reference)."""

    __slots__ = ()
    PROBE: ClassVar[str] = "ajp"


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


class EthernetIpFacts(AccessFacts):
    """EtherNet/IP: the answer to ListIdentity (ODVA: CIP, Volume 2)."""

    __slots__ = ()
    PROBE: ClassVar[str] = "ethernet_ip"


class FingerFacts(AccessFacts):
    """finger: the answer to a name that nobody bears (RFC 1288)."""

    __slots__ = ()
    PROBE: ClassVar[str] = "finger"


class GearmanFacts(AccessFacts):
    """Gearman: the answer to ``status`` in its text protocol (gearmand: PROTOCOL)."""

    __slots__ = ()
    PROBE: ClassVar[str] = "gearman"


class Iec104Facts(AccessFacts):
    """IEC 60870-5-104: the answer to a test frame (§5.3)."""

    __slots__ = ()
    PROBE: ClassVar[str] = "iec104"


class JavaRmiFacts(AccessFacts):
    """A Java RMI registry: the answer to ``list`` (Java RMI specification)."""

    __slots__ = ()
    PROBE: ClassVar[str] = "java_rmi"


class JdwpFacts(AccessFacts):
    """Java Debug Wire Protocol: the answers to the handshake and to VirtualMachine.Version."""

    __slots__ = ()
    PROBE: ClassVar[str] = "jdwp"


class KafkaFacts(AccessFacts):
    """Kafka: what a client without credentials may do to the cluster (protocol guide: Metadata, KIP-430)."""

    __slots__ = ()
    PROBE: ClassVar[str] = "kafka"
    CLEAR_WITHOUT_TLS: ClassVar[bool] = True


class LdapFacts(AccessFacts):
    """LDAP: the answer to a search without a bind, for the presence of one entry (RFC 4511 §4.5)."""

    __slots__ = ()
    PROBE: ClassVar[str] = "ldap"


class ModbusFacts(AccessFacts):
    """Modbus/TCP: the device's basic identification (Modbus Application Protocol V1.1b3 §6.21)."""

    __slots__ = ()
    PROBE: ClassVar[str] = "modbus"


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


class NfsFacts(AccessFacts):
    """NFS: the versions spoken (RFC 1813, RFC 7530)."""

    __slots__ = ()
    PROBE: ClassVar[str] = "nfs"


class OpcuaFacts(AccessFacts):
    """OPC UA: the answer to Hello (OPC 10000-6 §7.1)."""

    __slots__ = ()
    PROBE: ClassVar[str] = "opcua"


class OracleFacts(AccessFacts):
    """Oracle Database: the listener's answer to its ``version`` command."""

    __slots__ = ()
    PROBE: ClassVar[str] = "oracle"


class RServiceFacts(AccessFacts):
    """rlogin, rsh and rexec: the answer to empty names (RFC 1282)."""

    __slots__ = ()
    PROBE: ClassVar[str] = "r_services"


@dataclass(frozen=True, slots=True, kw_only=True)
class RdpFacts(AccessFacts):
    """RDP: what the negotiation of security grants to a client without NLA ([MS-RDPBCGR] §2.2.1.2, §5.4)."""

    PROBE: ClassVar[str] = "rdp"
    nla_required: bool | None = None
    """Only clients that authenticate before the session (CredSSP) are let through; otherwise the logon screen is shown to all."""
    standard_security: bool | None = None
    """Its own old encryption, which does not authenticate the server, is granted too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RpcbindFacts(AccessFacts):
    """ONC RPC's port mapper over TCP: its list of programs, and what NFS's mountd says is shared (RFC 1833; RFC 1813, Appendix I)."""

    PROBE: ClassVar[str] = "rpcbind"
    exports: int | None = None
    """Directories that are shared; None: mountd is not there, or did not tell."""
    exports_to_all: int = 0
    """How many of them with every client."""
    directories: tuple[str, ...] = ()
    """The first three."""


class RsyncFacts(AccessFacts):
    """An rsync daemon: its list of modules, and whether one opens without a password (rsyncd.conf(5))."""

    __slots__ = ()
    PROBE: ClassVar[str] = "rsync"


class RtspFacts(AccessFacts):
    """RTSP: the answer to DESCRIBE of the root (RFC 2326 §10.2)."""

    __slots__ = ()
    PROBE: ClassVar[str] = "rtsp"
    CLEAR_WITHOUT_TLS: ClassVar[bool] = True


class S7commFacts(AccessFacts):
    """Siemens S7: the module's order number (systems state list 0x0011)."""

    __slots__ = ()
    PROBE: ClassVar[str] = "s7comm"


class SipTcpFacts(AccessFacts):
    """SIP over TCP or TLS: the answer to OPTIONS (RFC 3261 §11)."""

    __slots__ = ()
    PROBE: ClassVar[str] = "sip_tcp"


class SmallServiceTcpFacts(AccessFacts):
    """Small services of old over TCP: what they say (RFC 862, 864, 867)."""

    __slots__ = ()
    PROBE: ClassVar[str] = "small_services_tcp"


@dataclass(frozen=True, slots=True, kw_only=True)
class SmbFacts(AccessFacts):
    """SMB: what an anonymous client is told of shares ([MS-SMB2], [MS-SRVS] §3.1.4.8), and what was negotiated."""

    PROBE: ClassVar[str] = "smb"
    dialect: str | None = None
    """The newest that was agreed on, such as ``3.1.1``; None: no version above 1."""
    signing_required: bool | None = None
    """Messages without a signature are refused, so that nobody can pass on or change a session."""
    smb1: bool | None = None
    """Its first version is still spoken."""
    anonymous_session: bool | None = None
    """A session without a name was granted."""


class SocksFacts(AccessFacts):
    """SOCKS 5: the method chosen, and the answer to a connection back to itself (RFC 1928)."""

    __slots__ = ()
    PROBE: ClassVar[str] = "socks"


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
    ActivemqFacts, AdbFacts, AjpFacts, AmqpFacts, BeanstalkdFacts, CassandraFacts, EtcdFacts, EthernetIpFacts, FingerFacts, GearmanFacts, Iec104Facts, JavaRmiFacts, JdwpFacts, KafkaFacts, LdapFacts, ModbusFacts, MongodbFacts, MqttFacts, MssqlFacts, NatsFacts, NfsFacts, OpcuaFacts, OracleFacts, RServiceFacts, RdpFacts, RpcbindFacts, RsyncFacts, RtspFacts, S7commFacts, SipTcpFacts, SmallServiceTcpFacts, SmbFacts, SocksFacts, StompFacts, VncFacts, X11Facts, ZookeeperFacts,
)  # fmt: skip
"""Every kind of these facts."""
