"""The Hadoop YARN resource manager can be reached, or used without authentication.

How it is seen: ``GET /ws/v1/cluster/info`` is carried out; the same interface takes applications to run. Only an
answer in the service's own form counts. How it is judged: usable without authentication is a failure, and it weighs
less on a loopback address. What it cannot show: whether an application would be accepted; none is submitted.
"""

from __future__ import annotations

from checks.exposure.access import CONTROL_DUTIES, access_rule
from checks.model import Basis, Reference, Severity, Text
from scanner.facts.web_access import YarnFacts

RULE = access_rule(
    id="exposure/yarn",
    name=Text("Hadoop YARN 资源管理器", "The Hadoop YARN resource manager"),
    facts=YarnFacts,
    rationale=Text(
        "未启用 Kerberos 的 YARN 接口允许任何人提交应用，也就是在集群上执行任意程序；常被自动植入挖矿程序。",
        "Without Kerberos YARN takes applications from anyone, that is, runs any program on the cluster; such are "
        "found and used for mining.",
    ),
    remediation=Text(
        "启用 Kerberos（hadoop.security.authentication=kerberos）和 HTTP 认"
        "证（hadoop.http.authentication.type=kerberos，simple.anonymous."
        "allowed=false）；8088、8032 等端口不对外开放，经 Knox 等网关访问。"
        "配置写在 core-site.xml 和 yarn-site.xml；使用 Ambari、Cloudera Manager 的，在管理页面启用 Kerberos。",
        "Kerberos (hadoop.security.authentication=kerberos) and HTTP authentication "
        "(hadoop.http.authentication.type=kerberos, simple.anonymous.allowed=false); keep 8088, 8032 and the like "
        "closed to the outside and come through a gateway such as Knox."
        " The settings are in core-site.xml and yarn-site.xml; with Ambari or Cloudera Manager, switch Kerberos on in"
        " the console.",
    ),
    duties=CONTROL_DUTIES,
    references=(
        Reference(
            "YARN: Resource Manager REST API",
            "https://hadoop.apache.org/docs/stable/hadoop-yarn/hadoop-yarn-site/ResourceManagerRest.html",
        ),
        Reference(
            "Hadoop: HTTP authentication",
            "https://hadoop.apache.org/docs/stable/hadoop-project-dist/hadoop-common/HttpAuthentication.html",
        ),
    ),
    usable=Severity.CRITICAL,
    reachable=Severity.HIGH,
    basis=Basis.HTTP,
)
