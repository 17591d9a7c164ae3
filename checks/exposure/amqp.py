"""An AMQP broker (RabbitMQ and others) can be reached, or used without authentication.

How it is seen: the server's Connection.Start names itself and its mechanisms for login; where ANONYMOUS is among them, it is
chosen, and Tune shows that we are in. How it is judged: a broker that lets clients without credentials in is open to all.
What it cannot show: whether the well-known account ``guest`` still has its well-known password; that would be a guess, and is
left to the inspection on site.
"""

from __future__ import annotations

from checks.exposure.access import DATA_DUTIES, access_rule
from checks.model import Reference, Severity, Text
from scanner.facts.access import AmqpFacts

RULE = access_rule(
    id="exposure/amqp",
    name=Text("AMQP 消息代理（RabbitMQ 等）", "An AMQP broker"),
    facts=AmqpFacts,
    rationale=Text(
        "消息代理里流转着业务数据。允许匿名登录时，任何能连上的人都可以读取、伪造消息；端口对外开放时，会"
        "持续受到口令尝试，默认账号是首选目标。",
        "Business data pass through a broker. Where anonymous clients are let in, anyone who can connect "
        "may read and forge messages; a broker in the open is tried with passwords without end, default "
        "accounts first.",
    ),
    remediation=Text(
        "RabbitMQ：在 rabbitmq.conf 中设置 anonymous_login_user = none（4.x），auth_mechanisms 只留 "
        "PLAIN（配合 TLS）或 EXTERNAL；删除 guest 账号（rabbitmqctl delete_user guest），不要设置 "
        "loopback_users = none；listeners.tcp = none，listeners.ssl.default = 5671 并配置 ssl_options；在"
        "防火墙、安全组中只放行应用服务器，25672、4369、15672 不对外。",
        "RabbitMQ: in rabbitmq.conf anonymous_login_user = none (4.x), auth_mechanisms with PLAIN (inside "
        "TLS) or EXTERNAL only; delete the account guest (rabbitmqctl delete_user guest) and do not set "
        "loopback_users = none; listeners.tcp = none and listeners.ssl.default = 5671 with ssl_options. "
        "Let only application servers through the firewall; keep 25672, 4369 and 15672 inside.",
    ),
    duties=DATA_DUTIES,
    references=(
        Reference("AMQP 0-9-1", "https://www.rabbitmq.com/amqp-0-9-1-reference"),
        Reference("RabbitMQ: access control", "https://www.rabbitmq.com/docs/access-control"),
    ),
    usable=Severity.CRITICAL,
    reachable=Severity.MEDIUM,
)
