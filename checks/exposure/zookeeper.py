"""ZooKeeper can be reached and tells of itself before authentication.

How it is seen: the answer to ``srvr``, which tells version, mode and number of nodes. How it is judged: ZooKeeper holds the
settings of Kafka, HBase, Hadoop, Dubbo and others, open to everyone unless access lists were set node by node. What it cannot
show: whether they were; a session is not opened, since the ensemble writes each one into its log.
"""

from __future__ import annotations

from checks.exposure.access import CONTROL_DUTIES, access_rule
from checks.model import Reference, Severity, Text
from scanner.facts.access import ZookeeperFacts

RULE = access_rule(
    id="exposure/zookeeper",
    name=Text("ZooKeeper", "ZooKeeper"),
    facts=ZookeeperFacts,
    rationale=Text(
        "ZooKeeper 保存着 Kafka、HBase、Hadoop、Dubbo 等的配置和状态，节点默认任何人可读写；能连上它的人往"
        "往能读到口令，或者使整个集群失效。",
        "ZooKeeper keeps settings and state of Kafka, HBase, Hadoop, Dubbo and others; its nodes are open "
        "to everyone by default, so whoever connects may find passwords there, or bring the cluster down.",
    ),
    remediation=Text(
        "zoo.cfg：clientPortAddress 只写内网地址；在防火墙、安全组中只放行集群成员；启用 SASL（"
        "authProvider.1=org.apache.zookeeper.server.auth.SASLAuthenticationProvider，"
        "sessionRequireClientSASLAuth=true）或 TLS（secureClientPort、ssl.clientAuth=need），并为节点设置 "
        "ACL；4lw.commands.whitelist 只留需要的；admin.enableServer=false。",
        "zoo.cfg: clientPortAddress on an internal address; let only members through the firewall; SASL "
        "(authProvider.1=org.apache.zookeeper.server.auth.SASLAuthenticationProvider, "
        "sessionRequireClientSASLAuth=true) or TLS (secureClientPort, ssl.clientAuth=need), and ACLs on "
        "the nodes; 4lw.commands.whitelist with what is needed; admin.enableServer=false.",
    ),
    duties=CONTROL_DUTIES,
    references=(
        Reference(
            "ZooKeeper administrator's guide", "https://zookeeper.apache.org/doc/current/zookeeperAdmin.html"
        ),
    ),
    usable=None,
    reachable=Severity.HIGH,
)
