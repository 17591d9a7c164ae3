"""A data store that is known only by name can be reached from where the scan ran.

How it is seen: identification, or nmap's service detection, named the service from its own answer; a guess from the port
number alone does not count. Redis, MySQL, PostgreSQL, MongoDB and others that are asked more have rules of their own. How it
is judged: a risk, no more, since a name may be wrong. A loopback address shows nothing about the outside. What it cannot
show: whether authentication is asked for.
"""

from __future__ import annotations

from collections.abc import Iterable

from checks.exposure.kinds import DATABASES, kind_of
from checks.model import Basis, Declared, Evidence, Outcome, Reference, Rule, Settings, Severity, Status, Text
from checks.vantage import LOOPBACK_ONLY, LOOPBACK_OUTCOME, on_loopback
from scanner.facts import NmapServiceFacts, ServiceFacts


def applies(service: ServiceFacts) -> bool:
    """Services named as a data store."""
    return kind_of(service, DATABASES) is not None


def evaluate(service: ServiceFacts, settings: Settings) -> Iterable[Outcome]:
    """An open port with this name was reached."""
    values = {"service": service.endpoint.label, "kind": kind_of(service, DATABASES) or "?"}
    evidence = (
        Evidence("service.protocol", service.protocol or "-"),
        Evidence("service.product", service.product or "-"),
        Evidence("nmap.name", service.need(NmapServiceFacts).name or "-"),
    )
    yield Outcome(LOOPBACK_ONLY if on_loopback(service) else "reachable", values, evidence)


RULE = Rule(
    id="exposure/database-port-reachable",
    title=Text("数据库或数据存储端口可被访问", "A database or data store port can be reached"),
    rationale=Text(
        "数据库、检索引擎、时序库等应只对应用服务器开放。这类服务不少默认不要口令，"
        "端口可达时常被批量扫描、拖库、勒索。",
        "Databases, search engines and time series stores should be open to their application servers only. Many ask for no "
        "password by default, and open ones are found, copied and held to ransom in bulk.",
    ),
    remediation=Text(
        "只监听内网地址，并在防火墙、安全组中只放行应用服务器；启用认证和 TLS。现场核实是否要求认证。MongoDB（"
        "mongod.conf）：net.bindIp: 127.0.0.1,内网地址，security.authorization: enabled　Elasticsearch（"
        "elasticsearch.yml）：network.host: 内网地址，xpack.security.enabled: true　SQL Server：配置管理器中 TCP/IP "
        "只启用内网地址，强制加密（Force Encryption），停用 sa　Oracle（sqlnet.ora）：TCP.VALIDNODE_CHECKING=YES、"
        "TCP.INVITED_NODES=(应用服务器)，listener.ora 的 HOST 写内网地址　ClickHouse（config.xml）：<listen_host>内网"
        "地址</listen_host>，users.xml 中为 default 设置口令和 <networks>　Cassandra（cassandra.yaml）："
        "authenticator: PasswordAuthenticator，rpc_address 写内网地址。",
        "Listen on internal addresses only and let only the application servers through the firewall; switch "
        "authentication and TLS on. Verify on site that authentication is asked for. MongoDB (mongod.conf): "
        "net.bindIp: 127.0.0.1 and the internal address, security.authorization: enabled. Elasticsearch "
        "(elasticsearch.yml): network.host at the internal address, xpack.security.enabled: true. SQL Server: only "
        "internal addresses for TCP/IP in the Configuration Manager, Force Encryption, and sa disabled. Oracle "
        "(sqlnet.ora): TCP.VALIDNODE_CHECKING=YES, TCP.INVITED_NODES=(application servers), and the internal address "
        "as HOST in listener.ora. ClickHouse (config.xml): <listen_host> at the internal address, and a password and "
        "<networks> for default in users.xml. Cassandra (cassandra.yaml): authenticator: PasswordAuthenticator,"
        " rpc_address at the internal address.",
    ),
    severity=Severity.HIGH,
    duties=("intrusion_protection", "data_protection", "personal_information", "mlps"),
    needs=(NmapServiceFacts,),
    basis=Basis.BANNER,
    outcomes={
        "reachable": Declared(
            status=Status.WARN,
            severity=Severity.HIGH,
            detail=Text(
                "可以从检测所在位置访问 {service}，该端口应答的特征是 {kind}；应只允许应用服务器访问。是否要求认证未检测。",
                "{service} can be reached from where the scan ran and answers like {kind}; wanted: application servers "
                "only. Whether it asks for authentication was not tested.",
            ),
        ),
        LOOPBACK_ONLY: LOOPBACK_OUTCOME,
    },
    applies=applies,
    evaluate=evaluate,
    references=(
        Reference(
            "MongoDB security checklist",
            "https://www.mongodb.com/docs/manual/administration/security-checklist/",
        ),
        Reference(
            "Elasticsearch security",
            "https://www.elastic.co/guide/en/elasticsearch/reference/current/secure-cluster.html",
        ),
    ),
)
