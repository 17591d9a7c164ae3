"""A STOMP broker (ActiveMQ, Artemis, RabbitMQ) can be reached, or used without authentication.

How it is seen: CONNECT without login and passcode; CONNECTED shows that strangers are let in, ERROR with its reason that
credentials are wanted. How it is judged: a broker without authentication is open on its other protocols too as a rule
(OpenWire, AMQP, MQTT). What it cannot show: which queues may be read; nothing is subscribed to and nothing sent.
"""

from __future__ import annotations

from checks.exposure.access import DATA_DUTIES, access_rule
from checks.model import Reference, Severity, Text
from scanner.facts.access import StompFacts

RULE = access_rule(
    id="exposure/stomp",
    name=Text("STOMP 消息代理（ActiveMQ 等）", "A STOMP broker"),
    facts=StompFacts,
    rationale=Text(
        "ActiveMQ 默认不要求认证：任何能连上的人都可以读取、伪造、清空队列中的消息。ActiveMQ 的旧版本还有"
        "可直接执行命令的漏洞（CVE-2023-46604，OpenWire 端口 61616）。",
        "ActiveMQ asks for no authentication by default: anyone who can connect may read, forge and drain "
        "messages. Old releases can be made to run commands (CVE-2023-46604, OpenWire on port 61616).",
    ),
    remediation=Text(
        "ActiveMQ：在 activemq.xml 的 plugins 中启用 simpleAuthenticationPlugin 或 "
        'jaasAuthenticationPlugin，加上 authorizationPlugin，不要设置 anonymousAccessAllowed="true"；删除'
        "不用的 transportConnector，其余改用 stomp+ssl、ssl；升级到修复了 CVE-2023-46604 的版本。　"
        "Artemis：security-enabled=true，登录模块中不用 GuestLoginModule。　RabbitMQ：不要设置 "
        "stomp.default_user。在防火墙、安全组中只放行应用服务器。",
        "ActiveMQ: simpleAuthenticationPlugin or jaasAuthenticationPlugin and authorizationPlugin in "
        'activemq.xml, without anonymousAccessAllowed="true"; remove transportConnectors that are not '
        "used, the others as stomp+ssl and ssl; a release without CVE-2023-46604. Artemis: "
        "security-enabled=true and no GuestLoginModule. RabbitMQ: no stomp.default_user. Let only "
        "application servers through the firewall.",
    ),
    duties=DATA_DUTIES,
    references=(
        Reference("STOMP 1.2", "https://stomp.github.io/stomp-specification-1.2.html"),
        Reference(
            "ActiveMQ: security", "https://activemq.apache.org/components/classic/documentation/security"
        ),
        Reference(
            "CVE-2023-46604",
            "https://activemq.apache.org/security-advisories.data/CVE-2023-46604-announcement.txt",
        ),
    ),
    usable=Severity.CRITICAL,
    reachable=Severity.MEDIUM,
)
