"""The page may be framed by any other site.

How it is seen: frame-ancestors in Content-Security-Policy, and X-Frame-Options, of the final answer.
How it is judged: as browsers do: frame-ancestors decides where there is one, else X-Frame-Options with DENY
or SAMEORIGIN; ALLOW-FROM is ignored by browsers and protects nothing. frame-ancestors has no effect in a meta
element.
What it cannot show: whether the page has anything worth clicking on.
"""

from __future__ import annotations

from collections.abc import Iterable

from checks.model import Basis, Outcome, Reference, Rule, Settings, Severity, Text
from checks.web.page import header_evidence, header_outcomes, shows_page
from scanner.facts import HttpFacts, ServiceFacts

_CSP, _XFO = "content-security-policy", "x-frame-options"
_ANY_SITE = {"*", "http:", "https:", "http://*", "https://*"}


def evaluate(service: ServiceFacts, settings: Settings) -> Iterable[Outcome]:
    """Judge frame-ancestors where there is one, else X-Frame-Options."""
    facts = service.need(HttpFacts)
    ancestors = _ancestors(facts.headers.get(_CSP, ""))
    options = facts.headers.get(_XFO, "").strip()
    if ancestors:
        guarded = any(not _ANY_SITE.intersection(sources) for sources in ancestors)
        value = "; ".join(" ".join(("frame-ancestors", *sources)) for sources in ancestors)
    else:
        guarded = any(part.strip().lower() in {"deny", "sameorigin"} for part in options.split(","))
        value = options
    name = "present" if guarded else "ineffective" if value else "missing"
    yield Outcome(name, {"value": value}, header_evidence(facts, _XFO, _CSP))


def _ancestors(policies: str) -> list[list[str]]:
    """Sources of frame-ancestors in each of the policies; only the first such directive of a policy counts."""
    found: list[list[str]] = []
    for policy in policies.split(","):
        directives = [words for part in policy.lower().split(";") if (words := part.split())]
        found += [words[1:] for words in directives if words[0] == "frame-ancestors"][:1]
    return found


RULE = Rule(
    id="web/frame-protection-missing",
    title=Text("页面可被任意网站嵌入", "The page may be framed by any site"),
    rationale=Text(
        "恶意网站可以把页面嵌入其中并加以遮盖，诱使用户在不知情时点击（点击劫持）。",
        "A malicious site can frame the page, cover it, and trick users into clicking it (clickjacking).",
    ),
    remediation=Text(
        "nginx：add_header X-Frame-Options SAMEORIGIN always;　Apache：Header always set X-Frame-Options SAMEORIGIN　"
        "Tomcat：在 web.xml 启用 HttpHeaderSecurityFilter，antiClickJackingOption 设为 SAMEORIGIN　"
        "IIS：在 customHeaders 中添加 X-Frame-Options。已有 CSP 的，加上 frame-ancestors 'self'。",
        "nginx: add_header X-Frame-Options SAMEORIGIN always; Apache: Header always set X-Frame-Options SAMEORIGIN; "
        "Tomcat: HttpHeaderSecurityFilter in web.xml with antiClickJackingOption SAMEORIGIN; IIS: X-Frame-Options in "
        "customHeaders. Where there is a CSP, add frame-ancestors 'self'.",
    ),
    severity=Severity.LOW,
    duties=("intrusion_protection",),
    needs=(HttpFacts,),
    basis=Basis.HTTP,
    outcomes=header_outcomes(
        "X-Frame-Options / frame-ancestors", "SAMEORIGIN, DENY / frame-ancestors 'self'", Severity.LOW
    ),
    evaluate=evaluate,
    applies=shows_page,
    references=(
        Reference("RFC 7034", "https://www.rfc-editor.org/rfc/rfc7034"),
        Reference(
            "W3C CSP Level 3, frame-ancestors", "https://www.w3.org/TR/CSP3/#directive-frame-ancestors"
        ),
    ),
)
