"""Strict-Transport-Security is there but lasts too short a time, is switched off, or cannot be read.

How it is seen: the header of the final https answer, asked for by name; of several, browsers take the first.
How it is judged: max-age against the threshold hsts_min_age_seconds; a header that browsers must ignore for
its form (RFC 6797 section 6.1: no max-age, or two of them) protects nothing. preload without what browsers' lists
ask for (a year, includeSubDomains) is told as information: it is not in the RFC, and has no effect.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from checks.model import Basis, Declared, Outcome, Reference, Rule, Settings, Severity, Status, Text
from checks.web.page import header_evidence, named_https_site
from scanner.facts import HttpFacts, ServiceFacts

_NAME = "strict-transport-security"
_PRELOAD_AGE = 31536000
"""Seconds that the common list of browsers (hstspreload.org) asks for."""


def _has_header(service: ServiceFacts) -> bool:
    return named_https_site(service) and bool(service.need(HttpFacts).headers.get(_NAME, "").strip())


def max_age(value: str) -> int | None:
    """Seconds of the first header in ``value``, or None when browsers must ignore it (RFC 6797 sections 6.1, 8.1)."""
    directives = [part.partition("=") for part in value.partition(",")[0].split(";")]
    ages = [given.strip() for name, _, given in directives if name.strip().lower() == "max-age"]
    match = re.fullmatch(r'"?([0-9]{1,20})"?', ages[0]) if len(ages) == 1 else None
    return int(match.group(1)) if match else None


def _preload_in_vain(value: str, age: int) -> bool:
    """Whether ``preload`` is said, but not what browsers' lists ask for beside it."""
    directives = {part.strip().lower() for part in value.partition(",")[0].split(";")}
    return "preload" in directives and (age < _PRELOAD_AGE or "includesubdomains" not in directives)


def evaluate(service: ServiceFacts, settings: Settings) -> Iterable[Outcome]:
    """Compare max-age with the threshold."""
    facts = service.need(HttpFacts)
    age, wanted = max_age(facts.headers[_NAME]), settings.threshold("hsts_min_age_seconds")
    if age is None:
        name = "unreadable"
    elif age == 0:
        name = "switched_off"
    elif age < wanted:
        name = "weak"
    else:
        name = "preload_unmet" if _preload_in_vain(facts.headers[_NAME], age) else "long"
    yield Outcome(name, {"age": str(age), "wanted": str(wanted)}, header_evidence(facts, _NAME))


RULE = Rule(
    id="web/hsts-weak",
    title=Text("HSTS 有效期过短或者设置无效", "HSTS is too short or has no effect"),
    rationale=Text(
        "有效期过短时，间隔较久再来访问的用户得不到保护；写法有误时，浏览器按没有设置处理。",
        "With a short life, users who come back later are not protected; in the wrong form, browsers act as if it were "
        "not there.",
    ),
    remediation=Text(
        'nginx：add_header Strict-Transport-Security "max-age=31536000" always;　'
        'Apache：Header always set Strict-Transport-Security "max-age=31536000"　'
        "Tomcat：HttpHeaderSecurityFilter 的 hstsMaxAgeSeconds 设为 31536000　"
        'IIS 10：网站的 <hsts enabled="true" max-age="31536000" />。代理和后端不要各设一次。',
        'nginx: add_header Strict-Transport-Security "max-age=31536000" always; '
        'Apache: Header always set Strict-Transport-Security "max-age=31536000"; '
        "Tomcat: hstsMaxAgeSeconds 31536000 of HttpHeaderSecurityFilter; "
        'IIS 10: <hsts enabled="true" max-age="31536000" /> of the site. Do not set it at both proxy and back end.',
    ),
    severity=Severity.LOW,
    duties=("intrusion_protection", "data_protection"),
    needs=(HttpFacts,),
    basis=Basis.HTTP,
    outcomes={
        "weak": Declared(
            status=Status.WARN,
            severity=Severity.LOW,
            detail=Text(
                "max-age 为 {age} 秒；应不少于 {wanted} 秒。",
                "max-age is {age} s; wanted: at least {wanted} s.",
            ),
        ),
        "switched_off": Declared(
            status=Status.WARN,
            severity=Severity.LOW,
            detail=Text(
                "max-age 为 0，会让浏览器取消 HSTS；应不少于 {wanted} 秒。",
                "max-age is 0, which makes browsers forget HSTS; wanted: at least {wanted} s.",
            ),
        ),
        "unreadable": Declared(
            status=Status.WARN,
            severity=Severity.LOW,
            detail=Text(
                "没有正确的 max-age，浏览器会忽略该响应头；max-age 应有且只有一个，不少于 {wanted} 秒。",
                "There is no proper max-age, so browsers ignore the header; wanted: exactly one, of at least {wanted} s.",
            ),
        ),
        "preload_unmet": Declared(
            status=Status.INFO,
            detail=Text(
                "写有 preload，但不符合浏览器预置名单的条件（max-age 不少于 31536000 秒，并带 includeSubDomains），不会被收录。",
                "It says preload, but not what browsers' lists ask for (max-age of at least 31536000 s, with includeSubDomains), "
                "and so will not be listed.",
            ),
        ),
        "long": Declared(status=Status.PASS, detail=Text("max-age 为 {age} 秒。", "max-age is {age} s.")),
    },
    evaluate=evaluate,
    applies=_has_header,
    references=(
        Reference("RFC 6797 §6.1.1", "https://www.rfc-editor.org/rfc/rfc6797#section-6.1.1"),
        Reference("HSTS preload list", "https://hstspreload.org/"),
    ),
)
