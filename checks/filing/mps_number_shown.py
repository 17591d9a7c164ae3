"""The home page shows a public security filing number (京公网安备 11010102001234号).

How it is seen: in the text of the home page, the descriptions of its images and its links. How it is judged:
a number passes unless its form is wrong, which filing/mps-number-malformed tells; a whole page without one is a
lead (low), nothing more. A page that is filled in by script, that links to the platform without a number to be
read, was not read whole, is an error, or was asked for by address alone is inconclusive: verify on site.
What it cannot show: a number painted in an image; whether the network is filed, which is looked up on the
platform and seen on the filing certificate.
"""

from __future__ import annotations

from collections.abc import Iterable

from checks.filing.home_page import (
    FOOTER,
    MPS,
    MPS_MALFORMED,
    UNCLEAR,
    judge_shown,
    may_need_filing,
    mps_fault,
)
from checks.model import Basis, Declared, Outcome, Reference, Rule, Settings, Severity, Status, Text
from scanner.facts import HttpFacts, ServiceFacts


def evaluate(service: ServiceFacts, settings: Settings) -> Iterable[Outcome]:
    """Look for the number; one of the wrong form is no pass here."""
    numbers = service.need(HttpFacts).filing.mps
    digits = settings.threshold("mps_filing_digits")
    good = tuple(number for number in numbers if mps_fault(number, digits) not in MPS_MALFORMED)
    if numbers and not good:
        return judge_shown(service, "mps", numbers, "shown_malformed")
    return judge_shown(service, "mps", good)


RULE = Rule(
    id="filing/mps-number-shown",
    title=Text("首页未见公安联网备案号", "No public security filing number is seen on the home page"),
    rationale=Text(
        "接入国际联网的单位应当自网络正式联通之日起三十日内，到公安机关办理备案手续；备案后应在首页底部标明备案号。"
        "没有标明的，可能没有备案，也可能只是没有标明。",
        "A unit files with the public security organ within thirty days of going online, and then shows the number at the "
        "foot of its home page. Where none is shown, the filing may be missing, or only its mark.",
    ),
    remediation=Text(
        "已备案的，登录 https://beian.mps.gov.cn/ 取得备案图标和代码，放在首页底部（形如“京公网安备11010102001234号”）。"
        "没有备案的，在该平台办理公安联网备案。"
        f"{FOOTER.zh}",
        "If filed, sign in at https://beian.mps.gov.cn/, take the emblem and its code, and put them at the foot of the home "
        "page (such as 京公网安备11010102001234号). If not, file there."
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
                "{name} 的首页上没有看到公安联网备案号（图片中的文字、脚本写入的内容看不到）；是否已备案须在备案平台查询，并现场核实。",
                "No public security filing number is seen on the home page of {name} (what images paint and scripts write is not seen); look up on the platform, and verify "
                "on site, whether it is filed.",
            ),
        ),
        "shown_malformed": Declared(
            status=Status.INFO,
            detail=Text(
                "首页标明 {shown}，但格式不正确，见 filing/mps-number-malformed。",
                "The home page shows {shown}, which is malformed: see filing/mps-number-malformed.",
            ),
        ),
        "shown": Declared(
            status=Status.PASS,
            detail=Text(
                "首页标明：{shown}。是否真实、备案信息是否有变更，请在备案平台查询并查看备案凭证。",
                "The home page shows {shown}. Look it up on the platform, and see the certificate, to know whether it is "
                "real and up to date.",
            ),
        ),
        **UNCLEAR,
    },
    evaluate=evaluate,
    applies=may_need_filing,
    references=(
        Reference("计算机信息网络国际联网安全保护管理办法（公安部令第33号）第十二条"),
        MPS,
    ),
)
