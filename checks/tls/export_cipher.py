"""The server accepts export suites.

How it is seen: every suite the server chooses when offered all it has not chosen yet, for each version. How
it is judged: any such suite counts; a list that could not be read forbids a pass.

Source: RFC 9325 section 4.1; CVE-2015-0204.
"""

from __future__ import annotations

from collections.abc import Iterable

from checks.model import Basis, Declared, Outcome, Reference, Rule, Settings, Severity, Status, Text
from checks.tls.suites import is_export, judge_suites, not_tlcp_alone
from scanner.facts import ServiceFacts, TlsFacts


def evaluate(service: ServiceFacts, settings: Settings) -> Iterable[Outcome]:
    """Look at the suites' names."""
    return judge_suites(service, is_export)


RULE = Rule(
    id="tls/export-cipher",
    title=Text("接受出口级弱密码套件", "Export suites are accepted"),
    rationale=Text(
        "出口级套件的密钥只有 40 或 56 位，普通计算机即可破解；攻击者还能诱使不愿使用它的客户端降级（"
        "FREAK、Logjam）。",
        "Export suites have keys of 40 or 56 bits, which an ordinary computer breaks; attackers can "
        "even lead clients to them that do not want them (FREAK, Logjam).",
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
        "none": Declared(status=Status.PASS, detail=Text("不接受出口级弱密码套件。", "No export suites.")),
    },
    evaluate=evaluate,
    applies=not_tlcp_alone,
    references=(Reference("RFC 9325 §4", "https://www.rfc-editor.org/rfc/rfc9325#section-4"),),
)
