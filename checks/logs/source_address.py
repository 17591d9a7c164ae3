"""The log records another address than the one the connection came from.

How it is seen: the lines that bear our mark or source port. How it is judged: our own address there is as it should be; another's, such as a
proxy's or a load balancer's, or none, is a deviation. What it cannot show: how the address is recorded on other paths to the service.
"""

from __future__ import annotations

from collections.abc import Iterable

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
from scanner.facts import LogFacts, ServiceFacts


def evaluate(service: ServiceFacts, settings: Settings) -> Iterable[Outcome]:
    """Judge by whose address stands in our lines."""
    facts = service.need(LogFacts)
    if facts.source is None:
        raise NotApplicable("no line of the log could be tied to a connection by mark or port")
    values = {"service": service.endpoint.label, "seen": facts.source_seen or "-"}
    yield Outcome(
        facts.source,
        values,
        (
            Evidence("logs.source", facts.source),
            *(Evidence("logs.evidence", line) for line in facts.evidence[:1]),
        ),
    )


RULE = Rule(
    id="logs/source-address",
    title=Text("日志未记录真实源地址", "The log does not have the true source address"),
    rationale=Text(
        "日志中只有代理或负载均衡的地址时，无法追查到实际访问者。",
        "Where a log has a proxy's or load balancer's address alone, nobody can be traced.",
    ),
    remediation=Text(
        "在代理上传递真实地址并在服务端采信：nginx 用 real_ip 模块，Apache 用 mod_remoteip，HAProxy 用 option forwardfor 或 PROXY 协议；只采信自己的代理。",
        "Pass the true address on and take it from your own proxies alone: nginx real_ip, Apache mod_remoteip, HAProxy option forwardfor or the PROXY protocol.",
    ),
    severity=Severity.MEDIUM,
    duties=("log_retention",),
    needs=(LogFacts,),
    basis=Basis.OPERATOR_FILE,
    outcomes={
        "ours": Declared(
            status=Status.PASS,
            detail=Text(
                "{service} 的日志记录了检测连接的真实源地址。",
                "The log of {service} has the true source address of our connections.",
            ),
        ),
        "other": Declared(
            status=Status.WARN,
            detail=Text(
                "{service} 的日志中，检测连接的源地址记为 {seen}，不是实际的来源地址。",
                "In the log of {service} our connections have the source address {seen}, which is not where they came from.",
            ),
            severity=Severity.MEDIUM,
        ),
        "none": Declared(
            status=Status.WARN,
            detail=Text(
                "{service} 的日志没有记录检测连接的源地址。",
                "The log of {service} has no source address for our connections.",
            ),
            severity=Severity.MEDIUM,
        ),
    },
    evaluate=evaluate,
    references=(Reference("GB/T 22239-2019 8.1.4.3 安全审计"),),
)
