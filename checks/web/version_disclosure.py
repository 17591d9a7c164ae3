"""The answer names the version of its software.

How it is seen: Server, X-Powered-By, X-AspNet-Version and X-AspNetMvc-Version of the final answer, and what the
error page of an address that does not exist is signed with.
How it is judged: a product with its version (nginx/1.22.1) is a weakness of the lowest kind; the product
alone is none.
What it cannot show: whether the version is true, or mended by its distributor.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from checks.model import Basis, Declared, Evidence, Outcome, Reference, Rule, Settings, Severity, Status, Text
from checks.web.page import own_answer
from scanner.facts import HttpFacts, ServiceFacts

_HEADERS = ("server", "x-powered-by", "x-aspnet-version", "x-aspnetmvc-version")
_VERSION = re.compile(r"/v?[0-9]|[0-9]\.[0-9]")


def evaluate(service: ServiceFacts, settings: Settings) -> Iterable[Outcome]:
    """Look for versions in the headers that name software."""
    facts = service.need(HttpFacts)
    shown = {name: facts.headers[name] for name in _HEADERS if _VERSION.search(facts.headers.get(name, ""))}
    told = {f"http.headers.{name}": value for name, value in shown.items()}
    if facts.error_software:
        told["http.error_software"] = facts.error_software
    evidence = tuple(Evidence(fact, value) for fact, value in told.items())
    yield Outcome("disclosed" if told else "hidden", {"values": ", ".join(told.values())}, evidence)


RULE = Rule(
    id="web/version-disclosure",
    title=Text("响应泄露软件版本", "The answer gives away software versions"),
    rationale=Text(
        "版本号便于攻击者对照公开漏洞选择攻击方法。",
        "A version lets an attacker pick from published weaknesses.",
    ),
    remediation=Text(
        "nginx：server_tokens off;　Apache：ServerTokens Prod　PHP：expose_php = Off　"
        "Tomcat：Connector 的 server 属性设为不含版本的名称，Host 中 ErrorReportValve 的 showServerInfo 设为 false　"
        'IIS：removeServerHeader="true"，<remove name="X-Powered-By" />，enableVersionHeader="false"。更要紧的是及时升级。',
        "nginx: server_tokens off; Apache: ServerTokens Prod; PHP: expose_php = Off; "
        "Tomcat: a server attribute without a version on the connector, showServerInfo false of ErrorReportValve; "
        'IIS: removeServerHeader="true", <remove name="X-Powered-By" />, enableVersionHeader="false". Upgrading in time '
        "matters more.",
    ),
    severity=Severity.LOW,
    duties=("intrusion_protection",),
    needs=(HttpFacts,),
    basis=Basis.HTTP,
    outcomes={
        "disclosed": Declared(
            status=Status.WARN,
            severity=Severity.LOW,
            detail=Text(
                "响应头或者出错页中有版本号：{values}",
                "The headers or the error page show versions: {values}",
            ),
        ),
        "hidden": Declared(
            status=Status.PASS,
            detail=Text(
                "响应头和出错页中没有版本号。", "Neither the headers nor the error page show a version."
            ),
        ),
    },
    evaluate=evaluate,
    applies=own_answer,
    references=(Reference("RFC 9110 §10.2.4", "https://www.rfc-editor.org/rfc/rfc9110#section-10.2.4"),),
)
