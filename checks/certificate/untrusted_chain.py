"""No trust store vouches for the chain.

How it is seen: the chain as sent, verified offline against the stores. How it is judged: a self-signed certificate, an expired one and a
missing intermediate are told by their own rules, not here.
"""

from __future__ import annotations

from collections.abc import Iterable

from checks.certificate.leaf import has_leaf, leaf, reasons, trust_evidence, trusted
from checks.model import Basis, Declared, Outcome, Rule, Settings, Severity, Status, Text
from scanner.facts import ServiceFacts, TlsFacts


def _chain_to_judge(service: ServiceFacts) -> bool:
    return has_leaf(service) and leaf(service).self_signed is not True and bool(reasons(service))


_TOLD_ELSEWHERE = frozenset({"expired", "not_yet_valid", "weak_signature", "incomplete_chain", "self_signed"})


def evaluate(service: ServiceFacts, settings: Settings) -> Iterable[Outcome]:
    """Judge what the stores said."""
    found = reasons(service)
    values = {"reasons": ", ".join(sorted(found))}
    if trusted(service):
        yield Outcome("trusted", values, trust_evidence(service))
    elif found <= _TOLD_ELSEWHERE:
        yield Outcome("other_cause", values, trust_evidence(service))
    else:
        yield Outcome("untrusted", values, trust_evidence(service))


RULE = Rule(
    id="certificate/untrusted-chain",
    title=Text("证书链不受信任", "The chain is not trusted"),
    rationale=Text(
        "访问者的浏览器会警告；也可能是私有签发机构。", "Browsers warn; it may also be a private authority."
    ),
    remediation=Text(
        "更换证书：向可信的电子认证机构申请，或用 ACME 自动签发；nginx：ssl_certificate 指向含"
        "中间证书的完整链文件；Apache：SSLCertificateFile；Tomcat：更新 keystore；IIS：重新绑定"
        "证书。",
        "Replace the certificate, from a trusted authority or automatically by ACME. nginx: "
        "ssl_certificate with the whole chain; Apache: SSLCertificateFile; Tomcat: update the "
        "keystore; IIS: bind it again.",
    ),
    severity=Severity.MEDIUM,
    duties=(
        "intrusion_protection",
        "data_protection",
    ),
    needs=(TlsFacts,),
    basis=Basis.HANDSHAKE,
    outcomes={
        "untrusted": Declared(
            status=Status.WARN,
            severity=Severity.MEDIUM,
            detail=Text("没有信任库认可该证书链（{reasons}）。", "No store trusts the chain ({reasons})."),
        ),
        "other_cause": Declared(
            status=Status.INFO,
            detail=Text(
                "证书链因其他原因未通过，见相应检查（{reasons}）。",
                "The chain fails for a cause told elsewhere ({reasons}).",
            ),
        ),
        "trusted": Declared(status=Status.PASS, detail=Text("证书链受信任。", "The chain is trusted.")),
    },
    evaluate=evaluate,
    applies=_chain_to_judge,
)
