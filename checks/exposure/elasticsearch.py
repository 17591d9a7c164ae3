"""Elasticsearch or OpenSearch can be reached, or used without authentication.

How it is seen: ``GET /`` names the cluster and ``GET /_cluster/health`` is carried out, or 401 asks for credentials.
Only an answer in the service's own form counts. How it is judged: usable without authentication is a failure, and it
weighs less on a loopback address. What it cannot show: which indices there are; none is listed or searched.
"""

from __future__ import annotations

from checks.exposure.access import DATA_DUTIES, access_rule
from checks.exposure.publishing import published
from checks.model import Basis, Reference, Severity, Text
from scanner.facts.web_access import ElasticsearchFacts

RULE = access_rule(
    id="exposure/elasticsearch",
    name=Text("Elasticsearch / OpenSearch 检索引擎", "Elasticsearch or OpenSearch"),
    facts=ElasticsearchFacts,
    rationale=Text(
        "不要认证的 Elasticsearch，任何能连上的人都可以检索、导出、删除全部数据。国内外多起大规模个人信息泄露和勒索"
        "都由此而来。",
        "Without authentication anyone who can connect may search, copy and delete all data. Many large leaks of "
        "personal data and ransoms began so.",
    ),
    remediation=Text(
        "elasticsearch.yml：network.host 只写内网地址，xpack.security.enabled"
        ": true，xpack.security.http.ssl.enabled: true，用 elasticsearch"
        "-setup-passwords 或 elasticsearch-reset-password 设口令；OpenSear"
        "ch：不停用 security 插件（plugins.security.disabled: false）。防火墙、安全组"
        "中不对外开放 9200、9300 端口。"
        f"{published(9200).zh}",
        "elasticsearch.yml: network.host with the internal address, xpack.security.enabled: true, "
        "xpack.security.http.ssl.enabled: true, passwords by elasticsearch-setup-passwords or "
        "elasticsearch-reset-password; OpenSearch: leave the security plugin on (plugins.security.disabled: "
        "false). Keep ports 9200 and 9300 closed to the outside."
        f"{published(9200).en}",
    ),
    duties=DATA_DUTIES,
    references=(
        Reference(
            "Elasticsearch: Cluster health API",
            "https://www.elastic.co/guide/en/elasticsearch/reference/current/cluster-health.html",
        ),
        Reference(
            "Elasticsearch: secure a cluster",
            "https://www.elastic.co/guide/en/elasticsearch/reference/current/secure-cluster.html",
        ),
    ),
    usable=Severity.CRITICAL,
    reachable=Severity.HIGH,
    basis=Basis.HTTP,
)
