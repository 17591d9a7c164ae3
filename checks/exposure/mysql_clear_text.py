"""MySQL or MariaDB offers no TLS: queries and results cross the network in clear text.

How it is seen: the capability flag CLIENT_SSL in the server's handshake packet. How it is judged: a weakness, since
clients may reach it through a tunnel. Loopback traffic crosses no network. What it cannot show: whether accounts may
still log in without TLS where it is offered (require_secure_transport).
"""

from __future__ import annotations

from collections.abc import Iterable

from checks.model import Basis, Declared, Evidence, Outcome, Reference, Rule, Settings, Severity, Status, Text
from checks.vantage import LOOPBACK_ONLY, LOOPBACK_OUTCOME, on_loopback
from scanner.facts import MysqlFacts, ServiceFacts


def evaluate(service: ServiceFacts, settings: Settings) -> Iterable[Outcome]:
    """Judge by the capability flag; a refused host was shown none."""
    facts = service.need(MysqlFacts)
    values = {"service": service.endpoint.label}
    evidence = (Evidence("mysql.tls_offered", str(facts.tls_offered)),)
    if facts.tls_offered:
        yield Outcome("tls_offered", values, evidence)
    elif facts.tls_offered is None:
        yield Outcome("undecided", values, evidence)
    else:
        yield Outcome(LOOPBACK_ONLY if on_loopback(service) else "clear_text", values, evidence)


RULE = Rule(
    id="exposure/mysql-clear-text",
    title=Text("MySQL/MariaDB 不提供加密传输", "MySQL or MariaDB offers no encryption"),
    rationale=Text(
        "没有 TLS 时，查询语句和查询结果（往往包含个人信息）以明文经过网络，线路上的任何人都能读取、篡改。",
        "Without TLS, queries and their results, often personal information, cross the network in clear text, and anyone on "
        "the path can read and change them.",
    ),
    remediation=Text(
        "在 my.cnf 的 [mysqld] 段配置 ssl_cert、ssl_key（及 ssl_ca），并设置 require_secure_transport=ON；"
        "重要账号加 REQUIRE SSL。只在本机使用的，改为只监听 127.0.0.1。",
        "Set ssl_cert, ssl_key (and ssl_ca) under [mysqld] in my.cnf, and require_secure_transport=ON; give important "
        "accounts REQUIRE SSL. If only this machine uses it, listen on 127.0.0.1 alone.",
    ),
    severity=Severity.MEDIUM,
    duties=("data_protection", "personal_information", "mlps"),
    needs=(MysqlFacts,),
    basis=Basis.PROTOCOL_REPLY,
    outcomes={
        "clear_text": Declared(
            status=Status.WARN,
            severity=Severity.MEDIUM,
            detail=Text(
                "{service} 上的数据库不提供 TLS，数据以明文传输；应提供并要求 TLS。",
                "The database at {service} offers no TLS, so data travels in clear text; wanted: TLS offered and required.",
            ),
        ),
        "tls_offered": Declared(
            status=Status.PASS,
            detail=Text("{service} 上的数据库提供 TLS。", "The database at {service} offers TLS."),
        ),
        "undecided": Declared(
            status=Status.INCONCLUSIVE,
            detail=Text(
                "未能判断 {service} 上的数据库是否提供 TLS。",
                "Could not tell whether the database at {service} offers TLS.",
            ),
        ),
        LOOPBACK_ONLY: LOOPBACK_OUTCOME,
    },
    evaluate=evaluate,
    references=(
        Reference(
            "MySQL: encrypted connections",
            "https://dev.mysql.com/doc/refman/8.4/en/encrypted-connections.html",
        ),
        Reference("MariaDB: TLS", "https://mariadb.com/kb/en/securing-connections-for-client-and-server/"),
    ),
)
