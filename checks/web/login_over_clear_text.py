"""A password is asked for on a page that travels in clear text.

How it is seen: a password field on the home page, over plain http at the end of its redirects.
"""

from __future__ import annotations

from collections.abc import Iterable

from checks.model import Basis, Declared, Evidence, Outcome, Rule, Settings, Severity, Status, Text
from checks.web.page import is_page
from scanner.facts import HttpFacts, ServiceFacts


def evaluate(service: ServiceFacts, settings: Settings) -> Iterable[Outcome]:
    """See whether a password field came over plain http."""
    facts = service.need(HttpFacts)
    evidence = (
        Evidence("http.login_form", str(facts.login_form)),
        Evidence("http.final_url", facts.final_url),
    )
    if not facts.login_form:
        yield Outcome("no_login", {}, evidence)
    else:
        yield Outcome("protected" if facts.https else "clear_text", {}, evidence)


RULE = Rule(
    id="web/login-over-clear-text",
    title=Text("登录口令以明文传输", "A password is asked for in clear text"),
    rationale=Text("口令可在传输途中被直接读取。", "The password can be read on the way."),
    remediation=Text(
        "只在 HTTPS 上提供登录页，HTTP 一律跳转。", "Serve the login over HTTPS only, and redirect all HTTP."
    ),
    severity=Severity.HIGH,
    duties=(
        "intrusion_protection",
        "data_protection",
        "personal_information",
    ),
    needs=(HttpFacts,),
    basis=Basis.HTTP,
    outcomes={
        "clear_text": Declared(
            status=Status.FAIL,
            severity=Severity.HIGH,
            detail=Text("明文 HTTP 页面上有口令输入框。", "There is a password field on a plain HTTP page."),
        ),
        "protected": Declared(
            status=Status.PASS,
            detail=Text("口令输入框在 HTTPS 页面上。", "The password field is on an HTTPS page."),
        ),
        "no_login": Declared(
            status=Status.INFO,
            detail=Text("首页没有口令输入框。", "There is no password field on the home page."),
        ),
    },
    evaluate=evaluate,
    applies=is_page,
)
