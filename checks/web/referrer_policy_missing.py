"""The page comes without Referrer-Policy.

How it is seen: the header referrer-policy of the final answer. How it is judged: absent is a weakness, present passes.
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
    name = "referrer-policy"
    value = facts.headers.get(name, "").strip()
    yield Outcome("present" if value else "missing", {"value": value}, header(facts, name))


RULE = Rule(
    id="web/referrer-policy-missing",
    title=Text("页面未设置 Referrer-Policy", "The page sets no Referrer-Policy"),
    rationale=Text(
        "未设置来源策略时，地址中的参数可能随跳转泄露给第三方网站（现代浏览器默认值已较为安全）。",
        "Without it, parameters in addresses may leak to other sites (modern browsers default "
        "to a fairly safe value).",
    ),
    remediation=Text(
        "nginx：add_header Referrer-Policy strict-origin-when-cross-origin always;",
        "nginx: add_header Referrer-Policy strict-origin-when-cross-origin always;",
    ),
    severity=Severity.INFO,
    duties=("intrusion_protection",),
    needs=(HttpFacts,),
    basis=Basis.HTTP,
    outcomes={
        "missing": Declared(
            status=Status.INFO,
            detail=Text("响应头中没有 Referrer-Policy。", "The answer has no Referrer-Policy."),
        ),
        "present": Declared(
            status=Status.PASS, detail=Text("Referrer-Policy：{value}", "Referrer-Policy: {value}")
        ),
    },
    evaluate=evaluate,
    applies=is_page,
    references=(Reference("W3C Referrer Policy", "https://www.w3.org/TR/referrer-policy/"),),
)
