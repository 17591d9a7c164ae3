"""The ActiveMQ web console can be reached, or used without authentication.

How it is seen: ``GET /admin/`` is answered 401, or gives the console's first page without credentials. Only an answer in the
console's own form counts. How it is judged: usable without authentication is a failure, and it weighs less on a loopback
address. What it cannot show: whether the account admin still has the password that it came with; no password is tried.
"""

from __future__ import annotations

from checks.exposure.access import CONTROL_DUTIES, access_rule
from checks.model import Basis, Reference, Severity, Text
from scanner.facts.web_access import ActivemqConsoleFacts

RULE = access_rule(
    id="exposure/activemq-console",
    name=Text("ActiveMQ 管理控制台", "The ActiveMQ console"),
    facts=ActivemqConsoleFacts,
    rationale=Text(
        "登录控制台就能查看、发送、删除消息，管理队列；旧版本还可以借 Jolokia 接口执行程序。自带的口令 admin/admin 常常没有改。",
        "Whoever is let in reads, sends and deletes messages and manages queues; in old versions Jolokia leads to running "
        "programs. The password that it comes with is often left as it is.",
    ),
    remediation=Text(
        "conf/jetty.xml：host 只写 127.0.0.1 或内网地址（5.16 起默认），securityConstraint 的 authenticate 保持 true；"
        "conf/jetty-realm.properties 更换 admin、user 的口令，不用的账号删除；防火墙中不对外开放 8161；升级到仍在维护的版本。",
        "conf/jetty.xml: host on 127.0.0.1 or an internal address (the default since 5.16), authenticate of securityConstraint "
        "true; new passwords for admin and user in conf/jetty-realm.properties, and none for accounts that nobody uses; 8161 "
        "closed in the firewall; a version that is kept.",
    ),
    duties=CONTROL_DUTIES,
    references=(
        Reference(
            "ActiveMQ: web console",
            "https://activemq.apache.org/components/classic/documentation/web-console",
        ),
    ),
    usable=Severity.CRITICAL,
    reachable=Severity.MEDIUM,
    basis=Basis.HTTP,
)
