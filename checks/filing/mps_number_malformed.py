"""A public security filing number on the home page does not have the form of one.

How it is seen: the numbers that the HTTP probe read from the home page. How it is judged: fourteen digits; the first two a
province that agrees with the short name before the number; the first four and six a division of GB/T 2260 in any edition
since 2002. A county that the table does not hold is inconclusive, since public security organs also use codes for
development zones that the standard does not list. What it cannot show: whether a well-formed number was ever issued.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from checks.filing.divisions import PROVINCES, divisions, full_name, prefectures
from checks.model import Basis, Declared, Evidence, Outcome, Reference, Rule, Settings, Severity, Status, Text
from scanner.facts import HttpFacts, ServiceFacts

_NUMBER = re.compile(r"(?:(?P<province>[^\W\d_])?公网安备)?(?P<digits>[0-9]+)号?")


def applies(service: ServiceFacts) -> bool:
    """Pages that show such a number."""
    facts = service.get(HttpFacts)
    return facts is not None and bool(facts.filing.mps)


def fault(number: str, length: int) -> str:
    """Name of the outcome for one number: what is wrong with it, or ``well_formed``."""
    match = _NUMBER.fullmatch(re.sub(r"\s", "", number))
    if match is None or len(match["digits"]) != length:
        return "wrong_length"
    code = match["digits"][:6]
    if code[:4] not in prefectures():
        return "unknown_division"
    if match["province"] is not None and PROVINCES.get(match["province"], code[:2]) != code[:2]:
        return "province_differs"
    return "well_formed" if code in divisions() else "unknown_county"


def evaluate(service: ServiceFacts, settings: Settings) -> Iterable[Outcome]:
    """Yield each kind of fault once, with the numbers that have it; a pass only when none has any."""
    length = settings.threshold("mps_filing_digits")
    found: dict[str, list[str]] = {}
    for number in service.need(HttpFacts).filing.mps:
        found.setdefault(fault(number, length), []).append(number)
    if len(found) > 1:
        found.pop("well_formed", None)
    for name, numbers in found.items():
        places = [full_name(digits[:6]) for number in numbers if (digits := re.sub(r"\D", "", number))]
        values = {
            "numbers": ", ".join(numbers),
            "digits": str(length),
            "places": ", ".join(place for place in places if place) or "-",
        }
        yield Outcome(name, values, (Evidence("http.filing.mps", values["numbers"]),))


RULE = Rule(
    id="filing/mps-number-malformed",
    title=Text("公安联网备案号格式", "Form of the public security filing number"),
    rationale=Text(
        "公安联网备案号是省、自治区、直辖市简称加“公网安备”和一串数字，前六位是办理地的行政区划代码。"
        "格式不对的号码不可能是平台签发的，可能是抄错，也可能是伪造。",
        "The number is a province's short name, 公网安备 and digits, the first six of which are the division code of the place "
        "of filing. A number of another form cannot have been issued by the platform: it was miscopied or made up.",
    ),
    remediation=Text(
        "对照备案凭证改正首页上的号码，图标代码从 https://beian.mps.gov.cn/ 下载。没有备案的，应办理备案，不得自编号码。",
        "Correct the number from the filing certificate, with the code from https://beian.mps.gov.cn/. If there is no filing, "
        "file; never make up a number.",
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
        "unknown_division": Declared(
            status=Status.WARN,
            severity=Severity.LOW,
            detail=Text(
                "首页标明的 {numbers}，数字前四位不是 GB/T 2260 中任何省、市的行政区划代码。",
                "The first four digits of {numbers} on the home page are no province or prefecture of GB/T 2260.",
            ),
        ),
        "province_differs": Declared(
            status=Status.WARN,
            severity=Severity.LOW,
            detail=Text(
                "首页标明的 {numbers}，简称与数字不一致：数字对应 {places}。",
                "In {numbers} on the home page the short name and the digits differ: the digits stand for {places}.",
            ),
        ),
        "unknown_county": Declared(
            status=Status.INCONCLUSIVE,
            detail=Text(
                "首页标明的 {numbers}，前六位不在所收录的 GB/T 2260 代码表中（省、市相符：{places}），"
                "可能是开发区等使用的代码，请在备案平台核对。",
                "The first six digits of {numbers} on the home page are not in our table of GB/T 2260 (province and prefecture "
                "agree: {places}). They may be a development zone's: look it up on the filing platform.",
            ),
        ),
        "well_formed": Declared(
            status=Status.PASS,
            detail=Text(
                "{numbers} 格式正确，前六位对应 {places}。是否真实须在备案平台查询。",
                "{numbers} is well-formed; its first six digits stand for {places}. Whether it is real must be looked up.",
            ),
        ),
    },
    applies=applies,
    evaluate=evaluate,
    references=(
        Reference("GB/T 2260 中华人民共和国行政区划代码"),
        Reference("互联网站安全管理服务平台", "https://beian.mps.gov.cn/"),
    ),
)
