"""The site shows the untouched welcome page of its server.

How it is seen: well-known sentences of nginx, Apache, OpenResty, IIS, Tomcat and CentOS, also on a page with
an error status (some welcome pages come with 403). How it is judged: a weakness of the lowest kind. What it
shows: nobody has finished setting this service up.
"""

from __future__ import annotations

from collections.abc import Iterable

from checks.model import Basis, Declared, Evidence, Outcome, Reference, Rule, Settings, Severity, Status, Text
from checks.web.page import shows_page
from scanner.facts import HttpFacts, ServiceFacts


def _page(service: ServiceFacts) -> bool:
    return shows_page(service) or service.need(HttpFacts).default_page is not None


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
        "不用的服务应当停止并关闭端口；要用的换成正式内容，删除默认页和示例程序。"
        "nginx：/usr/share/nginx/html　Apache：/var/www/html　Tomcat：webapps/ROOT、docs、examples、manager　IIS：iisstart.htm。",
        "Stop what is not used and close its port; where it is used, put real content there and delete welcome pages and examples. "
        "nginx: /usr/share/nginx/html; Apache: /var/www/html; Tomcat: webapps/ROOT, docs, examples, manager; IIS: iisstart.htm.",
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
    applies=_page,
    references=(Reference("CWE-1188", "https://cwe.mitre.org/data/definitions/1188.html"),),
)
