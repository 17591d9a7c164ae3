"""HTTP: the home page, what its answer says, and a few well-known paths; GET and OPTIONS alone.

Redirects are followed only to the same pinned address. A redirect to anywhere else is recorded and not followed: no
packet leaves for it.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from http.cookies import CookieError, SimpleCookie
from urllib.parse import urljoin, urlsplit

from scanner.errors import PolicyRefusal, TargetError, Throttled
from scanner.facts import CookieFacts, Endpoint, HttpFacts, PathFacts, ProbeError, RedirectFacts, ServiceFacts
from scanner.http_page import Page
from scanner.http_paths import PATHS
from scanner.http_session import Answer, HttpSession
from scanner.probes import Session, probe_error
from scanner.text import printable

_REDIRECTS = 5
_COOKIES = 30
_SESSION_MARKS = ("sess", "sid", "token", "auth", "login", "jwt", "passport", "ticket")
_FOREIGN = "https://zijian.invalid"
"""An origin that no site can trust (RFC 6761 §6.4)."""


@dataclass(slots=True)
class _Visit:
    """One probe run's findings while they are gathered."""

    session: Session
    service: ServiceFacts
    redirects: list[RedirectFacts] = field(default_factory=list)
    errors: list[ProbeError] = field(default_factory=list)

    def gather(self) -> HttpFacts:
        """Everything, in a thread; see :meth:`HttpProbe.run`."""
        endpoint, https = self.service.endpoint, self.service.tls
        with HttpSession(self.session, endpoint, https=https) as http:
            first = http.get("/")
            final, ended = self._follow(http, first)
            facts = self._describe(first, final, https=ended)
            if final.url.startswith(http.origin):
                facts = self._paths(http, self._origin(http, self._methods(http, facts)))
        return replace(facts, redirects=tuple(self.redirects), errors=tuple(self.errors))

    def _follow(self, http: HttpSession, answer: Answer) -> tuple[Answer, bool]:
        """The last answer that the allowed redirects lead to, and whether it came over https."""
        seen = {answer.url}
        https = http.https
        while 300 <= answer.status < 400 and (location := answer.header("location")):
            target = _redirect_target(answer.url, location)
            reason = self._refusal(target, seen)
            if reason is None and target is not None and len(self.redirects) < _REDIRECTS:
                self.redirects.append(RedirectFacts(status=answer.status, location=location, followed=True))
                endpoint, over_tls, path = self._pinned(target)
                seen.add(target)
                try:
                    if endpoint == http.endpoint and over_tls == http.https:
                        answer = http.get(path)
                    else:
                        # One connection at a time: holding one while waiting for another could stop both.
                        http.close()
                        with HttpSession(
                            self.session, endpoint, https=over_tls, purpose="http: redirect"
                        ) as other:
                            answer = other.get(path)
                except TargetError as error:
                    self.errors.append(probe_error("redirect", error))
                    break
                https = over_tls
                continue
            stopped = reason or "too_many"
            self.redirects.append(
                RedirectFacts(status=answer.status, location=location, followed=False, reason=stopped)
            )
            break
        return answer, https

    def _pinned(self, url: str) -> tuple[Endpoint, bool, str]:
        parts = urlsplit(url)
        https = parts.scheme == "https"
        port = parts.port or (443 if https else 80)
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        return replace(self.service.endpoint, port=port), https, path

    def _refusal(self, url: str | None, seen: set[str]) -> str | None:
        """Why a redirect is not followed, or None when it may be."""
        if url is None:
            return "not_http"
        if url in seen:
            return "loop"
        endpoint = self.service.endpoint
        if urlsplit(url).hostname not in {endpoint.name, endpoint.ip} - {None}:
            return "out_of_scope"
        target, _, _ = self._pinned(url)
        try:
            self.session.door.check(target.ip, target.port, "tcp", "http: redirect")
        except PolicyRefusal:
            return "out_of_scope"
        return None

    def _describe(self, first: Answer, final: Answer, *, https: bool) -> HttpFacts:
        headers: dict[str, str] = {}
        for name, value in final.headers:
            headers[name] = f"{headers[name]}, {value}" if name in headers else value
        raw_cookies = [
            value
            for answer in {first.url: first, final.url: final}.values()
            for value in _values(answer, "set-cookie")
        ]
        headers.pop("set-cookie", None)
        facts = HttpFacts(
            status=final.status,
            url=first.url,
            final_url=printable(final.url, 500),
            https=https,
            headers={name: printable(value) for name, value in headers.items()},
            cookies=tuple(_cookies(raw_cookies)),
            server=printable(final.header("server"), 200),
        )
        content_type = final.header("content-type")
        if not final.body or (content_type and "html" not in content_type.lower()):
            return facts
        page = Page(final.body, content_type, final.url)
        return replace(
            facts,
            title=page.title,
            directory_listing=page.directory_listing,
            login_form=page.login_form,
            mixed_content=page.mixed_content if https else (),
            default_page=page.default_page,
            filing=page.filing,
        )

    def _methods(self, http: HttpSession, facts: HttpFacts) -> HttpFacts:
        answer = self._ask(http, "OPTIONS", "/")
        allow = answer.header("allow") if answer is not None else ""
        methods = tuple(printable(part.strip().upper(), 20) for part in allow.split(",") if part.strip())[:20]
        return replace(facts, methods=methods)

    def _origin(self, http: HttpSession, facts: HttpFacts) -> HttpFacts:
        answer = self._ask(http, "GET", "/", {"Origin": _FOREIGN})
        if answer is None:
            return facts
        return replace(
            facts,
            cors_reflects_origin=answer.header("access-control-allow-origin") == _FOREIGN,
            cors_credentials=answer.header("access-control-allow-credentials").lower() == "true",
        )

    def _paths(self, http: HttpSession, facts: HttpFacts) -> HttpFacts:
        nowhere = self._ask(http, "GET", f"/zijian-{secrets.token_hex(6)}", limit=4096)
        found: dict[str, PathFacts] = {}
        for known in PATHS:
            if any(error.kind == "throttled" for error in self.errors):
                break
            headers = {"Range": f"bytes=0-{known.bytes - 1}"} if known.bytes <= 512 else {}
            answer = self._ask(http, "GET", known.path, headers, limit=known.bytes)
            if answer is None:
                continue
            proof = known.shape(answer.body) if answer.status in (200, 206) else None
            length = answer.header("content-length")
            found[known.path] = PathFacts(
                status=answer.status,
                content_type=printable(answer.header("content-type"), 100),
                length=int(length) if length.isascii() and length.isdigit() and len(length) < 16 else None,
                matched=proof is not None,
                proof=proof or "",
            )
        catch_all = None if nowhere is None else nowhere.status == 200
        return replace(facts, paths=found, catch_all=catch_all)

    def _ask(
        self,
        http: HttpSession,
        method: str,
        path: str,
        headers: dict[str, str] | None = None,
        *,
        limit: int = 4096,
    ) -> Answer | None:
        """One further read; what goes wrong is noted, and a server that turns us away is not asked again."""
        if any(error.kind in {"throttled", "timeout"} for error in self.errors):
            return None
        try:
            answer = http.request(method, path, headers, limit=limit)
        except TargetError as error:
            self.errors.append(probe_error(f"{method} {path}", error))
            return None
        if answer.status == 429 or (answer.status == 503 and answer.header("retry-after")):
            turned_away = Throttled(f"{http.origin} answered {answer.status}: it asks us to come back later")
            self.errors.append(probe_error(f"{method} {path}", turned_away))
            return None
        return answer


def _redirect_target(base: str, location: str) -> str | None:
    """The absolute http(s) URL of a redirect, without its fragment; None when it is no such thing."""
    try:
        url = urljoin(base, location)
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.hostname or parts.username is not None:
            return None
        if parts.port is not None and not 1 <= parts.port <= 65535:
            return None
    except ValueError:
        return None
    if any(ord(char) <= 0x20 or ord(char) > 0x7E for char in url):
        return None
    return url.partition("#")[0]


def _values(answer: Answer, name: str) -> list[str]:
    return [value for key, value in answer.headers if key == name]


def _cookies(raw: Iterable[str]) -> Iterable[CookieFacts]:
    seen: set[str] = set()
    for text in raw:
        parsed: SimpleCookie = SimpleCookie()
        head, _, attributes = text.partition(";")
        name = head.partition("=")[0].strip()
        try:
            # The value never enters the parser, let alone the facts.
            parsed.load(f"{name}=x;{attributes}")
        except CookieError:
            continue
        for key, morsel in parsed.items():
            shown = printable(key, 100)
            if shown in seen or len(seen) >= _COOKIES:
                continue
            seen.add(shown)
            yield CookieFacts(
                name=shown,
                secure=bool(morsel["secure"]),
                http_only=bool(morsel["httponly"]),
                same_site=printable(str(morsel["samesite"]), 20) or None,
                session_like=any(mark in key.lower() for mark in _SESSION_MARKS),
            )


class HttpProbe:
    """See :class:`scanner.probes.Probe`."""

    name = "http"
    per_name = True
    max_connections = 2 * (len(PATHS) + 4) + _REDIRECTS
    """When a server closes after each answer; with keep-alive one or two."""

    def applies(self, service: ServiceFacts) -> bool:
        """On anything that speaks HTTP."""
        return service.protocol == "http" and service.endpoint.transport == "tcp"

    async def run(self, session: Session, service: ServiceFacts) -> HttpFacts:
        """Gather the facts in a thread, since requests blocks.

        :raises TargetError: the home page gave no answer.
        """
        return await asyncio.to_thread(_Visit(session, service).gather)


PROBE = HttpProbe()
