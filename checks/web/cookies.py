"""What the rules on session cookies share: which cookies are looked at, and the outcomes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from checks.model import Declared, Evidence, Outcome, Reference, Severity, Status, Text
from scanner.facts import CookieFacts, HttpFacts, ServiceFacts


def judge_cookies(service: ServiceFacts, keeps: Callable[[CookieFacts], bool]) -> Iterable[Outcome]:
    """Yield ``lacking`` for session cookies that do not keep the rule, ``set`` when all do, or ``no_session_cookie``."""
    sessions = [cookie for cookie in service.need(HttpFacts).cookies if cookie.session_like]
    lacking = [cookie.name for cookie in sessions if not keeps(cookie)]
    name = "lacking" if lacking else "set" if sessions else "no_session_cookie"
    yield Outcome(name, {"names": ", ".join(lacking)}, cookie_evidence(sessions))


def cookie_evidence(cookies: Iterable[CookieFacts]) -> tuple[Evidence, ...]:
    """Attributes of the cookies; values are never stored."""
    return tuple(
        Evidence(
            f"http.cookies.{cookie.name}",
            f"secure={cookie.secure} httponly={cookie.http_only} samesite={cookie.same_site or '(absent)'}",
        )
        for cookie in cookies
    )


def cookie_outcomes(attribute: str, severity: Severity) -> Mapping[str, Declared]:
    """The outcomes of :func:`judge_cookies`."""
    return {
        "lacking": Declared(
            status=Status.WARN,
            severity=severity,
            detail=Text(
                f"看起来用于会话的 Cookie {{names}} 没有 {attribute} 属性。",
                f"Cookies that look like a session, {{names}}, lack the {attribute} attribute.",
            ),
        ),
        "set": Declared(
            status=Status.PASS,
            detail=Text(
                f"首页设置的会话 Cookie 均有 {attribute} 属性。",
                f"All session cookies that the home page sets have the {attribute} attribute.",
            ),
        ),
        "no_session_cookie": Declared(
            status=Status.INFO,
            detail=Text(
                "首页没有设置看起来用于会话的 Cookie；登录之后设置的没有检查。",
                "The home page sets no cookie that looks like a session; those set after a login were not examined.",
            ),
        ),
    }


COOKIE_MEND = Text(
    "Java：web.xml 的 <session-config><cookie-config> 中设置 <http-only>true</http-only>、<secure>true</secure>；"
    'Tomcat：context.xml 中 <CookieProcessor sameSiteCookies="lax" />　'
    "PHP：php.ini 中 session.cookie_secure=1、session.cookie_httponly=1、session.cookie_samesite=Lax　"
    "nginx 反向代理：proxy_cookie_flags ~ secure httponly samesite=lax;　"
    'Apache 反向代理：Header edit Set-Cookie ^(.*)$ "$1; Secure; HttpOnly; SameSite=Lax"　'
    'IIS：web.config 中 <httpCookies httpOnlyCookies="true" requireSSL="true" sameSite="Lax" />。',
    "Java: <http-only>true</http-only> and <secure>true</secure> under <session-config><cookie-config> in web.xml; "
    'Tomcat: <CookieProcessor sameSiteCookies="lax" /> in context.xml; '
    "PHP: session.cookie_secure=1, session.cookie_httponly=1, session.cookie_samesite=Lax in php.ini; "
    "nginx as a proxy: proxy_cookie_flags ~ secure httponly samesite=lax; "
    'Apache as a proxy: Header edit Set-Cookie ^(.*)$ "$1; Secure; HttpOnly; SameSite=Lax"; '
    'IIS: <httpCookies httpOnlyCookies="true" requireSSL="true" sameSite="Lax" /> in web.config.',
)

COOKIE_REFERENCES = (
    Reference("RFC 6265 §4.1.2", "https://www.rfc-editor.org/rfc/rfc6265#section-4.1.2"),
    Reference(
        "OWASP Session Management Cheat Sheet",
        "https://cheatsheetseries.owasp.org/cheatsheets/Session_Management_Cheat_Sheet.html",
    ),
)
