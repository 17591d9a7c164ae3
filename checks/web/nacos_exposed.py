"""The Nacos console can be read from outside.

How it is seen: one GET of /nacos/, at most a few kilobytes. How it is judged: only by the shape of the body, never by the
status, since many sites answer 200 to anything. What it cannot show: copies under other names.
"""

from __future__ import annotations

from collections.abc import Iterable

from checks.model import Basis, Impact, Outcome, Rule, Settings, Severity, Status, Text
from checks.web.page import exposed_path, path_outcomes
from scanner.facts import HttpFacts, ServiceFacts


def evaluate(service: ServiceFacts, settings: Settings) -> Iterable[Outcome]:
    """Judge by the body's shape."""
    return exposed_path(service, "/nacos/")


RULE = Rule(
    id="web/nacos-exposed",
    title=Text("可从外部读取Nacos 控制台", "The Nacos console can be read from outside"),
    rationale=Text(
        "配置中心的控制台不应暴露；历史版本存在绕过登录的缺陷。",
        "A configuration centre does not belong on the internet; older versions let people in "
        "without a login.",
    ),
    remediation=Text(
        "只允许内网访问；启用 nacos.core.auth.enabled=true 并更换默认密钥；升级版本。",
        "Allow inner addresses only; set nacos.core.auth.enabled=true with keys of your own; upgrade.",
    ),
    severity=Severity.HIGH,
    duties=(
        "intrusion_protection",
        "vulnerability_handling",
    ),
    needs=(HttpFacts,),
    basis=Basis.HTTP,
    impact=Impact.ONE_READ,
    outcomes=path_outcomes(Text("Nacos 控制台", "the Nacos console"), Status.WARN, Severity.HIGH),
    evaluate=evaluate,
)
