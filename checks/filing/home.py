"""Which home pages the filing rules judge: a filing belongs to a domain name, and is shown on its home page."""

from __future__ import annotations

from checks.model import Declared, Outcome, Status, Text
from checks.pages import NOT_READ, NOT_READ_OUTCOME, answered_here, is_html, public_name
from checks.vantage import inside
from scanner.facts import HttpFacts, ServiceFacts


def applies(service: ServiceFacts) -> bool:
    """Pages of a public domain name; pages of a public address too, where the most that can be said is that it is unclear."""
    facts = service.get(HttpFacts)
    if facts is None or facts.status is None or not answered_here(facts) or not is_html(facts):
        return False
    if facts.status < 200 or 300 <= facts.status < 400:
        return False
    if service.endpoint.name is None:
        return not inside(service)
    return public_name(service.endpoint.name)


def why_unclear(service: ServiceFacts) -> Outcome | None:
    """The reason for which not seeing a number on this page proves nothing, or None when the page shows all it has."""
    facts = service.need(HttpFacts)
    values = {"status": str(facts.status), "service": service.endpoint.label}
    if service.endpoint.name is None:
        return Outcome("no_name", values)
    if facts.status is not None and facts.status >= 400:
        return Outcome("error_page", values)
    if facts.truncated:
        return Outcome(NOT_READ, values)
    if facts.filing.script_rendered:
        return Outcome("script_rendered", values)
    return None


UNCLEAR = {
    "no_name": Declared(
        status=Status.INCONCLUSIVE,
        detail=Text(
            "检测时只用 IP 地址访问 {service}，没有使用域名，看到的页面上没有备案号。备案针对域名，"
            "请用域名重新检测，或者在现场核实。",
            "{service} was asked by its address, without a domain name, and the page shows no number. A filing belongs to a "
            "domain: scan by the name, or verify on site.",
        ),
    ),
    "error_page": Declared(
        status=Status.INCONCLUSIVE,
        detail=Text(
            "首页返回的是错误页（状态码 {status}），不能据此判断是否标明备案号。",
            "The home page is an error page (status {status}); whether a number is shown cannot be told from it.",
        ),
    ),
    "script_rendered": Declared(
        status=Status.INCONCLUSIVE,
        detail=Text(
            "首页内容由脚本或者框架页生成，检测时不运行脚本，没有看到备案号不说明没有标明。请用浏览器打开查看。",
            "The home page is filled in by script or frames, and no script is run here: not seeing a number does not show "
            "that there is none. Look at the page in a browser.",
        ),
    ),
    NOT_READ: NOT_READ_OUTCOME,
}
"""Outcomes of :func:`why_unclear`, for the rules that use it."""
