"""The RabbitMQ management console can be reached, or used without authentication.

How it is seen: ``GET /api/overview`` is answered 401, or carried out without credentials. Only an answer in the
service's own form counts. How it is judged: usable without authentication is a failure, and it weighs less on a
loopback address. What it cannot show: whether the account that it comes with still has its password; none is tried.
"""

from __future__ import annotations

from checks.exposure.access import CONTROL_DUTIES, access_rule
from checks.model import Basis, Reference, Severity, Text
from scanner.facts.web_access import RabbitmqConsoleFacts

RULE = access_rule(
    id="exposure/rabbitmq-console",
    name=Text("RabbitMQ 管理控制台", "The RabbitMQ management console"),
    facts=RabbitmqConsoleFacts,
    rationale=Text(
        "管理控制台可以建账号、读写队列。对外开放时口令会被不停地猜测。",
        "The console makes accounts and reads and writes queues. In the open its passwords are guessed without "
        "end.",
    ),
    remediation=Text(
        "management.tcp.ip 只写内网地址或改用 management.ssl；删除 guest 账号或保持只允许"
        "本机登录（loopback_users）；防火墙中不对外开放 15672。"
        "配置写在 /etc/rabbitmq/rabbitmq.conf；删除账号用 rabbitmqctl delete_user guest。",
        "management.tcp.ip on an internal address, or management.ssl; remove the account guest or leave it to the "
        "machine itself (loopback_users); keep 15672 closed to the outside."
        " The settings are in /etc/rabbitmq/rabbitmq.conf; rabbitmqctl delete_user guest removes the account.",
    ),
    duties=CONTROL_DUTIES,
    references=(Reference("RabbitMQ: management plugin", "https://www.rabbitmq.com/docs/management"),),
    usable=Severity.HIGH,
    reachable=Severity.HIGH,
    basis=Basis.HTTP,
)
