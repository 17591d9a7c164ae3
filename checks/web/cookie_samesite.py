"""A session cookie lacks the SameSite attribute.

How it is seen: Set-Cookie of the home page and of what it redirects from; values are never stored.
How it is judged: cookies whose name looks like a session or login. SameSite=None is said out loud and is
information only: single sign-on may need it; without Secure it is refused by browsers, which is a weakness.
What it cannot show: whether forms are guarded by tokens of their own.
"""

from __future__ import annotations

from collections.abc import Iterable

from checks.model import Basis, Declared, Outcome, Reference, Rule, Settings, Severity, Status, Text
from checks.web.cookies import (
    COOKIE_MEND,
    COOKIE_REFERENCES,
    cookie_evidence,
    cookie_outcomes,
    judge_cookies,
)
from scanner.facts import HttpFacts, ServiceFacts

_KNOWN = {"strict", "lax", "none"}


def _value(same_site: str | None) -> str:
    return (same_site or "").strip().lower()


def evaluate(service: ServiceFacts, settings: Settings) -> Iterable[Outcome]:
    """Look at cookies that look like a session; a value that browsers do not know counts as none."""
    sessions = [cookie for cookie in service.need(HttpFacts).cookies if cookie.session_like]
    crossing = [cookie for cookie in sessions if _value(cookie.same_site) == "none"]
    dropped = [cookie.name for cookie in crossing if not cookie.secure]
    if dropped:
        yield Outcome("none_insecure", {"names": ", ".join(dropped)}, cookie_evidence(sessions))
    elif crossing and all(_value(cookie.same_site) in _KNOWN for cookie in sessions):
        names = ", ".join(cookie.name for cookie in crossing)
        yield Outcome("cross_site", {"names": names}, cookie_evidence(sessions))
    else:
        yield from judge_cookies(service, lambda cookie: _value(cookie.same_site) in _KNOWN)


RULE = Rule(
    id="web/cookie-samesite",
    title=Text("会话 Cookie 缺少 SameSite 属性", "A session cookie lacks the SameSite attribute"),
    rationale=Text(
        "没有 SameSite 属性时，其他网站发起的请求在部分浏览器中会带上用户的会话，可能被用来冒用户之名操作（跨站请求伪造）。",
        "Without SameSite, requests begun by other sites carry the user's session in some browsers, and may act in the "
        "user's name (cross-site request forgery).",
    ),
    remediation=COOKIE_MEND,
    severity=Severity.LOW,
    duties=("intrusion_protection", "personal_information"),
    needs=(HttpFacts,),
    basis=Basis.HTTP,
    outcomes={
        **cookie_outcomes("SameSite", Severity.LOW),
        "none_insecure": Declared(
            status=Status.WARN,
            severity=Severity.LOW,
            detail=Text(
                "会话 Cookie {names} 设为 SameSite=None 而没有 Secure；现在的浏览器不接受，较早的浏览器会随跨站请求和明文请求发送。",
                "Session cookies {names} have SameSite=None without Secure: current browsers refuse them, and older ones send "
                "them with requests begun by other sites and in clear text.",
            ),
        ),
        "cross_site": Declared(
            status=Status.INFO,
            detail=Text(
                "会话 Cookie {names} 设为 SameSite=None，其他网站发起的请求也会带上；单点登录等确需跨站使用的除外，应改为 Lax。",
                "Session cookies {names} have SameSite=None and go with requests begun by other sites; use Lax unless "
                "something such as single sign-on needs it.",
            ),
        ),
    },
    evaluate=evaluate,
    references=(
        *COOKIE_REFERENCES,
        Reference(
            "RFC 6265bis, SameSite",
            "https://datatracker.ietf.org/doc/html/draft-ietf-httpbis-rfc6265bis#section-5.6.7",
        ),
    ),
)
