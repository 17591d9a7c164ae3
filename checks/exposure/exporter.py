"""A Prometheus exporter can be reached, or used without authentication.

How it is seen: ``GET /metrics`` is answered in the text format of metrics; the first kilobytes are looked at and
nothing kept. Only an answer in the service's own form counts. How it is judged: what it tells is of use to an
attacker, and it weighs less on a loopback address. What it cannot show: which of the values matter.
"""

from __future__ import annotations

from checks.exposure.access import access_rule
from checks.model import Basis, Reference, Severity, Text
from scanner.facts.web_access import ExporterFacts

RULE = access_rule(
    id="exposure/exporter",
    name=Text("Prometheus 指标导出程序（exporter）", "A Prometheus exporter"),
    facts=ExporterFacts,
    rationale=Text(
        "指标会透露主机名、内核和软件版本、磁盘、网卡、业务量，便于攻击者选择目标。",
        "Metrics give away host names, versions of kernel and software, disks, networks and load, which helps to "
        "choose targets.",
    ),
    remediation=Text(
        "--web.listen-address 只写内网地址，--web.config.file 设 basic_auth_u"
        "sers 和 TLS；防火墙中只放行监控服务器。"
        "　Debian：参数写在 /etc/default/prometheus-node-exporter 的 ARGS（其他 exporter 类推）。",
        "--web.listen-address on an internal address, basic_auth_users and TLS in --web.config.file; let only the "
        "monitoring server through the firewall."
        " Debian: ARGS in /etc/default/prometheus-node-exporter, and so for other exporters.",
    ),
    duties=("intrusion_protection", "vulnerability_handling"),
    references=(
        Reference(
            "Prometheus: exposition formats", "https://prometheus.io/docs/instrumenting/exposition_formats/"
        ),
    ),
    usable=Severity.LOW,
    reachable=Severity.LOW,
    basis=Basis.HTTP,
)
