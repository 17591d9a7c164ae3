"""A zone has fewer than two name servers, or all in one place.

How it is seen: the zone's NS records and the addresses of the servers that they name. How it is judged: RFC 2182 §3.1 asks for
servers apart from each other; fewer than two, or all addresses within one IPv4 /24 or IPv6 /48, is a weakness. What it cannot
show: one address can stand for many machines (anycast), and two networks for one building.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable

from checks.model import Basis, Declared, Evidence, Outcome, Reference, Rule, Settings, Severity, Status, Text
from scanner.facts import ServiceFacts, ZoneFacts


def _network(address: str) -> str:
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return address
    return str(ipaddress.ip_network((ip, 24 if ip.version == 4 else 48), strict=False))


def evaluate(service: ServiceFacts, settings: Settings) -> Iterable[Outcome]:
    """Judge by the number of servers and of their networks."""
    facts = service.need(ZoneFacts)
    networks = {_network(address) for server in facts.servers for address in server.addresses}
    values = {
        "domain": service.endpoint.label,
        "servers": ", ".join(server.name for server in facts.servers) or "-",
        "networks": ", ".join(sorted(networks)) or "-",
    }
    evidence = (
        Evidence("zone.servers", values["servers"]),
        Evidence("zone.servers.addresses", values["networks"]),
    )
    if any(error.step == "servers" for error in facts.errors) or not facts.servers or not networks:
        yield Outcome("undecided", values, evidence)
    elif len(facts.servers) < 2:
        yield Outcome("single", values, evidence)
    else:
        yield Outcome("one_network" if len(networks) < 2 else "apart", values, evidence)


RULE = Rule(
    id="dns/ns-redundancy",
    title=Text("权威域名服务器没有冗余", "The zone's name servers are no backup for each other"),
    rationale=Text(
        "只有一台权威服务器，或者都在同一网段时，一处故障或者一次拒绝服务攻击就会使域名无法解析，网站和邮"
        "件同时中断。",
        "With one name server, or all in one network, a single fault or attack takes the name, its sites "
        "and its mail away.",
    ),
    remediation=Text(
        "至少使用两台位于不同网络、不同机房的权威服务器；也可委托域名解析服务商（通常自带多节点）。在注册"
        "商处登记全部 NS，并保持与区文件一致。"
        "　BIND：从服务器的 zone 中 type secondary; primaries { 主服务器地址; };　NSD：request-xfr: 主服务器地址 密钥"
        "名；Knot：zone 的 master；PowerDNS：secondary=yes，pdnsutil create-secondary-zone；Windows DNS：新建“辅助区"
        "域”。",
        "Use at least two servers in different networks and places, or a DNS provider, who has many. "
        "Register all of them at the registrar, as the zone names them."
        " BIND: type secondary; primaries { ADDRESS; }; in the zone of each secondary; NSD: request-xfr: ADDRESS KEY; Knot"
        ": master of the zone; PowerDNS: secondary=yes, pdnsutil create-secondary-zone; Windows DNS: a new secondary "
        "zone.",
    ),
    severity=Severity.LOW,
    duties=("intrusion_protection",),
    needs=(ZoneFacts,),
    basis=Basis.DNS,
    outcomes={
        "single": Declared(
            status=Status.WARN,
            severity=Severity.LOW,
            detail=Text(
                "{domain} 只有一台权威服务器（{servers}）；应至少两台，且不在同一网络。",
                "{domain} has one name server ({servers}); wanted: two at least, in different networks.",
            ),
        ),
        "one_network": Declared(
            status=Status.WARN,
            severity=Severity.LOW,
            detail=Text(
                "{domain} 的权威服务器（{servers}）都在同一网段（{networks}）；应分布在不同网络。如采用任"
                "播，请说明。",
                "All name servers of {domain} ({servers}) are in one network ({networks}); wanted: "
                "different networks. Say so if it is anycast.",
            ),
        ),
        "apart": Declared(
            status=Status.PASS,
            detail=Text(
                "{domain} 的权威服务器（{servers}）分布在不同网段。",
                "The name servers of {domain} ({servers}) are in different networks.",
            ),
        ),
        "undecided": Declared(
            status=Status.INCONCLUSIVE,
            detail=Text(
                "未能得知 {domain} 的权威服务器及其地址。",
                "Could not tell the name servers of {domain} and their addresses.",
            ),
        ),
    },
    evaluate=evaluate,
    references=(
        Reference("RFC 2182 §3.1", "https://www.rfc-editor.org/rfc/rfc2182"),
        Reference("RFC 1034 §4.1", "https://www.rfc-editor.org/rfc/rfc1034"),
    ),
)
