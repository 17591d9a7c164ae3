"""The server says that it allows methods which change or trace things.

How it is seen: the Allow header of one OPTIONS answer, and one TRACE request, a method that is safe by its
definition (RFC 9110 §9.2.1) and gives back our own request. How it is judged: a weakness of the lowest kind, since
interfaces may need such methods. What it cannot show: whether the other methods work without a login; they are never
tried.
"""

from __future__ import annotations

from collections.abc import Iterable

from checks.model import (
    Basis,
    Declared,
    Evidence,
    Impact,
    Outcome,
    Reference,
    Rule,
    Settings,
    Severity,
    Status,
    Text,
)
from scanner.facts import HttpFacts, ServiceFacts

_DANGEROUS = ("PUT", "DELETE", "TRACE", "TRACK", "CONNECT", "MOVE", "COPY", "MKCOL", "PROPPATCH", "LOCK")


def evaluate(service: ServiceFacts, settings: Settings) -> Iterable[Outcome]:
    """Read the Allow header."""
    facts = service.need(HttpFacts)
    found = [
        method for method in facts.methods if method in _DANGEROUS and not (method == "TRACE" and facts.trace)
    ]
    evidence = (
        Evidence("http.methods", ", ".join(facts.methods) or "(absent)"),
        Evidence("http.trace", "(not determined)" if facts.trace is None else str(facts.trace)),
    )
    if facts.trace:
        yield Outcome("trace", {}, evidence)
    if found:
        yield Outcome("declared", {"methods": ", ".join(found)}, evidence)
    elif not facts.trace:
        yield Outcome("none" if facts.methods else "silent", {}, evidence)


RULE = Rule(
    id="web/dangerous-methods",
    title=Text("允许危险的 HTTP 方法", "Dangerous HTTP methods are allowed"),
    rationale=Text(
        "PUT、DELETE 等方法如未受控，可能被用于上传或删除文件；TRACE 可能泄露凭据。",
        "Unless controlled, PUT and DELETE let files be put or removed; TRACE may leak credentials.",
    ),
    remediation=Text(
        "关闭不用的方法。nginx：在 location 中 limit_except GET POST { deny all; }　"
        "Apache：TraceEnable off，并用 Require method GET POST OPTIONS 限制　Tomcat：readonly 保持 true，allowTrace 保持 false　"
        "IIS：停用 WebDAV，在 requestFiltering 的 verbs 中禁止。接口确需使用的，应要求登录并校验权限。",
        "Switch off what is not used. nginx: limit_except GET POST { deny all; } in the location; "
        "Apache: TraceEnable off and Require method GET POST OPTIONS; Tomcat: keep readonly true and allowTrace false; "
        "IIS: remove WebDAV, deny them under verbs of requestFiltering. Where an interface needs them, ask for a login and check rights.",
    ),
    severity=Severity.LOW,
    duties=("intrusion_protection",),
    needs=(HttpFacts,),
    basis=Basis.HTTP,
    impact=Impact.ONE_READ,
    outcomes={
        "declared": Declared(
            status=Status.WARN,
            severity=Severity.LOW,
            detail=Text(
                "服务器声明允许 {methods}（未实际尝试）。", "The server declares {methods} (not tried)."
            ),
        ),
        "trace": Declared(
            status=Status.WARN,
            severity=Severity.LOW,
            detail=Text(
                "服务器回应 TRACE 请求，把收到的请求原样送回。",
                "The server answers TRACE, and gives back the request as it received it.",
            ),
        ),
        "none": Declared(
            status=Status.PASS, detail=Text("没有声明危险方法。", "No dangerous method is declared.")
        ),
        "silent": Declared(
            status=Status.INFO,
            detail=Text("服务器没有说明允许哪些方法。", "The server does not say which methods it allows."),
        ),
    },
    evaluate=evaluate,
    references=(Reference("RFC 9110 §9", "https://www.rfc-editor.org/rfc/rfc9110#section-9"),),
)
