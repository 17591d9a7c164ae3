"""A password is asked for on, or sent from, a page in clear text.

How it is seen: a password field on the home page where its redirects end, and where its form sends it.
How it is judged: a field on a page over plain http, or a form that sends to http, is a failure. Where the
page is in clear text but the form sends to https, the password itself is protected, yet whoever changes the
page on the way can redirect it.
What it cannot show: logins on other pages, and forms that scripts put there.
"""

from __future__ import annotations

from collections.abc import Iterable

from checks.model import Basis, Declared, Evidence, Outcome, Reference, Rule, Settings, Severity, Status, Text
from checks.web.page import PAGE_CUT, PAGE_CUT_OUTCOME, own_answer, shows_page
from scanner.facts import HttpFacts, ServiceFacts


def _page(service: ServiceFacts) -> bool:
    # A login page may come with an error status, such as 401.
    return shows_page(service) or (own_answer(service) and service.need(HttpFacts).login_form)


def evaluate(service: ServiceFacts, settings: Settings) -> Iterable[Outcome]:
    """Look at how the field came and where it goes."""
    facts = service.need(HttpFacts)
    action = (facts.login_action or "").lower()
    evidence = (
        Evidence("http.login_form", str(facts.login_form)),
        Evidence("http.login_action", facts.login_action or "(not determined)"),
        Evidence("http.final_url", facts.final_url),
    )
    if not facts.login_form:
        yield Outcome(PAGE_CUT if facts.truncated else "no_login", {}, evidence)
    elif facts.https:
        sent_clear = action.startswith("http://")
        yield Outcome("sent_clear" if sent_clear else "protected", {"action": action}, evidence)
    else:
        yield Outcome("clear_page" if action.startswith("https://") else "clear_text", {}, evidence)


RULE = Rule(
    id="web/login-over-clear-text",
    title=Text("登录口令未全程加密", "A login is not encrypted all the way"),
    rationale=Text(
        "明文传输的口令在途中可以被直接读取；明文传输的登录页可以被篡改，让口令发往别处。",
        "A password in clear text can be read on the way; a login page in clear text can be changed to send it elsewhere.",
    ),
    remediation=Text(
        "登录页和提交地址都只用 HTTPS，HTTP 一律跳转。nginx：return 301 https://$host$request_uri;　"
        "Apache：Redirect permanent / https://域名/　Tomcat：<transport-guarantee>CONFIDENTIAL</transport-guarantee>　"
        "IIS：用 URL 重写模块跳转。已经以明文提交过的口令应更换。",
        "Serve and submit the login over HTTPS only, and redirect all HTTP. nginx: return 301 "
        "https://$host$request_uri; Apache: Redirect permanent / https://name/; "
        "Tomcat: <transport-guarantee>CONFIDENTIAL</transport-guarantee>; IIS: URL Rewrite. Change passwords that "
        "were sent in clear text.",
    ),
    severity=Severity.HIGH,
    duties=("intrusion_protection", "data_protection", "personal_information"),
    needs=(HttpFacts,),
    basis=Basis.HTTP,
    outcomes={
        "clear_text": Declared(
            status=Status.FAIL,
            severity=Severity.HIGH,
            detail=Text(
                "明文 HTTP 页面上有口令输入框；登录应只在 HTTPS 上进行。",
                "There is a password field on a plain HTTP page; wanted: logins over HTTPS only.",
            ),
        ),
        "sent_clear": Declared(
            status=Status.FAIL,
            severity=Severity.HIGH,
            detail=Text(
                "HTTPS 页面上的口令提交到明文地址 {action}；应提交到 HTTPS 地址。",
                "The HTTPS page sends the password to {action} in clear text; wanted: an HTTPS address.",
            ),
        ),
        "clear_page": Declared(
            status=Status.WARN,
            severity=Severity.MEDIUM,
            detail=Text(
                "口令提交到 HTTPS 地址，但登录页本身以明文 HTTP 提供，可能被篡改。",
                "The password goes to an HTTPS address, but the login page itself comes over plain HTTP and can be changed.",
            ),
        ),
        "protected": Declared(
            status=Status.PASS,
            detail=Text("口令输入框在 HTTPS 页面上。", "The password field is on an HTTPS page."),
        ),
        "no_login": Declared(
            status=Status.INFO,
            detail=Text("首页没有口令输入框。", "There is no password field on the home page."),
        ),
        PAGE_CUT: PAGE_CUT_OUTCOME,
    },
    evaluate=evaluate,
    applies=_page,
    references=(
        Reference(
            "OWASP ASVS 5.0 V12", "https://owasp.org/www-project-application-security-verification-standard/"
        ),
        Reference("CWE-319", "https://cwe.mitre.org/data/definitions/319.html"),
    ),
)
