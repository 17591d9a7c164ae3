"""The server's status page can be read from outside.

How it is seen: one GET each of /server-status (Apache) and /nginx_status, a few kilobytes.
How it is judged: only by the shape of the body. Apache's page shows who asks for what; that of nginx only
counts connections. Both usually let in the machine itself (Require local), so that what it sees of its own
page is told without judgement. A path that gave no answer is inconclusive. What it cannot show: whether the
scan came from an address that is let in.
"""

from __future__ import annotations

from collections.abc import Iterable

from checks.model import Basis, Impact, Outcome, Reference, Rule, Settings, Severity, Status, Text
from checks.web.paths import OWN_MACHINE, WSTG_ADMIN, exposed, judge_paths, path_outcomes
from scanner.facts import HttpFacts, ServiceFacts


def evaluate(service: ServiceFacts, settings: Settings) -> Iterable[Outcome]:
    """Judge by the body's shape."""
    return judge_paths(
        service,
        "/server-status",
        "/nginx_status",
        worse={"/server-status": "requests_exposed"},
        let_in_locally=True,
    )


RULE = Rule(
    id="web/server-status-exposed",
    title=Text("服务器状态页可被直接读取", "The server's status page can be read by anyone"),
    rationale=Text(
        "Apache 的状态页显示正在访问的网址和来访者的网络地址，其中可能有个人信息；nginx 的只有连接数。",
        "Apache's page shows which addresses are asked for and by whom, which may be personal information; that of nginx "
        "only counts connections.",
    ),
    remediation=Text(
        "只允许本机访问。Apache：<Location /server-status> Require local </Location>　nginx：location = "
        "/nginx_status { stub_status; allow 127.0.0.1; deny all; }　Tomcat：删除 manager 应用，或者保留其 "
        "context.xml 中只许本机的 RemoteAddrValve　IIS 没有此类页面，用性能计数器查看。",
        "Allow this machine only. Apache: <Location /server-status> Require local </Location> nginx: location = "
        "/nginx_status { stub_status; allow 127.0.0.1; deny all; } Tomcat: remove the manager, or keep the "
        "RemoteAddrValve for this machine alone in its context.xml. IIS has no such page: use its performance "
        "counters.",
    ),
    severity=Severity.MEDIUM,
    duties=("intrusion_protection", "personal_information"),
    needs=(HttpFacts,),
    basis=Basis.HTTP,
    impact=Impact.ONE_READ,
    outcomes={
        "requests_exposed": exposed(
            Text("含有访问记录的状态页", "a status page that shows requests"), Status.WARN, Severity.MEDIUM
        ),
        **path_outcomes(Text("服务器状态页", "the server's status page"), Status.WARN, Severity.LOW),
        **OWN_MACHINE,
    },
    evaluate=evaluate,
    references=(
        Reference("Apache mod_status", "https://httpd.apache.org/docs/2.4/mod/mod_status.html"),
        WSTG_ADMIN,
    ),
)
