"""A page is served over plain http and does not lead to https.

How it is seen: the home page asked over http, with its redirects to the same address followed, and redirects to https elsewhere recorded.
How it is judged: a page that ends on http is a weakness; a redirect to https passes even where it may not be followed.
"""

from __future__ import annotations

from collections.abc import Iterable

from checks.model import Basis, Declared, Evidence, Outcome, Rule, Settings, Severity, Status, Text
from checks.web.page import is_page
from scanner.facts import HttpFacts, ServiceFacts


def _plain_http(service: ServiceFacts) -> bool:
    return not service.tls


def evaluate(service: ServiceFacts, settings: Settings) -> Iterable[Outcome]:
    """See where the home page ends."""
    facts = service.need(HttpFacts)
    led = facts.https or any(redirect.location.lower().startswith("https://") for redirect in facts.redirects)
    evidence = (
        Evidence("http.final_url", facts.final_url),
        *(Evidence("http.redirects", r.location) for r in facts.redirects),
    )
    if led:
        yield Outcome("to_https", {}, evidence)
    elif is_page(service):
        yield Outcome("clear_text", {}, evidence)
    else:
        yield Outcome("no_page", {"status": str(facts.status)}, evidence)


RULE = Rule(
    id="web/no-https-redirect",
    title=Text(
        "以明文 HTTP 提供页面且不跳转到 HTTPS", "Pages are served over plain HTTP with no way to HTTPS"
    ),
    rationale=Text(
        "明文传输的内容可被旁路读取和篡改。", "What travels in clear text can be read and changed on the way."
    ),
    remediation=Text(
        "启用 HTTPS，并让 80 端口只做跳转。nginx：return 301 https://$host$request_uri;　Apache："
        "Redirect permanent / https://域名/　Tomcat：web.xml 中 transport-guarantee 设为 "
        "CONFIDENTIAL　IIS：URL 重写。",
        "Serve HTTPS and let port 80 only redirect. nginx: return 301 "
        "https://$host$request_uri; Apache: Redirect permanent / https://name/; Tomcat: "
        "transport-guarantee CONFIDENTIAL in web.xml; IIS: URL Rewrite.",
    ),
    severity=Severity.MEDIUM,
    duties=(
        "intrusion_protection",
        "data_protection",
    ),
    needs=(HttpFacts,),
    basis=Basis.HTTP,
    outcomes={
        "clear_text": Declared(
            status=Status.WARN,
            severity=Severity.MEDIUM,
            detail=Text(
                "该服务以明文 HTTP 提供页面，没有跳转到 HTTPS。",
                "The service serves its page over plain HTTP and does not redirect to HTTPS.",
            ),
        ),
        "to_https": Declared(
            status=Status.PASS, detail=Text("访问会跳转到 HTTPS。", "Visitors are led to HTTPS.")
        ),
        "no_page": Declared(
            status=Status.INFO,
            detail=Text(
                "明文 HTTP 端口没有提供页面（状态 {status}）。",
                "The plain HTTP port serves no page (status {status}).",
            ),
        ),
    },
    evaluate=evaluate,
    applies=_plain_http,
)
