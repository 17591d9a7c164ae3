"""A name leads to addresses of an internal network.

How it is seen: the addresses that the DNS servers of the scan give for the name. How it is judged: addresses for internal use
(RFC 1918, RFC 4193, RFC 6598, link-local, loopback) in public DNS tell outsiders how the network is built, and lead visitors to
whatever stands at that address in their own network. What it cannot show: DNS servers inside a network may rightly answer so;
whether the public sees the same must be verified from outside.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable

from checks.model import Basis, Declared, Evidence, Outcome, Reference, Rule, Settings, Severity, Status, Text
from scanner.facts import NameFacts, ServiceFacts


def _internal(address: str) -> bool:
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return False
    return not ip.is_global and not ip.is_multicast


def evaluate(service: ServiceFacts, settings: Settings) -> Iterable[Outcome]:
    """Judge by the addresses."""
    facts = service.need(NameFacts)
    internal = [address for address in facts.addresses if _internal(address)]
    loopback = [address for address in internal if ipaddress.ip_address(address).is_loopback]
    values = {"domain": service.endpoint.label, "addresses": ", ".join(internal or facts.addresses) or "-"}
    evidence = (Evidence("name.addresses", ", ".join(facts.addresses) or "-"),)
    if facts.exists is None:
        yield Outcome("undecided", values, evidence)
    elif not facts.addresses:
        yield Outcome("no_address", values, evidence)
    elif len(loopback) == len(facts.addresses):
        yield Outcome("loopback", values, evidence)
    else:
        yield Outcome("internal" if internal else "public", values, evidence)


RULE = Rule(
    id="dns/private-address",
    title=Text("域名解析到内部地址", "A name leads to internal addresses"),
    rationale=Text(
        "公开解析中的内部地址会暴露内网编址；访问者会被带到自己网络中的同一地址，攻击者可以在那里冒充。",
        "Internal addresses in public DNS show how the network is numbered, and lead visitors to that "
        "address in their own network, where an attacker can play the host.",
    ),
    remediation=Text(
        "从公开解析中删去内部地址；内部使用的名称放到只对内网应答的解析（内外网分离解析）。BIND：用 view "
        "区分内外；　Unbound：private-address 过滤；　云解析：使用内网 DNS（PrivateZone）。"
        "　Windows DNS：用 Add-DnsServerQueryResolutionPolicy 按客户端网段应答。",
        "Take internal addresses out of public DNS; serve internal names to the inside alone (split "
        "DNS). BIND: views. Unbound: private-address. Clouds: a private zone."
        " Windows DNS: Add-DnsServerQueryResolutionPolicy, by the client's subnet.",
    ),
    severity=Severity.LOW,
    duties=("intrusion_protection",),
    needs=(NameFacts,),
    basis=Basis.DNS,
    outcomes={
        "internal": Declared(
            status=Status.WARN,
            severity=Severity.LOW,
            detail=Text(
                "检测所用的 DNS 服务器把 {domain} 解析到内部地址 {addresses}；如公众也得到同样结果，应当"
                "从公开解析中删去。",
                "The DNS servers of the scan gave internal addresses for {domain}: {addresses}. If the "
                "public gets the same, take them out of public DNS.",
            ),
        ),
        "loopback": Declared(
            status=Status.INFO,
            detail=Text(
                "{domain} 解析到回环地址 {addresses}，不指向任何其他主机。",
                "{domain} leads to loopback, {addresses}: to no other host.",
            ),
        ),
        "public": Declared(
            status=Status.PASS,
            detail=Text(
                "{domain} 解析到公网地址 {addresses}。",
                "{domain} leads to public addresses: {addresses}.",
            ),
        ),
        "no_address": Declared(
            status=Status.INFO,
            detail=Text(
                "{domain} 没有地址记录。",
                "{domain} has no address.",
            ),
        ),
        "undecided": Declared(
            status=Status.INCONCLUSIVE,
            detail=Text(
                "未能得知 {domain} 的地址。",
                "Could not tell the addresses of {domain}.",
            ),
        ),
    },
    evaluate=evaluate,
    references=(
        Reference("RFC 1918 §5", "https://www.rfc-editor.org/rfc/rfc1918"),
        Reference("RFC 6303", "https://www.rfc-editor.org/rfc/rfc6303"),
    ),
)
