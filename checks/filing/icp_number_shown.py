"""The home page shows the ICP filing number.

How it is seen: text, image descriptions and links of the home page. How it is judged: not seeing it is a risk at most, never a proof that the filing was not made.
"""

from __future__ import annotations

from collections.abc import Iterable

from checks.filing.home_page import why_not_seen
from checks.model import Basis, Declared, Evidence, Outcome, Reference, Rule, Settings, Severity, Status, Text
from scanner.facts import HttpFacts, ServiceFacts


def evaluate(service: ServiceFacts, settings: Settings) -> Iterable[Outcome]:
    """Look on the home page; not seeing proves little, and is said so."""
    filing = service.need(HttpFacts).filing
    shown = ", ".join(filing.icp)
    evidence = (Evidence("http.filing.icp", shown),) if shown else ()
    yield Outcome("shown" if shown else why_not_seen(service) or "missing", {"shown": shown}, evidence)


RULE = Rule(
    id="filing/icp-number-shown",
    title=Text("首页未见 ICP 备案号", "No ICP filing number is seen on the home page"),
    rationale=Text(
        "网站应当在首页底部标明 ICP 备案编号并链接到备案管理系统。",
        "A site is to show its ICP filing number at the foot of its home page, linked to the filing system.",
    ),
    remediation=Text(
        "在首页底部标明备案号，并链接到 https://beian.miit.gov.cn/。",
        "Show the number at the foot of the home page, linked to https://beian.miit.gov.cn/.",
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
                "首页未见 ICP 备案号；是否已备案需核实。",
                "No ICP number is seen on the home page; whether the filing was made must be verified.",
            ),
        ),
        "shown": Declared(
            status=Status.PASS, detail=Text("首页标明：{shown}", "The home page shows: {shown}")
        ),
        "no_domain": Declared(
            status=Status.INCONCLUSIVE,
            detail=Text(
                "以 IP 地址访问，备案以域名为准，须以域名复查或现场核实。",
                "Asked by bare address; a filing belongs to a domain: check by name or on site.",
            ),
        ),
        "script_rendered": Declared(
            status=Status.INCONCLUSIVE,
            detail=Text(
                "页面由脚本生成，未执行脚本无法看到全部内容，需现场核实。",
                "The page is made by script, which was not run: verify on site.",
            ),
        ),
        "no_page": Declared(
            status=Status.INCONCLUSIVE,
            detail=Text(
                "没有取得正常的首页，无法判断，需现场核实。", "No proper home page was seen: verify on site."
            ),
        ),
    },
    evaluate=evaluate,
    references=(
        Reference("全国互联网安全管理服务平台", "https://beian.mps.gov.cn/"),
        Reference("工业和信息化部备案管理系统", "https://beian.miit.gov.cn/"),
    ),
)
