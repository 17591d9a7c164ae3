"""Strict-Transport-Security is there but lasts too short a time, or cannot be read.

How it is judged: max-age against the threshold hsts_min_age_seconds.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from checks.model import Basis, Declared, Outcome, Reference, Rule, Settings, Severity, Status, Text
from checks.web.page import header, is_https_page
from scanner.facts import HttpFacts, ServiceFacts

_AGE = re.compile(r"max-age\s*=\s*\"?([0-9]{1,12})", re.IGNORECASE)


def _has_header(service: ServiceFacts) -> bool:
    return is_https_page(service) and "strict-transport-security" in service.need(HttpFacts).headers


def evaluate(service: ServiceFacts, settings: Settings) -> Iterable[Outcome]:
    """Compare max-age with the threshold."""
    facts = service.need(HttpFacts)
    match = _AGE.search(facts.headers["strict-transport-security"])
    age, wanted = int(match.group(1)) if match else 0, settings.threshold("hsts_min_age_seconds")
    values = {"age": str(age), "wanted": str(wanted)}
    yield Outcome("long" if age >= wanted else "weak", values, header(facts, "strict-transport-security"))


RULE = Rule(
    id="web/hsts-weak",
    title=Text("HSTS 有效期过短", "HSTS lasts too short a time"),
    rationale=Text(
        "有效期过短时，间隔较久再次访问的用户得不到保护。",
        "With a short life, users who come back later are not protected.",
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
        "weak": Declared(
            status=Status.WARN,
            severity=Severity.LOW,
            detail=Text(
                "max-age 为 {age} 秒，应不少于 {wanted} 秒。",
                "max-age is {age} s; wanted: at least {wanted} s.",
            ),
        ),
        "long": Declared(status=Status.PASS, detail=Text("max-age 为 {age} 秒。", "max-age is {age} s.")),
    },
    evaluate=evaluate,
    applies=_has_header,
    references=(Reference("RFC 6797 §6.1.1", "https://www.rfc-editor.org/rfc/rfc6797#section-6.1.1"),),
)
