"""Content is served over plain http, and visitors are not led to https.

How it is seen: the home page asked over http, redirects to the same address followed, others recorded.
How it is judged: by where visitors end: content (status 200 to 299, and not empty) over http is a weakness; a last redirect
to https passes even where it may not be followed. Where port 443 has no https at all, web/no-https
judges instead. What it cannot show: whether https works there; that is judged on the https service.
"""

from __future__ import annotations

from collections.abc import Iterable

from checks.model import (
    Basis,
    Declared,
    Evidence,
    NotApplicable,
    Outcome,
    Reference,
    Rule,
    Settings,
    Severity,
    Status,
    Text,
)
from checks.web.page import gives_content, leads_to_https
from scanner.facts import HttpFacts, ServiceFacts


def _plain_http(service: ServiceFacts) -> bool:
    if service.need(HttpFacts).https_offered is False:
        raise NotApplicable("there is no https to lead to: web/no-https judges")
    return not service.tls


def evaluate(service: ServiceFacts, settings: Settings) -> Iterable[Outcome]:
    """See where the home page ends."""
    facts = service.need(HttpFacts)
    evidence = (
        Evidence("http.status", str(facts.status)),
        Evidence("http.final_url", facts.final_url),
        *(Evidence("http.redirects", redirect.location) for redirect in facts.redirects),
    )
    if leads_to_https(facts):
        yield Outcome("to_https", {}, evidence)
    elif gives_content(facts):
        yield Outcome("clear_text", {}, evidence)
    else:
        yield Outcome("no_content", {"status": str(facts.status)}, evidence)


RULE = Rule(
    id="web/no-https-redirect",
    title=Text(
        "以明文 HTTP 提供内容且不跳转到 HTTPS", "Content is served over plain HTTP with no way to HTTPS"
    ),
    rationale=Text(
        "明文传输的内容在途中可以被他人读取和篡改，包括用户提交的信息。",
        "What travels in clear text can be read and changed on the way, what users send included.",
    ),
    remediation=Text(
        "启用 HTTPS，让 80 端口只做跳转。nginx：server { listen 80; return 301 https://$host$request_uri; }　Apache："
        "<VirtualHost *:80> 中 Redirect permanent / https://域名/　Tomcat：web.xml 的 <transport-guarantee> 设为"
        ' CONFIDENTIAL，80 端口的 Connector 设置 redirectPort="443"　IIS：URL 重写模块，条件 {HTTPS} 为 off，<action '
        'type="Redirect" url="https://{HTTP_HOST}/{R:1}" redirectType="Permanent" />。',
        "Serve HTTPS and let port 80 only redirect. nginx: server { listen 80; return 301 https://$host$request_uri;"
        " } Apache: Redirect permanent / https://name/ in <VirtualHost *:80>. Tomcat: <transport-guarantee> "
        'CONFIDENTIAL in web.xml, and redirectPort="443" on the connector of port 80. IIS: URL Rewrite, where '
        '{HTTPS} is off: <action type="Redirect" url="https://{HTTP_HOST}/{R:1}" redirectType="Permanent" />.',
    ),
    severity=Severity.MEDIUM,
    duties=("intrusion_protection", "data_protection"),
    needs=(HttpFacts,),
    basis=Basis.HTTP,
    outcomes={
        "clear_text": Declared(
            status=Status.WARN,
            severity=Severity.MEDIUM,
            detail=Text(
                "该服务以明文 HTTP 提供内容，没有跳转到 HTTPS。",
                "The service gives content over plain HTTP and does not redirect to HTTPS.",
            ),
        ),
        "to_https": Declared(
            status=Status.PASS, detail=Text("访问会跳转到 HTTPS。", "Visitors are led to HTTPS.")
        ),
        "no_content": Declared(
            status=Status.INFO,
            detail=Text(
                "明文 HTTP 端口的首页没有给出内容（状态码 {status}）。",
                "The plain HTTP port gives no content at its home page (status {status}).",
            ),
        ),
    },
    evaluate=evaluate,
    applies=_plain_http,
    references=(
        Reference("RFC 9110 §15.4", "https://www.rfc-editor.org/rfc/rfc9110#section-15.4"),
        Reference(
            "OWASP Transport Layer Security Cheat Sheet",
            "https://cheatsheetseries.owasp.org/cheatsheets/Transport_Layer_Security_Cheat_Sheet.html",
        ),
    ),
)
