"""The page may be framed by any other site.

How it is seen: X-Frame-Options, or frame-ancestors in Content-Security-Policy. How it is judged: neither is a weakness.
What it cannot show: whether the page has anything worth clicking on.
"""

from __future__ import annotations

from collections.abc import Iterable

from checks.model import Basis, Declared, Outcome, Reference, Rule, Settings, Severity, Status, Text
from checks.web.page import header, is_page
from scanner.facts import HttpFacts, ServiceFacts


def evaluate(service: ServiceFacts, settings: Settings) -> Iterable[Outcome]:
    """Look for either header."""
    facts = service.need(HttpFacts)
    policy = facts.headers.get("content-security-policy", "").lower()
    guarded = "x-frame-options" in facts.headers or "frame-ancestors" in policy
    evidence = header(facts, "x-frame-options") + header(facts, "content-security-policy")
    yield Outcome("present" if guarded else "missing", {}, evidence)


RULE = Rule(
    id="web/frame-protection-missing",
    title=Text("页面可被任意网站嵌入", "The page may be framed by any site"),
    rationale=Text(
        "页面可被嵌入恶意网站，诱使用户在不知情时点击（点击劫持）。",
        "Another site can frame the page and trick users into clicking it (clickjacking).",
    ),
    remediation=Text(
        "nginx：add_header X-Frame-Options SAMEORIGIN always; 或在 CSP 中设置 frame-ancestors "
        "'self'。Apache：Header always set X-Frame-Options SAMEORIGIN　Tomcat：启用 "
        "HttpHeaderSecurityFilter。",
        "nginx: add_header X-Frame-Options SAMEORIGIN always; or frame-ancestors 'self' in the "
        "CSP. Apache: Header always set X-Frame-Options SAMEORIGIN; Tomcat: "
        "HttpHeaderSecurityFilter.",
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
                "既没有 X-Frame-Options，也没有 frame-ancestors。",
                "There is neither X-Frame-Options nor frame-ancestors.",
            ),
        ),
        "present": Declared(status=Status.PASS, detail=Text("已限制嵌入。", "Framing is restricted.")),
    },
    evaluate=evaluate,
    applies=is_page,
    references=(Reference("RFC 7034", "https://www.rfc-editor.org/rfc/rfc7034"),),
)
