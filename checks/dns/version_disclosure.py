"""A DNS server tells its version to whoever asks.

How it is seen: the answer to ``version.bind CH TXT``. How it is judged: a text with a version number is a small weakness; a text
without one, or none at all, is well. What it cannot show: whether the version is true, or has known flaws.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from checks.model import Basis, Declared, Evidence, Outcome, Reference, Rule, Settings, Severity, Status, Text
from scanner.facts import DnsFacts, ServiceFacts

_NUMBER = re.compile(r"\d+\.\d+")


def evaluate(service: ServiceFacts, settings: Settings) -> Iterable[Outcome]:
    """Judge by whether the text holds a version number."""
    facts = service.need(DnsFacts)
    text = facts.version_bind
    values = {"service": service.endpoint.label, "version": text or "-"}
    evidence = (Evidence("dns.version_bind", text or "-"),)
    if text is not None and _NUMBER.search(text):
        yield Outcome("shown", values, evidence)
    elif text is None and any(error.step == "version" for error in facts.errors):
        yield Outcome("undecided", values, evidence)
    else:
        yield Outcome("hidden", values, evidence)


RULE = Rule(
    id="dns/version-disclosure",
    title=Text("DNS 服务器透露版本号", "The DNS server tells its version"),
    rationale=Text(
        "版本号让攻击者直接找到对应的已知漏洞。隐藏版本号不能代替更新，但可以减少被自动化工具盯上。",
        "A version number leads straight to the known flaws. Hiding it does not replace updates, but attracts fewer automated "
        "attacks.",
    ),
    remediation=Text(
        "确认软件已更新到仍受支持的版本，并隐藏版本号。BIND：options 中 version none;　Unbound：hide-version: yes、"
        "hide-identity: yes　PowerDNS：version-string=anonymous　NSD：server 中 hide-version: yes　Windows DNS："
        "dnscmd /config /EnableVersionQuery 0。"
        "　dnsmasq：no-ident。",
        "See that the software is a version that still gets updates, and hide it. BIND: version none; under options. "
        "Unbound: hide-version: yes, hide-identity: yes. PowerDNS: version-string=anonymous. NSD: hide-version: yes "
        "under server. Windows DNS: dnscmd /config /EnableVersionQuery 0."
        " dnsmasq: no-ident.",
    ),
    severity=Severity.LOW,
    duties=("vulnerability_handling",),
    needs=(DnsFacts,),
    basis=Basis.BANNER,
    outcomes={
        "shown": Declared(
            status=Status.WARN,
            severity=Severity.LOW,
            detail=Text(
                "{service} 自报版本：{version}；建议隐藏。",
                "{service} states its version: {version}; wanted: hidden.",
            ),
        ),
        "hidden": Declared(
            status=Status.PASS,
            detail=Text("{service} 未透露版本号。", "{service} does not tell its version."),
        ),
        "undecided": Declared(
            status=Status.INCONCLUSIVE,
            detail=Text(
                "未能得知 {service} 是否透露版本号。", "Could not tell whether {service} tells its version."
            ),
        ),
    },
    evaluate=evaluate,
    references=(Reference("RFC 4892", "https://www.rfc-editor.org/rfc/rfc4892"),),
)
