"""Alertmanager can be reached, or used without authentication.

How it is seen: ``GET /api/v2/status`` is carried out without credentials. Only an answer in the service's own form
counts. How it is judged: what it tells is of use to an attacker, and it weighs less on a loopback address. What it
cannot show: which alerts there are.
"""

from __future__ import annotations

from checks.exposure.access import CONTROL_DUTIES, access_rule
from checks.model import Basis, Reference, Severity, Text
from scanner.facts.web_access import AlertmanagerFacts

RULE = access_rule(
    id="exposure/alertmanager",
    name=Text("Alertmanager 告警服务", "Alertmanager"),
    facts=AlertmanagerFacts,
    rationale=Text(
        "不要认证的 Alertmanager，任何人都可以查看、静默告警，掩盖入侵痕迹。",
        "Without authentication anyone may read and silence alerts, and so hide an intrusion.",
    ),
    remediation=Text(
        "--web.config.file 中设 basic_auth_users 和 tls_server_config；--web.listen-address 只写内网地址。"
        "　Debian：参数写在 /etc/default/prometheus-alertmanager 的 ARGS；也可以只监听 127.0.0.1，由 nginx（auth_basi"
        "c）或者 Apache（AuthType Basic）代理。",
        "basic_auth_users and tls_server_config in --web.config.file; --web.listen-address on an internal address."
        " Debian: ARGS in /etc/default/prometheus-alertmanager; or listen on 127.0.0.1 behind nginx (auth_basic) or A"
        "pache (AuthType Basic).",
    ),
    duties=CONTROL_DUTIES,
    references=(
        Reference(
            "Alertmanager: HTTPS and authentication", "https://prometheus.io/docs/alerting/latest/https/"
        ),
    ),
    usable=Severity.MEDIUM,
    reachable=Severity.MEDIUM,
    basis=Basis.HTTP,
)
