"""Grafana can be reached, or used without authentication.

How it is seen: ``/api/health`` names the version to everyone; ``/api/org`` is answered without a login only where
anonymous access is on. Only an answer in the service's own form counts. How it is judged: what it tells is of use to
an attacker, and it weighs less on a loopback address. What it cannot show: which dashboards can be seen.
"""

from __future__ import annotations

from checks.exposure.access import DATA_DUTIES, access_rule
from checks.model import Basis, Reference, Severity, Text
from scanner.facts.web_access import GrafanaFacts

RULE = access_rule(
    id="exposure/grafana",
    name=Text("Grafana 监控面板", "Grafana"),
    facts=GrafanaFacts,
    rationale=Text(
        "允许匿名访问的 Grafana 会泄露业务和系统数据；旧版本有任意读文件等漏洞。",
        "A Grafana with anonymous access shows data of business and systems; old versions have flaws such as "
        "reading any file.",
    ),
    remediation=Text(
        "grafana.ini：[auth.anonymous] enabled = false，[security] 改掉初始"
        "口令，[users] allow_sign_up = false；升级到受支持的版本，只对内网开放。",
        "grafana.ini: enabled = false in [auth.anonymous], another than the first password in [security], "
        "allow_sign_up = false in [users]; a supported version; internal networks alone.",
    ),
    duties=DATA_DUTIES,
    references=(
        Reference(
            "Grafana: anonymous access",
            "https://grafana.com/docs/grafana/latest/setup-grafana/configure-access/configure-authentication/anonymous-auth/",
        ),
    ),
    usable=Severity.MEDIUM,
    reachable=Severity.MEDIUM,
    basis=Basis.HTTP,
)
