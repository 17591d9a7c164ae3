"""The home page shows an ICP filing or licence number (京ICP备…号, 京ICP证…号).

How it is seen: in the text of the home page, the descriptions of its images and its links. How it is judged: a number of
the right form on the page passes; a whole page without one is a lead (warn, low). A page that is filled in by script, was
not read whole, is an error page, or was asked for by address alone is inconclusive. What it cannot show: whether the number
is real, belongs to this operator, or is up to date (look it up at beian.miit.gov.cn), or whether the site must have one.
"""

from __future__ import annotations

from collections.abc import Iterable

from checks.filing.home import UNCLEAR, applies, why_unclear
from checks.model import Basis, Declared, Evidence, Outcome, Reference, Rule, Settings, Severity, Status, Text
from scanner.facts import HttpFacts, ServiceFacts


def evaluate(service: ServiceFacts, settings: Settings) -> Iterable[Outcome]:
    """Look for the number; say nothing where the page cannot show it."""
    facts = service.need(HttpFacts)
    numbers = ", ".join(facts.filing.icp)
    evidence = (Evidence("http.filing.icp", numbers or "-"), Evidence("http.final_url", facts.final_url))
    if numbers:
        yield Outcome("shown", {"numbers": numbers}, evidence)
    else:
        unclear = why_unclear(service) or Outcome("not_shown", {"name": service.endpoint.name or ""})
        yield Outcome(unclear.name, unclear.values, evidence)


RULE = Rule(
    id="filing/icp-number-shown",
    title=Text("首页标明 ICP 备案号", "The home page shows the ICP number"),
    rationale=Text(
        "在境内提供互联网信息服务，应当取得经营许可或者履行备案手续，并在网站主页的显著位置标明经营许可证编号或者备案编号。"
        "没有标明的，可能没有备案，也可能只是没有标明。",
        "Internet information services provided in mainland China need a licence or a filing, and show its number in a "
        "prominent place on the home page. Where none is shown, the filing may be missing, or only its mark.",
    ),
    remediation=Text(
        "已备案的，在首页底部标明备案号（形如“京ICP备12345678号-1”）并链接到 https://beian.miit.gov.cn/。"
        "没有备案的，通过网站的接入服务商在工业和信息化部备案管理系统办理。服务器不在境内、不适用备案的，请说明情况。",
        "If filed, show the number (such as 京ICP备12345678号-1) at the foot of the home page with a link to "
        "https://beian.miit.gov.cn/. If not, file through the access provider in the ministry's filing system. If the "
        "server is outside mainland China and no filing is needed, say so.",
    ),
    severity=Severity.LOW,
    duties=("filing",),
    needs=(HttpFacts,),
    basis=Basis.HTTP,
    outcomes={
        "shown": Declared(
            status=Status.PASS,
            detail=Text(
                "首页标明：{numbers}。是否真实、是否与本单位一致，请在 beian.miit.gov.cn 查询核对。",
                "The home page shows {numbers}. Look it up at beian.miit.gov.cn to see whether it is real and this operator's.",
            ),
        ),
        "not_shown": Declared(
            status=Status.WARN,
            severity=Severity.LOW,
            detail=Text(
                "在 {name} 的首页上没有看到 ICP 备案号或者许可证号；应标明，形如“京ICP备12345678号-1”。是否已备案请查询核实。",
                "No ICP number was seen on the home page of {name}; wanted: one such as 京ICP备12345678号-1. Look up whether it "
                "is filed.",
            ),
        ),
        **UNCLEAR,
    },
    applies=applies,
    evaluate=evaluate,
    references=(
        Reference("互联网信息服务管理办法（国务院令第292号）第十二条"),
        Reference("非经营性互联网信息服务备案管理办法（信息产业部令第33号）第十三条"),
        Reference("ICP/IP地址/域名信息备案管理系统", "https://beian.miit.gov.cn/"),
    ),
)
