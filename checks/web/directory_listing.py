"""The home page is a listing of a folder.

How it is seen: the title and links of the page. What it cannot show: listings deeper in the site.
"""

from __future__ import annotations

from collections.abc import Iterable

from checks.model import Basis, Declared, Evidence, Outcome, Rule, Settings, Severity, Status, Text
from checks.web.page import is_page
from scanner.facts import HttpFacts, ServiceFacts


def evaluate(service: ServiceFacts, settings: Settings) -> Iterable[Outcome]:
    """See whether the page is a listing."""
    facts = service.need(HttpFacts)
    listed = facts.directory_listing
    yield Outcome(
        "listed" if listed else "not_listed", {"title": facts.title}, (Evidence("http.title", facts.title),)
    )


RULE = Rule(
    id="web/directory-listing",
    title=Text("网站列出目录内容", "The site lists a folder"),
    rationale=Text("任何人可以浏览并下载目录中的文件。", "Anyone can browse and take the files."),
    remediation=Text(
        "nginx：autoindex off;　Apache：Options -Indexes　Tomcat：listings 设为 false　IIS：关闭目录浏览。",
        "nginx: autoindex off; Apache: Options -Indexes; Tomcat: listings false; IIS: switch "
        "directory browsing off.",
    ),
    severity=Severity.MEDIUM,
    duties=(
        "intrusion_protection",
        "data_protection",
    ),
    needs=(HttpFacts,),
    basis=Basis.HTTP,
    outcomes={
        "listed": Declared(
            status=Status.WARN,
            severity=Severity.MEDIUM,
            detail=Text("首页是目录列表（{title}）。", "The home page is a folder listing ({title})."),
        ),
        "not_listed": Declared(
            status=Status.PASS, detail=Text("首页不是目录列表。", "The home page is no folder listing.")
        ),
    },
    evaluate=evaluate,
    applies=is_page,
)
