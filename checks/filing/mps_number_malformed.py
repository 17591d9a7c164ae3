"""A public-security filing number is shown but is not well-formed.

How it is judged: fourteen digits (threshold mps_filing_digits), the first two a province code of GB/T 2260. What it cannot show: whether the number was really issued.
"""

from __future__ import annotations

from collections.abc import Iterable

from checks.model import Basis, Declared, Evidence, Outcome, Reference, Rule, Settings, Severity, Status, Text
from scanner.facts import HttpFacts, ServiceFacts

# Province-level codes of GB/T 2260.
_PROVINCES = frozenset(
    [
        "11",
        "12",
        "13",
        "14",
        "15",
        "21",
        "22",
        "23",
        "31",
        "32",
        "33",
        "34",
        "35",
        "36",
        "37",
        "41",
        "42",
        "43",
        "44",
        "45",
        "46",
        "50",
        "51",
        "52",
        "53",
        "54",
        "61",
        "62",
        "63",
        "64",
        "65",
    ]
)


def _shown(service: ServiceFacts) -> bool:
    return bool(service.need(HttpFacts).filing.mps)


def evaluate(service: ServiceFacts, settings: Settings) -> Iterable[Outcome]:
    """Check length and province."""
    shown, digits = service.need(HttpFacts).filing.mps, settings.threshold("mps_filing_digits")
    wrong = [text for text in shown if not _well_formed(text, digits)]
    values = {"numbers": ", ".join(wrong or shown), "digits": str(digits)}
    yield Outcome(
        "malformed" if wrong else "well_formed", values, (Evidence("http.filing.mps", ", ".join(shown)),)
    )


def _well_formed(text: str, digits: int) -> bool:
    number = "".join(char for char in text if char in "0123456789")
    return len(number) == digits and number[:2] in _PROVINCES


RULE = Rule(
    id="filing/mps-number-malformed",
    title=Text("公安联网备案号格式不正确", "The public-security filing number is malformed"),
    rationale=Text(
        "编号位数或行政区划代码不符，可能是抄写错误或冒用。",
        "A wrong length or division code may be a slip, or a number made up.",
    ),
    remediation=Text(
        "与备案平台核对编号并更正首页。", "Compare the number with the filing platform and correct the page."
    ),
    severity=Severity.LOW,
    duties=("filing",),
    needs=(HttpFacts,),
    basis=Basis.HTTP,
    outcomes={
        "malformed": Declared(
            status=Status.WARN,
            severity=Severity.LOW,
            detail=Text(
                "编号 {numbers} 不是 {digits} 位数字或地区代码不存在。",
                "{numbers}: not {digits} digits, or no such division code.",
            ),
        ),
        "well_formed": Declared(
            status=Status.PASS, detail=Text("编号 {numbers} 格式正确。", "{numbers}: well-formed.")
        ),
    },
    evaluate=evaluate,
    applies=_shown,
    references=(
        Reference("GB/T 2260"),
        Reference("全国互联网安全管理服务平台", "https://beian.mps.gov.cn/"),
    ),
)
