"""A filing number on the home page has no link to the platform on which it can be looked up.

How it is seen: links of the home page to beian.miit.gov.cn (ICP) and beian.mps.gov.cn (public security; www.beian.gov.cn
is its former address and still counts). How it is judged: only for numbers that are shown; a missing link is a warning of
the lowest kind. What it cannot show: links that a script sets when clicked.
"""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlsplit

from checks.model import Basis, Declared, Evidence, Outcome, Reference, Rule, Settings, Severity, Status, Text
from scanner.facts import HttpFacts, ServiceFacts

_ICP_HOSTS = ("beian.miit.gov.cn", "www.beian.miit.gov.cn")
_MPS_HOSTS = ("beian.mps.gov.cn", "www.beian.gov.cn", "beian.gov.cn")


def applies(service: ServiceFacts) -> bool:
    """Pages that show a number of either kind."""
    facts = service.get(HttpFacts)
    return facts is not None and bool(facts.filing.icp or facts.filing.mps)


def _host(link: str | None) -> str:
    if not link:
        return ""
    try:
        return urlsplit(link if "//" in link else f"//{link}").hostname or ""
    except ValueError:
        return ""


def evaluate(service: ServiceFacts, settings: Settings) -> Iterable[Outcome]:
    """Each kind of number is judged by itself; a pass when all that are shown are linked."""
    filing = service.need(HttpFacts).filing
    evidence = (
        Evidence("http.filing.icp_link", filing.icp_link or "-"),
        Evidence("http.filing.mps_link", filing.mps_link or "-"),
    )
    unlinked = False
    if filing.icp and _host(filing.icp_link) not in _ICP_HOSTS:
        unlinked = True
        yield Outcome(
            "icp_elsewhere" if filing.icp_link else "icp_not_linked",
            {"numbers": ", ".join(filing.icp), "link": filing.icp_link or "-"},
            evidence,
        )
    if filing.mps and _host(filing.mps_link) not in _MPS_HOSTS:
        unlinked = True
        yield Outcome("mps_not_linked", {"numbers": ", ".join(filing.mps)}, evidence)
    if not unlinked:
        yield Outcome("linked", {"numbers": ", ".join((*filing.icp, *filing.mps))}, evidence)


RULE = Rule(
    id="filing/filing-link",
    title=Text("备案号链接到备案平台", "Filing numbers link to the filing platform"),
    rationale=Text(
        "备案号应当链接到备案管理系统，供公众查询核对。没有链接的，访问者无法方便地核实号码真假。",
        "A filing number should link to the filing system, so that the public can look it up; without the link visitors cannot "
        "easily check it.",
    ),
    remediation=Text(
        "ICP 备案号链接到 https://beian.miit.gov.cn/（旧地址 www.miitbeian.gov.cn 已停用）；公安联网备案号使用 "
        "https://beian.mps.gov.cn/ 提供的代码，链接到本单位的备案信息页。",
        "Link the ICP number to https://beian.miit.gov.cn/ (the former www.miitbeian.gov.cn is out of use), and the public "
        "security number to the operator's entry with the code that https://beian.mps.gov.cn/ gives out.",
    ),
    severity=Severity.LOW,
    duties=("filing",),
    needs=(HttpFacts,),
    basis=Basis.HTTP,
    outcomes={
        "icp_not_linked": Declared(
            status=Status.WARN,
            severity=Severity.LOW,
            detail=Text(
                "{numbers} 没有链接到 beian.miit.gov.cn。",
                "{numbers} has no link to beian.miit.gov.cn.",
            ),
        ),
        "icp_elsewhere": Declared(
            status=Status.WARN,
            severity=Severity.LOW,
            detail=Text(
                "{numbers} 链接到 {link}；应链接到 https://beian.miit.gov.cn/。",
                "{numbers} links to {link}; wanted: https://beian.miit.gov.cn/.",
            ),
        ),
        "mps_not_linked": Declared(
            status=Status.WARN,
            severity=Severity.LOW,
            detail=Text(
                "{numbers} 没有链接到 beian.mps.gov.cn 的备案信息页。",
                "{numbers} has no link to its entry at beian.mps.gov.cn.",
            ),
        ),
        "linked": Declared(
            status=Status.PASS,
            detail=Text("{numbers} 已链接到备案平台。", "{numbers} links to the filing platform."),
        ),
    },
    applies=applies,
    evaluate=evaluate,
    references=(
        Reference("非经营性互联网信息服务备案管理办法（信息产业部令第33号）第十三条"),
        Reference("互联网站安全管理服务平台", "https://beian.mps.gov.cn/"),
    ),
)
