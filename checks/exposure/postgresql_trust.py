"""PostgreSQL lets clients in without asking for a password (``trust``).

How it is seen: a StartupMessage for a user that nobody has, ``zijian``, is answered with AuthenticationOk and no request
for a password. The server then says that there is no such role, but pg_hba.conf has already let the connection pass; with
the name of a real role it would be inside. How it is judged: a failure; it weighs less on a loopback address. What it
cannot show: pg_hba.conf lines that name other users, other databases or other addresses.
"""

from __future__ import annotations

from collections.abc import Iterable

from checks.model import (
    Basis,
    Declared,
    Evidence,
    Impact,
    Outcome,
    Reference,
    Rule,
    Settings,
    Severity,
    Status,
    Text,
)
from checks.vantage import on_loopback
from scanner.facts import PostgresFacts, ServiceFacts


def evaluate(service: ServiceFacts, settings: Settings) -> Iterable[Outcome]:
    """Judge by what the server asked of us."""
    facts = service.need(PostgresFacts)
    method = facts.auth_method
    values = {"service": service.endpoint.label, "method": method or "?"}
    evidence = (Evidence("postgresql.auth_method", method or "-"),)
    if method == "trust":
        yield Outcome("trusted_locally" if on_loopback(service) else "trusted", values, evidence)
    elif method == "rejected":
        yield Outcome("turned_away", values, evidence)
    elif method is None:
        yield Outcome("undecided", values, evidence)
    else:
        yield Outcome("asks", values, evidence)


RULE = Rule(
    id="exposure/postgresql-trust",
    title=Text("PostgreSQL 不要口令即可登录", "PostgreSQL lets clients in without a password"),
    rationale=Text(
        "pg_hba.conf 中的 trust 表示不做任何认证：任何能连上的人，只要报出一个存在的账号名（例如默认的 postgres），"
        "就能以该账号的权限读写全部数据；以超级用户登录还可以执行系统命令。",
        "The method trust in pg_hba.conf means no authentication at all: anyone who can connect and names an existing role, "
        "such as the default postgres, reads and writes all data with its rights, and as superuser runs system commands.",
    ),
    remediation=Text(
        "把 pg_hba.conf 中的 trust 改为 scram-sha-256，例如：hostssl all all 10.0.0.0/8 scram-sha-256；"
        "设置 password_encryption = 'scram-sha-256' 并为各账号设置口令；地址范围只写应用服务器；"
        "执行 SELECT pg_reload_conf(); 生效后复测。listen_addresses 只写必要的地址。",
        "Replace trust by scram-sha-256 in pg_hba.conf, such as: hostssl all all 10.0.0.0/8 scram-sha-256; set "
        "password_encryption = 'scram-sha-256' and give every role a password; name only the application servers' "
        "addresses; SELECT pg_reload_conf(); then test again. Keep listen_addresses to what is needed.",
    ),
    severity=Severity.CRITICAL,
    duties=("intrusion_protection", "data_protection", "personal_information", "mlps"),
    needs=(PostgresFacts,),
    basis=Basis.PROTOCOL_REPLY,
    impact=Impact.ONE_READ,
    outcomes={
        "trusted": Declared(
            status=Status.FAIL,
            severity=Severity.CRITICAL,
            detail=Text(
                "{service} 上的 PostgreSQL 未要求口令就回答“认证通过”（trust）；应要求 scram-sha-256 认证。",
                "PostgreSQL at {service} said “authenticated” without asking for a password (trust); wanted: "
                "scram-sha-256.",
            ),
        ),
        "trusted_locally": Declared(
            status=Status.FAIL,
            severity=Severity.HIGH,
            detail=Text(
                "{service} 上的 PostgreSQL 未要求口令就回答“认证通过”（trust）。这是回环地址，"
                "本机上任何账号、任何被攻破的程序都能登录；应要求 scram-sha-256 认证。",
                "PostgreSQL at {service} said “authenticated” without asking for a password (trust). This is a loopback "
                "address: every account and every broken program on the machine can log in; wanted: scram-sha-256.",
            ),
        ),
        "asks": Declared(
            status=Status.PASS,
            detail=Text(
                "{service} 上的 PostgreSQL 要求认证（{method}）。",
                "PostgreSQL at {service} asks for authentication ({method}).",
            ),
        ),
        "turned_away": Declared(
            status=Status.PASS,
            detail=Text(
                "{service} 上的 PostgreSQL 拒绝了本次检测的来源。",
                "PostgreSQL at {service} turns the scan's address away.",
            ),
        ),
        "undecided": Declared(
            status=Status.INCONCLUSIVE,
            detail=Text(
                "未能判断 {service} 上的 PostgreSQL 采用何种认证。",
                "Could not tell which authentication PostgreSQL at {service} uses.",
            ),
        ),
    },
    evaluate=evaluate,
    references=(
        Reference(
            "PostgreSQL: the pg_hba.conf file",
            "https://www.postgresql.org/docs/current/auth-pg-hba-conf.html",
        ),
    ),
)
