"""The site shows the untouched welcome page of its server.

How it is seen: well-known sentences of nginx, Apache, IIS and Tomcat. What it shows: nobody has finished setting this service up.
"""

from __future__ import annotations

from collections.abc import Iterable

from checks.model import Basis, Declared, Evidence, Outcome, Rule, Settings, Severity, Status, Text
from checks.web.page import is_page
from scanner.facts import HttpFacts, ServiceFacts


def evaluate(service: ServiceFacts, settings: Settings) -> Iterable[Outcome]:
    """See whether the page is a known welcome page."""
    facts = service.need(HttpFacts)
    product = facts.default_page or ""
    yield Outcome(
        "untouched" if product else "own", {"product": product}, (Evidence("http.title", facts.title),)
    )


RULE = Rule(
    id="web/default-page",
    title=Text("网站为服务器默认页", "The site shows its server's welcome page"),
    rationale=Text(
        "默认页说明服务未经配置或已闲置，往往缺少维护。",
        "A welcome page says that the service was never set up or lies idle, often unmaintained.",
    ),
    remediation=Text(
        "关闭不用的服务，或换成正式内容。", "Switch the service off, or put real content there."
    ),
    severity=Severity.LOW,
    duties=(
        "intrusion_protection",
        "vulnerability_handling",
    ),
    needs=(HttpFacts,),
    basis=Basis.HTTP,
    outcomes={
        "untouched": Declared(
            status=Status.WARN,
            severity=Severity.LOW,
            detail=Text("首页是 {product} 的默认页。", "The home page is the welcome page of {product}."),
        ),
        "own": Declared(
            status=Status.PASS,
            detail=Text("首页不是已知的默认页。", "The home page is no known welcome page."),
        ),
    },
    evaluate=evaluate,
    applies=is_page,
)
