"""A memcached port can be reached from where the scan ran.

How it is seen: the service answered in the memcached protocol. How it is judged: a cache meant for application servers
that answers anyone is a risk by itself, also when it asks for authentication. A loopback address shows nothing about the
outside. What it cannot show: whether a firewall lets only the scanner's network through.
"""

from __future__ import annotations

from collections.abc import Iterable

from checks.exposure.publishing import published
from checks.model import Basis, Declared, Evidence, Outcome, Reference, Rule, Settings, Severity, Status, Text
from checks.vantage import LOOPBACK_ONLY, LOOPBACK_OUTCOME, on_loopback
from scanner.facts import MemcachedFacts, ServiceFacts


def evaluate(service: ServiceFacts, settings: Settings) -> Iterable[Outcome]:
    """Whatever memcached answered, it was reached."""
    facts = service.need(MemcachedFacts)
    values = {"service": service.endpoint.label}
    evidence = (Evidence("memcached.answers", str(facts.answers)),)
    yield Outcome(LOOPBACK_ONLY if on_loopback(service) else "reachable", values, evidence)


RULE = Rule(
    id="exposure/memcached-reachable",
    title=Text("memcached 端口可被访问", "A memcached port can be reached"),
    rationale=Text(
        "memcached 面向内部应用设计，传输不加密，不应对外提供。端口可达时，缓存的数据面临被读取、篡改的风险。",
        "memcached is made for applications inside, does not encrypt, and should not be offered to the outside. Where its "
        "port can be reached, cached data is at risk of being read and changed.",
    ),
    remediation=Text(
        "/etc/memcached.conf（或者 /etc/sysconfig/memcached 的 OPTIONS）：-l 127.0.0.1（或必要的内网地址）、-U 0 关闭"
        " UDP，重启 memcached；在防火墙、安全组中只放行应用服务器的地址，例如 firewall-cmd --permanent "
        "--add-rich-rule='rule family=ipv4 source address=应用服务器 port port=11211 protocol=tcp accept'。"
        f"{published(11211).zh}",
        "/etc/memcached.conf (or OPTIONS in /etc/sysconfig/memcached): -l 127.0.0.1 (or the internal address that is "
        "needed) and -U 0 to switch UDP off, then restart memcached; let only the application servers through the "
        "firewall, such as firewall-cmd --permanent --add-rich-rule='rule family=ipv4 source address=SERVER port "
        "port=11211 protocol=tcp accept'."
        f"{published(11211).en}",
    ),
    severity=Severity.HIGH,
    duties=("intrusion_protection", "data_protection", "mlps"),
    needs=(MemcachedFacts,),
    basis=Basis.PROTOCOL_REPLY,
    outcomes={
        "reachable": Declared(
            status=Status.WARN,
            severity=Severity.HIGH,
            detail=Text(
                "从检测所在位置可以访问 {service} 上的 memcached；应只允许应用服务器访问。",
                "memcached at {service} can be reached from where the scan ran; wanted: application servers only.",
            ),
        ),
        LOOPBACK_ONLY: LOOPBACK_OUTCOME,
    },
    evaluate=evaluate,
    references=(Reference("memcached: configuring", "https://docs.memcached.org/serverguide/configuring/"),),
)
