"""The page comes without X-Content-Type-Options.

How it is seen: the header x-content-type-options of the final answer. How it is judged: absent is a weakness, present passes.
What it cannot show: whether the value is as strict as the application allows.
"""

from __future__ import annotations

from collections.abc import Iterable

from checks.model import Basis, Declared, Outcome, Reference, Rule, Settings, Severity, Status, Text
from checks.web.page import header, is_page
from scanner.facts import HttpFacts, ServiceFacts


def evaluate(service: ServiceFacts, settings: Settings) -> Iterable[Outcome]:
    """Look for the header."""
    facts = service.need(HttpFacts)
    name = "x-content-type-options"
    value = facts.headers.get(name, "").strip()
    yield Outcome("present" if value else "missing", {"value": value}, header(facts, name))


RULE = Rule(
    id="web/nosniff-missing",
    title=Text("页面未设置 X-Content-Type-Options", "The page sets no X-Content-Type-Options"),
    rationale=Text(
        "缺少该响应头时，浏览器可能把上传的文件当作脚本执行。",
        "Without it a browser may treat an uploaded file as script.",
    ),
    remediation=Text(
        "nginx：add_header X-Content-Type-Options nosniff always;　Apache：Header always set "
        "X-Content-Type-Options nosniff",
        "nginx: add_header X-Content-Type-Options nosniff always; Apache: Header always set "
        "X-Content-Type-Options nosniff",
    ),
    severity=Severity.LOW,
    duties=("intrusion_protection",),
    needs=(HttpFacts,),
    basis=Basis.HTTP,
    outcomes={
        "missing": Declared(
            status=Status.WARN,
            severity=Severity.LOW,
            detail=Text("响应头中没有 X-Content-Type-Options。", "The answer has no X-Content-Type-Options."),
        ),
        "present": Declared(
            status=Status.PASS,
            detail=Text("X-Content-Type-Options：{value}", "X-Content-Type-Options: {value}"),
        ),
    },
    evaluate=evaluate,
    applies=is_page,
    references=(
        Reference(
            "WHATWG Fetch, X-Content-Type-Options",
            "https://fetch.spec.whatwg.org/#x-content-type-options-header",
        ),
    ),
)
