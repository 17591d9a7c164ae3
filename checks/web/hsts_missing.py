"""An https site does not tell browsers to stay on https.

How it is seen: Strict-Transport-Security of the final https answer, asked for by name: browsers ignore the
header for bare addresses (RFC 6797 section 8.1.1), so there the rule does not apply. How it is judged: absent
is a weakness.
What it cannot show: whether the domain is on browsers' built-in list.
"""

from __future__ import annotations

from collections.abc import Iterable

from checks.model import Basis, Declared, Outcome, Reference, Rule, Settings, Severity, Status, Text
from checks.web.page import header_evidence, named_https_site
from scanner.facts import HttpFacts, ServiceFacts

_NAME = "strict-transport-security"


def evaluate(service: ServiceFacts, settings: Settings) -> Iterable[Outcome]:
    """Look for the header."""
    facts = service.need(HttpFacts)
    value = facts.headers.get(_NAME, "").strip()
    yield Outcome("present" if value else "missing", {"value": value}, header_evidence(facts, _NAME))


RULE = Rule(
    id="web/hsts-missing",
    title=Text("未启用 HSTS", "HSTS is not set"),
    rationale=Text(
        "没有 HSTS 时，用户以 http 访问的那一次请求可能被劫持到假冒网站，或者一直停留在明文连接上。",
        "Without HSTS, a visit that begins with http can be led to a false site or kept in clear text.",
    ),
    remediation=Text(
        "确认全站都能用 HTTPS 访问后设置；子域名也都支持时再加 includeSubDomains。"
        'nginx：add_header Strict-Transport-Security "max-age=31536000" always;　'
        'Apache：Header always set Strict-Transport-Security "max-age=31536000"　'
        "Tomcat：启用 HttpHeaderSecurityFilter，hstsMaxAgeSeconds 设为 31536000　"
        'IIS 10：网站的 <hsts enabled="true" max-age="31536000" />。',
        "Set it once all of the site works over HTTPS; add includeSubDomains only when every subdomain does. "
        'nginx: add_header Strict-Transport-Security "max-age=31536000" always; '
        'Apache: Header always set Strict-Transport-Security "max-age=31536000"; '
        "Tomcat: HttpHeaderSecurityFilter with hstsMaxAgeSeconds 31536000; "
        'IIS 10: <hsts enabled="true" max-age="31536000" /> of the site.',
    ),
    severity=Severity.LOW,
    duties=("intrusion_protection", "data_protection"),
    needs=(HttpFacts,),
    basis=Basis.HTTP,
    outcomes={
        "missing": Declared(
            status=Status.WARN,
            severity=Severity.LOW,
            detail=Text(
                "响应中没有 Strict-Transport-Security。", "The answer has no Strict-Transport-Security."
            ),
        ),
        "present": Declared(
            status=Status.PASS,
            detail=Text("Strict-Transport-Security：{value}", "Strict-Transport-Security: {value}"),
        ),
    },
    evaluate=evaluate,
    applies=named_https_site,
    references=(Reference("RFC 6797", "https://www.rfc-editor.org/rfc/rfc6797"),),
)
