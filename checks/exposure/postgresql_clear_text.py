"""PostgreSQL offers no TLS: queries, results and perhaps the password cross the network in clear text.

How it is seen: the one-byte answer to SSLRequest, and which authentication is asked for. How it is judged: no TLS is a
weakness, since clients may use a tunnel; no TLS together with the method ``password`` is a failure, since every login
then shows its password. Loopback traffic crosses no network.
"""

from __future__ import annotations

from collections.abc import Iterable

from checks.model import Basis, Declared, Evidence, Outcome, Reference, Rule, Settings, Severity, Status, Text
from checks.vantage import LOOPBACK_ONLY, LOOPBACK_OUTCOME, on_loopback
from scanner.facts import PostgresFacts, ServiceFacts


def evaluate(service: ServiceFacts, settings: Settings) -> Iterable[Outcome]:
    """Judge by the answer to SSLRequest, and the method asked for."""
    facts = service.need(PostgresFacts)
    values = {"service": service.endpoint.label}
    evidence = (
        Evidence("postgresql.tls_offered", str(facts.tls_offered)),
        Evidence("postgresql.auth_method", facts.auth_method or "-"),
    )
    if facts.tls_offered:
        yield Outcome("tls_offered", values, evidence)
    elif facts.tls_offered is None:
        yield Outcome("undecided", values, evidence)
    elif on_loopback(service):
        yield Outcome(LOOPBACK_ONLY, values, evidence)
    elif facts.auth_method == "password":
        yield Outcome("password_in_clear", values, evidence)
    else:
        yield Outcome("clear_text", values, evidence)


RULE = Rule(
    id="exposure/postgresql-clear-text",
    title=Text("PostgreSQL 不提供加密传输", "PostgreSQL offers no encryption"),
    rationale=Text(
        "没有 TLS 时，查询语句和查询结果（往往包含个人信息）以明文经过网络；认证方式为 password 时，口令也是明文。",
        "Without TLS, queries and their results, often personal information, cross the network in clear text; with the "
        "method password, so does the password.",
    ),
    remediation=Text(
        "postgresql.conf：ssl = on，并配置 ssl_cert_file、ssl_key_file；pg_hba.conf 中用 hostssl 代替 host，"
        "认证方式用 scram-sha-256，不用 password。只在本机使用的，改为 listen_addresses = 'localhost'。",
        "postgresql.conf: ssl = on with ssl_cert_file and ssl_key_file; in pg_hba.conf use hostssl in place of host and "
        "scram-sha-256, never password. If only this machine uses it, set listen_addresses = 'localhost'.",
    ),
    severity=Severity.HIGH,
    duties=("data_protection", "personal_information", "mlps"),
    needs=(PostgresFacts,),
    basis=Basis.PROTOCOL_REPLY,
    outcomes={
        "password_in_clear": Declared(
            status=Status.FAIL,
            severity=Severity.HIGH,
            detail=Text(
                "{service} 上的 PostgreSQL 不提供 TLS，却要求客户端发送明文口令；应启用 TLS 并改用 scram-sha-256。",
                "PostgreSQL at {service} offers no TLS and yet asks for the password in clear text; wanted: TLS and "
                "scram-sha-256.",
            ),
        ),
        "clear_text": Declared(
            status=Status.WARN,
            severity=Severity.MEDIUM,
            detail=Text(
                "{service} 上的 PostgreSQL 不提供 TLS，数据以明文传输；应提供并要求 TLS。",
                "PostgreSQL at {service} offers no TLS, so data travels in clear text; wanted: TLS offered and required.",
            ),
        ),
        "tls_offered": Declared(
            status=Status.PASS,
            detail=Text("{service} 上的 PostgreSQL 提供 TLS。", "PostgreSQL at {service} offers TLS."),
        ),
        "undecided": Declared(
            status=Status.INCONCLUSIVE,
            detail=Text(
                "未能判断 {service} 上的 PostgreSQL 是否提供 TLS。",
                "Could not tell whether PostgreSQL at {service} offers TLS.",
            ),
        ),
        LOOPBACK_ONLY: LOOPBACK_OUTCOME,
    },
    evaluate=evaluate,
    references=(
        Reference(
            "PostgreSQL: secure TCP/IP connections with SSL",
            "https://www.postgresql.org/docs/current/ssl-tcp.html",
        ),
    ),
)
