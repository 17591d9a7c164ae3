"""A page that came over https loads parts of itself over http.

How it is seen: scripts, styles, frames, images and form targets of the home page.
How it is judged: any over http is a weakness; a page that was not read to its end cannot pass.
What it cannot show: what scripts load later.
"""

from __future__ import annotations

from collections.abc import Iterable

from checks.model import Basis, Declared, Evidence, Outcome, Reference, Rule, Settings, Severity, Status, Text
from checks.web.page import PAGE_CUT, PAGE_CUT_OUTCOME, shows_https_page
from scanner.facts import HttpFacts, ServiceFacts


def evaluate(service: ServiceFacts, settings: Settings) -> Iterable[Outcome]:
    """List what is loaded over http."""
    facts = service.need(HttpFacts)
    urls = ", ".join(facts.mixed_content)
    name = "mixed" if urls else PAGE_CUT if facts.truncated else "clean"
    evidence = (Evidence("http.mixed_content", urls or "(none)"), Evidence("http.final_url", facts.final_url))
    yield Outcome(name, {"urls": urls}, evidence)


RULE = Rule(
    id="web/mixed-content",
    title=Text("HTTPS 页面引用明文资源", "An HTTPS page loads clear-text parts"),
    rationale=Text(
        "明文资源可被篡改，进而控制整个页面。",
        "Parts in clear text can be changed on the way, and with them the page.",
    ),
    remediation=Text(
        "把引用和表单地址改为 https:// 或者相对地址；一时改不完的，设置 CSP。nginx：add_header "
        "Content-Security-Policy upgrade-insecure-requests always;　Apache：Header always set "
        "Content-Security-Policy upgrade-insecure-requests　Tomcat：在应用的 Filter 中设置该响应头；前面有代理的，用"
        " RemoteIpValve 让应用知道自己在 HTTPS 上，不再生成 http:// 地址　IIS：web.config 的 <customHeaders> 中 <add "
        'name="Content-Security-Policy" value="upgrade-insecure-requests" />。',
        "Change references and form targets to https:// or to relative ones; until that is done, set it in the CSP. "
        "nginx: add_header Content-Security-Policy upgrade-insecure-requests always; Apache: Header always set "
        "Content-Security-Policy upgrade-insecure-requests. Tomcat: set it in a filter of the application; behind a "
        "proxy, RemoteIpValve tells the application that it is on HTTPS, so that it makes no http:// addresses. IIS: "
        '<add name="Content-Security-Policy" value="upgrade-insecure-requests" /> under <customHeaders> in '
        "web.config.",
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
        PAGE_CUT: PAGE_CUT_OUTCOME,
        "clean": Declared(
            status=Status.PASS,
            detail=Text("首页没有引用明文资源。", "The home page loads nothing in clear text."),
        ),
    },
    evaluate=evaluate,
    applies=shows_https_page,
    references=(Reference("W3C Mixed Content", "https://www.w3.org/TR/mixed-content/"),),
)
