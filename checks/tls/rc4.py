"""The server accepts RC4 suites.

How it is seen: every suite the server chooses when offered all it has not chosen yet, for each version. How
it is judged: any such suite counts; a list that could not be read forbids a pass.

Source: RFC 7465; RFC 9325 section 4.1.
"""

from __future__ import annotations

from collections.abc import Iterable

from checks.model import Basis, Declared, Outcome, Reference, Rule, Settings, Severity, Status, Text
from checks.tls.suites import is_rc4, judge_suites, not_tlcp_alone
from scanner.facts import ServiceFacts, TlsFacts


def evaluate(service: ServiceFacts, settings: Settings) -> Iterable[Outcome]:
    """Look at the suites' names."""
    return judge_suites(service, is_rc4)


RULE = Rule(
    id="tls/rc4",
    title=Text("接受 RC4 密码套件", "RC4 suites are accepted"),
    rationale=Text(
        "RC4 的输出存在可以利用的偏差，反复传输的内容（如 Cookie）可被还原；RFC 7465 已禁止在 TLS 中使用。",
        "RC4's output is biased, so that what is sent again and again (such as a cookie) can be "
        "recovered; RFC 7465 forbids it in TLS.",
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
    severity=Severity.MEDIUM,
    duties=(
        "intrusion_protection",
        "data_protection",
    ),
    needs=(TlsFacts,),
    basis=Basis.HANDSHAKE,
    outcomes={
        "offered": Declared(
            status=Status.FAIL,
            severity=Severity.MEDIUM,
            detail=Text("接受 {suites}。", "Accepted: {suites}."),
        ),
        "undecided": Declared(
            status=Status.INCONCLUSIVE,
            detail=Text("未能读全密码套件列表。", "The list of suites could not be read in full."),
        ),
        "none": Declared(status=Status.PASS, detail=Text("不接受 RC4 密码套件。", "No RC4 suites.")),
    },
    evaluate=evaluate,
    applies=not_tlcp_alone,
    references=(Reference("RFC 7465", "https://www.rfc-editor.org/rfc/rfc7465"),),
)
