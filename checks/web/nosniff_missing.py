"""The page comes without X-Content-Type-Options: nosniff.

How it is seen: the header x-content-type-options of the final answer. How it is judged: as browsers do: only
a first value of nosniff has an effect. What it cannot show: whether users can upload files at all.
"""

from __future__ import annotations

from collections.abc import Iterable

from checks.model import Basis, Outcome, Reference, Rule, Settings, Severity, Text
from checks.web.page import header_evidence, header_outcomes, shows_page
from scanner.facts import HttpFacts, ServiceFacts

_NAME = "x-content-type-options"


def evaluate(service: ServiceFacts, settings: Settings) -> Iterable[Outcome]:
    """Look at the first value of the header."""
    facts = service.need(HttpFacts)
    value = facts.headers.get(_NAME, "").strip()
    effective = value.partition(",")[0].strip().lower() == "nosniff"
    name = "present" if effective else "ineffective" if value else "missing"
    yield Outcome(name, {"value": value}, header_evidence(facts, _NAME))


RULE = Rule(
    id="web/nosniff-missing",
    title=Text("页面未禁止内容类型猜测", "The page does not forbid guessing of content types"),
    rationale=Text(
        "没有 X-Content-Type-Options: nosniff 时，浏览器可能把用户上传的文件当作脚本或者网页执行。",
        "Without X-Content-Type-Options: nosniff, a browser may run an uploaded file as script or as a page.",
    ),
    remediation=Text(
        "nginx：add_header X-Content-Type-Options nosniff always;　"
        "Apache：Header always set X-Content-Type-Options nosniff　"
        "Tomcat：在 web.xml 启用 HttpHeaderSecurityFilter（blockContentTypeSniffingEnabled 默认开启）　"
        'IIS：在 customHeaders 中添加 <add name="X-Content-Type-Options" value="nosniff" />。',
        "nginx: add_header X-Content-Type-Options nosniff always; "
        "Apache: Header always set X-Content-Type-Options nosniff; "
        "Tomcat: HttpHeaderSecurityFilter in web.xml (blockContentTypeSniffingEnabled is on by default); "
        'IIS: <add name="X-Content-Type-Options" value="nosniff" /> in customHeaders.',
    ),
    severity=Severity.LOW,
    duties=("intrusion_protection",),
    needs=(HttpFacts,),
    basis=Basis.HTTP,
    outcomes=header_outcomes("X-Content-Type-Options", "nosniff", Severity.LOW),
    evaluate=evaluate,
    applies=shows_page,
    references=(
        Reference("WHATWG Fetch, nosniff", "https://fetch.spec.whatwg.org/#x-content-type-options-header"),
        Reference("OWASP Secure Headers Project", "https://owasp.org/www-project-secure-headers/"),
    ),
)
