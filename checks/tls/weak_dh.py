"""Diffie-Hellman groups are too small.

How it is seen: the prime in the server's key exchange message; the smallest that was met. How it is judged:
below the threshold ``dh_min_bits`` is a failure. Below 1024 bits, or with one of the 1024-bit primes that
very many servers share (Apache's, nginx's, Java's, Oakley group 2), it is a high one: the work of breaking
such a prime is done once for all of them. Shared primes of sufficient size, such as those of RFC 7919, are
good. Where no prime was met there is no judgement, whether such suites are accepted or the list of suites is
not whole. Primes of anonymous suites are left out: those suites have a rule of their own, and OpenSSL takes 1024
bits for them whatever is configured.

Source: RFC 9325 section 4.5; RFC 7919.
"""

from __future__ import annotations

from collections.abc import Iterable

from checks.model import Basis, Declared, Evidence, Outcome, Reference, Rule, Settings, Severity, Status, Text
from checks.tls.suites import offered, older_versions, uses_finite_field_dh
from scanner.facts import ServiceFacts, TlsFacts

_PRECOMPUTED = 1024
"""Bits of a shared prime for which the work of attacking all who use it at once is within reach of a state (Logjam, 2015)."""


def _may_use_dh(service: ServiceFacts) -> bool:
    facts = service.need(TlsFacts)
    return (
        facts.dh_bits is not None
        or any(uses_finite_field_dh(suite) for suites in offered(service).values() for suite in suites)
        or any(protocol not in facts.ciphers_complete for protocol in older_versions(service))
    )


def evaluate(service: ServiceFacts, settings: Settings) -> Iterable[Outcome]:
    """Compare the prime's size with the threshold."""
    facts = service.need(TlsFacts)
    bits, wanted = facts.dh_bits, settings.threshold("dh_min_bits")
    if bits is None:
        yield Outcome("undecided")
        return
    values = {"bits": str(bits), "wanted": str(wanted), "prime": facts.dh_known_prime or "-"}
    evidence = (Evidence("tls.dh_bits", f"{bits} {facts.dh_known_prime or ''}".strip()),)
    if bits >= wanted:
        yield Outcome("strong", values, evidence)
    elif facts.dh_known_prime and bits <= _PRECOMPUTED:
        yield Outcome("shared_prime", values, evidence)
    else:
        yield Outcome("tiny" if bits < 1024 else "small", values, evidence)


RULE = Rule(
    id="tls/weak-dh",
    title=Text("DH 参数过短", "The DH group is too small"),
    rationale=Text(
        "DH 参数过短时，截获通信的人可以求出会话密钥（Logjam）。许多服务器共用软件自带的 1024 位素数，攻击者只需预先计算一次，"
        "就能解密所有使用该素数的连接。",
        "With a small group, whoever records the traffic can find the session key (Logjam). Many servers share a 1024-bit "
        "prime that came with their software: one precomputation opens the connections of all of them.",
    ),
    remediation=Text(
        "首选只用 ECDHE 套件，不再提供 DHE。确需 DHE 的：nginx：openssl dhparam -out dh.pem 2048 后设置 ssl_dhparam dh.pem;　"
        "Apache：SSLOpenSSLConfCmd DHParameters dh.pem　Tomcat/Java：-Djdk.tls.ephemeralDHKeySize=2048　"
        "IIS：在 SCHANNEL 的 KeyExchangeAlgorithms\\Diffie-Hellman 下设置 ServerMinKeyBitLength=2048。",
        "Best: ECDHE suites only, no DHE. Where DHE is needed: nginx: openssl dhparam -out dh.pem 2048, then ssl_dhparam "
        "dh.pem; Apache: SSLOpenSSLConfCmd DHParameters dh.pem; Tomcat/Java: -Djdk.tls.ephemeralDHKeySize=2048; IIS: "
        "ServerMinKeyBitLength=2048 under SCHANNEL\\KeyExchangeAlgorithms\\Diffie-Hellman.",
    ),
    severity=Severity.HIGH,
    duties=(
        "intrusion_protection",
        "data_protection",
    ),
    needs=(TlsFacts,),
    basis=Basis.HANDSHAKE,
    outcomes={
        "tiny": Declared(
            status=Status.FAIL,
            severity=Severity.HIGH,
            detail=Text(
                "DH 参数只有 {bits} 位，应不少于 {wanted} 位。",
                "The DH group has only {bits} bits; wanted: {wanted} or more.",
            ),
        ),
        "shared_prime": Declared(
            status=Status.FAIL,
            severity=Severity.HIGH,
            detail=Text(
                "DH 参数为 {bits} 位，且是许多服务器共用的素数（{prime}）；应不少于 {wanted} 位。",
                "The DH group has {bits} bits and a prime that many servers share ({prime}); wanted: {wanted} bits or more.",
            ),
        ),
        "undecided": Declared(
            status=Status.INCONCLUSIVE,
            detail=Text(
                "没有读到 DH 参数，无法判断其长度。",
                "No DH group was read, so its size is not known.",
            ),
        ),
        "small": Declared(
            status=Status.FAIL,
            severity=Severity.MEDIUM,
            detail=Text(
                "DH 参数为 {bits} 位，应不少于 {wanted} 位。",
                "The DH group has {bits} bits; wanted: {wanted} or more.",
            ),
        ),
        "strong": Declared(
            status=Status.PASS, detail=Text("DH 参数为 {bits} 位。", "The DH group has {bits} bits.")
        ),
    },
    evaluate=evaluate,
    applies=_may_use_dh,
    references=(
        Reference("RFC 9325 §4.5", "https://www.rfc-editor.org/rfc/rfc9325#section-4.5"),
        Reference("Logjam", "https://weakdh.org/"),
    ),
)
