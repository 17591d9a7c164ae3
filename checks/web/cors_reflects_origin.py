"""The site allows any other site to read its answers.

How it is seen: one GET with an origin that no site can trust; the answer repeats it in Access-Control-Allow-Origin.
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
from scanner.facts import HttpFacts, ServiceFacts


def evaluate(service: ServiceFacts, settings: Settings) -> Iterable[Outcome]:
    """Judge the answer to an untrusted origin."""
    facts = service.need(HttpFacts)
    reflects = facts.cors_reflects_origin
    evidence = (
        Evidence("http.cors_reflects_origin", str(reflects)),
        Evidence("http.cors_credentials", str(facts.cors_credentials)),
    )
    if reflects is None:
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
        "按白名单返回 Access-Control-Allow-Origin，不要原样返回请求中的 Origin。",
        "Answer Access-Control-Allow-Origin from a list of known origins; never repeat the request's.",
    ),
    severity=Severity.HIGH,
    duties=(
        "intrusion_protection",
        "personal_information",
    ),
    needs=(HttpFacts,),
    basis=Basis.HTTP,
    impact=Impact.ONE_READ,
    outcomes={
        "with_credentials": Declared(
            status=Status.FAIL,
            severity=Severity.HIGH,
            detail=Text(
                "原样返回任意 Origin，并允许携带凭据。",
                "Any Origin is repeated, and credentials are allowed.",
            ),
        ),
        "reflected": Declared(
            status=Status.WARN,
            severity=Severity.LOW,
            detail=Text("原样返回任意 Origin。", "Any Origin is repeated."),
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
    references=(
        Reference("WHATWG Fetch, CORS protocol", "https://fetch.spec.whatwg.org/#http-cors-protocol"),
    ),
)
