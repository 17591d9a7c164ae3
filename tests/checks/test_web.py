"""Web rules on facts alone: every declared outcome, and where a rule has no say."""

from __future__ import annotations

from dataclasses import replace

import pytest

from checks.model import Severity, Status
from checks.registry import builtin, faults
from checks.runner import judge_one
from scanner.facts import (
    CookieFacts,
    Endpoint,
    HttpFacts,
    PathFacts,
    RedirectFacts,
    ServiceFacts,
    TlsaFacts,
)
from tests.checks.judging import every_outcome_is_tried, findings, outcomes, rule, service, settings

HTML = {"content-type": "text/html; charset=utf-8"}
PLAIN = HttpFacts(status=200, url="http://a/", final_url="http://a/", headers=HTML)
SECURE = replace(PLAIN, url="https://a/", final_url="https://a/", https=True)


def with_header(facts: HttpFacts, name: str, value: str) -> HttpFacts:
    return replace(facts, headers={**facts.headers, name: value})


def redirect(location: str, *, followed: bool = False, status: int = 301) -> RedirectFacts:
    return RedirectFacts(status=status, location=location, followed=followed)


def cookie(**more: object) -> HttpFacts:
    made = CookieFacts(name="SESSIONID", secure=True, http_only=True, same_site="Lax", session_like=True)
    return replace(SECURE, cookies=(replace(made, **more),))  # type: ignore[arg-type]


def paths(*names: str, matched: bool) -> HttpFacts:
    return replace(PLAIN, paths={name: PathFacts(status=200, matched=matched, proof="…") for name in names})


def by_name(facts: HttpFacts, *, tls: bool = False) -> ServiceFacts:
    made = service(facts, tls=tls, protocol="http")
    return replace(made, endpoint=Endpoint(ip=made.endpoint.ip, port=1, name="www.example.cn"))


def by_address(facts: HttpFacts) -> ServiceFacts:
    return service(facts, protocol="http")


CASES: list[tuple[str, str, HttpFacts]] = []


def case(rule_id: str, outcome: str, *subjects: HttpFacts) -> None:
    CASES.extend((rule_id, outcome, subject) for subject in subjects)


# ------------------------------------------------------------------ headers

CSP, XFO, STS = "content-security-policy", "x-frame-options", "strict-transport-security"
case("web/csp-missing", "missing", PLAIN, with_header(PLAIN, CSP, " "))
case("web/csp-missing", "report_only", with_header(PLAIN, f"{CSP}-report-only", "default-src 'self'"))
case(
    "web/csp-missing",
    "present",
    with_header(PLAIN, CSP, "default-src 'self'"),
    replace(PLAIN, meta={CSP: "default-src 'self'"}),
)
case(
    "web/frame-protection-missing",
    "missing",
    PLAIN,
    with_header(PLAIN, CSP, "default-src 'self'"),
    replace(PLAIN, meta={CSP: "frame-ancestors 'self'"}),
)
case(
    "web/frame-protection-missing",
    "ineffective",
    with_header(PLAIN, XFO, "ALLOW-FROM https://b/"),
    with_header(PLAIN, CSP, "frame-ancestors *"),
    with_header(with_header(PLAIN, XFO, "DENY"), CSP, "default-src 'self'; frame-ancestors https:"),
)
case(
    "web/frame-protection-missing",
    "present",
    with_header(PLAIN, XFO, "sameorigin"),
    with_header(PLAIN, XFO, "DENY, SAMEORIGIN"),
    with_header(PLAIN, CSP, "default-src *; Frame-Ancestors 'self'"),
    with_header(PLAIN, CSP, "frame-ancestors *, frame-ancestors 'none'"),
)
case("web/nosniff-missing", "missing", PLAIN)
case("web/nosniff-missing", "ineffective", with_header(PLAIN, "x-content-type-options", "x, nosniff"))
case("web/nosniff-missing", "present", with_header(PLAIN, "x-content-type-options", "NoSniff, nosniff"))
case("web/referrer-policy-missing", "missing", PLAIN, with_header(PLAIN, "referrer-policy", "nonsense"))
case("web/referrer-policy-missing", "unsafe", with_header(PLAIN, "referrer-policy", "unsafe-url"))
case(
    "web/referrer-policy-missing",
    "present",
    with_header(PLAIN, "referrer-policy", "unsafe-url, no-referrer, unknown"),
    replace(with_header(PLAIN, "referrer-policy", "unsafe-url"), meta={"referrer": "origin"}),
)
case("web/hsts-missing", "missing", SECURE, replace(SECURE, status=301, redirects=(redirect("https://b/"),)))
case("web/hsts-missing", "present", with_header(SECURE, STS, "max-age=1"))
case("web/hsts-weak", "weak", with_header(SECURE, STS, "max-age=300"))
case("web/hsts-weak", "weak", with_header(SECURE, STS, "max-age=300, max-age=31536000"))
case("web/hsts-weak", "switched_off", with_header(SECURE, STS, "max-age=0"))
for _value in ("nonsense", "max-age", "max-age=-1", "x-max-age=31536000", "max-age=9" + "9" * 5000):
    case("web/hsts-weak", "unreadable", with_header(SECURE, STS, _value))
case("web/hsts-weak", "unreadable", with_header(SECURE, STS, "max-age=31536000; max-age=31536000"))
for _value in ("max-age=31536000; preload", "max-age=15552000; includeSubDomains; preload"):
    case("web/hsts-weak", "preload_unmet", with_header(SECURE, STS, _value))
case("web/hsts-weak", "long", with_header(SECURE, STS, "max-age=63072000; includeSubDomains; preload"))
for _value in ('max-age="31536000"', "includeSubDomains ; Max-Age = 15552000", "max-age=99999999999999"):
    case("web/hsts-weak", "long", with_header(SECURE, STS, _value))
case("web/version-disclosure", "disclosed", with_header(PLAIN, "server", "nginx/1.22.1"))
case("web/version-disclosure", "disclosed", with_header(PLAIN, "x-aspnet-version", "4.0.30319"))
case("web/version-disclosure", "hidden", PLAIN, with_header(PLAIN, "server", "nginx"))
case("web/version-disclosure", "hidden", with_header(PLAIN, "server", "gateway-h3"))

# ------------------------------------------------------------------ transport and cookies

case("web/no-https-redirect", "clear_text", PLAIN, replace(PLAIN, headers={"content-type": "text/plain"}))
case(
    "web/no-https-redirect",
    "clear_text",
    replace(PLAIN, redirects=(redirect("https://a/", followed=True), redirect("http://a/x", followed=True))),
)
case("web/no-https-redirect", "no_content", replace(PLAIN, status=404), replace(PLAIN, status=None))
case(
    "web/no-https-redirect",
    "no_content",
    replace(PLAIN, status=302, redirects=(redirect("http://elsewhere/"),)),
)
case(
    "web/no-https-redirect",
    "to_https",
    replace(SECURE, url="http://a/", redirects=(redirect("https://a/", followed=True),)),
)
case("web/no-https-redirect", "to_https", replace(PLAIN, status=301, redirects=(redirect("HTTPS://b/"),)))
for _rule, _field, _bad in (
    ("web/insecure-cookie", "secure", False),
    ("web/cookie-httponly", "http_only", False),
    ("web/cookie-samesite", "same_site", None),
    ("web/cookie-samesite", "same_site", "whatever"),
):
    case(_rule, "lacking", cookie(**{_field: _bad}))
    case(_rule, "set", cookie())
    case(_rule, "no_session_cookie", SECURE, cookie(**{_field: _bad, "session_like": False}))
case("web/cookie-samesite", "cross_site", cookie(same_site="None"))
case("web/cookie-samesite", "none_insecure", cookie(same_site="None", secure=False))
case("web/login-over-clear-text", "clear_text", replace(PLAIN, login_form=True))
case("web/login-over-clear-text", "clear_text", replace(PLAIN, login_form=True, login_action="http://a/in"))
case("web/login-over-clear-text", "clear_text", replace(PLAIN, login_form=True, status=401))
case("web/login-over-clear-text", "clear_page", replace(PLAIN, login_form=True, login_action="https://a/in"))
case("web/login-over-clear-text", "sent_clear", replace(SECURE, login_form=True, login_action="http://a/in"))
case("web/login-over-clear-text", "protected", replace(SECURE, login_form=True))
case("web/login-over-clear-text", "no_login", PLAIN)
case("web/login-over-clear-text", "page_cut", replace(PLAIN, truncated=True))
case("web/mixed-content", "mixed", replace(SECURE, mixed_content=("http://b/x.js",), truncated=True))
case("web/mixed-content", "page_cut", replace(SECURE, truncated=True))
case("web/mixed-content", "clean", SECURE)

# ------------------------------------------------------------------ what lies about

EXPOSED: dict[str, dict[str, str]] = {
    "web/git-exposed": {"/.git/HEAD": "exposed"},
    "web/svn-exposed": {"/.svn/entries": "exposed", "/.svn/wc.db": "exposed"},
    "web/env-exposed": {"/.env": "exposed"},
    "web/backup-exposed": {
        "/backup.zip": "exposed",
        "/www.zip": "exposed",
        "/wwwroot.zip": "exposed",
        "/wwwroot.rar": "exposed",
        "/backup.tar.gz": "exposed",
        "/backup.sql": "dump_exposed",
        "/db.sql": "dump_exposed",
        "/dump.sql": "dump_exposed",
    },
    "web/app-config-exposed": {
        "/web.config": "exposed",
        "/WEB-INF/web.xml": "exposed",
        "/config.php.bak": "exposed",
    },
    "web/ds-store-exposed": {"/.DS_Store": "exposed"},
    "web/phpinfo-exposed": {"/phpinfo.php": "exposed", "/info.php": "exposed"},
    "web/server-status-exposed": {"/server-status": "requests_exposed", "/nginx_status": "exposed"},
    "web/actuator-exposed": {"/actuator": "exposed"},
    "web/api-docs-exposed": {
        "/swagger-ui.html": "exposed",
        "/v2/api-docs": "exposed",
        "/v3/api-docs": "exposed",
    },
    "web/druid-exposed": {"/druid/index.html": "exposed"},
    "web/nacos-exposed": {"/nacos/": "exposed"},
    "web/phpmyadmin-exposed": {"/phpmyadmin/": "exposed", "/phpMyAdmin/": "exposed"},
    "web/xxl-job-exposed": {"/xxl-job-admin/toLogin": "exposed", "/xxl-job-admin/auth/login": "exposed"},
    "web/access-log-exposed": {"/access.log": "exposed"},
}
for _rule, _outcomes in EXPOSED.items():
    # A status of 200 with another body is what sites answer that know every address.
    case(_rule, "closed", paths(*_outcomes, matched=False))
    case(_rule, "undecided", paths(matched=False))
    for _path, _outcome in _outcomes.items():
        case(_rule, _outcome, paths(_path, matched=True))
        for _status in (408, 429, 500, 503):
            _seen = paths(*_outcomes, matched=False)
            case(
                _rule,
                "undecided",
                replace(_seen, paths={**_seen.paths, _path: PathFacts(status=_status)}),
            )
case(
    "web/phpmyadmin-exposed",
    "usable",
    replace(
        PLAIN, paths={"/phpmyadmin/": PathFacts(status=200, matched=True, proof="phpMyAdmin logged_in:true")}
    ),
)
case("web/security-txt-missing", "missing", paths("/.well-known/security.txt", matched=False))
for _outcome, _proof in (
    ("present", "Contact: … Expires: 2027-12-31T00:00:00Z"),
    ("present", "Contact: … Expires: 2027-12-31t08:00:00+08:00"),
    ("expired", "Contact: … Expires: 2025-12-31T00:00:00Z"),
    ("no_end", "Contact: …"),
    ("no_end", "Contact: … Expires: 2027-99-99T00:00:00Z"),
):
    _found = PathFacts(status=200, matched=True, proof=_proof)
    case("web/security-txt-missing", _outcome, replace(PLAIN, paths={"/.well-known/security.txt": _found}))
case("web/security-txt-missing", "undecided", PLAIN)
case(
    "web/security-txt-missing",
    "undecided",
    replace(PLAIN, paths={"/.well-known/security.txt": PathFacts(status=502)}),
)
case("web/directory-listing", "listed", replace(PLAIN, directory_listing=True, title="Index of /"))
case("web/directory-listing", "not_listed", PLAIN)
case("web/default-page", "untouched", replace(PLAIN, default_page="nginx"))
case("web/default-page", "untouched", replace(PLAIN, default_page="CentOS", status=403))
case("web/default-page", "own", PLAIN)
case(
    "web/cors-reflects-origin",
    "with_credentials",
    replace(PLAIN, cors_reflects_origin=True, cors_credentials=True),
)
case("web/cors-reflects-origin", "reflected", replace(PLAIN, cors_reflects_origin=True))
NO_ORIGIN = replace(PLAIN, cors_reflects_origin=False, cors_null_origin=False)
case("web/cors-reflects-origin", "strict", NO_ORIGIN, replace(NO_ORIGIN, cors_credentials=True))
case("web/cors-reflects-origin", "undecided", replace(PLAIN, cors_reflects_origin=False))
case("web/cors-reflects-origin", "null_origin", replace(NO_ORIGIN, cors_null_origin=True))
case(
    "web/cors-reflects-origin",
    "null_with_credentials",
    replace(NO_ORIGIN, cors_null_origin=True, cors_null_credentials=True),
)
case("web/cors-reflects-origin", "undecided", PLAIN)
case("web/dangerous-methods", "declared", replace(PLAIN, methods=("GET", "PUT")))
case("web/dangerous-methods", "none", replace(PLAIN, methods=("GET", "HEAD")))
case("web/dangerous-methods", "silent", PLAIN, replace(PLAIN, trace=False))
case(
    "web/dangerous-methods",
    "trace",
    replace(PLAIN, methods=("GET", "TRACE"), trace=True),
    replace(PLAIN, trace=True),
)
case("web/dangerous-methods", "declared", replace(PLAIN, methods=("TRACE",), trace=False))
case("web/stack-trace-exposed", "debug_mode", replace(PLAIN, error_detail="Django DEBUG"))
case("web/stack-trace-exposed", "trace", replace(PLAIN, error_detail="Java stack trace", catch_all=False))
case("web/stack-trace-exposed", "none", replace(PLAIN, catch_all=False), replace(PLAIN, catch_all=True))
case("web/stack-trace-exposed", "undecided", PLAIN)
MAP = "/static/app.js.map"
for _outcome, _found in (
    ("exposed", PathFacts(status=206, matched=True)),
    ("closed", PathFacts(status=404)),
    ("closed", PathFacts(status=200)),
    ("undecided", PathFacts(status=503)),
):
    case("web/source-map-exposed", _outcome, replace(PLAIN, source_maps={MAP: _found}))
case("web/source-map-exposed", "no_script", PLAIN)
case("web/version-disclosure", "disclosed", replace(PLAIN, error_software="Apache Tomcat/9.0.70"))


def leading_away(paths: dict[str, PathFacts | int] | None = None) -> HttpFacts:
    """Port 80 that leads to https; ``paths`` gave these answers, or statuses."""
    given = {
        path: PathFacts(status=one) if isinstance(one, int) else one for path, one in (paths or {}).items()
    }
    return replace(SECURE, url="http://a/", redirects=(redirect("https://a/", followed=True),), paths=given)


def reason(rule_id: str, facts: HttpFacts) -> str:
    """The outcome, or why there is none."""
    findings, run = judge_one(rule(rule_id), by_name(facts), settings)
    assert run is not None
    return run.message or "" if run.reason == "not_applicable" else findings[0].outcome


def test_paths_that_lead_to_https_are_judged_there() -> None:
    log = "web/access-log-exposed"
    assert "https" in reason(log, leading_away({"/access.log": 301}))
    # Silence where everything else leads away is no answer of this port's own either.
    assert "https" in reason(log, leading_away({"/.env": 308, "/access.log": 503}))
    assert reason(log, leading_away({"/.env": 404, "/access.log": 503})) == "undecided"
    assert reason(log, leading_away({"/.env": 301, "/access.log": 200})) == "closed"
    assert reason(log, leading_away()) == "undecided"
    assert reason(log, leading_away({"/access.log": PathFacts(status=200, matched=True)})) == "exposed"
    assert "https" in reason("web/security-txt-missing", leading_away({"/.well-known/security.txt": 302}))
    to_login = replace(
        PLAIN, status=302, redirects=(redirect("/login"),), paths={"/access.log": PathFacts(status=302)}
    )
    assert reason(log, to_login) == "closed"


@pytest.mark.parametrize(
    "rule_id",
    ["web/csp-missing", "web/hsts-missing", "web/mixed-content", "web/version-disclosure", "web/login-over-clear-text",
     "web/cors-reflects-origin", "web/default-page", "web/directory-listing", "filing/icp-number-shown"],
)  # fmt: skip
def test_what_another_port_answers_is_judged_there(rule_id: str) -> None:
    assert "https on port 443" in reason(rule_id, replace(leading_away(), login_form=True))


LET_IN = [
    ("web/server-status-exposed", "/server-status"),
    ("web/server-status-exposed", "/nginx_status"),
    ("web/druid-exposed", "/druid/index.html"),
]


@pytest.mark.parametrize(("rule_id", "path"), LET_IN)
def test_pages_that_let_in_the_machine_itself_are_not_judged_from_there(rule_id: str, path: str) -> None:
    seen = by_name(paths(path, matched=True))
    on_loopback = replace(seen, endpoint=Endpoint(ip="127.0.0.9", port=1))
    assert (
        outcomes(rule_id, on_loopback)
        == outcomes(rule_id, replace(seen, own_address=True))
        == ["own_machine"]
    )


@pytest.mark.parametrize(("rule_id", "outcome", "facts"), CASES)
def test_outcome(rule_id: str, outcome: str, facts: HttpFacts) -> None:
    assert outcomes(rule_id, by_name(facts)) == [outcome]


STATED = TlsaFacts(records=(f"3 1 1 {'ab' * 32}",), signed=True, usable=True)
DANE = [
    ("fits", replace(STATED, match=True)),
    ("mismatch", replace(STATED, match=False)),
    ("present", STATED),
    ("unusable", replace(STATED, usable=False)),
    ("unsigned", replace(STATED, signed=False)),
    ("undecided", TlsaFacts()),
]


@pytest.mark.parametrize(("outcome", "facts"), DANE)
def test_what_dns_states_of_the_certificate(outcome: str, facts: TlsaFacts) -> None:
    (finding,) = findings("web/dane", service(facts, port=443, protocol="http", tls=True))
    assert finding.outcome == outcome
    if facts.records:
        assert facts.records[0] in finding.evidence[0].value


IDS = sorted(loaded.rule.id for loaded in builtin() if loaded.rule.family == "web")


def test_every_declared_outcome_is_tried() -> None:
    assert len(IDS) == 37
    tried = [(rule_id, outcome) for rule_id, outcome, _ in CASES]
    https = [("web/no-https", outcome) for outcome in ("none", "offered", "undecided")]
    own = [(rule_id, "own_machine") for rule_id, _ in LET_IN]
    every_outcome_is_tried(set(IDS), [*tried, *https, *own, *(("web/dane", outcome) for outcome, _ in DANE)])


def on_port(facts: HttpFacts, port: int = 80, *, tls: bool = False) -> ServiceFacts:
    made = service(facts, tls=tls, protocol="http")
    return replace(made, endpoint=Endpoint(ip=made.endpoint.ip, port=port, name="www.example.cn"))


def test_an_empty_answer_is_no_content() -> None:
    empty = with_header(PLAIN, "content-length", "0")
    assert outcomes("web/no-https-redirect", on_port(empty)) == ["no_content"]
    assert outcomes("web/no-https", on_port(replace(empty, https_offered=False))) == []
    assert outcomes("filing/icp-number-shown", on_port(empty)) == ["no_page"]


@pytest.mark.parametrize(("offered", "wanted"), [(True, "offered"), (False, "none"), (None, "undecided")])
def test_whether_there_is_https_at_all(offered: bool | None, wanted: str) -> None:
    subject = on_port(replace(PLAIN, https_offered=offered))
    assert outcomes("web/no-https", subject) == [wanted]
    # One of the two rules speaks, never both against the same site.
    assert outcomes("web/no-https-redirect", subject) == ([] if offered is False else ["clear_text"])


def test_where_there_is_no_question_of_https() -> None:
    assert outcomes("web/no-https", on_port(PLAIN, 8080)) == []
    assert outcomes("web/no-https", on_port(SECURE, 443, tls=True)) == []
    assert outcomes("web/no-https", on_port(leading_away())) == []
    assert outcomes("web/no-https", on_port(replace(PLAIN, status=404))) == []


def test_an_archive_called_after_the_site_counts() -> None:
    assert outcomes("web/backup-exposed", by_name(paths("/www.example.cn.zip", matched=True))) == ["exposed"]


@pytest.mark.parametrize("rule_id", IDS)
def test_every_rule_keeps_the_form(rule_id: str) -> None:
    loaded = next(loaded for loaded in builtin() if loaded.rule.id == rule_id)
    assert faults(loaded.rule, loaded.page) == []
    assert loaded.rule.references
    assert set(loaded.rule.duties) <= {
        "intrusion_protection",
        "data_protection",
        "personal_information",
        "vulnerability_handling",
    }


def test_only_states_that_speak_for_themselves_fail() -> None:
    failing = {rule_id for rule_id in IDS if rule(rule_id).worst is Status.FAIL}
    assert failing == {
        "web/git-exposed",
        "web/svn-exposed",
        "web/env-exposed",
        "web/backup-exposed",
        "web/app-config-exposed",
        "web/access-log-exposed",
        "web/phpinfo-exposed",
        "web/login-over-clear-text",
        "web/phpmyadmin-exposed",
    }


def test_a_dump_is_worse_than_an_archive() -> None:
    both = findings("web/backup-exposed", by_name(paths("/www.zip", "/backup.sql", matched=True)))
    assert {finding.outcome: finding.severity for finding in both} == {
        "exposed": Severity.HIGH,
        "dump_exposed": Severity.CRITICAL,
    }


def test_findings_say_what_they_rest_on() -> None:
    (finding,) = findings("web/hsts-weak", by_name(with_header(SECURE, STS, "max-age=300")))
    assert ("http.headers.strict-transport-security", "max-age=300") in [
        (item.fact, item.value) for item in finding.evidence
    ]
    (finding,) = findings("web/csp-missing", by_name(PLAIN))
    assert (finding.evidence[0].fact, finding.evidence[0].value) == (f"http.headers.{CSP}", "(absent)")
    (finding,) = findings("web/git-exposed", by_name(paths("/.git/HEAD", matched=True)))
    assert finding.evidence[0].fact == "http.paths./.git/HEAD"


HEADER_RULES = (
    "web/csp-missing",
    "web/frame-protection-missing",
    "web/nosniff-missing",
    "web/referrer-policy-missing",
)
NO_PAGES = (
    replace(PLAIN, status=404),
    replace(PLAIN, status=500),
    replace(PLAIN, status=None),
    replace(PLAIN, headers={"content-type": "application/json"}),
    replace(PLAIN, headers={}),
    replace(PLAIN, status=302, redirects=(redirect("https://elsewhere/"),)),
    with_header(replace(PLAIN, status=301), "location", "/x"),
)


@pytest.mark.parametrize("rule_id", HEADER_RULES)
@pytest.mark.parametrize("facts", NO_PAGES)
def test_headers_for_browsers_are_asked_of_pages_only(rule_id: str, facts: HttpFacts) -> None:
    assert outcomes(rule_id, by_name(facts)) == []


@pytest.mark.parametrize("rule_id", HEADER_RULES)
def test_a_page_without_a_content_type_is_a_page_when_it_was_read_as_one(rule_id: str) -> None:
    assert outcomes(rule_id, by_name(replace(PLAIN, headers={}, title="x"))) == ["missing"]


@pytest.mark.parametrize(
    ("rule_id", "subject"),
    [
        ("web/hsts-missing", by_address(SECURE)),
        ("web/hsts-missing", by_name(PLAIN)),
        ("web/hsts-missing", by_name(replace(SECURE, status=404))),
        ("web/hsts-weak", by_name(SECURE)),
        ("web/hsts-weak", by_address(with_header(SECURE, STS, "max-age=1"))),
        ("web/insecure-cookie", by_name(replace(cookie(secure=False), https=False))),
        ("web/mixed-content", by_name(PLAIN)),
        ("web/no-https-redirect", by_name(PLAIN, tls=True)),
        ("web/login-over-clear-text", by_name(replace(PLAIN, status=404))),
        ("web/default-page", by_name(replace(PLAIN, status=404))),
    ],
)
def test_where_a_rule_has_no_say(rule_id: str, subject: ServiceFacts) -> None:
    assert outcomes(rule_id, subject) == []
