"""A Java program lets debuggers in.

How it is seen: the JDWP handshake, and VirtualMachine.Version, which reads (JDWP specification). How it is judged: the protocol knows
no authentication, and a debugger can run any code in the program. What it cannot show: under which account the program runs.
"""

from __future__ import annotations

from checks.exposure.access import CONTROL_DUTIES, access_rule
from checks.model import Reference, Severity, Text
from scanner.facts.access import JdwpFacts

RULE = access_rule(
    id="exposure/jdwp",
    name=Text("Java 调试接口（JDWP）", "The Java debug interface (JDWP)"),
    facts=JdwpFacts,
    rationale=Text(
        "JDWP 没有认证，连上的人可以在该 Java 进程中执行任意代码，等于拿到运行账号的全部权限。",
        "JDWP knows no authentication: whoever connects can run any code in the Java program, with all "
        "rights of its account.",
    ),
    remediation=Text(
        "生产环境去掉启动参数 -agentlib:jdwp=…、-Xrunjdwp、-Xdebug（Tomcat：不要用 catalina.sh jpda start"
        "；Spring Boot：去掉 JAVA_TOOL_OPTIONS 中的调试参数；容器：不映射调试端口）；　调试时写 "
        "address=127.0.0.1:端口，经 SSH 隧道使用。",
        "In production, start without -agentlib:jdwp=..., -Xrunjdwp and -Xdebug (Tomcat: no catalina.sh "
        "jpda start; Spring Boot: none in JAVA_TOOL_OPTIONS; containers: do not publish the port). To "
        "debug, address=127.0.0.1:PORT and an SSH tunnel.",
    ),
    duties=CONTROL_DUTIES,
    references=(
        Reference(
            "Java Debug Wire Protocol",
            "https://docs.oracle.com/en/java/javase/17/docs/specs/jdwp/jdwp-spec.html",
        ),
    ),
    usable=Severity.CRITICAL,
    reachable=Severity.HIGH,
)
