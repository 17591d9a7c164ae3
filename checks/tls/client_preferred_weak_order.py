"""The client chooses among weak and strong suites.

How it is judged: the server has no order of its own while it accepts suites without AEAD or forward secrecy: a low weakness.
"""

from __future__ import annotations

from collections.abc import Iterable

from checks.model import Basis, Declared, Evidence, Outcome, Reference, Rule, Settings, Severity, Status, Text
from checks.tls.suites import has_forward_secrecy, is_aead, offered
from scanner.facts import ServiceFacts, TlsFacts


def evaluate(service: ServiceFacts, settings: Settings) -> Iterable[Outcome]:
    """Judge only where there is something weaker to choose."""
    facts = service.need(TlsFacts)
    weak = [
        suite
        for protocol, suites in offered(service).items()
        for suite in suites
        if not has_forward_secrecy(suite, protocol) or (protocol == "TLSv1.2" and not is_aead(suite))
    ]
    shown = ", ".join(dict.fromkeys(weak))
    evidence = (Evidence("tls.server_preference", str(facts.server_preference)),)
    if not weak or facts.server_preference:
        yield Outcome("good", {}, evidence)
    elif facts.server_preference is None:
        yield Outcome("undecided", {}, evidence)
    else:
        yield Outcome("client_chooses", {"suites": shown}, evidence)


RULE = Rule(
    id="tls/client-preferred-weak-order",
    title=Text("由客户端选择套件且包含弱套件", "The client chooses, and weak suites are among the choices"),
    rationale=Text("旧客户端会选用较弱的套件。", "Old clients will take the weaker ones."),
    remediation=Text(
        "nginx：ssl_prefer_server_ciphers on;　Apache：SSLHonorCipherOrder on；并删去弱套件。",
        "nginx: ssl_prefer_server_ciphers on; Apache: SSLHonorCipherOrder on; and drop the weak suites.",
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
    references=(Reference("RFC 9325 §4", "https://www.rfc-editor.org/rfc/rfc9325#section-4"),),
)
