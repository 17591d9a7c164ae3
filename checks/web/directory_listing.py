"""The home page is a listing of a folder.

How it is seen: the title and links of the page. How it is judged: as a weakness; some sites publish files on
purpose.
What it cannot show: listings deeper in the site.
"""

from __future__ import annotations

from collections.abc import Iterable

from checks.model import Basis, Declared, Evidence, Outcome, Reference, Rule, Settings, Severity, Status, Text
from checks.web.page import shows_page
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
    rationale=Text(
        "任何人都可以浏览并下载目录中的文件，包括不打算公开的。",
        "Anyone can browse and take the files, those not meant for the public too.",
    ),
    remediation=Text(
        "nginx：autoindex off;　Apache：Options -Indexes　Tomcat：web.xml 中 DefaultServlet 的 listings 设为 false　"
        'IIS：<directoryBrowse enabled="false" />。专门用于公开下载的站点除外。',
        "nginx: autoindex off; Apache: Options -Indexes; Tomcat: listings false of DefaultServlet in web.xml; "
        'IIS: <directoryBrowse enabled="false" />. Sites that exist to publish files are excepted.',
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
    applies=shows_page,
    references=(Reference("CWE-548", "https://cwe.mitre.org/data/definitions/548.html"),),
)
