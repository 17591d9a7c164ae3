"""A DNS server resolves names on behalf of whoever asks.

How it is seen: the RA bit in the answer to ``. NS``; where it is set and the query was not refused, one query for
``example.com``. How it is judged: an address in answer, without authority, shows recursion for the scanner's address.
That is a risk, not a failure by itself: a resolver may be meant for the public, or for the network the scan ran in. On a
private address recursion is what a resolver is for; on this machine's own it shows nothing about others. RA with SERVFAIL is
a claim that was not borne out, and ends undecided. What it cannot show: who else is let in.
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
from checks.vantage import inside, on_loopback
from scanner.facts import DnsFacts, ServiceFacts


def evaluate(service: ServiceFacts, settings: Settings) -> Iterable[Outcome]:
    """Judge by what was resolved, and for whom."""
    facts = service.need(DnsFacts)
    values = {
        "service": service.endpoint.label,
        "rcode": facts.rcode or "?",
        "offered": str(facts.recursion_available),
    }
    evidence = (
        Evidence("dns.recursion_available", str(facts.recursion_available)),
        Evidence("dns.recursive_answer", str(facts.recursive_answer)),
        Evidence("dns.rcode", facts.rcode or "-"),
    )
    if facts.recursive_answer is False:
        yield Outcome("closed", values, evidence)
    elif facts.recursive_answer is None:
        yield Outcome("undecided", values, evidence)
    elif on_loopback(service) or service.own_address:
        yield Outcome("own_machine", values, evidence)
    elif inside(service):
        yield Outcome("inside", values, evidence)
    else:
        yield Outcome("open", values, evidence)


RULE = Rule(
    id="dns/open-recursion",
    title=Text("DNS 服务器对外提供递归解析", "The DNS server recurses for outsiders"),
    rationale=Text(
        "对任何人递归的 DNS 服务器会被用来放大流量、攻击他人（反射放大攻击），也更容易被投毒。",
        "A DNS server that recurses for anyone is used to amplify attacks on others, and is easier to poison.",
    ),
    remediation=Text(
        "只对本单位网络递归。BIND：options 中 allow-recursion { 127.0.0.1; 10.0.0.0/8; };（写本单位网段），"
        "权威服务器用 recursion no;　Unbound：access-control: 10.0.0.0/8 allow；　dnsmasq：local-service 或 interface=；　"
        "Windows DNS：权威服务器勾选“禁用递归”。确需对公众服务的，启用响应速率限制（RRL）。"
        "　PowerDNS Recursor：allow-from=10.0.0.0/8。",
        "Recurse for your own network only. BIND: allow-recursion { 127.0.0.1; 10.0.0.0/8; }; under options (your own ranges), "
        "and recursion no; on authoritative servers; Unbound: access-control: 10.0.0.0/8 allow; dnsmasq: local-service or "
        "interface=; Windows DNS: Disable recursion. If it is meant for the public, use response rate limiting."
        " PowerDNS Recursor: allow-from=10.0.0.0/8.",
    ),
    severity=Severity.MEDIUM,
    duties=("intrusion_protection", "vulnerability_handling"),
    needs=(DnsFacts,),
    basis=Basis.DNS,
    impact=Impact.ONE_READ,
    outcomes={
        "open": Declared(
            status=Status.WARN,
            severity=Severity.MEDIUM,
            detail=Text(
                "{service} 为检测来源解析了不属于它的域名；如检测来源不在其服务范围内，应拒绝。",
                "{service} resolved a name that is not its own for the scanner; wanted: refusal, unless it is meant to "
                "serve the network the scan came from.",
            ),
        ),
        "inside": Declared(
            status=Status.INFO,
            detail=Text(
                "{service} 是内网地址，为检测来源做了递归解析；这不说明外部也能使用。",
                "{service} is a private address and recursed for the scanner; this does not show that outsiders can use "
                "it.",
            ),
        ),
        "own_machine": Declared(
            status=Status.INFO,
            detail=Text(
                "{service} 为本机做了递归解析；这不说明其他人也能使用，请从外部另行检测。",
                "{service} recursed for this machine itself, which says nothing about others; scan it from outside.",
            ),
        ),
        "closed": Declared(
            status=Status.PASS,
            detail=Text(
                "{service} 不为检测来源做递归解析（{rcode}）。",
                "{service} does not recurse for the scanner ({rcode}).",
            ),
        ),
        "undecided": Declared(
            status=Status.INCONCLUSIVE,
            detail=Text(
                "未能判断 {service} 是否对外递归：它自称支持递归（RA）＝{offered}，但没有给出解析结果（{rcode}）。",
                "Could not tell whether {service} recurses for outsiders: it states recursion available (RA) = {offered}, "
                "but gave no resolved answer ({rcode}).",
            ),
        ),
    },
    evaluate=evaluate,
    references=(
        Reference("RFC 5358 (BCP 140)", "https://www.rfc-editor.org/rfc/rfc5358"),
        Reference("RFC 1035 §4.1.1", "https://www.rfc-editor.org/rfc/rfc1035#section-4.1.1"),
    ),
)
