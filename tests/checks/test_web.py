"""Web and filing rules on facts alone: every declared outcome."""

from __future__ import annotations

from dataclasses import replace

import pytest

from checks.registry import builtin
from scanner.facts import (
    CookieFacts,
    Endpoint,
    FilingFacts,
    HttpFacts,
    PathFacts,
    RedirectFacts,
    ServiceFacts,
)
from tests.checks.judging import every_outcome_is_tried, outcomes, service

HTML = {"content-type": "text/html; charset=utf-8"}
PLAIN = HttpFacts(status=200, url="http://a/", final_url="http://a/", headers=HTML)
SECURE = replace(PLAIN, url="https://a/", final_url="https://a/", https=True)


def with_header(facts: HttpFacts, name: str, value: str) -> HttpFacts:
    return replace(facts, headers={**facts.headers, name: value})


def cookie(**more: object) -> HttpFacts:
    made = CookieFacts(name="SESSIONID", secure=True, http_only=True, same_site="Lax", session_like=True)
    return replace(SECURE, cookies=(replace(made, **more),))  # type: ignore[arg-type]


def paths(*names: str, matched: bool) -> HttpFacts:
    return replace(PLAIN, paths={name: PathFacts(status=200, matched=matched, proof="…") for name in names})


def filing(**more: object) -> HttpFacts:
    return replace(SECURE, filing=FilingFacts(**more))  # type: ignore[arg-type]


def by_name(facts: HttpFacts, *, tls: bool = False) -> ServiceFacts:
    made = service(facts, tls=tls, protocol="http")
    return replace(made, endpoint=Endpoint(ip=made.endpoint.ip, port=1, name="www.example.cn"))


def by_address(facts: HttpFacts) -> ServiceFacts:
    return service(facts, protocol="http")


CASES: list[tuple[str, str, ServiceFacts]] = []


def case(rule_id: str, outcome: str, subject: HttpFacts | ServiceFacts) -> None:
    CASES.append((rule_id, outcome, by_name(subject) if isinstance(subject, HttpFacts) else subject))


for _rule, _header in (
    ("web/csp-missing", "content-security-policy"),
    ("web/nosniff-missing", "x-content-type-options"),
    ("web/referrer-policy-missing", "referrer-policy"),
    ("web/frame-protection-missing", "x-frame-options"),
):
    case(_rule, "missing", PLAIN)
    case(_rule, "present", with_header(PLAIN, _header, "x"))
case(
    "web/frame-protection-missing",
    "present",
    with_header(PLAIN, "content-security-policy", "frame-ancestors 'self'"),
)
case("web/hsts-missing", "missing", SECURE)
case("web/hsts-missing", "present", with_header(SECURE, "strict-transport-security", "max-age=1"))
case("web/hsts-weak", "weak", with_header(SECURE, "strict-transport-security", "max-age=300"))
case("web/hsts-weak", "weak", with_header(SECURE, "strict-transport-security", "nonsense"))
case("web/hsts-weak", "long", with_header(SECURE, "strict-transport-security", 'max-age="31536000"'))
case("web/no-https-redirect", "clear_text", PLAIN)
case("web/no-https-redirect", "no_page", replace(PLAIN, status=404))
case("web/no-https-redirect", "to_https", SECURE)
case(
    "web/no-https-redirect",
    "to_https",
    replace(PLAIN, status=301, redirects=(RedirectFacts(status=301, location="https://b/", followed=False),)),
)
for _rule, _field, _bad in (
    ("web/insecure-cookie", "secure", False),
    ("web/cookie-httponly", "http_only", False),
    ("web/cookie-samesite", "same_site", None),
):
    case(_rule, "lacking", cookie(**{_field: _bad}))
    case(_rule, "set", cookie())
    case(_rule, "no_session_cookie", cookie(**{_field: _bad, "session_like": False}))
for _rule, *_paths in (
    ("web/git-exposed", "/.git/HEAD"),
    ("web/svn-exposed", "/.svn/entries"),
    ("web/env-exposed", "/.env"),
    ("web/backup-exposed", "/backup.zip", "/www.zip", "/backup.sql"),
    ("web/phpinfo-exposed", "/phpinfo.php"),
    ("web/server-status-exposed", "/server-status", "/nginx_status"),
    ("web/actuator-exposed", "/actuator"),
    ("web/api-docs-exposed", "/swagger-ui.html", "/v2/api-docs"),
    ("web/druid-exposed", "/druid/index.html"),
    ("web/nacos-exposed", "/nacos/"),
    ("web/access-log-exposed", "/access.log"),
):
    case(_rule, "exposed", paths(*_paths, matched=True))
    case(_rule, "closed", paths(*_paths, matched=False))
    case(_rule, "undecided", paths(matched=False))
case("web/directory-listing", "listed", replace(PLAIN, directory_listing=True, title="Index of /"))
case("web/directory-listing", "not_listed", PLAIN)
case("web/default-page", "untouched", replace(PLAIN, default_page="nginx"))
case("web/default-page", "own", PLAIN)
case("web/login-over-clear-text", "clear_text", replace(PLAIN, login_form=True))
case("web/login-over-clear-text", "protected", replace(SECURE, login_form=True))
case("web/login-over-clear-text", "no_login", PLAIN)
case("web/mixed-content", "mixed", replace(SECURE, mixed_content=("http://b/x.js",)))
case("web/mixed-content", "clean", SECURE)
case(
    "web/cors-reflects-origin",
    "with_credentials",
    replace(PLAIN, cors_reflects_origin=True, cors_credentials=True),
)
case("web/cors-reflects-origin", "reflected", replace(PLAIN, cors_reflects_origin=True))
case("web/cors-reflects-origin", "strict", replace(PLAIN, cors_reflects_origin=False))
case("web/cors-reflects-origin", "undecided", PLAIN)
case("web/dangerous-methods", "declared", replace(PLAIN, methods=("GET", "PUT")))
case("web/dangerous-methods", "none", replace(PLAIN, methods=("GET", "HEAD")))
case("web/dangerous-methods", "silent", PLAIN)
case("web/version-disclosure", "disclosed", with_header(PLAIN, "server", "nginx/1.22.1"))
case("web/version-disclosure", "hidden", with_header(PLAIN, "server", "nginx"))
case("web/security-txt-missing", "missing", paths("/.well-known/security.txt", matched=False))
case("web/security-txt-missing", "present", paths("/.well-known/security.txt", matched=True))
for _rule, _shown in (
    ("filing/icp-number-shown", {"icp": ("京ICP备12345678号-1",)}),
    ("filing/mps-number-shown", {"mps": ("京公网安备11010102001234号",)}),
):
    case(_rule, "shown", filing(**_shown))
    case(_rule, "shown", by_address(filing(**_shown)))
    case(_rule, "missing", SECURE)
    case(_rule, "no_domain", by_address(SECURE))
    case(_rule, "script_rendered", filing(script_rendered=True))
    case(_rule, "no_page", replace(SECURE, status=502))
case("filing/mps-number-malformed", "well_formed", filing(mps=("京公网安备11010102001234号",)))
case("filing/mps-number-malformed", "malformed", filing(mps=("京公网安备1101010200123号",)))
case("filing/mps-number-malformed", "malformed", filing(mps=("京公网安备99010102001234号",)))
case("filing/filing-link", "unlinked", filing(icp=("京ICP备12345678号",)))
case(
    "filing/filing-link", "linked", filing(icp=("京ICP备12345678号",), icp_link="https://beian.miit.gov.cn/")
)


@pytest.mark.parametrize(("rule_id", "outcome", "subject"), CASES)
def test_outcome(rule_id: str, outcome: str, subject: ServiceFacts) -> None:
    assert outcomes(rule_id, subject) == [outcome]


def test_every_declared_outcome_is_tried() -> None:
    ids = {loaded.rule.id for loaded in builtin() if loaded.rule.family in {"web", "filing"}}
    every_outcome_is_tried(ids, [(rule_id, outcome) for rule_id, outcome, _ in CASES])


@pytest.mark.parametrize(
    ("rule_id", "subject"),
    [
        ("web/csp-missing", by_name(replace(PLAIN, status=404))),
        ("web/csp-missing", by_name(replace(PLAIN, headers={"content-type": "application/json"}))),
        ("web/hsts-missing", by_address(SECURE)),
        ("web/hsts-missing", by_name(PLAIN)),
        ("web/hsts-weak", by_name(SECURE)),
        ("web/insecure-cookie", by_name(replace(cookie(secure=False), https=False))),
        ("web/no-https-redirect", by_name(PLAIN, tls=True)),
        ("filing/mps-number-malformed", by_name(SECURE)),
        ("filing/filing-link", by_name(SECURE)),
    ],
)
def test_where_a_rule_has_no_say(rule_id: str, subject: ServiceFacts) -> None:
    assert outcomes(rule_id, subject) == []
