"""A MySQL or MariaDB port can be reached from where the scan ran.

How it is seen: the first packet of the server. A handshake means that this address may try to log in; error 1130 (or 1129)
means that the server was reached but lets no account in from here. How it is judged: a database open to logins from
elsewhere is a risk by itself; turned away by the server itself, a small one. No login is tried, so nothing is said about
passwords. A loopback address shows nothing about the outside.
"""

from __future__ import annotations

from collections.abc import Iterable

from checks.exposure.publishing import published
from checks.model import Basis, Declared, Evidence, Outcome, Reference, Rule, Settings, Severity, Status, Text
from checks.vantage import LOOPBACK_ONLY, LOOPBACK_OUTCOME, on_loopback
from scanner.facts import MysqlFacts, ServiceFacts


def evaluate(service: ServiceFacts, settings: Settings) -> Iterable[Outcome]:
    """Tell a server that invites a login from one that turns us away."""
    facts = service.need(MysqlFacts)
    values = {"service": service.endpoint.label, "version": facts.version or "?"}
    evidence = (
        Evidence("mysql.version", facts.version or "-"),
        Evidence("mysql.host_refused", str(facts.host_refused)),
    )
    if on_loopback(service):
        yield Outcome(LOOPBACK_ONLY, values, evidence)
    elif facts.host_refused:
        yield Outcome("turned_away", values, evidence)
    elif facts.version is None:
        yield Outcome("undecided", values, evidence)
    else:
        yield Outcome("reachable", values, evidence)


RULE = Rule(
    id="exposure/mysql-reachable",
    title=Text("MySQL/MariaDB 数据库端口可被访问", "A MySQL or MariaDB port can be reached"),
    rationale=Text(
        "数据库应只对应用服务器开放。端口可达时，攻击者可以不断猜测口令、利用未修补的漏洞，一旦成功就能直接拿走全部数据。",
        "A database should be open to its application servers only. Where its port can be reached, passwords can be guessed "
        "and unpatched flaws used without end, and success yields all of the data.",
    ),
    remediation=Text(
        "my.cnf 的 [mysqld] 段设置 bind-address=127.0.0.1（或必要的内网地址）；账号的主机部分不写 '%'，只写应用服务器的地址；"
        "在防火墙、安全组中只放行应用服务器；远程管理经 VPN 或 SSH 隧道。"
        f"{published(3306).zh}",
        "Set bind-address=127.0.0.1 (or the internal address that is needed) under [mysqld] in my.cnf; give accounts the "
        "application server's address as host, never '%'; let only the application servers through the firewall; "
        "administer through a VPN or an SSH tunnel."
        f"{published(3306).en}",
    ),
    severity=Severity.HIGH,
    duties=("intrusion_protection", "data_protection", "personal_information", "mlps"),
    needs=(MysqlFacts,),
    basis=Basis.PROTOCOL_REPLY,
    outcomes={
        "reachable": Declared(
            status=Status.WARN,
            severity=Severity.HIGH,
            detail=Text(
                "{service} 上的数据库（{version}）在认证之前就应答了本次连接，可以从检测所在位置尝试登录；应只允许应用服务器访问。",
                "The database at {service} ({version}) answered before any authentication, so a login can be tried from "
                "where the scan ran; wanted: application servers only.",
            ),
        ),
        "turned_away": Declared(
            status=Status.WARN,
            severity=Severity.LOW,
            detail=Text(
                "{service} 的数据库端口可达，但服务器不允许本次检测的来源地址登录；建议在网络上也加以限制。",
                "The database port {service} can be reached, but the server allows no login from the scan's address; "
                "restrict it on the network too.",
            ),
        ),
        "undecided": Declared(
            status=Status.INCONCLUSIVE,
            detail=Text(
                "{service} 上的数据库以错误应答，未能判断能否从检测所在位置登录。",
                "The database at {service} answered with an error; whether a login can be tried from here could not be "
                "told.",
            ),
        ),
        LOOPBACK_ONLY: LOOPBACK_OUTCOME,
    },
    evaluate=evaluate,
    references=(
        Reference(
            "MySQL: bind_address",
            "https://dev.mysql.com/doc/refman/8.4/en/server-system-variables.html#sysvar_bind_address",
        ),
    ),
)
