"""A Spark master can be reached, or used without authentication.

How it is seen: ``GET /json/`` lists the state of the cluster without credentials. Only an answer in the service's own
form counts. How it is judged: usable without authentication is a failure, and it weighs less on a loopback address.
What it cannot show: whether jobs would be accepted on port 7077; none is submitted.
"""

from __future__ import annotations

from checks.exposure.access import CONTROL_DUTIES, access_rule
from checks.model import Basis, Reference, Severity, Text
from scanner.facts.web_access import SparkFacts

RULE = access_rule(
    id="exposure/spark",
    name=Text("Spark 主节点", "A Spark master"),
    facts=SparkFacts,
    rationale=Text(
        "独立部署的 Spark 默认不要认证，能访问主节点的人多半也能提交作业、执行任意程序。",
        "A standalone Spark has no authentication by default: who reaches the master can mostly submit jobs, that "
        "is, run any program.",
    ),
    remediation=Text(
        "spark.authenticate=true 并设 spark.authenticate.secret，spark.u"
        "i.filters 加认证，spark.acls.enable=true；7077、6066、8080、4040 端口只"
        "对集群内开放。"
        "配置写在 conf/spark-defaults.conf，监听地址（SPARK_MASTER_HOST、SPARK_LOCAL_IP）写在 conf/spark-env.sh。",
        "spark.authenticate=true with spark.authenticate.secret, a filter with authentication in "
        "spark.ui.filters, spark.acls.enable=true; keep ports 7077, 6066, 8080 and 4040 inside the cluster."
        " The settings are in conf/spark-defaults.conf, the addresses (SPARK_MASTER_HOST, SPARK_LOCAL_IP) in conf/spa"
        "rk-env.sh.",
    ),
    duties=CONTROL_DUTIES,
    references=(Reference("Spark: security", "https://spark.apache.org/docs/latest/security.html"),),
    usable=Severity.HIGH,
    reachable=Severity.HIGH,
    basis=Basis.HTTP,
)
