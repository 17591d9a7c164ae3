"""An ICP number on the home page does not have the form of one.

How it is seen: the numbers on the home page. How it is judged: a filing or licence number begins with a province's
short name (京ICP备…号, 沪ICP证…号); one without, or a template's row of X, was not issued in that form. Filings
have eight digits, or ten with the year in four; the authority publishes no rule on this, so another count is
inconclusive. What it cannot show: whether a well-formed number was ever issued, or to whom.
"""

from __future__ import annotations

from collections.abc import Iterable

from checks.filing.home_page import FOOTER, MIIT, icp_fault
from checks.model import Basis, Declared, Evidence, Outcome, Reference, Rule, Settings, Severity, Status, Text
from checks.web.page import own_answer
from scanner.facts import HttpFacts, ServiceFacts


def _shown(service: ServiceFacts) -> bool:
    return bool(service.need(HttpFacts).filing.icp) and own_answer(service)


def evaluate(service: ServiceFacts, settings: Settings) -> Iterable[Outcome]:
    """Yield each kind of fault once, with the numbers that have it; a pass only when none has any."""
    found: dict[str, list[str]] = {}
    for number in service.need(HttpFacts).filing.icp:
        found.setdefault(icp_fault(number) or "well_formed", []).append(number)
    if len(found) > 1:
        found.pop("well_formed", None)
    for name, numbers in found.items():
        shown = ", ".join(numbers)
        yield Outcome(name, {"numbers": shown}, (Evidence("http.filing.icp", shown),))


RULE = Rule(
    id="filing/icp-number-malformed",
    title=Text("ICP 备案号格式不正确", "The ICP number is malformed"),
    rationale=Text(
        "ICP 备案号由省、自治区、直辖市简称、“ICP备”和数字组成。格式不对的号码可能是抄错，也可能是建站模板里没有替换的占位文字。",
        "An ICP number is a province's short name, ICP备 and digits. A number of another form was miscopied, or is a "
        "template's text that nobody replaced.",
    ),
    remediation=Text(
        "在 https://beian.miit.gov.cn/ 查出本单位的备案号，照原样写在首页底部，例如 "
        '<a href="https://beian.miit.gov.cn/">京ICP备12345678号-1</a>。没有备案的，通过接入服务商办理，不得自编号码。'
        f"{FOOTER.zh}",
        "Look up the operator's number at https://beian.miit.gov.cn/ and put it at the foot of the home page as it is, such as "
        '<a href="https://beian.miit.gov.cn/">京ICP备12345678号-1</a>. If there is no filing, file through the access '
        "provider; never make up a number."
        f"{FOOTER.en}",
    ),
    severity=Severity.LOW,
    duties=("filing",),
    needs=(HttpFacts,),
    basis=Basis.HTTP,
    outcomes={
        "placeholder": Declared(
            status=Status.WARN,
            severity=Severity.LOW,
            detail=Text(
                "首页写着 {numbers}，没有数字，像是模板里的占位文字。",
                "The home page says {numbers}, without a digit: a template's text, it seems.",
            ),
        ),
        "no_province": Declared(
            status=Status.WARN,
            severity=Severity.LOW,
            detail=Text(
                "首页标明的 {numbers}，前面不是省、自治区、直辖市的简称。",
                "{numbers} on the home page does not begin with a province's short name.",
            ),
        ),
        "unusual_length": Declared(
            status=Status.INCONCLUSIVE,
            detail=Text(
                "首页标明的 {numbers}，位数与常见的不同（备案号一般为 8 位或者 10 位数字）。请在 beian.miit.gov.cn 核对。",
                "{numbers} on the home page has an unusual count of digits (filings mostly have 8 or 10). Look it up at "
                "beian.miit.gov.cn.",
            ),
        ),
        "well_formed": Declared(
            status=Status.PASS,
            detail=Text(
                "{numbers} 格式正确。是否真实、是否属于本单位，须在 beian.miit.gov.cn 查询。",
                "{numbers} is well-formed. Whether it is real and this operator's must be looked up at beian.miit.gov.cn.",
            ),
        ),
    },
    evaluate=evaluate,
    applies=_shown,
    references=(Reference("非经营性互联网信息服务备案管理办法（信息产业部令第33号）第十三条"), MIIT),
)
