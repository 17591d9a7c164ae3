"""A Kafka broker can be reached, or used without authentication.

How it is seen: ApiVersions, then Metadata without a topic, which asks what a client without credentials may do to the
cluster; a broker that hangs up is asked for its SASL mechanisms. How it is judged: where the broker names operations that a
stranger may carry out, it is open; where it lets strangers in and allows none, that is all that is said. What it cannot show:
which topics may be read; none is named. Brokers before 2.3, and others that speak its protocol, do not tell what is allowed.
"""

from __future__ import annotations

from checks.exposure.access import DATA_DUTIES, access_rule
from checks.model import Reference, Severity, Text
from scanner.facts.access import KafkaFacts

RULE = access_rule(
    id="exposure/kafka",
    name=Text("Kafka", "A Kafka broker"),
    facts=KafkaFacts,
    rationale=Text(
        "Kafka 中流转着业务数据和日志，往往包含个人信息。默认配置不认证、不授权：任何能连上的人都可以读取"
        "、写入全部主题，改变集群的配置。",
        "Kafka carries business data and logs, often personal information. By default it neither "
        "authenticates nor authorises: anyone who can connect may read and write every topic and change "
        "the cluster's settings.",
    ),
    remediation=Text(
        "server.properties：listeners 用 SASL_SSL（或 SSL 加 ssl.client.auth=required），"
        "sasl.enabled.mechanisms=SCRAM-SHA-512；"
        "authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer（ZooKeeper 模式为 "
        "kafka.security.authorizer.AclAuthorizer），allow.everyone.if.no.acl.found=false，并设置 ACL；"
        "PLAINTEXT 监听只留给回环地址。在防火墙、安全组中只放行生产者、消费者和集群成员。",
        "server.properties: listeners with SASL_SSL (or SSL with ssl.client.auth=required), "
        "sasl.enabled.mechanisms=SCRAM-SHA-512; "
        "authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer "
        "(kafka.security.authorizer.AclAuthorizer with ZooKeeper), allow.everyone.if.no.acl.found=false, "
        "and ACLs; PLAINTEXT on loopback only. Let only producers, consumers and members through the "
        "firewall.",
    ),
    duties=DATA_DUTIES,
    references=(
        Reference("Kafka: security", "https://kafka.apache.org/documentation/#security"),
        Reference(
            "KIP-430: authorized operations",
            "https://cwiki.apache.org/confluence/display/KAFKA/KIP-430+-+Return+Authorized+Operations+in+Describe+Responses",
        ),
    ),
    usable=Severity.CRITICAL,
    reachable=Severity.HIGH,
)
