"""A session cookie set over https lacks the Secure attribute.

How it is seen: Set-Cookie of the home page and of what it redirects from; values are never stored.
How it is judged: cookies whose name looks like a session or login, on sites that end on https.
What it cannot show: cookies set only after a login; what a cookie is really used for.
"""

from __future__ import annotations

from collections.abc import Iterable

from checks.model import Basis, Outcome, Rule, Settings, Severity, Text
from checks.web.cookies import COOKIE_MEND, COOKIE_REFERENCES, cookie_outcomes, judge_cookies
from scanner.facts import HttpFacts, ServiceFacts


def _https(service: ServiceFacts) -> bool:
    return service.need(HttpFacts).https


def evaluate(service: ServiceFacts, settings: Settings) -> Iterable[Outcome]:
    """Look at cookies that look like a session."""
    return judge_cookies(service, lambda cookie: cookie.secure)


RULE = Rule(
    id="web/insecure-cookie",
    title=Text("会话 Cookie 缺少 Secure 属性", "A session cookie lacks the Secure attribute"),
    rationale=Text(
        "没有 Secure 属性的 Cookie 也会随明文请求发送，在途中被截取后可以冒用用户的登录状态。",
        "A cookie without Secure is sent with clear-text requests too; whoever takes it on the way can act as the user.",
    ),
    remediation=COOKIE_MEND,
    severity=Severity.MEDIUM,
    duties=("intrusion_protection", "personal_information"),
    needs=(HttpFacts,),
    basis=Basis.HTTP,
    outcomes=cookie_outcomes("Secure", Severity.MEDIUM),
    evaluate=evaluate,
    applies=_https,
    references=COOKIE_REFERENCES,
)
