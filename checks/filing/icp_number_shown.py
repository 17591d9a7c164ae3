"""The home page shows an ICP filing or licence number (京ICP备…号, 京ICP证…号, 粤B2-…).

How it is seen: in the text of the home page, the descriptions of its images and its links. How it is judged:
a number passes; a template's (京ICP备XXXXXXXX号) is none; a whole page without one is a lead (low), nothing more.
A page that is filled in by script, that links to the platform without a number to be read, was not read whole,
is an error, or was asked for by address alone is inconclusive: verify on site. What it cannot show: a number
painted in an image; whether the number is real, belongs to this operator, or is up to date; whether the site
must have one; which services a licence (B2-…) is for.
"""

from __future__ import annotations

from collections.abc import Iterable

from checks.filing.home_page import FOOTER, MIIT, UNCLEAR, icp_fault, judge_shown, may_need_filing
from checks.model import Basis, Declared, Outcome, Reference, Rule, Settings, Severity, Status, Text
from scanner.facts import HttpFacts, ServiceFacts


def evaluate(service: ServiceFacts, settings: Settings) -> Iterable[Outcome]:
    """Look for the number."""
    numbers = service.need(HttpFacts).filing.icp
    return judge_shown(service, "icp", tuple(one for one in numbers if icp_fault(one) != "placeholder"))


RULE = Rule(
    id="filing/icp-number-shown",
    title=Text("首页未见 ICP 备案号", "No ICP filing number is seen on the home page"),
    rationale=Text(
        "在境内提供互联网信息服务，应当取得经营许可或者履行备案手续，并在网站主页标明许可证编号或者备案编号。"
        "没有标明的，可能没有备案，也可能只是没有标明。",
        "Internet information services in mainland China need a licence or a filing, and show its number on the home page. "
        "Where none is shown, the filing may be missing, or only its mark.",
    ),
    remediation=Text(
        "已备案的，在首页底部标明备案号并链接："
        '<a href="https://beian.miit.gov.cn/">京ICP备12345678号-1</a>。'
        "没有备案的，通过网站的接入服务商办理。不适用备案的，请说明情况。"
        f"{FOOTER.zh}",
        "If filed, show the number at the foot of the home page with its link: "
        '<a href="https://beian.miit.gov.cn/">京ICP备12345678号-1</a>. '
        "If not, file through the site's access provider. If no filing is needed, say so."
        f"{FOOTER.en}",
    ),
    severity=Severity.LOW,
    duties=("filing",),
    needs=(HttpFacts,),
    basis=Basis.HTTP,
    outcomes={
        "missing": Declared(
            status=Status.WARN,
            severity=Severity.LOW,
            detail=Text(
                "{name} 的首页上没有看到 ICP 备案号或者许可证号（图片中的文字、脚本写入的内容看不到）；是否已备案须查询核实。",
                "No ICP number is seen on the home page of {name} (what images paint and scripts write is not seen); whether it is filed must be looked up.",
            ),
        ),
        "shown": Declared(
            status=Status.PASS,
            detail=Text(
                "首页标明：{shown}。是否真实、是否属于本单位，请在 beian.miit.gov.cn 查询核对。",
                "The home page shows {shown}. Look it up at beian.miit.gov.cn to see whether it is real and this operator's.",
            ),
        ),
        **UNCLEAR,
    },
    evaluate=evaluate,
    applies=may_need_filing,
    references=(
        Reference("互联网信息服务管理办法（国务院令第292号）第十二条"),
        Reference("非经营性互联网信息服务备案管理办法（信息产业部令第33号）第十三条"),
        MIIT,
    ),
)
