"""HTTP: the home page, what its answer says, and a few well-known paths; GET and OPTIONS alone.

Redirects are followed only to the same pinned address. A redirect to anywhere else is recorded and not followed: no
packet leaves for it. A server that turns us away, or fails twice running, is asked nothing more.
"""

from __future__ import annotations

import asyncio
import contextvars
import re
import secrets
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from urllib.parse import urljoin, urlsplit

from scanner.errors import PeerTimeout, PolicyRefusal, Stopped, TargetError, Throttled
from scanner.facts import CookieFacts, Endpoint, HttpFacts, PathFacts, ProbeError, RedirectFacts, ServiceFacts
from scanner.http_page import Page, error_detail, error_software
from scanner.http_paths import PATHS, WellKnownPath, named_backup, source_map
from scanner.http_session import Answer, HttpSession
from scanner.ledger import timestamp
from scanner.probes import Session, probe_error
from scanner.text import printable

_SECONDS = 120.0
"""After so long no further request is begun; one under way is bounded by its connection."""
_PAGE = 1 << 20
"""Bytes read of a home page: filing numbers stand at its end."""
_REDIRECTS = 5
_LEADING = 16384
"""Bytes within which a page that only leads on ends."""
_URL = 2000
_COOKIES = 30
_HEADERS = 60
_LONG_HEADERS = {"content-security-policy": 4096}
"""Characters kept of headers that are judged to their end; others are cut as all text is."""
_SESSION = re.compile(r"sess|(?:^|[._-])s?id$|token|auth|login|jwt|passport|ticket", re.IGNORECASE)
_NOT_SESSION = re.compile(r"csrf|xsrf", re.IGNORECASE)
"""Tokens that scripts are meant to read, and that nobody is logged in by."""
_FOREIGN = "https://zijian.invalid"
"""An origin that no site can trust (RFC 6761 §6.4)."""

_POOL = ThreadPoolExecutor(max_workers=32, thread_name_prefix="zijian-http")
_ENDING = 5.0
"""Seconds that a thread is given to end after its connection was shut."""


@dataclass(slots=True)
class _Visit:
    """One probe run's findings while they are gathered, in a thread of its own."""

    session: Session
    service: ServiceFacts
    redirects: list[RedirectFacts] = field(default_factory=list)
    errors: list[ProbeError] = field(default_factory=list)
    _sessions: list[HttpSession] = field(default_factory=list)
    _deadline: float = 0.0
    _aborted: bool = False
    _turned_away: bool = False
    _scripts: tuple[str, ...] = ()
    _failures: int = 0
    """Reads in a row that gave no answer."""

    def gather(self) -> HttpFacts:
        """Everything; see :meth:`HttpProbe.run`."""
        self._deadline = time.monotonic() + _SECONDS
        with self._opened(self.service.endpoint, https=self.service.tls, purpose="http") as http:
            first = http.get("/", limit=_PAGE)
            final = self._follow(http, first)
            facts = self._describe(first, final)
            self._notice(http, "GET /", final)
            facts = self._methods(http, facts)
            facts = self._origin(http, facts, _path(final.url) if _same_port(final.url, first.url) else "/")
            facts = self._paths(http, facts)
            facts = self._source_maps(http, facts)
            # Last, as there are gateways that turn away whoever asks by this method.
            facts = self._trace(http, facts)
        facts = self._https_beside(facts)
        return replace(facts, redirects=tuple(self.redirects), errors=tuple(self.errors))

    def abort(self) -> None:
        """End the visit, from the event loop's thread."""
        self._aborted = True
        for http in tuple(self._sessions):
            http.abort()

    @contextmanager
    def _opened(self, endpoint: Endpoint, *, https: bool, purpose: str) -> Iterator[HttpSession]:
        with HttpSession(self.session, endpoint, https=https, purpose=purpose) as http:
            self._sessions.append(http)
            if self._aborted:
                raise Stopped("the probe was given up", kind="stopped")
            yield http
            self._sessions.remove(http)

    # ------------------------------------------------------------------ redirects

    def _follow(self, http: HttpSession, answer: Answer) -> Answer:
        """The last answer that the allowed redirects lead to."""
        seen = {answer.url}
        while location := _leads_to(answer):
            target = _redirect_target(answer.url, location)
            reason = self._refusal(target, seen)
            if reason is None and len(self.redirects) >= _REDIRECTS:
                reason = "too_many"
            self.redirects.append(
                RedirectFacts(
                    status=answer.status,
                    location=printable(location, 500),
                    followed=reason is None,
                    reason=reason,
                )
            )
            if reason is not None or target is None:
                break
            seen.add(target)
            try:
                answer = self._get(http, target)
            except TargetError as error:
                self.errors.append(probe_error("redirect", error))
                break
        return answer

    def _get(self, http: HttpSession, url: str) -> Answer:
        """The answer of another page of the pinned address."""
        if time.monotonic() > self._deadline:
            raise PeerTimeout(f"not done after {_SECONDS:g} s", kind="timeout")
        endpoint, https = self._pinned(url)
        if endpoint == http.endpoint and https == http.https:
            return http.get(_path(url), limit=_PAGE)
        # One connection at a time: holding one while waiting for another could stop both.
        http.close()
        with self._opened(endpoint, https=https, purpose="http: redirect") as other:
            return other.get(_path(url), limit=_PAGE)

    def _pinned(self, url: str) -> tuple[Endpoint, bool]:
        parts = urlsplit(url)
        https = parts.scheme == "https"
        return replace(self.service.endpoint, port=parts.port or (443 if https else 80)), https

    def _refusal(self, url: str | None, seen: set[str]) -> str | None:
        """Why a redirect is not followed, or None when it may be."""
        if url is None:
            return "not_http"
        if url in seen:
            return "loop"
        endpoint = self.service.endpoint
        if urlsplit(url).hostname not in {(endpoint.name or "").rstrip(".").lower(), endpoint.ip} - {""}:
            return "out_of_scope"
        target, _ = self._pinned(url)
        try:
            self.session.door.check(target.ip, target.port, "tcp", "http: redirect")
        except PolicyRefusal:
            return "out_of_scope"
        return None

    # ------------------------------------------------------------------ the page

    def _describe(self, first: Answer, final: Answer) -> HttpFacts:
        https = final.url.startswith("https://")
        headers: dict[str, str] = {}
        for name, value in final.headers:
            # Cookies are told apart, without their values.
            if name != "set-cookie" and (name in headers or len(headers) < _HEADERS):
                headers[name] = f"{headers[name]}, {value}" if name in headers else value
        # What another port sets is told of that port.
        answers = (first,) if first is final or not _same_port(final.url, first.url) else (first, final)
        facts = HttpFacts(
            status=final.status,
            url=printable(first.url, _URL),
            final_url=printable(final.url, _URL),
            https=https,
            headers={
                printable(name, 128): printable(value, _LONG_HEADERS.get(name, 1024))
                for name, value in headers.items()
            },
            cookies=tuple(_cookies(text for answer in answers for text in answer.values("set-cookie"))),
            server=printable(final.header("server"), 200),
            truncated=final.truncated,
        )
        content_type = final.header("content-type")
        if final.broken is not None:
            message = f"the page broke off: {final.broken}"
            self.errors.append(ProbeError(step="page", kind=final.broken, message=message))
        if not final.body or (content_type and "html" not in content_type.lower()):
            return facts
        page = Page(final.body, content_type, final.url)
        # Another port's scripts are that port's to ask for.
        self._scripts = page.scripts if _same_port(final.url, first.url) else ()
        return replace(
            facts,
            title=page.title,
            directory_listing=page.directory_listing,
            login_form=page.login_form,
            login_action=page.login_action,
            meta=page.meta,
            truncated=final.truncated or not page.whole,
            mixed_content=page.insecure_sources if https else (),
            default_page=page.default_page,
            software=page.software,
            error_detail=error_detail(page.text, final.status),
            filing=page.filing,
        )

    # ------------------------------------------------------------------ further reads

    def _methods(self, http: HttpSession, facts: HttpFacts) -> HttpFacts:
        answer = self._ask(http, "OPTIONS", "/")
        allow = answer.header("allow") if answer is not None else ""
        methods = tuple(printable(part.strip().upper(), 20) for part in allow.split(",") if part.strip())[:20]
        return replace(facts, methods=methods)

    def _trace(self, http: HttpSession, facts: HttpFacts) -> HttpFacts:
        # A safe method (RFC 9110 §9.2.1): what comes back is our own request, and nothing secret is in it.
        token = secrets.token_hex(8)
        echo = self._ask(http, "TRACE", "/", {"X-Zijian": token})
        trace = None if echo is None else 200 <= echo.status < 300 and token.encode() in echo.body
        return replace(facts, trace=trace)

    def _origin(self, http: HttpSession, facts: HttpFacts, path: str) -> HttpFacts:
        answer = self._ask(http, "GET", path, {"Origin": _FOREIGN})
        if answer is None:
            return facts
        reflects, credentials = _lets_in(answer, _FOREIGN)
        facts = replace(facts, cors_reflects_origin=reflects, cors_credentials=credentials)
        if reflects or (nothing := self._ask(http, "GET", path, {"Origin": "null"})) is None:
            return facts
        # What any page in a sandboxed frame calls itself (WHATWG HTML, opaque origins).
        lets_in, credentials = _lets_in(nothing, "null")
        return replace(facts, cors_null_origin=lets_in, cors_null_credentials=credentials)

    def _paths(self, http: HttpSession, facts: HttpFacts) -> HttpFacts:
        # A path that is nowhere, and this scan's alone: it stands in the server's log.
        path = f"/zijian-{self.session.nonce}"
        asked = timestamp()
        nowhere = self._ask(http, "GET", path, limit=16384)
        self.session.door.ledger.append(
            "mark", of=http.seq, asked=asked, mark=path, answered=nowhere is not None
        )
        after_the_site = named_backup(self.service.endpoint.name)
        found = self._read(http, (*PATHS, after_the_site) if after_the_site else PATHS)
        catch_all = None if nowhere is None else 200 <= nowhere.status < 300
        if nowhere is not None:
            text = Page(nowhere.body, nowhere.header("content-type"), nowhere.url).text
            facts = replace(
                facts,
                error_detail=facts.error_detail or error_detail(text, nowhere.status),
                error_software=error_software(text) if nowhere.status >= 400 else None,
            )
        return replace(facts, paths=found, catch_all=catch_all)

    def _source_maps(self, http: HttpSession, facts: HttpFacts) -> HttpFacts:
        maps = tuple(WellKnownPath(f"{script}.map", source_map, 512) for script in self._scripts)
        return replace(facts, source_maps=self._read(http, maps))

    def _read(self, http: HttpSession, paths: Iterable[WellKnownPath]) -> dict[str, PathFacts]:
        found: dict[str, PathFacts] = {}
        for known in paths:
            # Of large files only the start is asked for; coded bytes would hide what it looks like.
            headers = {"Range": f"bytes=0-{known.bytes - 1}", "Accept-Encoding": "identity"}
            answer = self._ask(
                http, "GET", known.path, headers if known.bytes <= 512 else {}, limit=known.bytes
            )
            if answer is not None:
                found[known.path] = _path_facts(known, answer)
        return found

    def _https_beside(self, facts: HttpFacts) -> HttpFacts:
        """Whether there is HTTPS at all, where port 80 gives content and leads nowhere."""
        endpoint = self.service.endpoint
        content = facts.status is not None and 200 <= facts.status < 300
        if (
            self.service.tls
            or endpoint.port != 80
            or facts.https
            or facts.redirects
            or not content
            or self._turned_away
        ):
            return facts
        try:
            self.session.door.check(endpoint.ip, 443, "tcp", "http: is there https")
            with self._opened(
                replace(endpoint, port=443), https=True, purpose="http: is there https"
            ) as other:
                other.request("HEAD", "/")
        except PolicyRefusal:
            return facts
        except TargetError as error:
            if _told_by(error) is None:
                self.errors.append(probe_error("https", error))
            return replace(facts, https_offered=_told_by(error))
        return replace(facts, https_offered=True)

    def _ask(
        self,
        http: HttpSession,
        method: str,
        path: str,
        headers: dict[str, str] | None = None,
        *,
        limit: int = 4096,
    ) -> Answer | None:
        """One further read, or None; what goes wrong is noted."""
        if self._turned_away:
            return None
        step = printable(f"{method} {path}", 200)
        try:
            if time.monotonic() > self._deadline:
                raise PeerTimeout(f"not done after {_SECONDS:g} s; nothing more is asked", kind="timeout")
            answer = http.request(method, path, headers, limit=limit)
        except TargetError as error:
            self.errors.append(probe_error(step, error))
            self._failures += 1
            if self._failures >= 2 or error.kind in ("timeout", "throttled"):
                self._turned_away = True
            return None
        self._failures = 0
        self._notice(http, step, answer)
        return answer

    def _notice(self, http: HttpSession, step: str, answer: Answer) -> None:
        """Ask nothing more of a server that says it has had enough (RFC 6585 §4, RFC 9110 §15.6.4)."""
        if answer.status == 429 or (answer.status == 503 and answer.header("retry-after")):
            message = f"{http.origin} answered {answer.status}: it asks us to come back later"
            self.errors.append(probe_error(step, Throttled(message)))
            self._turned_away = True


def _leads_to(answer: Answer) -> str:
    """Where an answer sends the reader: by a redirect, or as a page that only leads on; empty where it does not."""
    if 300 <= answer.status < 400:
        return answer.header("location")
    content_type = answer.header("content-type")
    if not 200 <= answer.status < 300 or b"refresh" not in answer.body[:_LEADING].lower():
        return ""
    if content_type and "html" not in content_type.lower():
        return ""
    return Page(answer.body[:_LEADING], content_type, answer.url).leads_on or ""


def _told_by(error: TargetError) -> bool | None:
    """What trouble with port 443 says of TLS there."""
    if error.kind in ("refused", "not_tls"):
        return False
    return True if error.kind.startswith("alert:") else None


def _lets_in(answer: Answer, origin: str) -> tuple[bool, bool]:
    """Whether scripts of ``origin`` may read the answer, and whether with the visitor's credentials."""
    return (
        answer.header("access-control-allow-origin") == origin,
        answer.header("access-control-allow-credentials").lower() == "true",
    )


def _path_facts(known: WellKnownPath, answer: Answer) -> PathFacts:
    proof = known.shape(answer.body) if answer.status in (200, 206) else None
    length = answer.header("content-length")
    return PathFacts(
        status=answer.status,
        content_type=printable(answer.header("content-type"), 100),
        length=int(length) if length.isascii() and length.isdigit() and len(length) < 16 else None,
        matched=proof is not None,
        proof=proof or "",
    )


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
    if len(url) > _URL or any(ord(char) <= 0x20 or ord(char) > 0x7E for char in url):
        return None
    return url.partition("#")[0]


def _path(url: str) -> str:
    parts = urlsplit(url)
    return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")


def _same_port(one: str, other: str) -> bool:
    """Whether two addresses, both of the pinned host, have the same scheme and port."""
    first, second = (urlsplit(url) for url in (one, other))
    usual = {"http": 80, "https": 443}
    return first.scheme == second.scheme and (first.port or usual.get(first.scheme)) == (
        second.port or usual.get(second.scheme)
    )


def _cookies(raw: Iterable[str]) -> Iterator[CookieFacts]:
    """Cookies that are set (RFC 6265 §5.2), not those that are taken back; values are looked at for emptiness only."""
    seen: set[str] = set()
    for text in raw:
        pair, *rest = text.split(";")
        name, equals, value = pair.partition("=")
        attributes = {
            key.strip().lower(): given.strip()
            for key, _, given in (part.partition("=") for part in rest[:20])
        }
        shown = printable(name.strip(), 100)
        taken_back = not value.strip() or attributes.get("max-age", "").lstrip("-") == "0"
        if not equals or not shown or taken_back or shown in seen or len(seen) >= _COOKIES:
            continue
        seen.add(shown)
        yield CookieFacts(
            name=shown,
            secure="secure" in attributes,
            http_only="httponly" in attributes,
            same_site=printable(attributes.get("samesite", ""), 20) or None,
            session_like=bool(_SESSION.search(shown)) and not _NOT_SESSION.search(shown),
        )


class HttpProbe:
    """See :class:`scanner.probes.Probe`."""

    name = "http"
    per_name = True
    max_connections = 2 * (len(PATHS) + 9) + _REDIRECTS + 1
    """When a server closes, or breaks, after each answer; with keep-alive one or two."""

    def applies(self, service: ServiceFacts) -> bool:
        """On anything that speaks HTTP."""
        return service.protocol == "http" and service.endpoint.transport == "tcp"

    async def run(self, session: Session, service: ServiceFacts) -> HttpFacts:
        """Gather the facts in a thread, since requests blocks; when cancelled, its connection is shut at once.

        :raises TargetError: the home page gave no answer.
        """
        visit = _Visit(session, service)
        # The context carries the list that the ledger numbers of this run go to.
        work = session.loop.run_in_executor(_POOL, contextvars.copy_context().run, visit.gather)
        try:
            return await asyncio.shield(work)
        except asyncio.CancelledError:
            visit.abort()
            work.add_done_callback(lambda done: done.cancelled() or done.exception())
            await asyncio.wait({work}, timeout=_ENDING)
            raise


PROBE = HttpProbe()
