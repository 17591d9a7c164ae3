"""A NATS server can be reached, or used without authentication.

How it is seen: the server's INFO, then CONNECT without credentials and PING; PONG shows that strangers are let in. How it is
judged: who is let in without a user's permissions may send and receive on every subject, unless a user for those without
credentials was limited. What it cannot show: such limits; nothing is subscribed to and nothing published.
"""

from __future__ import annotations

from checks.exposure.access import DATA_DUTIES, access_rule
from checks.model import Reference, Severity, Text
from scanner.facts.access import NatsFacts

RULE = access_rule(
    id="exposure/nats",
    name=Text("NATS 服务（消息系统）", "A NATS server"),
    facts=NatsFacts,
    rationale=Text(
        "NATS 默认不要求认证：任何能连上的人都可以订阅全部消息，冒充服务发布消息；启用 JetStream 的，还可"
        "能读出、删除保存的数据。",
        "NATS asks for no authentication by default: anyone who can connect may receive all messages and "
        "send in a service's name, and with JetStream read and delete what is kept.",
    ),
    remediation=Text(
        "nats-server.conf：authorization { users = [...] }（口令用 nats server passwd 生成的 bcrypt 值）或"
        " accounts、NKey、JWT，并为每个用户限定 permissions；tls { cert_file, key_file, verify: true }；不"
        "要设置 no_auth_user，或者只给它最小的权限；listen 只写内网地址；监控端口 8222、集群端口 6222 不对"
        "外。",
        "nats-server.conf: authorization { users = [...] } with bcrypt passwords (nats server passwd), or "
        "accounts, NKeys, JWT, with permissions for each user; tls { cert_file, key_file, verify: true }; "
        "no no_auth_user, or one with the least permissions; listen on an internal address; keep "
        "monitoring (8222) and cluster (6222) ports inside.",
    ),
    duties=DATA_DUTIES,
    references=(
        Reference(
            "NATS: securing NATS", "https://docs.nats.io/running-a-nats-service/configuration/securing_nats"
        ),
        Reference("NATS client protocol", "https://docs.nats.io/reference/reference-protocols/nats-protocol"),
    ),
    usable=Severity.CRITICAL,
    reachable=Severity.MEDIUM,
)
