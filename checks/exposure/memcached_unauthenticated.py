"""memcached takes commands from anyone, without authentication.

How it is seen: the answer to ``version`` in the text protocol, or to a no-op in the binary one; a server that wants
SASL, or its text protocol's user file, refuses both. How it is judged: usable without authentication is a failure; it
weighs less on a loopback address. What it cannot show: what is cached; no key is read or written.
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
from scanner.facts import MemcachedFacts, ServiceFacts


def evaluate(service: ServiceFacts, settings: Settings) -> Iterable[Outcome]:
    """Judge by whether a command was carried out."""
    facts = service.need(MemcachedFacts)
    values = {"service": service.endpoint.label, "version": facts.version or "?"}
    evidence = (
        Evidence("memcached.auth_required", str(facts.auth_required)),
        Evidence("memcached.version", facts.version or "-"),
    )
    if facts.auth_required is False:
        yield Outcome("usable_locally" if on_loopback(service) else "usable", values, evidence)
    elif facts.auth_required:
        yield Outcome("authentication_required", values, evidence)
    else:
        yield Outcome("undecided", values, evidence)


RULE = Rule(
    id="exposure/memcached-unauthenticated",
    title=Text("memcached 无需认证即可使用", "memcached can be used without authentication"),
    rationale=Text(
        "memcached 中常缓存会话、用户资料和查询结果。不要认证时，任何能连上的人都可以读走、篡改或者清空缓存，"
        "借此冒充已登录的用户；其 UDP 端口如果也开放，还会被用来放大流量、攻击他人。",
        "memcached often holds sessions, user records and query results. Without authentication anyone who can connect "
        "can read, forge or flush them and pass for a user who is logged in; if its UDP port is open too, it is used to "
        "amplify attacks on others.",
    ),
    remediation=Text(
        "启动参数或 /etc/memcached.conf 中：-l 127.0.0.1（或只写内网地址）、-U 0（关闭 UDP）；需要跨主机使用的，"
        "用 -S 启用 SASL，或用 -Y 指定口令文件（1.5.15 及以上），并在防火墙、安全组中只放行应用服务器。",
        "In the start options or /etc/memcached.conf: -l 127.0.0.1 (or only the internal address) and -U 0 (no UDP); "
        "where other hosts need it, switch SASL on with -S, or name a password file with -Y (1.5.15 and later), and let "
        "only the application servers through the firewall.",
    ),
    severity=Severity.CRITICAL,
    duties=("intrusion_protection", "data_protection", "personal_information", "mlps"),
    needs=(MemcachedFacts,),
    basis=Basis.PROTOCOL_REPLY,
    impact=Impact.ONE_READ,
    outcomes={
        "usable": Declared(
            status=Status.FAIL,
            severity=Severity.CRITICAL,
            detail=Text(
                "{service} 上的 memcached（版本 {version}）未经认证就执行了命令；应当限制来源并要求认证。",
                "memcached at {service} (version {version}) carried out a command without authentication; wanted: "
                "restricted sources and authentication.",
            ),
        ),
        "usable_locally": Declared(
            status=Status.FAIL,
            severity=Severity.HIGH,
            detail=Text(
                "{service} 上的 memcached（版本 {version}）未经认证就执行了命令。这是回环地址，"
                "本机上任何账号、任何被攻破的程序都能使用它。",
                "memcached at {service} (version {version}) carried out a command without authentication. This is a "
                "loopback address: every account and every broken program on the machine can use it.",
            ),
        ),
        "authentication_required": Declared(
            status=Status.PASS,
            detail=Text(
                "{service} 上的 memcached 要求先认证。",
                "memcached at {service} asks for authentication first.",
            ),
        ),
        "undecided": Declared(
            status=Status.INCONCLUSIVE,
            detail=Text(
                "{service} 上的 memcached 有应答，但未能判断是否要求认证。",
                "memcached at {service} answered, but whether it wants authentication could not be told.",
            ),
        ),
    },
    evaluate=evaluate,
    references=(
        Reference("memcached: protocol.txt, Authentication", "https://docs.memcached.org/protocols/basic/"),
        Reference("CVE-2018-1000115 (UDP)", "https://nvd.nist.gov/vuln/detail/CVE-2018-1000115"),
    ),
)
