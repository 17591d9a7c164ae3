"""The Nacos console can be reached from outside.

How it is seen: one GET of /nacos/, a few kilobytes; no login is tried.
How it is judged: only by the shape of the body, never by the status, since many sites answer 200 to anything;
a path that gave no answer is inconclusive. What it cannot show: whether the console asks for a login, and
whether its version is flawed.
"""

from __future__ import annotations

from collections.abc import Iterable

from checks.model import Basis, Impact, Outcome, Rule, Settings, Severity, Status, Text
from checks.web.paths import WSTG_ADMIN, judge_paths, path_outcomes
from scanner.facts import HttpFacts, ServiceFacts


def evaluate(service: ServiceFacts, settings: Settings) -> Iterable[Outcome]:
    """Judge by the body's shape."""
    return judge_paths(service, "/nacos/")


RULE = Rule(
    id="web/nacos-exposed",
    title=Text("Nacos 控制台可被直接访问", "The Nacos console can be reached by anyone"),
    rationale=Text(
        "配置中心保存各系统的配置和口令，其控制台不应对外开放；历史版本存在绕过登录的缺陷。",
        "A configuration centre holds the settings and passwords of other systems and does not belong "
        "in the open; older versions let people in without a login.",
    ),
    remediation=Text(
        "只允许内网访问，启用认证，并升级到仍受维护的版本。Nacos（application.properties）："
        "nacos.core.auth.enabled=true，nacos.core.auth.plugin.nacos.token.secret.key、"
        "nacos.core.auth.server.identity.key、nacos.core.auth.server.identity.value 改成自己的值，更换 nacos "
        "账号的默认口令，server.address 或者防火墙限制 8848、9848。　nginx：location /nacos/ { allow 10.0.0.0/8; "
        "deny all; }　Apache：<Location /nacos/> Require ip 10.0.0.0/8 </Location>　IIS（反向代理）："
        "requestFiltering 的 hiddenSegments 加入 nacos　Tomcat（部署在外部容器中的）：RemoteAddrValve 限制来源。",
        "Let inner addresses in only, switch authentication on, and run a version that is still maintained. Nacos "
        "(application.properties): nacos.core.auth.enabled=true, values of your own for "
        "nacos.core.auth.plugin.nacos.token.secret.key, nacos.core.auth.server.identity.key and "
        "nacos.core.auth.server.identity.value, another password for the account nacos, and server.address or a "
        "firewall before 8848 and 9848. nginx: location /nacos/ { allow 10.0.0.0/8; deny all; } Apache: <Location "
        "/nacos/> Require ip 10.0.0.0/8 </Location> IIS (as a proxy): hiddenSegments of requestFiltering with nacos. "
        "Tomcat (where it was deployed into one): a RemoteAddrValve.",
    ),
    severity=Severity.MEDIUM,
    duties=(
        "intrusion_protection",
        "vulnerability_handling",
    ),
    needs=(HttpFacts,),
    basis=Basis.HTTP,
    impact=Impact.ONE_READ,
    outcomes=path_outcomes(
        Text("Nacos 控制台页面", "the page of the Nacos console"), Status.WARN, Severity.MEDIUM
    ),
    evaluate=evaluate,
    references=(WSTG_ADMIN,),
)
