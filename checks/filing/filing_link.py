"""A filing number on the home page has no link to the platform on which it can be looked up.

How it is seen: links of the home page to beian.miit.gov.cn (ICP) and beian.mps.gov.cn (public security;
www.beian.gov.cn is its former address and still counts). How it is judged: only for numbers that are shown; a
missing link, or one to the ICP system's former address that is out of use, is a weakness of the lowest kind.
What it cannot show: links that a script sets.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain
from urllib.parse import urlsplit

from checks.filing.home_page import FOOTER, MIIT, MPS
from checks.model import Basis, Declared, Evidence, Outcome, Reference, Rule, Settings, Severity, Status, Text
from checks.web.page import own_answer
from scanner.facts import HttpFacts, ServiceFacts

_ICP_HOSTS = ("beian.miit.gov.cn", "www.beian.miit.gov.cn")
_MPS_HOSTS = ("beian.mps.gov.cn", "www.beian.gov.cn", "beian.gov.cn")


def _shown(service: ServiceFacts) -> bool:
    filing = service.need(HttpFacts).filing
    return bool(filing.icp or filing.mps) and own_answer(service)


def _host(link: str | None) -> str:
    try:
        return urlsplit(link if link and "//" in link else f"//{link or ''}").hostname or ""
    except ValueError:
        return ""


def evaluate(service: ServiceFacts, settings: Settings) -> Iterable[Outcome]:
    """Each kind of number is judged by itself; a pass when all that are shown are linked."""
    facts = service.need(HttpFacts)
    filing = facts.filing
    evidence = (
        Evidence("http.filing.icp_link", filing.icp_link or "(absent)"),
        Evidence("http.filing.mps_link", filing.mps_link or "(absent)"),
    )
    missing: dict[str, tuple[str, ...]] = {}
    if filing.icp and _host(filing.icp_link) not in _ICP_HOSTS:
        missing["icp_unlinked"] = filing.icp
    if filing.mps and _host(filing.mps_link) not in _MPS_HOSTS:
        missing["mps_unlinked"] = filing.mps
    if missing and facts.truncated:
        # The link may stand further down.
        yield Outcome("cut", {"numbers": ", ".join(chain(*missing.values()))}, evidence)
        return
    for name, numbers in missing.items():
        yield Outcome(name, {"numbers": ", ".join(numbers)}, evidence)
    if not missing:
        yield Outcome("linked", {"numbers": ", ".join((*filing.icp, *filing.mps))}, evidence)


RULE = Rule(
    id="filing/filing-link",
    title=Text("备案号未链接到备案平台", "A filing number is not linked to its platform"),
    rationale=Text(
        "备案号应当链接到备案管理系统，供公众查询核对；没有链接的，访问者不便核实真假。",
        "A filing number should link to the filing system, so that the public can look it up and tell whether it is real.",
    ),
    remediation=Text(
        '<a href="https://beian.miit.gov.cn/">京ICP备12345678号-1</a>（旧地址 www.miitbeian.gov.cn 已停用）；'
        "公安联网备案号使用 https://beian.mps.gov.cn/ 提供的代码，链接到本单位的备案信息页。"
        f"{FOOTER.zh}",
        '<a href="https://beian.miit.gov.cn/">京ICP备12345678号-1</a> (the former www.miitbeian.gov.cn is out of use); '
        "link the public security number to the operator's entry with the code that https://beian.mps.gov.cn/ gives out."
        f"{FOOTER.en}",
    ),
    severity=Severity.LOW,
    duties=("filing",),
    needs=(HttpFacts,),
    basis=Basis.HTTP,
    outcomes={
        "icp_unlinked": Declared(
            status=Status.WARN,
            severity=Severity.LOW,
            detail=Text(
                "{numbers} 没有链接到 https://beian.miit.gov.cn/。",
                "{numbers} has no link to https://beian.miit.gov.cn/.",
            ),
        ),
        "mps_unlinked": Declared(
            status=Status.WARN,
            severity=Severity.LOW,
            detail=Text(
                "{numbers} 没有链接到 https://beian.mps.gov.cn/ 的备案信息页。",
                "{numbers} has no link to its entry at https://beian.mps.gov.cn/.",
            ),
        ),
        "cut": Declared(
            status=Status.INCONCLUSIVE,
            detail=Text(
                "首页很大，只读取了前面一部分，没有看到 {numbers} 的链接，不能判断。",
                "The home page is large and only its first part was read; no link of {numbers} was in it, and nothing is "
                "concluded.",
            ),
        ),
        "linked": Declared(
            status=Status.PASS,
            detail=Text("{numbers} 已链接到备案平台。", "{numbers} links to the filing platform."),
        ),
    },
    evaluate=evaluate,
    applies=_shown,
    references=(Reference("非经营性互联网信息服务备案管理办法（信息产业部令第33号）第十三条"), MIIT, MPS),
)
