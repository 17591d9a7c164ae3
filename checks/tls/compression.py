"""TLS compression is on (CRIME).

How it is seen: the compression method the server chose when offered DEFLATE. TLS 1.3 has no compression.

Source: RFC 9325 section 3.3; CVE-2012-4929.
"""

from __future__ import annotations

from collections.abc import Iterable

from checks.model import Basis, Declared, Evidence, Outcome, Reference, Rule, Settings, Severity, Status, Text
from checks.tls.suites import older_versions
from scanner.facts import ServiceFacts, TlsFacts


def _concerned(service: ServiceFacts) -> bool:
    return bool(older_versions(service))


def evaluate(service: ServiceFacts, settings: Settings) -> Iterable[Outcome]:
    """Judge what the handshake showed; not determined is not judged."""
    value = service.need(TlsFacts).compression
    evidence = (Evidence("tls.compression", str(value)),)
    if value is None:
        yield Outcome("undecided", {}, evidence)
    else:
        yield Outcome("weak" if value is True else "good", {}, evidence)


RULE = Rule(
    id="tls/compression",
    title=Text("启用了 TLS 压缩", "TLS compression is on"),
    rationale=Text(
        "TLS 压缩会让密文长度随内容变化；攻击者诱使浏览器反复发送请求，就能据长度猜出 Cookie 等内容（"
        "CRIME，CVE-2012-4929）。",
        "TLS compression makes the length follow the content: an attacker who makes a browser send "
        "requests can guess cookies and the like from it (CRIME, CVE-2012-4929).",
    ),
    remediation=Text(
        "升级 OpenSSL（1.1.0 起默认不压缩）。Apache：SSLCompression off　nginx 1.3.2 以上已默认关闭　Tomcat（Java）、"
        "IIS 不支持 TLS 压缩。",
        "Upgrade OpenSSL (off by default since 1.1.0). Apache: SSLCompression off; nginx has it off since 1.3.2; "
        "Tomcat (Java) and IIS have no TLS compression.",
    ),
    severity=Severity.MEDIUM,
    duties=(
        "intrusion_protection",
        "data_protection",
    ),
    needs=(TlsFacts,),
    basis=Basis.HANDSHAKE,
    outcomes={
        "weak": Declared(
            status=Status.FAIL,
            severity=Severity.MEDIUM,
            detail=Text("服务器选择了压缩。", "The server chose compression."),
        ),
        "undecided": Declared(
            status=Status.INCONCLUSIVE, detail=Text("未能判断。", "Could not be determined.")
        ),
        "good": Declared(status=Status.PASS, detail=Text("未启用压缩。", "No compression.")),
    },
    evaluate=evaluate,
    applies=_concerned,
    references=(Reference("RFC 9325 §3.3", "https://www.rfc-editor.org/rfc/rfc9325#section-3.3"),),
)
