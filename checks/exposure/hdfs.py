"""The Hadoop HDFS name node can be reached, or used without authentication.

How it is seen: ``GET /jmx`` for the name node's status is answered without credentials. Only an answer in the
service's own form counts. How it is judged: usable without authentication is a failure, and it weighs less on a
loopback address. What it cannot show: whether files can be read through WebHDFS; none is asked for.
"""

from __future__ import annotations

from checks.exposure.access import DATA_DUTIES, access_rule
from checks.model import Basis, Reference, Severity, Text
from scanner.facts.web_access import HdfsFacts

RULE = access_rule(
    id="exposure/hdfs",
    name=Text("Hadoop HDFS 名称节点", "The Hadoop HDFS name node"),
    facts=HdfsFacts,
    rationale=Text(
        "名称节点的网页接口不要认证时，WebHDFS 通常也按客户端自报的用户名放行，文件可被读取、删除。",
        "Where the name node's web interface asks nobody, WebHDFS as a rule believes the user name that a client "
        "gives, and files can be read and deleted.",
    ),
    remediation=Text(
        "启用 Kerberos 和 HTTP 认证（hadoop.http.authentication.type=kerber"
        "os、simple.anonymous.allowed=false），不用的关闭 dfs.webhdfs.enabled"
        "；9870、50070、8020 端口不对外开放。"
        "配置写在 core-site.xml 和 hdfs-site.xml；使用 Ambari、Cloudera Manager 的，在管理页面启用 Kerberos。",
        "Kerberos and HTTP authentication (hadoop.http.authentication.type=kerberos, "
        "simple.anonymous.allowed=false), dfs.webhdfs.enabled off where it is not used; keep ports 9870, 50070 "
        "and 8020 closed to the outside."
        " The settings are in core-site.xml and hdfs-site.xml; with Ambari or Cloudera Manager, switch Kerberos on in"
        " the console.",
    ),
    duties=DATA_DUTIES,
    references=(
        Reference(
            "Hadoop: HTTP authentication",
            "https://hadoop.apache.org/docs/stable/hadoop-project-dist/hadoop-common/HttpAuthentication.html",
        ),
    ),
    usable=Severity.HIGH,
    reachable=Severity.HIGH,
    basis=Basis.HTTP,
)
