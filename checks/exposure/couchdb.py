"""CouchDB can be reached, or used without authentication.

How it is seen: ``GET /`` welcomes everyone; ``GET /_all_dbs?limit=1`` needs an administrator unless there is none.
Only an answer in the service's own form counts. How it is judged: usable without authentication is a failure, and it
weighs less on a loopback address. What it cannot show: what the databases hold; their names are not kept.
"""

from __future__ import annotations

from checks.exposure.access import DATA_DUTIES, access_rule
from checks.model import Basis, Reference, Severity, Text
from scanner.facts.web_access import CouchdbFacts

RULE = access_rule(
    id="exposure/couchdb",
    name=Text("CouchDB 数据库", "CouchDB"),
    facts=CouchdbFacts,
    rationale=Text(
        "没有管理员账号的 CouchDB（“Admin Party”）把全部数据库交给任何能连上的人，还可以被用来执行程序。",
        "A CouchDB without an administrator (“admin party”) gives all databases to anyone who can connect, and "
        "can be made to run programs.",
    ),
    remediation=Text(
        "local.ini：[admins] 设管理员口令，[chttpd] require_valid_user = true"
        "，bind_address 只写内网地址；3.0 起没有管理员就不能启动，请升级。",
        "local.ini: a password in [admins], require_valid_user = true and an internal bind_address in [chttpd]; "
        "since 3.0 it does not start without an administrator, so upgrade.",
    ),
    duties=DATA_DUTIES,
    references=(Reference("CouchDB: security", "https://docs.couchdb.org/en/stable/intro/security.html"),),
    usable=Severity.CRITICAL,
    reachable=Severity.HIGH,
    basis=Basis.HTTP,
)
