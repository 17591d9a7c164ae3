"""The Druid monitor can be read from outside.

How it is seen: one GET of /druid/index.html, a few kilobytes; where a login is asked for, the page is not
given.
How it is judged: only by the shape of the body, never by the status, since many sites answer 200 to anything;
a path that gave no answer is inconclusive. Many let in the machine itself, so that what it sees of its own
page is told without judgement. What it cannot show: what the monitor's other pages show.
"""

from __future__ import annotations

from collections.abc import Iterable

from checks.model import Basis, Impact, Outcome, Rule, Settings, Severity, Status, Text
from checks.web.paths import OWN_MACHINE, WSTG_ADMIN, judge_paths, path_outcomes
from scanner.facts import HttpFacts, ServiceFacts


def evaluate(service: ServiceFacts, settings: Settings) -> Iterable[Outcome]:
    """Judge by the body's shape."""
    return judge_paths(service, "/druid/index.html", let_in_locally=True)


RULE = Rule(
    id="web/druid-exposed",
    title=Text("Druid 监控页可被直接访问", "The Druid monitor can be reached by anyone"),
    rationale=Text(
        "监控页显示执行过的 SQL、访问地址和会话，会话标识可能被冒用。",
        "It shows SQL, addresses and sessions; the sessions may be taken over.",
    ),
    remediation=Text(
        "关闭监控页；确需使用的，要求登录并限制来源。Spring Boot："
        "spring.datasource.druid.stat-view-servlet.enabled=false；保留的，设置 stat-view-servlet.login-username、"
        "login-password 和 allow=127.0.0.1。　Tomcat：web.xml 中 StatViewServlet 的 loginUsername、loginPassword、"
        "allow 参数　nginx：location /druid/ { allow 10.0.0.0/8; deny all; }　Apache：<Location /druid/> Require ip "
        "10.0.0.0/8 </Location>　IIS：requestFiltering 的 hiddenSegments 加入 druid。",
        "Switch it off; where it is needed, ask for a login and restrict who may come. Spring Boot: "
        "spring.datasource.druid.stat-view-servlet.enabled=false; if it stays, set stat-view-servlet.login-username, "
        "login-password and allow=127.0.0.1. Tomcat: loginUsername, loginPassword and allow of StatViewServlet in "
        "web.xml. nginx: location /druid/ { allow 10.0.0.0/8; deny all; } Apache: <Location /druid/> Require ip "
        "10.0.0.0/8 </Location> IIS: hiddenSegments of requestFiltering with druid.",
    ),
    severity=Severity.MEDIUM,
    duties=(
        "intrusion_protection",
        "vulnerability_handling",
    ),
    needs=(HttpFacts,),
    basis=Basis.HTTP,
    impact=Impact.ONE_READ,
    outcomes={
        **path_outcomes(Text("Druid 监控页", "the Druid monitor"), Status.WARN, Severity.MEDIUM),
        **OWN_MACHINE,
    },
    evaluate=evaluate,
    references=(WSTG_ADMIN,),
)
