"""The page comes without a Content-Security-Policy that is enforced.

How it is seen: the header content-security-policy of the final answer, or the meta element of that name.
How it is judged: absent is a weakness, and so is a policy that is only reported, not enforced.
What it cannot show: whether the policy is as strict as the application allows.
"""

from __future__ import annotations

from collections.abc import Iterable

from checks.model import Basis, Declared, Outcome, Reference, Rule, Settings, Severity, Status, Text
from checks.web.page import header_evidence, shows_page
from scanner.facts import HttpFacts, ServiceFacts

_NAME = "content-security-policy"
_REPORT = "content-security-policy-report-only"


def evaluate(service: ServiceFacts, settings: Settings) -> Iterable[Outcome]:
    """Look for the header and its meta element."""
    facts = service.need(HttpFacts)
    value = facts.headers.get(_NAME, "").strip() or facts.meta.get(_NAME, "").strip()
    if value:
        yield Outcome("present", {"value": value}, header_evidence(facts, _NAME))
    elif facts.headers.get(_REPORT, "").strip():
        yield Outcome("report_only", {}, header_evidence(facts, _NAME, _REPORT))
    else:
        yield Outcome("missing", {}, header_evidence(facts, _NAME))


RULE = Rule(
    id="web/csp-missing",
    title=Text("页面未设置内容安全策略（CSP）", "The page sets no Content-Security-Policy"),
    rationale=Text(
        "没有内容安全策略时，页面一旦被注入脚本，浏览器不会加以限制，攻击者可以窃取会话或者篡改页面。",
        "Without a content security policy, a script injected into the page runs unhindered and can steal sessions or "
        "change the page.",
    ),
    remediation=Text(
        "先用 Content-Security-Policy-Report-Only 观察有无误拦，再正式启用。"
        "nginx：add_header Content-Security-Policy \"default-src 'self'\" always;　"
        "Apache：Header always set Content-Security-Policy \"default-src 'self'\"　"
        "Tomcat：在应用的 Filter 中设置该响应头　"
        "IIS：在 web.config 的 <httpProtocol><customHeaders> 中添加。",
        "Watch it as Content-Security-Policy-Report-Only first, then enforce it. "
        "nginx: add_header Content-Security-Policy \"default-src 'self'\" always; "
        "Apache: Header always set Content-Security-Policy \"default-src 'self'\"; "
        "Tomcat: set it in a filter of the application; "
        "IIS: add it under <httpProtocol><customHeaders> in web.config.",
    ),
    severity=Severity.LOW,
    duties=("intrusion_protection",),
    needs=(HttpFacts,),
    basis=Basis.HTTP,
    outcomes={
        "missing": Declared(
            status=Status.WARN,
            severity=Severity.LOW,
            detail=Text("响应中没有 Content-Security-Policy。", "The answer has no Content-Security-Policy."),
        ),
        "report_only": Declared(
            status=Status.WARN,
            severity=Severity.LOW,
            detail=Text(
                "只有 Content-Security-Policy-Report-Only：浏览器只上报，不拦截。",
                "There is only Content-Security-Policy-Report-Only: browsers report, and block nothing.",
            ),
        ),
        "present": Declared(
            status=Status.PASS,
            detail=Text("Content-Security-Policy：{value}", "Content-Security-Policy: {value}"),
        ),
    },
    evaluate=evaluate,
    applies=shows_page,
    references=(
        Reference("W3C Content Security Policy Level 3", "https://www.w3.org/TR/CSP3/"),
        Reference("OWASP Secure Headers Project", "https://owasp.org/www-project-secure-headers/"),
    ),
)
