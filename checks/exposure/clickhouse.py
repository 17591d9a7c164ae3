"""ClickHouse (HTTP interface) can be reached, or used without authentication.

How it is seen: ``SELECT version()`` is carried out for a client that gave no user and no password; the server then
uses its own ``default`` user. Only an answer in the service's own form counts. How it is judged: usable without
authentication is a failure, and it weighs less on a loopback address. What it cannot show: which tables there are.
"""

from __future__ import annotations

from checks.exposure.access import DATA_DUTIES, access_rule
from checks.model import Basis, Reference, Severity, Text
from scanner.facts.web_access import ClickhouseFacts

RULE = access_rule(
    id="exposure/clickhouse",
    name=Text("ClickHouse 数据库（HTTP 接口）", "ClickHouse (HTTP interface)"),
    facts=ClickhouseFacts,
    rationale=Text(
        "default 用户没有口令时，任何能连上的人都可以读取、导出、删除全部数据。",
        "Where the user default has no password, anyone who can connect may read, copy and delete all data.",
    ),
    remediation=Text(
        "users.xml：为 default 设 password_sha256_hex 或者删除，networks 只写应用"
        "服务器；config.xml：listen_host 只写内网地址，启用 https_port，停用 http_port"
        "。",
        "users.xml: password_sha256_hex for default, or remove it, and networks with the application servers; "
        "config.xml: listen_host on the internal address, https_port on and http_port off.",
    ),
    duties=DATA_DUTIES,
    references=(
        Reference("ClickHouse: HTTP interface", "https://clickhouse.com/docs/interfaces/http"),
        Reference(
            "ClickHouse: users and roles", "https://clickhouse.com/docs/operations/settings/settings-users"
        ),
    ),
    usable=Severity.CRITICAL,
    reachable=Severity.HIGH,
    basis=Basis.HTTP,
)
