"""The client chooses among weak and strong suites.

How it is seen: the same suites offered forwards and backwards. How it is judged: the server follows the
client's order while it accepts, in TLS 1.2 and older, suites without authenticated encryption or without
forward secrecy beside better ones: a low weakness. Where all suites are good, or none is, the order does no
harm; a list of suites that is not whole does not show that all are good. The weak suites are told by rules of
their own, this rule tells who chooses.

Source: RFC 9325 section 4.2.1; Mozilla's intermediate profile.
"""

from __future__ import annotations

from collections.abc import Iterable

from checks.model import Basis, Declared, Evidence, Outcome, Reference, Rule, Settings, Severity, Status, Text
from checks.tls.suites import has_forward_secrecy, is_aead, is_broken, offered, older_versions
from scanner.facts import ServiceFacts, TlsFacts


def _older(service: ServiceFacts) -> bool:
    return bool(older_versions(service))


def _good(suite: str, protocol: str) -> bool:
    """As good as the protocol has them: TLS 1.1 and older know no authenticated encryption."""
    return (
        has_forward_secrecy(suite, protocol)
        and not is_broken(suite)
        and (is_aead(suite) or protocol != "TLSv1.2")
    )


def evaluate(service: ServiceFacts, settings: Settings) -> Iterable[Outcome]:
    """Judge only where there is something weaker to choose."""
    facts = service.need(TlsFacts)
    older = {protocol: offered(service).get(protocol, ()) for protocol in older_versions(service)}
    whole = all(protocol in facts.ciphers_complete for protocol in older)
    weak: list[str] = []
    for protocol, suites in older.items():
        worse = [suite for suite in suites if not _good(suite, protocol)]
        if len(worse) < len(suites):
            weak += worse
    shown = ", ".join(dict.fromkeys(weak))
    evidence = (Evidence("tls.server_preference", str(facts.server_preference)),)
    if facts.server_preference or (whole and not weak):
        yield Outcome("good", {}, evidence)
    elif facts.server_preference is None or not weak:
        yield Outcome("undecided", {}, evidence)
    else:
        yield Outcome("client_chooses", {"suites": shown}, evidence)


RULE = Rule(
    id="tls/client-preferred-weak-order",
    title=Text("由客户端选择套件且包含弱套件", "The client chooses, and weak suites are among the choices"),
    rationale=Text(
        "服务器不按自己的顺序选择套件，配置不当的客户端会用上较弱的套件，尽管双方都支持更好的。",
        "The server does not choose by an order of its own, so badly set up clients end with weaker "
        "suites although both sides know better ones.",
    ),
    remediation=Text(
        "先删去较弱的套件；必须保留的，改由服务器决定顺序。nginx：ssl_prefer_server_ciphers on;　Apache："
        'SSLHonorCipherOrder on　Tomcat：honorCipherOrder="true"　IIS：默认由服务器决定，在组策略中调整'
        "顺序。",
        "Drop the weaker suites first; where they must stay, let the server decide. nginx: "
        "ssl_prefer_server_ciphers on; Apache: SSLHonorCipherOrder on; Tomcat: "
        'honorCipherOrder="true"; IIS: the server decides already, set the order by group policy.',
    ),
    severity=Severity.LOW,
    duties=(
        "intrusion_protection",
        "data_protection",
    ),
    needs=(TlsFacts,),
    basis=Basis.HANDSHAKE,
    outcomes={
        "client_chooses": Declared(
            status=Status.WARN,
            severity=Severity.LOW,
            detail=Text(
                "服务器没有自己的顺序，且接受较弱套件：{suites}。",
                "The server has no order of its own and accepts weaker suites: {suites}.",
            ),
        ),
        "good": Declared(
            status=Status.PASS,
            detail=Text(
                "服务器按自己的顺序选择，或没有较弱套件。",
                "The server has its own order, or no weaker suite.",
            ),
        ),
        "undecided": Declared(
            status=Status.INCONCLUSIVE, detail=Text("未能判断顺序由谁决定。", "Could not tell who chooses.")
        ),
    },
    evaluate=evaluate,
    applies=_older,
    references=(Reference("RFC 9325 §4", "https://www.rfc-editor.org/rfc/rfc9325#section-4"),),
)
