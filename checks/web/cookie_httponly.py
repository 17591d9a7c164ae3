"""A session cookie lacks the HttpOnly attribute.

How it is seen: Set-Cookie of the home page and of what it redirects from; values are never stored.
How it is judged: cookies whose name looks like a session or login.
What it cannot show: cookies set only after a login; what a cookie is really used for (some anti-forgery
tokens must be readable by script).
"""

from __future__ import annotations

from collections.abc import Iterable

from checks.model import Basis, Outcome, Rule, Settings, Severity, Text
from checks.web.cookies import COOKIE_MEND, COOKIE_REFERENCES, cookie_outcomes, judge_cookies
from scanner.facts import HttpFacts, ServiceFacts


def evaluate(service: ServiceFacts, settings: Settings) -> Iterable[Outcome]:
    """Look at cookies that look like a session."""
    return judge_cookies(service, lambda cookie: cookie.http_only)


RULE = Rule(
    id="web/cookie-httponly",
    title=Text("会话 Cookie 缺少 HttpOnly 属性", "A session cookie lacks the HttpOnly attribute"),
    rationale=Text(
        "没有 HttpOnly 属性时，页面中被注入的脚本可以读走会话标识，冒用用户的登录状态。",
        "Without HttpOnly, a script injected into the page can read the session and act as the user.",
    ),
    remediation=COOKIE_MEND,
    severity=Severity.LOW,
    duties=("intrusion_protection", "personal_information"),
    needs=(HttpFacts,),
    basis=Basis.HTTP,
    outcomes=cookie_outcomes("HttpOnly", Severity.LOW),
    evaluate=evaluate,
    references=COOKIE_REFERENCES,
)
