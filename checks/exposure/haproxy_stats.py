"""HAProxy shows strangers its statistics.

How it is seen: the page is read. Only an answer in the service's own form counts. How it is judged: it names inner servers and their state, and with ``stats admin`` takes them out
of service. What it cannot show: whether it may be administered, which is not tried.
"""

from __future__ import annotations

from checks.exposure.access import CONTROL_DUTIES, access_rule
from checks.model import Basis, Reference, Severity, Text
from scanner.facts.web_access import HaproxyStatsFacts

RULE = access_rule(
    id="exposure/haproxy-stats",
    name=Text("HAProxy 统计页面", "HAProxy's statistics page"),
    facts=HaproxyStatsFacts,
    rationale=Text(
        "统计页面会说出后端服务器的地址和状态；启用 stats admin 时还能让后端下线。",
        "The page tells addresses and state of the servers behind; with stats admin it takes them out of "
        "service.",
    ),
    remediation=Text(
        "haproxy.cfg：stats 所在的 frontend 只 bind 127.0.0.1 或者内网地址；加 stats auth 用户:口令（经 "
        "TLS）、stats hide-version，不写 stats admin if TRUE，用 http-request deny unless { src "
        "10.0.0.0/8 } 限制来源。",
        "haproxy.cfg: bind the frontend with stats to 127.0.0.1 or an inside address; stats auth "
        "USER:PASSWORD over TLS, stats hide-version, no stats admin if TRUE, and http-request deny "
        "unless { src 10.0.0.0/8 }.",
    ),
    duties=CONTROL_DUTIES,
    references=(
        Reference("HAProxy: stats", "https://docs.haproxy.org/2.6/configuration.html#4.2-stats%20enable"),
    ),
    usable=Severity.MEDIUM,
    reachable=Severity.LOW,
    basis=Basis.HTTP,
)
