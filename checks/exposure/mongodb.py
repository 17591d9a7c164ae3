"""MongoDB can be reached, or used without authentication.

How it is seen: the probe sends ``hello``, ``buildInfo`` and ``listDatabases`` with nameOnly and a filter for the database
``admin``. How it is judged: a server that lists databases to a client that has not logged in gives it everything, since
roles exist only where authorization is on; error 13 shows that login is wanted. What it cannot show: which accounts there
are, and how good their passwords.
"""

from __future__ import annotations

from checks.exposure.access import DATA_DUTIES, access_rule
from checks.exposure.publishing import published
from checks.model import Reference, Severity, Text
from scanner.facts.access import MongodbFacts

RULE = access_rule(
    id="exposure/mongodb",
    name=Text("MongoDB", "MongoDB"),
    facts=MongodbFacts,
    rationale=Text(
        "MongoDB 未启用访问控制时，任何能连上的人都可以读取、改写、删除全部数据。这样的数据库一旦暴露，往"
        "往几小时内就会被扫描、拖库，数据被删除后勒索。",
        "Where access control is off, anyone who can connect may read, change and delete everything. Such "
        "databases are found within hours, copied, emptied and held to ransom.",
    ),
    remediation=Text(
        "mongod.conf：security.authorization: enabled，先建管理员账号再启用；net.bindIp 只写内网地址；"
        "net.tls.mode: requireTLS；副本集成员之间用 keyFile 或 x.509。Docker 镜像须设置 "
        "MONGO_INITDB_ROOT_USERNAME、MONGO_INITDB_ROOT_PASSWORD，不要把 27017 映射到所有地址。在防火墙、安"
        "全组中只放行应用服务器。曾暴露过的，应检查数据是否被读取、删除。"
        f"{published(27017).zh}",
        "mongod.conf: security.authorization: enabled (create an administrator first); net.bindIp with "
        "internal addresses only; net.tls.mode: requireTLS; keyFile or x.509 between members of a replica "
        "set. With the Docker image set MONGO_INITDB_ROOT_USERNAME and MONGO_INITDB_ROOT_PASSWORD, and do "
        "not publish 27017 on every address. Let only application servers through the firewall. Where it "
        "was open, look for data that were read or deleted."
        f"{published(27017).en}",
    ),
    duties=DATA_DUTIES,
    references=(
        Reference(
            "MongoDB security checklist",
            "https://www.mongodb.com/docs/manual/administration/security-checklist/",
        ),
        Reference(
            "MongoDB: listDatabases", "https://www.mongodb.com/docs/manual/reference/command/listDatabases/"
        ),
    ),
    usable=Severity.CRITICAL,
    reachable=Severity.HIGH,
)
