"""The site allows any other site to read its answers.

How it is seen: one GET of the home page with an origin that no site can trust; the answer repeats it in
Access-Control-Allow-Origin. Where it does not, one GET more with the origin null, which any page in a sandboxed frame
has. How it is judged: worse where credentials are allowed too.
What it cannot show: whether pages behind a login answer alike.
"""

from __future__ import annotations

from collections.abc import Iterable

from checks.model import (
    Basis,
    Declared,
    Evidence,
    Impact,
    Outcome,
    Reference,
    Rule,
    Settings,
    Severity,
    Status,
    Text,
)
from checks.web.page import own_answer
from scanner.facts import HttpFacts, ServiceFacts


def evaluate(service: ServiceFacts, settings: Settings) -> Iterable[Outcome]:
    """Judge the answer to an untrusted origin."""
    facts = service.need(HttpFacts)
    reflects = facts.cors_reflects_origin
    evidence = (
        Evidence("http.cors_reflects_origin", str(reflects)),
        Evidence("http.cors_credentials", str(facts.cors_credentials)),
    )
    if facts.cors_null_origin:
        null = (
            Evidence("http.cors_null_origin", "True"),
            Evidence("http.cors_null_credentials", str(facts.cors_null_credentials)),
        )
        yield Outcome("null_with_credentials" if facts.cors_null_credentials else "null_origin", {}, null)
    elif reflects is None or (not reflects and facts.cors_null_origin is None):
        yield Outcome("undecided", {}, evidence)
    elif not reflects:
        yield Outcome("strict", {}, evidence)
    else:
        yield Outcome("with_credentials" if facts.cors_credentials else "reflected", {}, evidence)


RULE = Rule(
    id="web/cors-reflects-origin",
    title=Text("跨域策略允许任意来源", "Any origin may read the answers"),
    rationale=Text(
        "任何网站都可在用户浏览器中读取该站内容；允许携带凭据时可读取登录后的数据。",
        "Any site can read this one in a visitor's browser; with credentials allowed, even "
        "what is behind the login.",
    ),
    remediation=Text(
        "只对名单内的来源返回 Access-Control-Allow-Origin，不要原样返回请求中的 Origin，也不要把 null 列入名单。"
        "nginx：用 map $http_origin 列出允许的来源，再 add_header Access-Control-Allow-Origin $allowed;　"
        "Apache：SetEnvIf Origin 匹配名单后再 Header set　"
        "Tomcat：CorsFilter 的 cors.allowed.origins 列出来源　IIS：CORS 模块的 <add origin=... />。",
        "Answer Access-Control-Allow-Origin for listed origins only; never repeat the request's, nor list null. "
        "nginx: list them in map $http_origin, then add_header Access-Control-Allow-Origin $allowed; "
        "Apache: SetEnvIf Origin against the list, then Header set; "
        "Tomcat: list them in cors.allowed.origins of CorsFilter; IIS: <add origin=... /> of the CORS module.",
    ),
    severity=Severity.MEDIUM,
    duties=(
        "intrusion_protection",
        "personal_information",
    ),
    needs=(HttpFacts,),
    basis=Basis.HTTP,
    impact=Impact.ONE_READ,
    outcomes={
        "with_credentials": Declared(
            status=Status.WARN,
            severity=Severity.MEDIUM,
            detail=Text(
                "首页把任意来源原样写入 Access-Control-Allow-Origin，并允许携带凭据。",
                "The home page repeats any origin in Access-Control-Allow-Origin, and allows credentials.",
            ),
        ),
        "reflected": Declared(
            status=Status.WARN,
            severity=Severity.LOW,
            detail=Text(
                "首页把任意来源原样写入 Access-Control-Allow-Origin。",
                "The home page repeats any origin in Access-Control-Allow-Origin.",
            ),
        ),
        "null_with_credentials": Declared(
            status=Status.WARN,
            severity=Severity.MEDIUM,
            detail=Text(
                "首页允许来源 null 读取并携带凭据；任何网站都可以用沙箱框架得到这个来源。",
                "The home page lets the origin null in, with credentials; any site can have that origin in a sandboxed frame.",
            ),
        ),
        "null_origin": Declared(
            status=Status.WARN,
            severity=Severity.LOW,
            detail=Text(
                "首页允许来源 null 读取；任何网站都可以用沙箱框架得到这个来源。",
                "The home page lets the origin null in; any site can have that origin in a sandboxed frame.",
            ),
        ),
        "undecided": Declared(
            status=Status.INCONCLUSIVE,
            detail=Text("未能判断跨域策略。", "The cross-origin policy could not be seen."),
        ),
        "strict": Declared(
            status=Status.PASS,
            detail=Text("没有返回不可信的 Origin。", "An untrusted Origin is not repeated."),
        ),
    },
    evaluate=evaluate,
    applies=own_answer,
    references=(
        Reference("WHATWG Fetch, CORS protocol", "https://fetch.spec.whatwg.org/#http-cors-protocol"),
    ),
)
