"""TLS 1.2 is offered without any suite of authenticated encryption.

How it is seen: the suites the server chose in TLS 1.2. How it is judged: not one with GCM, CCM or
ChaCha20-Poly1305 (AEAD) is a low weakness; a list that is not whole, and has none, gives no judgement. Where
nothing is accepted but suites that have a worse fault (no encryption, anonymous, export, DES, RC4, 64-bit
blocks), the rule of that fault tells it, not this one.

Source: RFC 9325 section 4.2, which recommends authenticated encryption alone.
"""

from __future__ import annotations

from collections.abc import Iterable

from checks.model import Basis, Declared, Evidence, Outcome, Reference, Rule, Settings, Severity, Status, Text
from checks.tls.suites import is_aead, is_broken, offered
from scanner.facts import ServiceFacts, TlsFacts


def _has_tls12(service: ServiceFacts) -> bool:
    return "TLSv1.2" in service.need(TlsFacts).protocols


def evaluate(service: ServiceFacts, settings: Settings) -> Iterable[Outcome]:
    """Look for one AEAD suite."""
    suites = offered(service).get("TLSv1.2", ())
    evidence = (Evidence("tls.ciphers.TLSv1.2", ", ".join(suites)),)
    if any(is_aead(suite) for suite in suites):
        yield Outcome("aead", {}, evidence)
    elif "TLSv1.2" not in service.need(TlsFacts).ciphers_complete:
        yield Outcome("undecided", {}, evidence)
    else:
        yield Outcome("told_elsewhere" if all(map(is_broken, suites)) else "cbc_only", {}, evidence)


RULE = Rule(
    id="tls/cbc-only",
    title=Text("TLS 1.2 只提供 CBC 套件", "TLS 1.2 has CBC suites only"),
    rationale=Text(
        "CBC 套件先校验后加密的结构多次被利用（Lucky13、POODLE 一类的填充攻击），正确实现很难；AEAD 套"
        "件没有这一问题。",
        "The way CBC suites join check and encryption was attacked again and again (padding attacks "
        "such as Lucky13 and POODLE) and is hard to implement right; AEAD suites have no such problem.",
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
        "undecided": Declared(
            status=Status.INCONCLUSIVE,
            detail=Text("未能读全密码套件列表。", "The list of suites could not be read in full."),
        ),
        "told_elsewhere": Declared(
            status=Status.INFO,
            detail=Text(
                "TLS 1.2 没有 AEAD 套件，所接受的套件另有更严重的问题，见相应检查。",
                "TLS 1.2 has no AEAD suite; those accepted have worse faults, told by other rules.",
            ),
        ),
        "aead": Declared(
            status=Status.PASS, detail=Text("TLS 1.2 提供 AEAD 套件。", "TLS 1.2 has AEAD suites.")
        ),
    },
    evaluate=evaluate,
    applies=_has_tls12,
    references=(Reference("RFC 9325 §4", "https://www.rfc-editor.org/rfc/rfc9325#section-4"),),
)
