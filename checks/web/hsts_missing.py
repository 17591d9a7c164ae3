"""An https site does not tell browsers to stay on https.

How it is seen: Strict-Transport-Security of the final https answer, asked by name: browsers ignore the header for bare addresses.
How it is judged: absent is a weakness.
"""

from __future__ import annotations

from collections.abc import Iterable

from checks.model import Basis, Declared, Outcome, Reference, Rule, Settings, Severity, Status, Text
from checks.web.page import header, is_https_page
from scanner.facts import HttpFacts, ServiceFacts


def _named_https_page(service: ServiceFacts) -> bool:
    # Browsers ignore the header when a site is asked for by its address (RFC 6797 section 8.1.1).
    return service.endpoint.name is not None and is_https_page(service)


def evaluate(service: ServiceFacts, settings: Settings) -> Iterable[Outcome]:
    """Look for the header."""
    facts = service.need(HttpFacts)
    value = facts.headers.get("strict-transport-security", "").strip()
    yield Outcome(
        "present" if value else "missing", {"value": value}, header(facts, "strict-transport-security")
    )


RULE = Rule(
    id="web/hsts-missing",
    title=Text("未启用 HSTS", "HSTS is not set"),
    rationale=Text(
        "用户首次以 http 访问时可被劫持到假冒站点。",
        "A visitor who begins with http can be led to a false site.",
    ),
    remediation=Text(
        "确认全站可用 HTTPS 后设置。nginx：add_header Strict-Transport-Security "
        '"max-age=31536000; includeSubDomains" always;\u3000Apache：Header always set '
        'Strict-Transport-Security "max-age=31536000; includeSubDomains"\u3000IIS 10：站点的 HSTS '
        "设置。",
        "Set it once all of the site works over HTTPS. nginx: add_header "
        'Strict-Transport-Security "max-age=31536000; includeSubDomains" always; Apache: '
        'Header always set Strict-Transport-Security "max-age=31536000; includeSubDomains"; '
        "IIS 10: the site's HSTS settings.",
    ),
    severity=Severity.LOW,
    duties=(
        "intrusion_protection",
        "data_protection",
    ),
    needs=(HttpFacts,),
    basis=Basis.HTTP,
    outcomes={
        "missing": Declared(
            status=Status.WARN,
            severity=Severity.LOW,
            detail=Text("响应头中没有 Strict-Transport-Security。", "There is no Strict-Transport-Security."),
        ),
        "present": Declared(
            status=Status.PASS,
            detail=Text("Strict-Transport-Security：{value}", "Strict-Transport-Security: {value}"),
        ),
    },
    evaluate=evaluate,
    applies=_named_https_page,
    references=(Reference("RFC 6797", "https://www.rfc-editor.org/rfc/rfc6797"),),
)
