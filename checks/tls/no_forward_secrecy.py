"""Suites without forward secrecy are accepted, or nothing else is.

How it is seen: the key exchange in the names of the suites the server chose. How it is judged: nothing but
such suites is a medium weakness, some beside others a low one. Suites that have a worse fault (no encryption,
anonymous, export, DES, RC4, 64-bit blocks) are told by the rule of that fault and not again here. A list that
is not whole forbids a pass, and forbids to say that there is nothing else.

Source: RFC 9325 section 4.1, which says SHOULD NOT of the key transport by RSA; Mozilla's profiles.
"""

from __future__ import annotations

from collections.abc import Iterable

from checks.model import Basis, Declared, Evidence, Outcome, Reference, Rule, Settings, Severity, Status, Text
from checks.tls.suites import has_forward_secrecy, is_broken, not_tlcp_alone, offered, suites_known
from scanner.facts import ServiceFacts, TlsFacts


def evaluate(service: ServiceFacts, settings: Settings) -> Iterable[Outcome]:
    """Tell apart suites by their key exchange."""
    pairs = [(suite, protocol) for protocol, suites in offered(service).items() for suite in suites]
    without = list(
        dict.fromkeys(suite for suite, protocol in pairs if not has_forward_secrecy(suite, protocol))
    )
    static = [suite for suite in without if not is_broken(suite)]
    nothing_else = not any(has_forward_secrecy(suite, protocol) for suite, protocol in pairs)
    evidence = (Evidence("tls.ciphers", ", ".join(without)),) if without else ()
    if static and nothing_else and suites_known(service):
        yield Outcome("only", {}, evidence)
    elif static:
        yield Outcome("some", {"suites": ", ".join(static)}, evidence)
    elif not suites_known(service):
        yield Outcome("undecided", {}, evidence)
    else:
        yield Outcome("told_elsewhere" if without else "all", {}, evidence)


RULE = Rule(
    id="tls/no-forward-secrecy",
    title=Text("存在不具备前向保密的套件", "Suites without forward secrecy"),
    rationale=Text(
        "这类套件直接用服务器私钥交换密钥：私钥一旦泄露，以往截获的全部通信都能被解密。",
        "These suites exchange keys by the server's own private key: once it is lost, all traffic "
        "recorded before can be read.",
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
        "only": Declared(
            status=Status.WARN,
            severity=Severity.MEDIUM,
            detail=Text("没有任何套件具备前向保密。", "No suite has forward secrecy."),
        ),
        "some": Declared(
            status=Status.WARN,
            severity=Severity.LOW,
            detail=Text("下列套件不具备前向保密：{suites}。", "Without forward secrecy: {suites}."),
        ),
        "undecided": Declared(
            status=Status.INCONCLUSIVE,
            detail=Text("未能读全密码套件列表。", "The list of suites could not be read in full."),
        ),
        "told_elsewhere": Declared(
            status=Status.INFO,
            detail=Text(
                "不具备前向保密的套件另有更严重的问题，见相应检查。",
                "The suites without forward secrecy have worse faults, told by other rules.",
            ),
        ),
        "all": Declared(
            status=Status.PASS, detail=Text("所有套件具备前向保密。", "All suites have forward secrecy.")
        ),
    },
    evaluate=evaluate,
    applies=not_tlcp_alone,
    references=(Reference("RFC 9325 §4", "https://www.rfc-editor.org/rfc/rfc9325#section-4"),),
)
