"""Cassandra or ScyllaDB can be reached, or used without authentication.

How it is seen: the probe sends OPTIONS, then STARTUP; READY shows that a client without credentials is let in, AUTHENTICATE
that they are wanted. How it is judged: without an authenticator there is no authorizer either, so whoever is let in may do
everything. What it cannot show: whether the well-known first account still has its first password; no login is tried.
"""

from __future__ import annotations

from checks.exposure.access import DATA_DUTIES, access_rule
from checks.model import Reference, Severity, Text
from scanner.facts.access import CassandraFacts

RULE = access_rule(
    id="exposure/cassandra",
    name=Text("Cassandra（CQL）", "Cassandra (CQL)"),
    facts=CassandraFacts,
    rationale=Text(
        "Cassandra 默认的 AllowAllAuthenticator 不要求口令：任何能连上 9042 端口的人都可以读取、改写、删除"
        "全部数据。",
        "Cassandra's default, AllowAllAuthenticator, wants no password: anyone who reaches port 9042 may "
        "read, change and delete everything.",
    ),
    remediation=Text(
        "cassandra.yaml：authenticator: PasswordAuthenticator，authorizer: CassandraAuthorizer；改掉 "
        "cassandra 账号的初始口令，或者另建超级用户后停用它；rpc_address 只写内网地址；"
        "client_encryption_options 启用 TLS（enabled: true，optional: false）。ScyllaDB 的配置项相同（"
        "scylla.yaml）。在防火墙、安全组中只放行应用服务器，节点间端口 7000、7001 和 JMX 7199 不对外。",
        "cassandra.yaml: authenticator: PasswordAuthenticator and authorizer: CassandraAuthorizer; change "
        "the first password of the account cassandra, or replace that account; rpc_address on internal "
        "addresses; TLS by client_encryption_options (enabled: true, optional: false). ScyllaDB has the "
        "same settings in scylla.yaml. Let only application servers through the firewall; keep 7000, 7001 "
        "and JMX 7199 inside.",
    ),
    duties=DATA_DUTIES,
    references=(
        Reference(
            "Cassandra native protocol v4",
            "https://github.com/apache/cassandra/blob/trunk/doc/native_protocol_v4.spec",
        ),
        Reference(
            "Cassandra: security",
            "https://cassandra.apache.org/doc/latest/cassandra/managing/operating/security.html",
        ),
    ),
    usable=Severity.CRITICAL,
    reachable=Severity.HIGH,
)
