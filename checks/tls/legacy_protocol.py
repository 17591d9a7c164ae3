"""SSL 2.0, SSL 3.0, TLS 1.0 or TLS 1.1 is still accepted.

How it is seen: the TLS probe asks for each version by itself and keeps those that the server answers with a
ServerHello of that version (TLS 1.0 is taken as refused, too, when the server refuses all versions up to TLS
1.1 by protocol_version). How it is judged: any of the four is a failure; SSL is worse than TLS 1.0 and 1.1.
What it cannot show: whether a client that uses the old version still exists.

Source: RFC 6176 (SSL 2.0), RFC 7568 (SSL 3.0), RFC 8996 (TLS 1.0 and 1.1); RFC 9325 section 3.1.1.
"""

from __future__ import annotations

from collections.abc import Iterable

from checks.model import Basis, Declared, Evidence, Outcome, Reference, Rule, Settings, Severity, Status, Text
from scanner.facts import ServiceFacts, TlsFacts

_SSL = ("SSLv2", "SSLv3")
_OLD_TLS = ("TLSv1.0", "TLSv1.1")


def evaluate(service: ServiceFacts, settings: Settings) -> Iterable[Outcome]:
    """Yield the worst of what is offered; undetermined versions forbid a pass."""
    facts = service.need(TlsFacts)
    evidence = (Evidence("tls.protocols", ", ".join(facts.protocols)),)
    offered = [version for version in facts.protocols if version in _SSL + _OLD_TLS]
    undecided = [
        version
        for version in _SSL + _OLD_TLS
        if version not in facts.protocols and version not in facts.refused_protocols
    ]
    if any(version in _SSL for version in offered):
        yield Outcome("ssl_offered", {"versions": ", ".join(offered)}, evidence)
    elif offered:
        yield Outcome("old_tls_offered", {"versions": ", ".join(offered)}, evidence)
    elif undecided:
        yield Outcome("undecided", {"versions": ", ".join(undecided)}, evidence)
    else:
        yield Outcome("only_modern", {"versions": ", ".join(facts.protocols)}, evidence)


RULE = Rule(
    id="tls/legacy-protocol",
    title=Text("仍接受已废止的 SSL/TLS 协议版本", "Deprecated SSL/TLS versions are accepted"),
    rationale=Text(
        "SSL 2.0、SSL 3.0、TLS 1.0、TLS 1.1 已被 RFC 6176、RFC 7568、RFC 8996 废止，存在可被利用的设计缺陷，"
        "攻击者可能借此解密或篡改传输内容。",
        "SSL 2.0, SSL 3.0, TLS 1.0 and TLS 1.1 are deprecated by RFC 6176, RFC 7568 and RFC 8996; flaws in their "
        "design can let an attacker read or change what is sent.",
    ),
    remediation=Text(
        "只保留 TLS 1.2 和 TLS 1.3。nginx：ssl_protocols TLSv1.2 TLSv1.3;　Apache：SSLProtocol -all +TLSv1.2 +TLSv1.3　"
        'Tomcat：protocols="TLSv1.2+TLSv1.3"　IIS：在 SCHANNEL 注册表项中停用旧版本。修改后重新加载服务并复测。',
        "Keep TLS 1.2 and TLS 1.3 only. nginx: ssl_protocols TLSv1.2 TLSv1.3; Apache: SSLProtocol -all +TLSv1.2 "
        '+TLSv1.3; Tomcat: protocols="TLSv1.2+TLSv1.3"; IIS: disable the old versions under SCHANNEL in the '
        "registry. Reload the service and test again.",
    ),
    severity=Severity.HIGH,
    duties=("intrusion_protection", "data_protection"),
    needs=(TlsFacts,),
    basis=Basis.HANDSHAKE,
    outcomes={
        "ssl_offered": Declared(
            status=Status.FAIL,
            severity=Severity.HIGH,
            detail=Text(
                "该服务接受 {versions}；应只接受 TLSv1.2、TLSv1.3。",
                "The service accepts {versions}; wanted: TLSv1.2 and TLSv1.3 only.",
            ),
        ),
        "old_tls_offered": Declared(
            status=Status.FAIL,
            severity=Severity.MEDIUM,
            detail=Text(
                "该服务接受 {versions}；应只接受 TLSv1.2、TLSv1.3。",
                "The service accepts {versions}; wanted: TLSv1.2 and TLSv1.3 only.",
            ),
        ),
        "undecided": Declared(
            status=Status.INCONCLUSIVE,
            detail=Text("未能判断是否接受 {versions}。", "Could not tell whether {versions} is accepted."),
        ),
        "only_modern": Declared(
            status=Status.PASS,
            detail=Text("只接受 {versions}。", "Only {versions} is accepted."),
        ),
    },
    evaluate=evaluate,
    references=(
        Reference("RFC 8996", "https://www.rfc-editor.org/rfc/rfc8996"),
        Reference("RFC 7568", "https://www.rfc-editor.org/rfc/rfc7568"),
        Reference("RFC 9325 §3.1.1", "https://www.rfc-editor.org/rfc/rfc9325#section-3.1.1"),
    ),
)
