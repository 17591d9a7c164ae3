"""A name server hands the whole zone to whoever asks.

How it is seen: a name server of the zone whose address lies in the scope is asked for AXFR (RFC 5936) over TCP; the first
message of its answer is read, and of its records nothing but their number is kept. How it is judged: an answer that begins with
the zone's SOA record and goes on is an open transfer. What it cannot show: servers outside the scope, which are not asked.
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
from scanner.facts import ServiceFacts, ZoneFacts


def evaluate(service: ServiceFacts, settings: Settings) -> Iterable[Outcome]:
    """Judge by what each server that was asked answered."""
    facts = service.need(ZoneFacts)
    asked = [server for server in facts.servers if server.asked is not None]
    given = [server for server in asked if server.transfer == "open"]
    evidence = tuple(
        Evidence(
            f"zone.servers.{server.name}.transfer",
            f"{server.transfer or '-'}: {server.transfer_reply or '-'}",
        )
        for server in asked
    )
    values = {
        "domain": service.endpoint.label,
        "servers": ", ".join(server.name for server in (given or asked)) or "-",
        "reply": given[0].transfer_reply if given else "-",
    }
    if given:
        yield Outcome("open", values, evidence)
    elif any(server.transfer is None for server in asked):
        yield Outcome("undecided", values, evidence)
    else:
        yield Outcome("refused" if asked else "not_asked", values, evidence)


RULE = Rule(
    id="dns/zone-transfer",
    title=Text("域名服务器允许任意区传送", "A name server hands its zone to anybody"),
    rationale=Text(
        "区传送会一次交出域内全部主机名和地址，等于把内部网络的清单交给攻击者，测试环境、后台、未公开的系"
        "统都会暴露。",
        "A zone transfer gives away every name and address of the domain at once: a list of the network "
        "for intruders, with test systems, back offices and whatever was meant to stay unnoticed.",
    ),
    remediation=Text(
        "只允许从服务器传送，最好加 TSIG 签名。BIND（named.conf）：allow-transfer { key 密钥名; }; 或写从"
        "服务器地址；　NSD：provide-xfr: 地址 密钥名；　PowerDNS：allow-axfr-ips=从服务器地址；　Knot："
        "acl 中 action: transfer 加 address、key；　Windows DNS：区域属性—区域传送—只允许到“名称服务器”选"
        "项卡中列出的服务器。",
        "Let secondary servers transfer and nobody else, best with TSIG. BIND (named.conf): "
        "allow-transfer { key NAME; }; or the secondaries' addresses. NSD: provide-xfr: ADDRESS KEY. "
        "PowerDNS: allow-axfr-ips=ADDRESSES. Knot: an acl with action: transfer, address and key. "
        "Windows DNS: zone properties, Zone Transfers, only to servers listed on the Name Servers tab.",
    ),
    severity=Severity.MEDIUM,
    duties=(
        "intrusion_protection",
        "data_protection",
    ),
    needs=(ZoneFacts,),
    basis=Basis.PROTOCOL_REPLY,
    outcomes={
        "open": Declared(
            status=Status.FAIL,
            severity=Severity.MEDIUM,
            detail=Text(
                "{domain} 的权威服务器 {servers} 未经限制就应答了区传送请求（AXFR；应答：{reply}）；应只"
                "允许从服务器传送。",
                "Name server {servers} of {domain} answered a zone transfer (AXFR) from a stranger "
                "({reply}); wanted: secondaries only.",
            ),
        ),
        "refused": Declared(
            status=Status.PASS,
            detail=Text(
                "{domain} 在授权范围内的权威服务器（{servers}）拒绝了区传送请求。",
                "The name servers of {domain} that lie in the scope ({servers}) refused the zone transfer.",
            ),
        ),
        "not_asked": Declared(
            status=Status.INCONCLUSIVE,
            detail=Text(
                "{domain} 的权威服务器都不在授权范围内，未向它们请求区传送；请现场核实或者将其纳入范围。",
                "No name server of {domain} lies in the scope, so that none was asked for a zone "
                "transfer; verify on site, or widen the scope.",
            ),
        ),
        "undecided": Declared(
            status=Status.INCONCLUSIVE,
            detail=Text(
                "未能得知 {domain} 的权威服务器（{servers}）是否允许区传送。",
                "Could not tell whether name server {servers} of {domain} allows zone transfers.",
            ),
        ),
    },
    evaluate=evaluate,
    references=(
        Reference("RFC 5936 §5", "https://www.rfc-editor.org/rfc/rfc5936"),
        Reference("RFC 8945 (TSIG)", "https://www.rfc-editor.org/rfc/rfc8945"),
    ),
    impact=Impact.ONE_READ,
)
