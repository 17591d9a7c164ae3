"""The server accepts suites with 64-bit blocks such as 3DES.

How it is seen: every suite the server chooses when offered all it has not chosen yet, for each version. How
it is judged: any such suite counts; a list that could not be read forbids a pass.

Source: CVE-2016-2183; NIST SP 800-131A Rev. 2, which allows 3DES no more since 2024; RFC 9325 section 4.1.
"""

from __future__ import annotations

from collections.abc import Iterable

from checks.model import Basis, Declared, Outcome, Reference, Rule, Settings, Severity, Status, Text
from checks.tls.suites import has_64_bit_blocks, judge_suites, not_tlcp_alone
from scanner.facts import ServiceFacts, TlsFacts


def evaluate(service: ServiceFacts, settings: Settings) -> Iterable[Outcome]:
    """Look at the suites' names."""
    return judge_suites(service, has_64_bit_blocks)


RULE = Rule(
    id="tls/block-cipher-64-bit",
    title=Text("接受 64 位分组的密码套件（如 3DES）", "Suites with 64-bit blocks such as 3DES are accepted"),
    rationale=Text(
        "3DES、IDEA 等算法的分组只有 64 位，在同一连接上传输大量数据后，可能泄露其中反复出现的内容（"
        "Sweet32，CVE-2016-2183）。",
        "3DES, IDEA and the like work on blocks of 64 bits: after much traffic on one connection, what "
        "is repeated in it can leak (Sweet32, CVE-2016-2183).",
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
            status=Status.WARN,
            severity=Severity.MEDIUM,
            detail=Text("接受 {suites}。", "Accepted: {suites}."),
        ),
        "undecided": Declared(
            status=Status.INCONCLUSIVE,
            detail=Text("未能读全密码套件列表。", "The list of suites could not be read in full."),
        ),
        "none": Declared(
            status=Status.PASS,
            detail=Text(
                "不接受 64 位分组的密码套件（如 3DES）。", "No suites with 64-bit blocks such as 3DES."
            ),
        ),
    },
    evaluate=evaluate,
    applies=not_tlcp_alone,
    references=(
        Reference("CVE-2016-2183", "https://sweet32.info/"),
        Reference("RFC 9325 §4", "https://www.rfc-editor.org/rfc/rfc9325#section-4"),
    ),
)
