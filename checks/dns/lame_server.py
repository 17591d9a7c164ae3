"""A name server of the zone does not answer for it, or tells another state of it than the others.

How it is seen: servers of the zone whose addresses lie in the scope are asked for its SOA record. How it is judged: an answer
without authority is a lame delegation (RFC 9499); serials that differ show that one of them has not had the last change, which
for a short while after each change is as it should be. What it cannot show: servers outside the scope, which are not asked.
"""

from __future__ import annotations

from collections.abc import Iterable

from checks.model import Basis, Declared, Evidence, Outcome, Reference, Rule, Settings, Severity, Status, Text
from scanner.facts import ServiceFacts, ZoneFacts


def evaluate(service: ServiceFacts, settings: Settings) -> Iterable[Outcome]:
    """Judge by authority and serial of each server that answered."""
    facts = service.need(ZoneFacts)
    asked = [server for server in facts.servers if server.authoritative is not None]
    lame = [server for server in asked if not server.authoritative]
    serials = {server.serial for server in asked if server.serial is not None}
    values = {
        "domain": service.endpoint.label,
        "servers": ", ".join(server.name for server in (lame or asked)) or "-",
        "serials": ", ".join(map(str, sorted(serials))) or "-",
    }
    evidence = tuple(
        Evidence(
            f"zone.servers.{server.name}", f"authoritative={server.authoritative}, serial={server.serial}"
        )
        for server in asked
    )
    if lame:
        yield Outcome("lame", values, evidence)
    elif not asked:
        yield Outcome("not_asked", values, evidence)
    else:
        yield Outcome("serials_differ" if len(serials) > 1 else "agree", values, evidence)


RULE = Rule(
    id="dns/lame-server",
    title=Text(
        "权威服务器不应答本域，或者数据不一致",
        "A name server does not answer for the zone, or differs from the others",
    ),
    rationale=Text(
        "登记为权威却不应答的服务器拖慢解析，解析时好时坏；如果它的名称或者地址落入他人之手，还可能给出伪"
        "造的应答。数据不一致时，用户得到新旧不同的结果。",
        "A server that is named and does not answer makes names slow and unreliable; should its name or "
        "address fall to somebody else, he can answer falsely. Where data differ, visitors get old and "
        "new by turns.",
    ),
    remediation=Text(
        "在该服务器上加载本区，或者在注册商和区文件中删去它；检查主从同步（notify、allow-transfer、TSIG）"
        "和从服务器日志。"
        "　BIND：rndc zonestatus 域名、rndc retransfer 域名；NSD：nsd-control zonestatus、nsd-control force_transfer"
        "；Knot：knotc zone-status、knotc zone-retransfer；PowerDNS：pdns_control retrieve 域名；Windows DNS：辅助区"
        "域的“从主服务器传输”。",
        "Load the zone on that server, or take the server out at the registrar and in the zone; check "
        "notify, transfers and TSIG, and the secondaries' logs."
        " BIND: rndc zonestatus ZONE, rndc retransfer ZONE; NSD: nsd-control zonestatus, nsd-control force_transfer; "
        "Knot: knotc zone-status, knotc zone-retransfer; PowerDNS: pdns_control retrieve ZONE; Windows DNS: Transfer "
        "from Master of the secondary zone.",
    ),
    severity=Severity.LOW,
    duties=("intrusion_protection",),
    needs=(ZoneFacts,),
    basis=Basis.PROTOCOL_REPLY,
    outcomes={
        "lame": Declared(
            status=Status.WARN,
            severity=Severity.LOW,
            detail=Text(
                "{domain} 的权威服务器 {servers} 没有给出该域的权威应答；应当加载该区或者撤销登记。",
                "Name server {servers} of {domain} does not answer for it with authority; wanted: the "
                "zone loaded, or the server taken out.",
            ),
        ),
        "serials_differ": Declared(
            status=Status.INFO,
            detail=Text(
                "{domain} 的权威服务器（{servers}）序列号不一致：{serials}；刚刚更新过属正常，否则请检查"
                "同步。",
                "The name servers of {domain} ({servers}) have different serials: {serials}; right after "
                "a change that is normal, else check the transfers.",
            ),
        ),
        "agree": Declared(
            status=Status.PASS,
            detail=Text(
                "{domain} 在授权范围内的权威服务器（{servers}）应答一致，序列号 {serials}。",
                "The name servers of {domain} in the scope ({servers}) agree, serial {serials}.",
            ),
        ),
        "not_asked": Declared(
            status=Status.INCONCLUSIVE,
            detail=Text(
                "{domain} 的权威服务器都不在授权范围内，或者没有应答，未作比较。",
                "No name server of {domain} lies in the scope and answered, so that nothing was compared.",
            ),
        ),
    },
    evaluate=evaluate,
    references=(
        Reference("RFC 9499 (lame delegation)", "https://www.rfc-editor.org/rfc/rfc9499"),
        Reference("RFC 1912 §2.8", "https://www.rfc-editor.org/rfc/rfc1912"),
    ),
)
