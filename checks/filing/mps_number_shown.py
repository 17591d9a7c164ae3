"""The home page shows a public security filing number (京公网安备 11010102001234号).

How it is seen: in the text of the home page, the descriptions of its images and its links. How it is judged: as
``filing/icp-number-shown``: a whole page of a public domain without a number is a lead (warn, low), nothing more. What it
cannot show: whether the network is filed with the public security organ; that is looked up on the filing platform and seen
on the filing certificate.
"""

from __future__ import annotations

from collections.abc import Iterable

from checks.filing.home import UNCLEAR, applies, why_unclear
from checks.model import Basis, Declared, Evidence, Outcome, Reference, Rule, Settings, Severity, Status, Text
from scanner.facts import HttpFacts, ServiceFacts


def evaluate(service: ServiceFacts, settings: Settings) -> Iterable[Outcome]:
    """Look for the number; say nothing where the page cannot show it."""
    facts = service.need(HttpFacts)
    numbers = ", ".join(facts.filing.mps)
    evidence = (Evidence("http.filing.mps", numbers or "-"), Evidence("http.final_url", facts.final_url))
    if numbers:
        yield Outcome("shown", {"numbers": numbers}, evidence)
    else:
        unclear = why_unclear(service) or Outcome("not_shown", {"name": service.endpoint.name or ""})
        yield Outcome(unclear.name, unclear.values, evidence)


RULE = Rule(
    id="filing/mps-number-shown",
    title=Text("首页标明公安联网备案号", "The home page shows the public security filing number"),
    rationale=Text(
        "接入国际联网的单位应当自网络正式联通之日起三十日内，到公安机关办理备案手续。网站备案后，"
        "公安机关互联网站安全管理服务平台要求在首页底部标明备案号和图标。没有标明的，可能没有备案，也可能只是没有标明。",
        "A unit files with the public security organ within thirty days of going online. Once a site is filed, the filing "
        "platform asks for the number and its emblem at the foot of the home page. Where none is shown, the filing may be "
        "missing, or only its mark.",
    ),
    remediation=Text(
        "已备案的，登录 https://beian.mps.gov.cn/ 下载备案图标和代码，放在首页底部（形如“京公网安备 11010102001234号”）。"
        "没有备案的，在该平台办理公安联网备案。",
        "If filed, sign in at https://beian.mps.gov.cn/, take the emblem and its code, and put them at the foot of the home "
        "page (such as 京公网安备 11010102001234号). If not, file there.",
    ),
    severity=Severity.LOW,
    duties=("filing",),
    needs=(HttpFacts,),
    basis=Basis.HTTP,
    outcomes={
        "shown": Declared(
            status=Status.PASS,
            detail=Text(
                "首页标明：{numbers}。是否真实、备案信息是否变更，请在备案平台查询并查看备案凭证。",
                "The home page shows {numbers}. Look it up on the filing platform, and see the certificate, to know whether "
                "it is real and up to date.",
            ),
        ),
        "not_shown": Declared(
            status=Status.WARN,
            severity=Severity.LOW,
            detail=Text(
                "在 {name} 的首页上没有看到公安联网备案号；备案后应标明，形如“京公网安备 11010102001234号”。"
                "是否已备案，请在备案平台查询并现场核实。",
                "No public security filing number was seen on the home page of {name}; wanted once filed: one such as "
                "京公网安备 11010102001234号. Look up on the platform, and verify on site, whether it is filed.",
            ),
        ),
        **UNCLEAR,
    },
    applies=applies,
    evaluate=evaluate,
    references=(
        Reference("计算机信息网络国际联网安全保护管理办法（公安部令第33号）第十二条"),
        Reference("互联网站安全管理服务平台", "https://beian.mps.gov.cn/"),
    ),
)
