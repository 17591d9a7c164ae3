"""A Java RMI registry lists to strangers what is bound in it, or can be reached.

How it is seen: the JRMP handshake and one call of Registry.list (Java RMI specification). How it is judged: a registry that lists lets
objects be looked up and called; a JMX agent among them controls the program. What it cannot show: whether the objects ask for a
password, and whether they deserialise what they should not.
"""

from __future__ import annotations

from checks.exposure.access import CONTROL_DUTIES, access_rule
from checks.model import Reference, Severity, Text
from scanner.facts.access import JavaRmiFacts

RULE = access_rule(
    id="exposure/java-rmi",
    name=Text("Java RMI 注册表 / JMX", "A Java RMI registry or JMX agent"),
    facts=JavaRmiFacts,
    rationale=Text(
        "RMI 用 Java 反序列化传递对象，曾多次出现远程执行代码漏洞；未设口令的 JMX 可以直接加载代码，控制"
        "该进程。",
        "RMI passes objects by Java deserialisation, which led to remote code execution again and again; "
        "a JMX agent without a password loads code, and controls the program.",
    ),
    remediation=Text(
        "JMX：-Dcom.sun.management.jmxremote.authenticate=true、ssl=true、host=127.0.0.1，不用时去掉 "
        "jmxremote.port；　RMI 注册表：-Djava.rmi.server.hostname 和防火墙限制为内网，启用 "
        "-Djdk.serialFilter；　Tomcat、Kafka、Cassandra、Solr：只在本机开启 JMX；　升级 JDK 到受支持版本"
        "。",
        "JMX: -Dcom.sun.management.jmxremote.authenticate=true, ssl=true, host=127.0.0.1, or no "
        "jmxremote.port. RMI registry: inside only by firewall and -Djava.rmi.server.hostname, with "
        "-Djdk.serialFilter. Tomcat, Kafka, Cassandra, Solr: JMX on the machine itself only. Use a JDK "
        "that is supported.",
    ),
    duties=CONTROL_DUTIES,
    references=(
        Reference(
            "Java RMI: Wire Protocol",
            "https://docs.oracle.com/en/java/javase/17/docs/specs/rmi/protocol.html",
        ),
        Reference(
            "Monitoring and Management Using JMX",
            "https://docs.oracle.com/en/java/javase/17/management/monitoring-and-management-using-jmx-technology.html",
        ),
    ),
    usable=Severity.HIGH,
    reachable=Severity.MEDIUM,
)
