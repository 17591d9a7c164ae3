"""A PostgreSQL port can be reached from where the scan ran.

How it is seen: the server answered in its own protocol. A request for a password means that this address may try to log
in; a refusal by pg_hba.conf means that the server was reached but lets nobody in from here. How it is judged: a database
open to logins from elsewhere is a risk by itself; turned away, a small one. A loopback address shows nothing about the
outside.
"""

from __future__ import annotations

from collections.abc import Iterable

from checks.exposure.publishing import published
from checks.model import Basis, Declared, Evidence, Outcome, Reference, Rule, Settings, Severity, Status, Text
from checks.vantage import LOOPBACK_ONLY, LOOPBACK_OUTCOME, on_loopback
from scanner.facts import PostgresFacts, ServiceFacts


def evaluate(service: ServiceFacts, settings: Settings) -> Iterable[Outcome]:
    """Tell a server that invites a login from one that turns us away."""
    facts = service.need(PostgresFacts)
    values = {"service": service.endpoint.label, "method": facts.auth_method or "?"}
    evidence = (
        Evidence("postgresql.answers", str(facts.answers)),
        Evidence("postgresql.auth_method", facts.auth_method or "-"),
    )
    if on_loopback(service):
        yield Outcome(LOOPBACK_ONLY, values, evidence)
    elif facts.auth_method == "rejected":
        yield Outcome("turned_away", values, evidence)
    else:
        yield Outcome("reachable", values, evidence)


RULE = Rule(
    id="exposure/postgresql-reachable",
    title=Text("PostgreSQL 数据库端口可被访问", "A PostgreSQL port can be reached"),
    rationale=Text(
        "数据库应只对应用服务器开放。端口可达时，攻击者可以不断猜测口令、利用未修补的漏洞，一旦成功就能直接拿走全部数据。",
        "A database should be open to its application servers only. Where its port can be reached, passwords can be guessed "
        "and unpatched flaws used without end, and success yields all of the data.",
    ),
    remediation=Text(
        "postgresql.conf：listen_addresses = 'localhost'（或必要的内网地址）；pg_hba.conf 只写应用服务器的地址，用 hostssl "
        "和 scram-sha-256；在防火墙、安全组中只放行应用服务器；远程管理经 VPN 或 SSH 隧道。"
        f"{published(5432).zh}",
        "postgresql.conf: listen_addresses = 'localhost' (or the internal address that is needed); in pg_hba.conf name "
        "only the application servers, with hostssl and scram-sha-256; let only them through the firewall; administer "
        "through a VPN or an SSH tunnel."
        f"{published(5432).en}",
    ),
    severity=Severity.HIGH,
    duties=("intrusion_protection", "data_protection", "personal_information", "mlps"),
    needs=(PostgresFacts,),
    basis=Basis.PROTOCOL_REPLY,
    outcomes={
        "reachable": Declared(
            status=Status.WARN,
            severity=Severity.HIGH,
            detail=Text(
                "可以从检测所在位置向 {service} 上的 PostgreSQL 尝试登录（认证方式 {method}）；应只允许应用服务器访问。",
                "A login to PostgreSQL at {service} can be tried from where the scan ran (authentication: {method}); "
                "wanted: application servers only.",
            ),
        ),
        "turned_away": Declared(
            status=Status.WARN,
            severity=Severity.LOW,
            detail=Text(
                "{service} 的 PostgreSQL 端口可达，但服务器按 pg_hba.conf 拒绝了本次检测的来源；建议在网络上也加以限制。",
                "The PostgreSQL port {service} can be reached, but pg_hba.conf turns the scan's address away; restrict it "
                "on the network too.",
            ),
        ),
        LOOPBACK_ONLY: LOOPBACK_OUTCOME,
    },
    evaluate=evaluate,
    references=(
        Reference(
            "PostgreSQL: connections",
            "https://www.postgresql.org/docs/current/runtime-config-connection.html",
        ),
    ),
)
