"""A page that came over https loads parts of itself over http.

How it is seen: scripts, styles, frames, images and form targets of the home page.
"""

from __future__ import annotations

from collections.abc import Iterable

from checks.model import Basis, Declared, Evidence, Outcome, Rule, Settings, Severity, Status, Text
from checks.web.page import is_https_page
from scanner.facts import HttpFacts, ServiceFacts


def evaluate(service: ServiceFacts, settings: Settings) -> Iterable[Outcome]:
    """List what is loaded over http."""
    urls = service.need(HttpFacts).mixed_content
    shown = ", ".join(urls)
    yield Outcome(
        "mixed" if urls else "clean",
        {"urls": shown},
        (Evidence("http.mixed_content", shown),) if urls else (),
    )


RULE = Rule(
    id="web/mixed-content",
    title=Text("HTTPS 页面引用明文资源", "An HTTPS page loads clear-text parts"),
    rationale=Text(
        "明文资源可被篡改，进而控制整个页面。",
        "Parts in clear text can be changed on the way, and with them the page.",
    ),
    remediation=Text(
        "把引用改为 https://，或设置 CSP：upgrade-insecure-requests。",
        "Change the references to https://, or set upgrade-insecure-requests in the CSP.",
    ),
    severity=Severity.LOW,
    duties=(
        "intrusion_protection",
        "data_protection",
    ),
    needs=(HttpFacts,),
    basis=Basis.HTTP,
    outcomes={
        "mixed": Declared(
            status=Status.WARN,
            severity=Severity.LOW,
            detail=Text("页面以明文引用：{urls}", "The page loads in clear text: {urls}"),
        ),
        "clean": Declared(
            status=Status.PASS,
            detail=Text("首页没有引用明文资源。", "The home page loads nothing in clear text."),
        ),
    },
    evaluate=evaluate,
    applies=is_https_page,
)
