"""The monitoring of a machine (Netdata) is open to strangers.

How it is seen: ``/api/v1/info`` is read. Only an answer in the service's own form counts. How it is judged: whoever reads it reads all metrics: users, programs, containers, traffic. What
it cannot show: the metrics themselves, which are not asked for.
"""

from __future__ import annotations

from checks.exposure.access import CONTROL_DUTIES, access_rule
from checks.model import Basis, Reference, Severity, Text
from scanner.facts.web_access import NetdataFacts

RULE = access_rule(
    id="exposure/netdata",
    name=Text("Netdata 监控", "Netdata's monitoring"),
    facts=NetdataFacts,
    rationale=Text(
        "Netdata 展示主机的进程、用户、容器、网络等详细信息，默认不要求登录。",
        "Netdata shows programs, users, containers and traffic of a machine, by default without a login.",
    ),
    remediation=Text(
        "netdata.conf 的 [web] 段：bind to = 127.0.0.1，allow connections from = localhost 10.*；　前置带"
        "口令的 nginx（auth_basic）或者改用 Netdata Cloud/父节点汇聚；　防火墙封禁 TCP 19999。",
        "In [web] of netdata.conf: bind to = 127.0.0.1, allow connections from = localhost 10.*. nginx "
        "with auth_basic in front, or a parent node. Block TCP 19999.",
    ),
    duties=CONTROL_DUTIES,
    references=(
        Reference(
            "Netdata: secure your nodes",
            "https://learn.netdata.cloud/docs/netdata-agent/securing-netdata-agents",
        ),
    ),
    usable=Severity.MEDIUM,
    reachable=Severity.MEDIUM,
    basis=Basis.HTTP,
)
