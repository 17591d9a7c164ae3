"""A session cookie lacks the HttpOnly attribute.

How it is seen: Set-Cookie of the home page; values are never stored. How it is judged: cookies whose name looks like a session or login.
What it cannot show: cookies set only after a login.
"""

from __future__ import annotations

from collections.abc import Iterable

from checks.model import Basis, Declared, Evidence, Outcome, Reference, Rule, Settings, Severity, Status, Text
from checks.web.page import is_page
from scanner.facts import HttpFacts, ServiceFacts


def evaluate(service: ServiceFacts, settings: Settings) -> Iterable[Outcome]:
    """Look at cookies that look like a session."""
    facts = service.need(HttpFacts)
    sessions = [cookie for cookie in facts.cookies if cookie.session_like]
    lacking = [cookie.name for cookie in sessions if not cookie.http_only]
    evidence = tuple(
        Evidence(f"http.cookies.{c.name}", f"secure={c.secure} httponly={c.http_only} samesite={c.same_site}")
        for c in sessions
    )
    if not sessions:
        yield Outcome("no_session_cookie")
    else:
        yield Outcome("lacking" if lacking else "set", {"names": ", ".join(lacking)}, evidence)


RULE = Rule(
    id="web/cookie-httponly",
    title=Text("会话 Cookie 缺少 HttpOnly 属性", "A session cookie lacks the HttpOnly attribute"),
    rationale=Text(
        "没有 HttpOnly 属性时，被注入的脚本可以读走会话。",
        "Without HttpOnly an injected script can read the session.",
    ),
    remediation=Text(
        "Java：<cookie-config> 中设置 <secure>、<http-only>；PHP：session.cookie_secure、"
        "session.cookie_httponly、session.cookie_samesite；nginx 反向代理：proxy_cookie_flags "
        "~ secure httponly samesite=lax;",
        "Java: <secure> and <http-only> in <cookie-config>; PHP: session.cookie_secure, "
        "session.cookie_httponly, session.cookie_samesite; nginx as a proxy: "
        "proxy_cookie_flags ~ secure httponly samesite=lax;",
    ),
    severity=Severity.LOW,
    duties=(
        "intrusion_protection",
        "personal_information",
    ),
    needs=(HttpFacts,),
    basis=Basis.HTTP,
    outcomes={
        "lacking": Declared(
            status=Status.WARN,
            severity=Severity.LOW,
            detail=Text(
                "会话 Cookie {names} 没有 HttpOnly 属性。",
                "Session cookies {names} lack the HttpOnly attribute.",
            ),
        ),
        "set": Declared(
            status=Status.PASS,
            detail=Text(
                "会话 Cookie 均有 HttpOnly 属性。", "All session cookies have the HttpOnly attribute."
            ),
        ),
        "no_session_cookie": Declared(
            status=Status.INFO,
            detail=Text(
                "首页没有设置看起来用于会话的 Cookie。",
                "The home page sets no cookie that looks like a session.",
            ),
        ),
    },
    evaluate=evaluate,
    applies=is_page,
    references=(Reference("RFC 6265", "https://www.rfc-editor.org/rfc/rfc6265"),),
)
