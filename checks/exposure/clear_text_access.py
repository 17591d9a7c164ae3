"""A database, broker or management service asks for credentials in clear text.

How it is seen: the service's own probe reached the point where credentials are asked for (or, for SQL Server, was told what
it encrypts), and the connection was not inside TLS. How it is judged: a failure, since every login and what follows it can be
read on the way; challenge and response protect a password in some of these protocols (SCRAM), never the data. FTP, MySQL and
PostgreSQL have rules of their own. Loopback traffic crosses no network. What it cannot show: a tunnel that all clients use.
"""

from __future__ import annotations

from collections.abc import Iterable

from checks.exposure.access import DATA_DUTIES
from checks.model import (
    Basis,
    Declared,
    Evidence,
    NotApplicable,
    Outcome,
    Reference,
    Rule,
    Settings,
    Severity,
    Status,
    Text,
)
from checks.vantage import LOOPBACK_ONLY, LOOPBACK_OUTCOME, on_loopback
from scanner.facts import ACCESS, AccessFacts, ServiceFacts


def _asked(service: ServiceFacts) -> AccessFacts | None:
    """Facts that tell whether credentials cross in clear text; those that say so first."""
    told = [
        facts for kind in ACCESS if (facts := service.get(kind)) is not None and facts.in_clear is not None
    ]
    return next((facts for facts in told if facts.in_clear), told[0] if told else None)


def evaluate(service: ServiceFacts, settings: Settings) -> Iterable[Outcome]:
    """Judge by what the probe saw of how credentials are asked for.

    :raises NotApplicable: it did not see that.
    """
    facts = _asked(service)
    if facts is None:
        raise NotApplicable("no service here was seen to ask for credentials")
    values = {
        "service": service.endpoint.label,
        "request": facts.request or "-",
        "reply": facts.reply or "-",
    }
    evidence = (
        Evidence(f"{facts.PROBE}.access", facts.access or "-"),
        Evidence(f"{facts.PROBE}.tls", str(facts.tls)),
        *(Evidence(f"{facts.PROBE}.said.{said.name}", said.value) for said in facts.said),
    )
    if not facts.in_clear:
        yield Outcome("encrypted", values, evidence)
    else:
        yield Outcome(LOOPBACK_ONLY if on_loopback(service) else "clear_text", values, evidence)


RULE = Rule(
    id="exposure/clear-text-access",
    title=Text(
        "数据库、消息或管理服务以明文接受登录",
        "A database, broker or management service takes logins in clear text",
    ),
    rationale=Text(
        "不使用 TLS 时，登录过程和登录以后的全部数据都以明文经过网络，线路上的任何人都能读取、篡改，有的协议连口令本身也是明文。",
        "Without TLS the login and all data after it cross the network in clear text: anyone on the path can read and change "
        "them, and in some protocols the password itself.",
    ),
    remediation=Text(
        "启用并要求 TLS，停用明文端口。MongoDB：net.tls.mode: requireTLS；　Cassandra：client_encryption_options 的 enabled: true、"
        "optional: false；　Kafka：listeners 用 SASL_SSL；　RabbitMQ：listeners.tcp = none，listeners.ssl.default = 5671；　"
        "Mosquitto：listener 8883 配置 certfile、keyfile；　NATS：tls { cert_file, key_file }；　etcd：--cert-file、--key-file，"
        "--listen-client-urls 用 https；　ActiveMQ：ssl、stomp+ssl 连接器；　SQL Server：“强制加密”设为“是”。"
        "曾在明文中使用过的口令应当更换。",
        "Switch TLS on, require it, and close the port in clear text. MongoDB: net.tls.mode: requireTLS; Cassandra: enabled: true "
        "and optional: false under client_encryption_options; Kafka: SASL_SSL in listeners; RabbitMQ: listeners.tcp = none, "
        "listeners.ssl.default = 5671; Mosquitto: listener 8883 with certfile and keyfile; NATS: tls { cert_file, key_file }; "
        "etcd: --cert-file, --key-file and https in --listen-client-urls; ActiveMQ: connectors ssl and stomp+ssl; SQL Server: "
        "Force Encryption. Change passwords that were used in clear text.",
    ),
    severity=Severity.MEDIUM,
    duties=DATA_DUTIES,
    needs=(),
    reads=ACCESS,
    basis=Basis.PROTOCOL_REPLY,
    outcomes={
        "clear_text": Declared(
            status=Status.FAIL,
            severity=Severity.MEDIUM,
            detail=Text(
                "{service} 在没有加密的连接上要求登录，或者不加密登录以后的数据（{request}；应答：{reply}）；应当要求 TLS。",
                "{service} asks for a login on a connection without encryption, or does not encrypt what follows it ({request}; "
                "answer: {reply}); wanted: TLS required.",
            ),
        ),
        "encrypted": Declared(
            status=Status.PASS,
            detail=Text(
                "{service} 在加密的连接上要求登录。", "{service} asks for a login on an encrypted connection."
            ),
        ),
        LOOPBACK_ONLY: LOOPBACK_OUTCOME,
    },
    evaluate=evaluate,
    references=(
        Reference("GB/T 22239-2019 8.1.4.1 身份鉴别、8.1.4.8 数据保密性"),
        Reference("RFC 9325 §3.2", "https://www.rfc-editor.org/rfc/rfc9325#section-3.2"),
    ),
)
