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
        "只允许内网访问；设置 nacos.core.auth.enabled=true，"
        "更换默认的 token.secret.key、server.identity 和口令；升级到仍受维护的版本。",
        "Allow inner addresses only; set nacos.core.auth.enabled=true with a token.secret.key, "
        "server.identity and passwords of your own; run a version that is still maintained.",
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
