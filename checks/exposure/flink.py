"""The Flink dashboard can be reached, or used without authentication.

How it is seen: ``GET /overview`` is carried out without credentials; the same interface takes programs to run. Only
an answer in the service's own form counts. How it is judged: usable without authentication is a failure, and it
weighs less on a loopback address. What it cannot show: whether uploads are allowed (web.submit.enable); none is made.
"""

from __future__ import annotations

from checks.exposure.access import CONTROL_DUTIES, access_rule
from checks.model import Basis, Reference, Severity, Text
from scanner.facts.web_access import FlinkFacts

RULE = access_rule(
    id="exposure/flink",
    name=Text("Flink 控制台", "The Flink dashboard"),
    facts=FlinkFacts,
    rationale=Text(
        "Flink 控制台没有认证，默认允许上传并运行任意 jar，即执行任意程序。",
        "Flink's dashboard has no authentication and by default takes and runs any jar, that is, any program.",
    ),
    remediation=Text(
        "web.submit.enable: false，web.cancel.enable: false；rest.bind-"
        "address 只写内网地址，前面放带认证的反向代理，或启用 security.ssl.rest 双向认证。"
        "配置写在 conf/config.yaml（旧版本为 conf/flink-conf.yaml）。",
        "web.submit.enable: false, web.cancel.enable: false; rest.bind-address on an internal address, behind a "
        "proxy with authentication, or security.ssl.rest with client certificates."
        " The settings are in conf/config.yaml (conf/flink-conf.yaml in older versions).",
    ),
    duties=CONTROL_DUTIES,
    references=(
        Reference(
            "Flink: REST API", "https://nightlies.apache.org/flink/flink-docs-stable/docs/ops/rest_api/"
        ),
    ),
    usable=Severity.CRITICAL,
    reachable=Severity.HIGH,
    basis=Basis.HTTP,
)
