"""A Redis port can be reached from where the scan ran.

How it is seen: the service answered in the Redis protocol. How it is judged: a data store meant for application servers
that answers anyone is a risk by itself, also when it asks for a password: guesses are cheap, and the password travels in
clear text unless TLS is on. A loopback address shows nothing about the outside. What it cannot show: whether a
firewall lets only the scanner's network through.
"""

from __future__ import annotations

from collections.abc import Iterable

from checks.exposure.publishing import published
from checks.model import Basis, Declared, Evidence, Outcome, Reference, Rule, Settings, Severity, Status, Text
from checks.vantage import LOOPBACK_ONLY, LOOPBACK_OUTCOME, on_loopback
from scanner.facts import RedisFacts, ServiceFacts


def evaluate(service: ServiceFacts, settings: Settings) -> Iterable[Outcome]:
    """Whatever Redis answered, it was reached; protected mode means that it turned us away."""
    facts = service.need(RedisFacts)
    values = {"service": service.endpoint.label}
    evidence = (Evidence("redis.answers", str(facts.answers)), Evidence("redis.tls", str(facts.tls)))
    if on_loopback(service):
        yield Outcome(LOOPBACK_ONLY, values, evidence)
    elif facts.protected_mode:
        yield Outcome("turned_away", values, evidence)
    else:
        yield Outcome("reachable", values, evidence)


RULE = Rule(
    id="exposure/redis-reachable",
    title=Text("Redis 端口可被访问", "A Redis port can be reached"),
    rationale=Text(
        "Redis 面向内部应用设计，不应对外提供。端口可达时，攻击者可以高速猜测口令，也可以利用未修补的漏洞；"
        "未启用 TLS 时，口令和数据都以明文传输。",
        "Redis is made for applications inside and should not be offered to the outside. Where its port can be reached, "
        "passwords can be guessed at high speed and unpatched flaws used; without TLS, password and data travel in "
        "clear text.",
    ),
    remediation=Text(
        "redis.conf：bind 127.0.0.1 -::1（或必要的内网地址）、protected-mode yes；在防火墙、安全组中只放行应用服务器"
        "的地址；确需跨网络访问的，启用 TLS（port 0、tls-port 6379、tls-cert-file、tls-key-file、tls-ca-cert-file）或"
        "经 VPN 访问。"
        f"{published(6379).zh}",
        "redis.conf: bind 127.0.0.1 -::1 (or the internal address that is needed) and protected-mode yes; let only "
        "the application servers through the firewall; where it must be reached across networks, use TLS (port 0,"
        " tls-port 6379, tls-cert-file, tls-key-file, tls-ca-cert-file) or a VPN."
        f"{published(6379).en}",
    ),
    severity=Severity.HIGH,
    duties=("intrusion_protection", "data_protection", "mlps"),
    needs=(RedisFacts,),
    basis=Basis.PROTOCOL_REPLY,
    outcomes={
        "reachable": Declared(
            status=Status.WARN,
            severity=Severity.HIGH,
            detail=Text(
                "从检测所在位置可以访问 {service} 上的 Redis；应只允许应用服务器访问。",
                "Redis at {service} can be reached from where the scan ran; wanted: application servers only.",
            ),
        ),
        "turned_away": Declared(
            status=Status.WARN,
            severity=Severity.LOW,
            detail=Text(
                "{service} 上的 Redis 端口可达，但保护模式拒绝了本次连接。",
                "The Redis port {service} can be reached, but protected mode turned this connection away.",
            ),
        ),
        LOOPBACK_ONLY: LOOPBACK_OUTCOME,
    },
    evaluate=evaluate,
    references=(
        Reference(
            "Redis security", "https://redis.io/docs/latest/operate/oss_and_stack/management/security/"
        ),
    ),
)
