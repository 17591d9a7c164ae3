"""A public security filing number on the home page does not have the form of one.

How it is seen: the numbers on the home page. How it is judged: fourteen digits (threshold mps_filing_digits),
of which the first two are a province's code in GB/T 2260 and agree with the short name before the number. The
first six are the code of a division; withdrawn ones count, since a number keeps the code of the day it was
issued. A code that the table does not hold is inconclusive, as public security organs have codes of their own
for development zones and new divisions are set up. So is a number of eleven to thirteen digits: before the
national platform numbers were shorter (京公海网安备110108000829号), and no rule on their form is known.
What it cannot show: whether a well-formed number was ever issued, or to whom.
"""

from __future__ import annotations

from collections.abc import Iterable

from checks.filing.home_page import FOOTER, MPS, mps_fault, mps_place
from checks.model import Basis, Declared, Evidence, Outcome, Reference, Rule, Settings, Severity, Status, Text
from checks.web.page import own_answer
from scanner.facts import HttpFacts, ServiceFacts


def _shown(service: ServiceFacts) -> bool:
    return bool(service.need(HttpFacts).filing.mps) and own_answer(service)


def evaluate(service: ServiceFacts, settings: Settings) -> Iterable[Outcome]:
    """Yield each kind of fault once, with the numbers that have it; a pass only when none has any."""
    digits = settings.threshold("mps_filing_digits")
    found: dict[str, list[str]] = {}
    for number in service.need(HttpFacts).filing.mps:
        found.setdefault(mps_fault(number, digits) or "well_formed", []).append(number)
    if len(found) > 1:
        found.pop("well_formed", None)
    for name, numbers in found.items():
        shown = ", ".join(numbers)
        places = ", ".join(dict.fromkeys(map(mps_place, numbers)))
        values = {"numbers": shown, "digits": str(digits), "places": places}
        yield Outcome(name, values, (Evidence("http.filing.mps", shown),))


RULE = Rule(
    id="filing/mps-number-malformed",
    title=Text("公安联网备案号格式不正确", "The public security filing number is malformed"),
    rationale=Text(
        "公安联网备案号由省、自治区、直辖市简称、“公网安备”和一串数字组成，数字以行政区划代码开头。"
        "格式不对的号码不可能是平台签发的，可能是抄错，也可能是伪造。",
        "The number is a province's short name, 公网安备, and digits that begin with a division code. A number of another "
        "form cannot have been issued by the platform: it was miscopied or made up.",
    ),
    remediation=Text(
        "对照备案凭证改正首页上的号码，图标和代码从 https://beian.mps.gov.cn/ 取得。没有备案的，应当办理备案，不得自编号码。"
        f"{FOOTER.zh}",
        "Correct the number from the filing certificate, with the code from https://beian.mps.gov.cn/. If there is no "
        "filing, file; never make up a number."
        f"{FOOTER.en}",
    ),
    severity=Severity.LOW,
    duties=("filing",),
    needs=(HttpFacts,),
    basis=Basis.HTTP,
    outcomes={
        "wrong_length": Declared(
            status=Status.WARN,
            severity=Severity.LOW,
            detail=Text(
                "首页标明的 {numbers} 不符合格式；数字部分应为 {digits} 位。",
                "{numbers} on the home page is not of the right form; wanted: {digits} digits.",
            ),
        ),
        "unknown_province": Declared(
            status=Status.WARN,
            severity=Severity.LOW,
            detail=Text(
                "首页标明的 {numbers}，数字前两位不是任何省、自治区、直辖市的行政区划代码。",
                "The first two digits of {numbers} on the home page are no province's division code.",
            ),
        ),
        "province_differs": Declared(
            status=Status.WARN,
            severity=Severity.LOW,
            detail=Text(
                "首页标明的 {numbers}，简称与数字前两位代表的省份不一致。",
                "In {numbers} on the home page, the short name and the first two digits stand for different provinces.",
            ),
        ),
        "older_form": Declared(
            status=Status.INCONCLUSIVE,
            detail=Text(
                "首页标明的 {numbers} 不足 {digits} 位，像是全国平台启用以前的旧号码。请在备案平台核对，并换成现行号码。",
                "{numbers} on the home page has fewer than {digits} digits, as numbers from before the national platform "
                "have. Look it up on the platform, and have it replaced by the current number.",
            ),
        ),
        "unknown_division": Declared(
            status=Status.INCONCLUSIVE,
            detail=Text(
                "首页标明的 {numbers}，前六位不在所收录的 GB/T 2260 行政区划代码中，可能是开发区等使用的代码，也可能有误。"
                "请在备案平台核对。",
                "The first six digits of {numbers} on the home page are not among the codes of GB/T 2260 known here: a "
                "development zone's, perhaps, or a mistake. Look it up on the platform.",
            ),
        ),
        "well_formed": Declared(
            status=Status.PASS,
            detail=Text(
                "{numbers} 格式正确，前六位是{places}的代码。是否真实、是否属于本单位，须在备案平台查询。",
                "{numbers} is well-formed; its first six digits stand for {places}. Whether it is real and this operator's must "
                "be looked up on the platform.",
            ),
        ),
    },
    evaluate=evaluate,
    applies=_shown,
    references=(Reference("GB/T 2260 中华人民共和国行政区划代码"), MPS),
)
