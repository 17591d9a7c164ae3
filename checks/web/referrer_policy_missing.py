"""The page does not say, or says carelessly, what is passed on of its address.

How it is seen: the header referrer-policy of the final answer, or the meta element named referrer.
How it is judged: the last value that browsers know decides. Absent is information only, since browsers of
today then keep the path to themselves; a value that sends the whole address to other sites is a weakness.
"""

from __future__ import annotations

from collections.abc import Iterable

from checks.model import Basis, Declared, Evidence, Outcome, Reference, Rule, Settings, Severity, Status, Text
from checks.web.page import header_evidence, shows_page
from scanner.facts import HttpFacts, ServiceFacts

_WHOLE_ADDRESS = ("unsafe-url", "no-referrer-when-downgrade")
_KNOWN = (
    *_WHOLE_ADDRESS,
    "no-referrer",
    "same-origin",
    "origin",
    "strict-origin",
    "origin-when-cross-origin",
    "strict-origin-when-cross-origin",
)


def evaluate(service: ServiceFacts, settings: Settings) -> Iterable[Outcome]:
    """Find the value that browsers go by; the meta element comes after the header and overrides it."""
    facts = service.need(HttpFacts)
    given = f"{facts.headers.get('referrer-policy', '')},{facts.meta.get('referrer', '')}".lower().split(",")
    known = [value.strip() for value in given if value.strip() in _KNOWN]
    evidence = header_evidence(facts, "referrer-policy")
    if "referrer" in facts.meta:
        evidence = (*evidence, Evidence("http.meta.referrer", facts.meta["referrer"]))
    if not known:
        yield Outcome("missing", {}, evidence)
    else:
        yield Outcome("unsafe" if known[-1] in _WHOLE_ADDRESS else "present", {"value": known[-1]}, evidence)


RULE = Rule(
    id="web/referrer-policy-missing",
    title=Text("页面未妥善设置来源策略（Referrer-Policy）", "The page has no sound Referrer-Policy"),
    rationale=Text(
        "用户从本站转到其他网站时，浏览器可能把当前网址（连同其中的参数）告诉对方。没有设置时由浏览器决定，较新的浏览器只告知域名。",
        "When users move on to another site, the browser may tell it the address they come from, parameters and all. "
        "Where nothing is set the browser decides; recent ones tell only the domain.",
    ),
    remediation=Text(
        "nginx：add_header Referrer-Policy strict-origin-when-cross-origin always;　Apache：Header always set "
        "Referrer-Policy strict-origin-when-cross-origin　Tomcat：在应用的 Filter 中设置该响应头（response.setHeader"
        '）　IIS：web.config 的 <customHeaders> 中 <add name="Referrer-Policy" '
        'value="strict-origin-when-cross-origin" />。',
        "nginx: add_header Referrer-Policy strict-origin-when-cross-origin always; Apache: Header always set "
        "Referrer-Policy strict-origin-when-cross-origin. Tomcat: set it in a filter of the application "
        '(response.setHeader). IIS: <add name="Referrer-Policy" value="strict-origin-when-cross-origin" /> under '
        "<customHeaders> in web.config.",
    ),
    severity=Severity.LOW,
    duties=("personal_information",),
    needs=(HttpFacts,),
    basis=Basis.HTTP,
    outcomes={
        "unsafe": Declared(
            status=Status.WARN,
            severity=Severity.LOW,
            detail=Text(
                "Referrer-Policy 为 {value}，会把完整网址告知其他网站；应使用 strict-origin-when-cross-origin 或者更严的值。",
                "Referrer-Policy is {value}, which tells other sites the whole address; wanted: "
                "strict-origin-when-cross-origin or stricter.",
            ),
        ),
        "missing": Declared(
            status=Status.INFO,
            detail=Text(
                "没有设置浏览器认识的 Referrer-Policy，由浏览器的默认值决定。",
                "No Referrer-Policy that browsers know is set; their default decides.",
            ),
        ),
        "present": Declared(
            status=Status.PASS, detail=Text("Referrer-Policy：{value}", "Referrer-Policy: {value}")
        ),
    },
    evaluate=evaluate,
    applies=shows_page,
    references=(Reference("W3C Referrer Policy", "https://www.w3.org/TR/referrer-policy/"),),
)
