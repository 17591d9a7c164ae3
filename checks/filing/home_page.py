"""What filing rules share: on which pages a number may be looked for, and the form of both kinds of number."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Literal

from checks.filing.divisions import PROVINCES, place
from checks.model import Declared, Evidence, Outcome, Reference, Status, Text
from checks.web.page import PAGE_CUT, PAGE_CUT_OUTCOME, gives_content, own_answer
from scanner.facts import HttpFacts, ServiceFacts

MIIT = Reference("ICP/IP地址/域名信息备案管理系统", "https://beian.miit.gov.cn/")
MPS = Reference("全国互联网安全管理服务平台", "https://beian.mps.gov.cn/")

FOOTER = Text(
    "　WordPress（中文版）：设置—常规—ICP 备案号，或者主题的页脚；　Discuz!：后台“全局—站点信息—网站备案信息代码”；　"
    "DedeCMS：系统基本参数—网站备案号；　自行开发的网站，以及 nginx、Apache、IIS 上的静态页面：修改页脚模板或者 index.html。",
    " WordPress (Chinese edition): ICP number under Settings, General, or the theme's footer; Discuz!: filing code under Global, Site "
    "information; DedeCMS: filing number among the basic system parameters. Static pages (nginx, Apache, IIS) as well as sites of one's own: "
    "the footer's template or index.html.",
)
"""To be put behind a rule's own words."""

_INTERNAL = frozenset(
    "localhost local localdomain internal intranet lan home corp test example invalid".split()  # noqa: SIM905
)
"""Last labels that no public name has (RFC 2606, RFC 6761, RFC 6762, and common habit)."""

_ICP_NUMBER = re.compile(r"([^\W\d_])?ICP([备证])([0-9A-Zx*-]+?)号?(?:-[0-9]{1,4}[A-Z]?)?", re.IGNORECASE)
_ICP_DIGITS = {"备": (8, 10), "证": (6, 7, 8)}
"""How many digits are known: of filings, two or four for the year and six; of licences, 030173 and later ones."""
_MPS_NUMBER = re.compile(r"(?:([^\W\d_])?公[^\W\d_]?网安备)?([0-9]+)号?")
_OLDER_DIGITS = 11
"""Numbers of the years before the national platform were shorter, mostly of twelve digits; no rule on them is known."""
MPS_MALFORMED = ("wrong_length", "unknown_province", "province_differs")
"""Outcomes of :func:`mps_fault` that no number can have which was ever issued."""


def may_need_filing(service: ServiceFacts) -> bool:
    """Whether a filing number can be expected: not on names that only an inner network knows, nor on data for programs.

    A site asked for by address is looked at, too: what can be said of it is at most that it is unclear.
    """
    facts, name = service.need(HttpFacts), service.endpoint.name
    own_answer(service)
    if facts.filing.icp or facts.filing.mps or name is None or not service.endpoint.has_name:
        return True
    labels = name.rstrip(".").lower().split(".")
    kind = facts.headers.get("content-type", "text/html").lower()
    return len(labels) > 1 and labels[-1] not in _INTERNAL and ("html" in kind or not gives_content(facts))


def judge_shown(
    service: ServiceFacts, kind: Literal["icp", "mps"], numbers: tuple[str, ...], name: str = "shown"
) -> Iterable[Outcome]:
    """Yield ``name`` where there are ``numbers``, else ``missing``, or the reason for which not seeing proves nothing."""
    facts = service.need(HttpFacts)
    shown = ", ".join(numbers)
    values = {"shown": shown, "name": service.endpoint.label, "status": str(facts.status)}
    evidence = (
        Evidence(f"http.filing.{kind}", shown or "(absent)"),
        Evidence("http.final_url", facts.final_url),
    )
    yield Outcome(name if shown else _why_unclear(service, kind) or "missing", values, evidence)


def _why_unclear(service: ServiceFacts, kind: Literal["icp", "mps"]) -> str | None:
    facts = service.need(HttpFacts)
    if not service.endpoint.has_name:
        return "no_domain"
    if not gives_content(facts):
        return "no_page"
    if (facts.filing.icp_link if kind == "icp" else facts.filing.mps_link) is not None:
        return "link_only"
    if facts.filing.script_rendered or kind in facts.filing.in_script:
        return "script_rendered"
    return PAGE_CUT if facts.truncated else None


UNCLEAR = {
    "no_domain": Declared(
        status=Status.INCONCLUSIVE,
        detail=Text(
            "以 IP 地址访问 {name}，没有使用域名，页面上没有看到备案号。备案针对域名，请用域名重新检测，或者现场核实。",
            "{name} was asked by its address, without a domain name, and shows no number. A filing belongs to a domain: "
            "scan by the name, or verify on site.",
        ),
    ),
    "no_page": Declared(
        status=Status.INCONCLUSIVE,
        detail=Text(
            "没有取得正常的首页（状态码 {status}），不能判断是否标明备案号。",
            "No proper home page was seen (status {status}); whether a number is shown cannot be told.",
        ),
    ),
    "link_only": Declared(
        status=Status.INCONCLUSIVE,
        detail=Text(
            "首页有指向备案平台的链接，但没有读到号码；号码可能在图片里，检测时只看得到图片的替代文字。需现场核实，或者用浏览器打开查看。",
            "The home page links to the filing platform, but no number was read; it may be painted in an image, of which only "
            "the alternative text is seen. Verify on site, or look at the page in a browser.",
        ),
    ),
    "script_rendered": Declared(
        status=Status.INCONCLUSIVE,
        detail=Text(
            "首页的内容或者备案号由脚本、框架页填入或者显示，检测时不运行脚本，也不读取框架页，没有看到备案号不说明没有标明。"
            "需现场核实，或者用浏览器打开查看。",
            "The home page, or its filing number, is filled in or shown by script or by frames; here no script is run and no "
            "frame is read: not seeing a number does not show that there is none. Verify on site, or look at the page in a "
            "browser.",
        ),
    ),
    PAGE_CUT: PAGE_CUT_OUTCOME,
}
"""Outcomes of :func:`judge_shown` where not seeing a number proves nothing."""


def icp_fault(number: str) -> str | None:
    """What is odd about the form of an ICP number, as an outcome's name, or None. A well-formed one may still be made up."""
    match = _ICP_NUMBER.fullmatch(number)
    if match is None:
        # A licence for telecommunication services: its form was settled when it was found.
        return None
    province, kind, digits = match.groups()
    if not any(char.isdigit() for char in digits):
        return "placeholder"
    if province not in PROVINCES:
        return "no_province"
    return "unusual_length" if digits.isdigit() and len(digits) not in _ICP_DIGITS[kind] else None


def mps_fault(number: str, digits: int) -> str | None:
    """What is wrong with, or odd about, the form of a public security filing number, as an outcome's name, or None.

    ``digits`` is the wanted count of digits. That a number is well-formed does not show that it was issued.
    """
    match = _MPS_NUMBER.fullmatch(re.sub(r"\s", "", number))
    if match is None or not _OLDER_DIGITS <= len(match[2]) <= digits:
        return "wrong_length"
    code = match[2][:2]
    if code not in PROVINCES.values():
        return "unknown_province"
    if PROVINCES.get(match[1] or "", code) != code:
        return "province_differs"
    if len(match[2]) < digits:
        return "older_form"
    return None if place(match[2][:6]) else "unknown_division"


def mps_place(number: str) -> str:
    """The division that a number's first six digits stand for; a dash where the table has none."""
    found = re.search(r"[0-9]{6}", number)
    return (place(found.group()) if found else None) or "—"
