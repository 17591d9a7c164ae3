"""What filing rules share: on which pages a number may be looked for, and the form of a public security number."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable
from typing import Literal

from checks.model import Declared, Evidence, Outcome, Reference, Status, Text
from checks.web.page import PAGE_CUT, PAGE_CUT_OUTCOME
from scanner.facts import HttpFacts, ServiceFacts

MIIT = Reference("ICP/IP地址/域名信息备案管理系统", "https://beian.miit.gov.cn/")
MPS = Reference("全国互联网安全管理服务平台", "https://beian.mps.gov.cn/")

_INTERNAL = frozenset(
    "localhost local localdomain internal intranet lan home corp test example invalid".split()  # noqa: SIM905
)
"""Last labels that no public name has (RFC 2606, RFC 6761, RFC 6762, and common habit)."""

_PROVINCES = {
    "京": "11", "津": "12", "冀": "13", "晋": "14", "蒙": "15", "辽": "21", "吉": "22", "黑": "23", "沪": "31", "苏": "32",
    "浙": "33", "皖": "34", "闽": "35", "赣": "36", "鲁": "37", "豫": "41", "鄂": "42", "湘": "43", "粤": "44", "桂": "45",
    "琼": "46", "渝": "50", "川": "51", "贵": "52", "云": "53", "藏": "54", "陕": "61", "甘": "62", "青": "63", "宁": "64",
    "新": "65",
}  # fmt: skip
"""Short name of a province -> first two digits of its division code (GB/T 2260)."""

_NUMBER = re.compile(r"(?:([^\W\d_])?公网安备)?([0-9]+)号?")


def may_need_filing(service: ServiceFacts) -> bool:
    """Whether a filing number can be expected: not on names that only an inner network knows, nor on data for programs.

    A site asked for by address is looked at, too: what can be said of it is at most that it is unclear.
    """
    facts, name = service.need(HttpFacts), service.endpoint.name
    if facts.filing.icp or facts.filing.mps or name is None or _is_address(name):
        return True
    labels = name.rstrip(".").lower().split(".")
    kind = facts.headers.get("content-type", "text/html").lower()
    return len(labels) > 1 and labels[-1] not in _INTERNAL and ("html" in kind or not _succeeded(facts))


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _succeeded(facts: HttpFacts) -> bool:
    return facts.status is not None and 200 <= facts.status < 300


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
    yield Outcome(name if shown else _why_unclear(service) or "missing", values, evidence)


def _why_unclear(service: ServiceFacts) -> str | None:
    facts = service.need(HttpFacts)
    if service.endpoint.name is None or _is_address(service.endpoint.name):
        return "no_domain"
    if not _succeeded(facts):
        return "no_page"
    if facts.filing.script_rendered:
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
    "script_rendered": Declared(
        status=Status.INCONCLUSIVE,
        detail=Text(
            "首页内容由脚本生成，检测时不运行脚本，没有看到备案号不说明没有标明。请用浏览器打开查看。",
            "The home page is filled in by script, and no script is run here: not seeing a number does not show that "
            "there is none. Look at the page in a browser.",
        ),
    ),
    PAGE_CUT: PAGE_CUT_OUTCOME,
}
"""Outcomes of :func:`judge_shown` where not seeing a number proves nothing."""


def mps_fault(number: str, digits: int) -> str | None:
    """What is wrong with the form of a public security filing number, as an outcome's name, or None.

    ``digits`` is the wanted count of digits. That a number is well-formed does not show that it was issued.
    """
    match = _NUMBER.fullmatch(re.sub(r"\s", "", number))
    if match is None or len(match[2]) != digits:
        return "wrong_length"
    code = match[2][:2]
    if code not in _PROVINCES.values():
        return "unknown_province"
    return "province_differs" if _PROVINCES.get(match[1] or "", code) != code else None
