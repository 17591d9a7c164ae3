"""A zone is not signed.

How it is seen: the DNS servers of the scan are asked for the zone's DNSKEY records and for the DS records at its parent (RFC 4034).
How it is judged: information, since signing is not demanded of every operator; a zone with keys for which the parent does not
vouch is not protected either. What it cannot show: whether resolvers that the visitors use check signatures.
"""

from __future__ import annotations

from collections.abc import Iterable

from checks.model import Basis, Declared, Evidence, Outcome, Reference, Rule, Settings, Severity, Status, Text
from scanner.facts import ServiceFacts, ZoneFacts


def evaluate(service: ServiceFacts, settings: Settings) -> Iterable[Outcome]:
    """Judge by DS and DNSKEY records."""
    facts = service.need(ZoneFacts)
    values = {"domain": service.endpoint.label}
    evidence = (Evidence("zone.ds", str(facts.ds)), Evidence("zone.signed", str(facts.signed)))
    if facts.ds is None or facts.signed is None:
        yield Outcome("undecided", values, evidence)
    elif facts.ds:
        yield Outcome("signed", values, evidence)
    else:
        yield Outcome("island" if facts.signed else "unsigned", values, evidence)


RULE = Rule(
    id="dns/dnssec-missing",
    title=Text("域名未启用 DNSSEC", "The zone is not signed (DNSSEC)"),
    rationale=Text(
        "未签名的解析结果可以在途中被伪造，把访问者引到假网站或者截收邮件。",
        "Answers that are not signed can be forged on their way, to lead visitors to a false site or to "
        "intercept mail.",
    ),
    remediation=Text(
        "在域名服务商处开启 DNSSEC，并在注册商处提交 DS 记录。BIND（named.conf）：zone 中 dnssec-policy "
        "default; inline-signing yes;　PowerDNS：pdnsutil secure-zone 域名；　Knot：dnssec-signing: on；"
        "　Windows DNS：右键区域—DNSSEC—对区域签名。阿里云、腾讯云、华为云的云解析控制台都有 DNSSEC 开关"
        "。",
        "Switch DNSSEC on at the DNS provider and hand the DS record to the registrar. BIND "
        "(named.conf): dnssec-policy default; inline-signing yes; in the zone. PowerDNS: pdnsutil "
        "secure-zone NAME. Knot: dnssec-signing: on. Windows DNS: the zone's menu, DNSSEC, Sign the "
        "Zone. The consoles of the large clouds have a switch for it.",
    ),
    severity=Severity.INFO,
    duties=("intrusion_protection",),
    needs=(ZoneFacts,),
    basis=Basis.DNS,
    outcomes={
        "unsigned": Declared(
            status=Status.INFO,
            detail=Text(
                "{domain} 未启用 DNSSEC：没有 DNSKEY 记录，上级也没有 DS 记录。",
                "{domain} is not signed: it has no DNSKEY records, and its parent no DS records.",
            ),
        ),
        "island": Declared(
            status=Status.INFO,
            detail=Text(
                "{domain} 有 DNSKEY 记录，但上级没有 DS 记录，签名不起作用。",
                "{domain} has DNSKEY records, but its parent has no DS records, so that nobody relies on "
                "the signatures.",
            ),
        ),
        "signed": Declared(
            status=Status.PASS,
            detail=Text(
                "{domain} 已启用 DNSSEC，上级有 DS 记录。",
                "{domain} is signed, and its parent has DS records.",
            ),
        ),
        "undecided": Declared(
            status=Status.INCONCLUSIVE,
            detail=Text(
                "未能得知 {domain} 是否启用 DNSSEC。",
                "Could not tell whether {domain} is signed.",
            ),
        ),
    },
    evaluate=evaluate,
    references=(
        Reference("RFC 4033, 4034, 4035", "https://www.rfc-editor.org/rfc/rfc4033"),
        Reference("RFC 9364", "https://www.rfc-editor.org/rfc/rfc9364"),
    ),
)
