"""TLS 1.2 is offered with CBC suites only.

How it is judged: no authenticated (AEAD) suite in TLS 1.2 is a weakness.
"""

from __future__ import annotations

from collections.abc import Iterable

from checks.model import Basis, Declared, Evidence, Outcome, Reference, Rule, Settings, Severity, Status, Text
from checks.tls.suites import is_aead, offered
from scanner.facts import ServiceFacts, TlsFacts


def _has_tls12_suites(service: ServiceFacts) -> bool:
    return bool(offered(service).get("TLSv1.2"))


def evaluate(service: ServiceFacts, settings: Settings) -> Iterable[Outcome]:
    """Look for one AEAD suite."""
    suites = offered(service)["TLSv1.2"]
    evidence = (Evidence("tls.ciphers.TLSv1.2", ", ".join(suites)),)
    yield Outcome("aead" if any(is_aead(suite) for suite in suites) else "cbc_only", {}, evidence)


RULE = Rule(
    id="tls/cbc-only",
    title=Text("TLS 1.2 只提供 CBC 套件", "TLS 1.2 has CBC suites only"),
    rationale=Text(
        "CBC 套件多次出现填充类攻击（Lucky13 等）。",
        "CBC suites have a history of padding attacks (Lucky13 and others).",
    ),
    remediation=Text(
        "nginx：ssl_ciphers ECDHE+AESGCM:ECDHE+CHACHA20:!aNULL;　Apache：SSLCipherSuite "
        "ECDHE+AESGCM:ECDHE+CHACHA20　Tomcat：在 SSLHostConfig 的 ciphers 中列出　IIS：用组策略"
        "“SSL 密码套件顺序”停用。修改后重新加载并复测。",
        "nginx: ssl_ciphers ECDHE+AESGCM:ECDHE+CHACHA20:!aNULL; Apache: SSLCipherSuite "
        "ECDHE+AESGCM:ECDHE+CHACHA20; Tomcat: list them in ciphers of SSLHostConfig; IIS: "
        'group policy "SSL Cipher Suite Order". Reload and test again.',
    ),
    severity=Severity.LOW,
    duties=(
        "intrusion_protection",
        "data_protection",
    ),
    needs=(TlsFacts,),
    basis=Basis.HANDSHAKE,
    outcomes={
        "cbc_only": Declared(
            status=Status.WARN,
            severity=Severity.LOW,
            detail=Text(
                "TLS 1.2 没有 GCM、CCM、ChaCha20-Poly1305 套件。",
                "TLS 1.2 has no GCM, CCM or ChaCha20-Poly1305 suite.",
            ),
        ),
        "aead": Declared(
            status=Status.PASS, detail=Text("TLS 1.2 提供 AEAD 套件。", "TLS 1.2 has AEAD suites.")
        ),
    },
    evaluate=evaluate,
    applies=_has_tls12_suites,
    references=(Reference("RFC 9325 §4", "https://www.rfc-editor.org/rfc/rfc9325#section-4"),),
)
