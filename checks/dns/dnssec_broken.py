"""A signed zone whose signatures do not hold.

How it is seen: DS, DNSKEY and SOA records are asked for with their signatures and checked here (RFC 4035 §5): a key that a DS
record names signs the keys, and one of the keys the SOA record, now. How it is judged: visitors behind resolvers that check
signatures cannot reach a zone whose signatures are wrong or over. What it cannot show: the chain above the parent, and signatures
by algorithms that cannot be checked here, which are left open.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from checks.faults import all_said
from checks.model import (
    Basis,
    Declared,
    Evidence,
    NotApplicable,
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
    """Judge a zone for which its parent vouches."""
    facts = service.need(ZoneFacts)
    values = {
        "domain": service.endpoint.label,
        **all_said([facts.signature_error] if facts.signature_error else []),
        "end": facts.signatures_end or "-",
    }
    evidence = (
        Evidence("zone.ds", str(facts.ds)),
        Evidence("zone.signature", facts.signature or "-"),
        Evidence("zone.signature_error", facts.signature_error or "-"),
        Evidence("zone.signatures_end", facts.signatures_end or "-"),
    )
    if facts.ds is False:
        raise NotApplicable("the parent has no DS records: nobody relies on signatures")
    if facts.ds is None or facts.signature is None:
        yield Outcome("undecided", values, evidence)
    elif facts.signature == "valid":
        yield Outcome("valid", values, evidence)
    else:
        over = facts.signatures_end and datetime.fromisoformat(facts.signatures_end) < settings.at
        yield Outcome("over" if over else "invalid", values, evidence)


RULE = Rule(
    id="dns/dnssec-broken",
    title=Text("DNSSEC 签名不成立", "DNSSEC signatures do not hold"),
    rationale=Text(
        "签名错误或者过期时，校验签名的解析器会拒绝应答，用户打不开网站、收不到邮件。",
        "Where signatures are wrong or over, resolvers that check them give no answer: visitors cannot "
        "reach the site, and mail does not arrive.",
    ),
    remediation=Text(
        "检查自动续签是否在运行、注册商处的 DS 是否与现用密钥一致；更换密钥时先更新 DS、等旧记录过期再停"
        "用旧密钥。BIND：rndc dnssec -status 域名；　PowerDNS：pdnsutil check-zone、pdnsutil show-zone；"
        "　Knot：knotc zone-status。无法马上修复时，先在注册商处撤下 DS。"
        "　Windows DNS：Get-DnsServerDnsSecZoneSetting、Invoke-DnsServerZoneSign 重新签名。",
        "See that signing still runs and that the registrar's DS names the keys in use; when changing "
        "keys, update the DS first and keep the old key until its records have expired. BIND: rndc "
        "dnssec -status NAME. PowerDNS: pdnsutil check-zone and show-zone. Knot: knotc zone-status. "
        "Where it cannot be mended at once, have the DS taken away at the registrar."
        " Windows DNS: Get-DnsServerDnsSecZoneSetting, and Invoke-DnsServerZoneSign to sign anew.",
    ),
    severity=Severity.MEDIUM,
    duties=(
        "intrusion_protection",
        "vulnerability_handling",
    ),
    needs=(ZoneFacts,),
    basis=Basis.DNS,
    outcomes={
        "invalid": Declared(
            status=Status.WARN,
            severity=Severity.MEDIUM,
            detail=Text(
                "{domain} 的上级有 DS 记录，但签名不成立：{zh}。",
                "The parent of {domain} has DS records, but the signatures do not hold: {en}.",
            ),
        ),
        "over": Declared(
            status=Status.WARN,
            severity=Severity.MEDIUM,
            detail=Text(
                "{domain} 的上级有 DS 记录，但 SOA 记录的签名已于 {end} 过期。",
                "The parent of {domain} has DS records, but the signature over its SOA record was over on {end}.",
            ),
        ),
        "valid": Declared(
            status=Status.PASS,
            detail=Text(
                "{domain} 的密钥和签名一致，SOA 记录的签名到 {end} 为止。",
                "Keys and signatures of {domain} agree; the one over the SOA record ends {end}.",
            ),
        ),
        "undecided": Declared(
            status=Status.INCONCLUSIVE,
            detail=Text(
                "未能核验 {domain} 的签名。",
                "The signatures of {domain} could not be checked.",
            ),
        ),
    },
    evaluate=evaluate,
    references=(
        Reference("RFC 4035 §5", "https://www.rfc-editor.org/rfc/rfc4035"),
        Reference("RFC 6781", "https://www.rfc-editor.org/rfc/rfc6781"),
    ),
)
