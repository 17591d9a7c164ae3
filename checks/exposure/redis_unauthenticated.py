"""Redis takes commands from anyone, without a password.

How it is seen: the probe sends ``PING`` and nothing before it; ``+PONG`` shows that commands are taken from a client that
gave no password, ``-NOAUTH`` that one is wanted, ``-DENIED`` that protected mode turns strangers away. How it is judged:
usable without authentication is a failure. It weighs less on a loopback address, where an attacker must be on the machine
already (or reach it through another service). Protected mode alone is a weakness: it ends as soon as it is switched
off or an address is bound. What it cannot show: which data is there; nothing is read but the server section of INFO.
"""

from __future__ import annotations

from collections.abc import Iterable

from checks.model import (
    Basis,
    Declared,
    Evidence,
    Impact,
    Outcome,
    Reference,
    Rule,
    Settings,
    Severity,
    Status,
    Text,
)
from checks.vantage import on_loopback
from scanner.facts import RedisFacts, ServiceFacts


def evaluate(service: ServiceFacts, settings: Settings) -> Iterable[Outcome]:
    """Judge by the answer to PING alone."""
    facts = service.need(RedisFacts)
    values = {"service": service.endpoint.label, "version": facts.version or "?"}
    evidence = (
        Evidence("redis.auth_required", str(facts.auth_required)),
        Evidence("redis.version", facts.version or "-"),
    )
    if facts.auth_required is False:
        yield Outcome("usable_locally" if on_loopback(service) else "usable", values, evidence)
    elif facts.protected_mode:
        yield Outcome("protected_mode", values, (Evidence("redis.protected_mode", "True"),))
    elif facts.auth_required:
        yield Outcome("password_required", values, evidence)
    else:
        yield Outcome("undecided", values, evidence)


RULE = Rule(
    id="exposure/redis-unauthenticated",
    title=Text("Redis 无需认证即可使用", "Redis can be used without authentication"),
    rationale=Text(
        "不要口令的 Redis，任何能连上的人都可以读走、改写、清空其中的数据，还可能借助写文件、主从复制、加载模块等功能"
        "取得整台服务器的控制权。这是互联网上被自动化攻击最多的服务之一。",
        "Anyone who can connect to a Redis without a password can read, change or wipe its data, and may take over the "
        "whole server through file writes, replication or modules. It is among the services that automated attacks "
        "hit most.",
    ),
    remediation=Text(
        "在 redis.conf 中：① bind 127.0.0.1 -::1（确需远程访问时，只写内网地址）；② 设置高强度口令 requirepass，"
        "Redis 6 及以上建议用 ACL 为每个应用建账号，并停用默认账号（user default off）；③ protected-mode yes。"
        "同时在防火墙或安全组中只放行应用服务器，并以非 root 账号运行。修改后重启并复测；"
        "已对外开放过的，还应检查定时任务、SSH 公钥、启动项有无异常。",
        "In redis.conf: (1) bind 127.0.0.1 -::1, or only the internal address that is needed; (2) set a strong "
        "requirepass, or with Redis 6 and later an ACL account for each application and user default off; "
        "(3) protected-mode yes. Let only the application servers through the firewall, and do not run it as root. "
        "Restart and test again; if it was open to the outside, look for foreign cron jobs, SSH keys and services.",
    ),
    severity=Severity.CRITICAL,
    duties=("intrusion_protection", "data_protection", "personal_information", "mlps"),
    needs=(RedisFacts,),
    basis=Basis.PROTOCOL_REPLY,
    impact=Impact.ONE_READ,
    outcomes={
        "usable": Declared(
            status=Status.FAIL,
            severity=Severity.CRITICAL,
            detail=Text(
                "{service} 上的 Redis（版本 {version}）未要求口令就执行了命令；应当先认证后使用。",
                "Redis at {service} (version {version}) carried out a command without asking for a password; wanted: "
                "authentication first.",
            ),
        ),
        "usable_locally": Declared(
            status=Status.FAIL,
            severity=Severity.HIGH,
            detail=Text(
                "{service} 上的 Redis（版本 {version}）未要求口令就执行了命令。这是回环地址，本机上任何账号、任何被攻破的程序"
                "都能使用它；应当先认证后使用。",
                "Redis at {service} (version {version}) carried out a command without asking for a password. This is a "
                "loopback address: every account and every broken program on the machine can use it; wanted: "
                "authentication first.",
            ),
        ),
        "protected_mode": Declared(
            status=Status.WARN,
            severity=Severity.MEDIUM,
            detail=Text(
                "{service} 上的 Redis 没有设置口令，只靠保护模式拒绝外来连接；一旦关闭保护模式，任何人都能使用。",
                "Redis at {service} has no password; only protected mode turns strangers away, and once it is switched "
                "off anyone can use it.",
            ),
        ),
        "password_required": Declared(
            status=Status.PASS,
            detail=Text(
                "{service} 上的 Redis 要求先认证。", "Redis at {service} asks for authentication first."
            ),
        ),
        "undecided": Declared(
            status=Status.INCONCLUSIVE,
            detail=Text(
                "{service} 上的 Redis 有应答，但未能判断是否要求口令。",
                "Redis at {service} answered, but whether it wants a password could not be told.",
            ),
        ),
    },
    evaluate=evaluate,
    references=(
        Reference(
            "Redis security", "https://redis.io/docs/latest/operate/oss_and_stack/management/security/"
        ),
    ),
)
