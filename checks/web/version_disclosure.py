"""The answer names the version of its software.

How it is seen: digits in Server, X-Powered-By and X-AspNet-Version. How it is judged: worth mending, no weakness by itself.
"""

from __future__ import annotations

from collections.abc import Iterable

from checks.model import Basis, Declared, Evidence, Outcome, Rule, Settings, Severity, Status, Text
from scanner.facts import HttpFacts, ServiceFacts

_HEADERS = ("server", "x-powered-by", "x-aspnet-version", "x-aspnetmvc-version")


def evaluate(service: ServiceFacts, settings: Settings) -> Iterable[Outcome]:
    """Look for digits in the headers that name software."""
    facts = service.need(HttpFacts)
    shown = {
        name: facts.headers[name]
        for name in _HEADERS
        if any(c.isdigit() for c in facts.headers.get(name, ""))
    }
    evidence = tuple(Evidence(f"http.headers.{name}", value) for name, value in shown.items())
    yield Outcome("disclosed" if shown else "hidden", {"values": ", ".join(shown.values())}, evidence)


RULE = Rule(
    id="web/version-disclosure",
    title=Text("响应泄露软件版本", "The answer gives away software versions"),
    rationale=Text("版本号便于攻击者按图索骥。", "Versions tell an attacker what to try."),
    remediation=Text(
        "nginx：server_tokens off;　Apache：ServerTokens Prod　PHP：expose_php = Off　IIS：移除"
        " X-Powered-By。",
        "nginx: server_tokens off; Apache: ServerTokens Prod; PHP: expose_php = Off; IIS: "
        "remove X-Powered-By.",
    ),
    severity=Severity.LOW,
    duties=("intrusion_protection",),
    needs=(HttpFacts,),
    basis=Basis.HTTP,
    outcomes={
        "disclosed": Declared(
            status=Status.WARN,
            severity=Severity.LOW,
            detail=Text("响应中有版本号：{values}", "The answer shows versions: {values}"),
        ),
        "hidden": Declared(
            status=Status.PASS, detail=Text("响应中没有版本号。", "The answer shows no version.")
        ),
    },
    evaluate=evaluate,
)
