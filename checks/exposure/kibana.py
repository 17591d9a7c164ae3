"""Kibana or OpenSearch Dashboards can be reached, or used without authentication.

How it is seen: ``/api/status`` tells of the console, and ``/api/spaces/space`` is answered without a login. Only an
answer in the service's own form counts. How it is judged: usable without authentication is a failure, and it weighs
less on a loopback address. What it cannot show: which data can be seen through it.
"""

from __future__ import annotations

from checks.exposure.access import DATA_DUTIES, access_rule
from checks.model import Basis, Reference, Severity, Text
from scanner.facts.web_access import KibanaFacts

RULE = access_rule(
    id="exposure/kibana",
    name=Text("Kibana / OpenSearch Dashboards 控制台", "Kibana or OpenSearch Dashboards"),
    facts=KibanaFacts,
    rationale=Text(
        "不要登录的 Kibana 让任何人检索其后的全部数据。",
        "A Kibana without a login lets everyone search all the data behind it.",
    ),
    remediation=Text(
        "在 Elasticsearch 中启用安全功能（xpack.security.enabled: true），Kibana"
        " 即要求登录；server.host 只写本机或内网地址，前面放带认证的反向代理。",
        "Switch security on in Elasticsearch (xpack.security.enabled: true), and Kibana asks for a login; "
        "server.host on the machine itself or an internal address, behind a proxy with authentication.",
    ),
    duties=DATA_DUTIES,
    references=(
        Reference(
            "Kibana: security",
            "https://www.elastic.co/guide/en/kibana/current/using-kibana-with-security.html",
        ),
    ),
    usable=Severity.HIGH,
    reachable=Severity.HIGH,
    basis=Basis.HTTP,
)
