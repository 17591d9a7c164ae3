"""The server accepts suites without encryption.

How it is seen: every suite the server chooses when offered all it has not chosen yet, for each version. How
it is judged: any such suite counts; a list that could not be read forbids a pass.

Source: RFC 9325 section 4.1.
"""

from __future__ import annotations

from collections.abc import Iterable

from checks.model import Basis, Declared, Outcome, Reference, Rule, Settings, Severity, Status, Text
from checks.tls.suites import is_null, judge_suites, not_tlcp_alone
from scanner.facts import ServiceFacts, TlsFacts


def evaluate(service: ServiceFacts, settings: Settings) -> Iterable[Outcome]:
    """Look at the suites' names."""
    return judge_suites(service, is_null)


RULE = Rule(
    id="tls/null-cipher",
    title=Text("接受不加密的密码套件", "Suites without encryption are accepted"),
    rationale=Text(
        "协商成这种套件后，内容以明文传输，线路上的任何人都能看到。",
        "Once such a suite is chosen, everything is sent in clear text for anyone on the path to read.",
    ),
    remediation=Text(
        "nginx：ssl_ciphers ECDHE+AESGCM:ECDHE+CHACHA20:!aNULL:!eNULL;　Apache：SSLCipherSuite "
        "ECDHE+AESGCM:ECDHE+CHACHA20:!aNULL:!eNULL　Tomcat：在 SSLHostConfig 的 ciphers 中只列出上述套"
        "件　IIS：用组策略“SSL 密码套件顺序”只保留 ECDHE 加 GCM 的套件。修改后重新加载服务并复测。",
        "nginx: ssl_ciphers ECDHE+AESGCM:ECDHE+CHACHA20:!aNULL:!eNULL; Apache: SSLCipherSuite "
        "ECDHE+AESGCM:ECDHE+CHACHA20:!aNULL:!eNULL; Tomcat: list only these in ciphers of "
        'SSLHostConfig; IIS: keep only ECDHE with GCM in the group policy "SSL Cipher Suite Order". '
        "Reload the service and test again.",
    ),
    severity=Severity.HIGH,
    duties=(
        "intrusion_protection",
        "data_protection",
        "personal_information",
    ),
    needs=(TlsFacts,),
    basis=Basis.HANDSHAKE,
    outcomes={
        "offered": Declared(
            status=Status.FAIL, severity=Severity.HIGH, detail=Text("接受 {suites}。", "Accepted: {suites}.")
        ),
        "undecided": Declared(
            status=Status.INCONCLUSIVE,
            detail=Text("未能读全密码套件列表。", "The list of suites could not be read in full."),
        ),
        "none": Declared(
            status=Status.PASS, detail=Text("不接受不加密的密码套件。", "No suites without encryption.")
        ),
    },
    evaluate=evaluate,
    applies=not_tlcp_alone,
    references=(Reference("RFC 9325 §4", "https://www.rfc-editor.org/rfc/rfc9325#section-4"),),
)
