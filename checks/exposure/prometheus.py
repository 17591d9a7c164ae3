"""Prometheus can be reached, or used without authentication.

How it is seen: ``GET /api/v1/status/buildinfo`` is carried out without credentials. Only an answer in the service's
own form counts. How it is judged: what it tells is of use to an attacker, and it weighs less on a loopback address.
What it cannot show: which machines and values it knows; none is read.
"""

from __future__ import annotations

from checks.exposure.access import DATA_DUTIES, access_rule
from checks.model import Basis, Reference, Severity, Text
from scanner.facts.web_access import PrometheusFacts

RULE = access_rule(
    id="exposure/prometheus",
    name=Text("Prometheus 监控服务", "Prometheus"),
    facts=PrometheusFacts,
    rationale=Text(
        "Prometheus 默认没有认证：任何人都可以查询全部指标，得知内网地址、版本、负载，配置中还可能有口令。",
        "Prometheus has no authentication by default: anyone may query all metrics and learn inner addresses, "
        "versions and load; passwords may stand in its configuration.",
    ),
    remediation=Text(
        "--web.config.file 中设 basic_auth_users 和 tls_server_config；--"
        "web.listen-address 只写内网地址；不启用 --web.enable-admin-api。"
        "　Debian：参数写在 /etc/default/prometheus 的 ARGS；也可以只监听 127.0.0.1，由 nginx（auth_basic）或者 Apach"
        "e（AuthType Basic）代理。",
        "basic_auth_users and tls_server_config in --web.config.file; --web.listen-address on an internal "
        "address; no --web.enable-admin-api."
        " Debian: ARGS in /etc/default/prometheus; or listen on 127.0.0.1 behind nginx (auth_basic) or Apache (AuthTy"
        "pe Basic).",
    ),
    duties=DATA_DUTIES,
    references=(
        Reference("Prometheus: securing API and UI", "https://prometheus.io/docs/guides/basic-auth/"),
    ),
    usable=Severity.MEDIUM,
    reachable=Severity.MEDIUM,
    basis=Basis.HTTP,
)
