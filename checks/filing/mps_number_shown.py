"""The home page shows the public-security filing number (公安联网备案).

How it is seen: text, image descriptions and links of the home page. How it is judged: not seeing it is a risk at most; whether the filing was made is verified with the organ that took it.
"""

from __future__ import annotations

from collections.abc import Iterable

from checks.filing.home_page import why_not_seen
from checks.model import Basis, Declared, Evidence, Outcome, Reference, Rule, Settings, Severity, Status, Text
from scanner.facts import HttpFacts, ServiceFacts


def evaluate(service: ServiceFacts, settings: Settings) -> Iterable[Outcome]:
    """Look on the home page; not seeing proves little, and is said so."""
    filing = service.need(HttpFacts).filing
    shown = ", ".join(filing.mps)
    evidence = (Evidence("http.filing.mps", shown),) if shown else ()
    yield Outcome("shown" if shown else why_not_seen(service) or "missing", {"shown": shown}, evidence)


RULE = Rule(
    id="filing/mps-number-shown",
    title=Text("首页未见公安联网备案号", "No public-security filing number is seen on the home page"),
    rationale=Text(
        "联网单位应当自网络正式联通之日起三十日内到公安机关办理备案手续；首页通常标明备案号。",
        "Units are to file with the public security organ within thirty days of being "
        "connected; home pages usually show the number.",
    ),
    remediation=Text(
        "登录 https://beian.mps.gov.cn/ 办理或核对联网备案，在首页底部标明备案号和图标并链接。",
        "File or check at https://beian.mps.gov.cn/, and show number and emblem at the foot of "
        "the home page with its link.",
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
                "首页未见公安联网备案号；是否已备案需核实。",
                "No public-security filing number is seen on the home page; whether the filing was "
                "made must be verified.",
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
