"""A filing number is shown without the link that lets a visitor check it.

How it is seen: links of the home page to beian.miit.gov.cn and beian.mps.gov.cn (or www.beian.gov.cn).
"""

from __future__ import annotations

from collections.abc import Iterable

from checks.model import Basis, Declared, Evidence, Outcome, Reference, Rule, Settings, Severity, Status, Text
from scanner.facts import HttpFacts, ServiceFacts


def _shown(service: ServiceFacts) -> bool:
    filing = service.need(HttpFacts).filing
    return bool(filing.icp or filing.mps)


def evaluate(service: ServiceFacts, settings: Settings) -> Iterable[Outcome]:
    """Look for the links."""
    filing = service.need(HttpFacts).filing
    pairs = ((filing.icp, filing.icp_link), (filing.mps, filing.mps_link))
    unlinked = ", ".join(numbers[0] for numbers, link in pairs if numbers and not link)
    evidence = tuple(Evidence("http.filing.link", link) for _, link in pairs if link)
    yield Outcome("unlinked" if unlinked else "linked", {"which": unlinked}, evidence)


RULE = Rule(
    id="filing/filing-link",
    title=Text("备案号未链接到备案系统", "A filing number is not linked to its register"),
    rationale=Text(
        "没有链接时，访问者不便核验备案真伪。", "Without the link a visitor cannot easily check the filing."
    ),
    remediation=Text(
        "为 ICP 备案号链接 https://beian.miit.gov.cn/，为公安备案号链接 https://beian.mps.gov.cn/。",
        "Link the ICP number to https://beian.miit.gov.cn/ and the public-security number to "
        "https://beian.mps.gov.cn/.",
    ),
    severity=Severity.INFO,
    duties=("filing",),
    needs=(HttpFacts,),
    basis=Basis.HTTP,
    outcomes={
        "unlinked": Declared(
            status=Status.INFO,
            detail=Text("{which} 没有链接到备案系统。", "{which}: not linked to its register."),
        ),
        "linked": Declared(
            status=Status.PASS, detail=Text("备案号均已链接。", "All filing numbers are linked.")
        ),
    },
    evaluate=evaluate,
    applies=_shown,
    references=(Reference("全国互联网安全管理服务平台", "https://beian.mps.gov.cn/"),),
)
