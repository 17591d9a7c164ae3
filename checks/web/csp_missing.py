"""The page comes without Content-Security-Policy.

How it is seen: the header content-security-policy of the final answer. How it is judged: absent is a weakness, present passes.
What it cannot show: whether the value is as strict as the application allows.
"""

from __future__ import annotations

from collections.abc import Iterable

from checks.model import Basis, Declared, Outcome, Reference, Rule, Settings, Severity, Status, Text
from checks.web.page import header, is_page
from scanner.facts import HttpFacts, ServiceFacts


def evaluate(service: ServiceFacts, settings: Settings) -> Iterable[Outcome]:
    """Look for the header."""
    facts = service.need(HttpFacts)
    name = "content-security-policy"
    value = facts.headers.get(name, "").strip()
    yield Outcome("present" if value else "missing", {"value": value}, header(facts, name))


RULE = Rule(
    id="web/csp-missing",
    title=Text("页面未设置 Content-Security-Policy", "The page sets no Content-Security-Policy"),
    rationale=Text(
        "缺少内容安全策略时，一旦页面被注入脚本，浏览器不会加以限制，攻击者可窃取会话或篡改页面。",
        "Without a content security policy, a script injected into the page runs unhindered "
        "and can steal sessions or change the page.",
    ),
    remediation=Text(
        "先以 Content-Security-Policy-Report-Only 观察，再启用。nginx：add_header "
        "Content-Security-Policy \"default-src 'self'\" always;　Apache：Header always set "
        "Content-Security-Policy \"default-src 'self'\"　IIS：在 web.config 的 customHeaders 中添"
        "加。",
        "Try it as Content-Security-Policy-Report-Only, then enforce it. nginx: add_header "
        "Content-Security-Policy \"default-src 'self'\" always; Apache: Header always set "
        "Content-Security-Policy \"default-src 'self'\"; IIS: customHeaders in web.config.",
    ),
    severity=Severity.LOW,
    duties=("intrusion_protection",),
    needs=(HttpFacts,),
    basis=Basis.HTTP,
    outcomes={
        "missing": Declared(
            status=Status.WARN,
            severity=Severity.LOW,
            detail=Text(
                "响应头中没有 Content-Security-Policy。", "The answer has no Content-Security-Policy."
            ),
        ),
        "present": Declared(
            status=Status.PASS,
            detail=Text("Content-Security-Policy：{value}", "Content-Security-Policy: {value}"),
        ),
    },
    evaluate=evaluate,
    applies=is_page,
    references=(Reference("W3C Content Security Policy Level 3", "https://www.w3.org/TR/CSP3/"),),
)
