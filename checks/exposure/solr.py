"""Solr can be reached, or used without authentication.

How it is seen: ``GET /solr/admin/info/system`` is carried out without credentials. Only an answer in the service's
own form counts. How it is judged: usable without authentication is a failure, and it weighs less on a loopback
address. What it cannot show: which collections there are.
"""

from __future__ import annotations

from checks.exposure.access import DATA_DUTIES, access_rule
from checks.model import Basis, Reference, Severity, Text
from scanner.facts.web_access import SolrFacts

RULE = access_rule(
    id="exposure/solr",
    name=Text("Solr 检索服务", "Solr"),
    facts=SolrFacts,
    rationale=Text(
        "不要认证的 Solr，任何人都可以检索、修改、删除索引，还可以修改配置，借已知漏洞执行程序。",
        "Without authentication anyone may search, change and delete the index, and change configuration, which "
        "known flaws turn into running programs.",
    ),
    remediation=Text(
        "security.json 启用 BasicAuthPlugin 与 RuleBasedAuthorizationPlu"
        "gin（blockUnknown: true），或 bin/solr auth enable；SOLR_JETTY_HO"
        "ST 只写内网地址（9.0 起默认只监听本机）。",
        "BasicAuthPlugin and RuleBasedAuthorizationPlugin in security.json (blockUnknown: true), or bin/solr auth "
        "enable; SOLR_JETTY_HOST on an internal address (since 9.0 it listens on the machine itself by default).",
    ),
    duties=DATA_DUTIES,
    references=(
        Reference(
            "Solr: securing Solr",
            "https://solr.apache.org/guide/solr/latest/deployment-guide/securing-solr.html",
        ),
    ),
    usable=Severity.CRITICAL,
    reachable=Severity.HIGH,
    basis=Basis.HTTP,
)
