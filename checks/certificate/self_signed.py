"""The certificate is signed by its own key.

How it is seen: issuer and signature. How it is judged: visitors cannot tell it from a forged one. A service
that was asked by name fails; one asked by bare address, as devices and internal systems are, has a weakness.
A certificate that a chosen store (--ca-file) trusts passes. That no store trusts a self-signed certificate is
not told again by certificate/untrusted-chain.
Between mail servers (SMTP on port 25) nobody checks the certificate unless a policy says so: there it is told as
information.

Source: RFC 5280 sections 3.2 and 6.
"""

from __future__ import annotations

from collections.abc import Iterable

from checks.certificate.leaf import has_leaf, leaf, trust_evidence, trusted
from checks.model import Basis, Declared, Evidence, Outcome, Reference, Rule, Settings, Severity, Status, Text
from checks.opportunistic import (
    OPPORTUNISTIC,
    OPPORTUNISTIC_OUTCOME,
    OPPORTUNISTIC_REFERENCE,
    between_mail_servers,
)
from scanner.facts import ServiceFacts, TlsFacts


def evaluate(service: ServiceFacts, settings: Settings) -> Iterable[Outcome]:
    """Judge the signature's maker."""
    found = leaf(service)
    values = {"subject": found.subject, "issuer": found.issuer}
    evidence = (Evidence("tls.certificates[0].issuer", found.issuer), *trust_evidence(service))
    if found.self_signed is None:
        yield Outcome("undecided", values, evidence)
    elif not found.self_signed:
        yield Outcome("issued", values, evidence)
    elif trusted(service):
        yield Outcome("chosen", values, evidence)
    elif between_mail_servers(service):
        yield Outcome(OPPORTUNISTIC, values, evidence)
    else:
        yield Outcome("self_signed" if service.endpoint.name else "by_address", values, evidence)


RULE = Rule(
    id="certificate/self-signed",
    title=Text("证书为自签名", "The certificate is self-signed"),
    rationale=Text(
        "自签名证书没有第三方证明，任何人都能做出一张同样的：访问者无法分辨真伪，线路上的攻击者可以居中冒充。",
        "Nobody vouches for a self-signed certificate and anyone can make one like it: visitors cannot tell it "
        "from a forged one, and an attacker on the path can pose as the server.",
    ),
    remediation=Text(
        "向电子认证服务机构申请新证书，或者用 ACME 客户端（certbot、acme.sh）自动签发和续期。安装："
        "nginx：ssl_certificate 指向证书加中间证书的文件；　Apache：SSLCertificateFile　Tomcat：更新 "
        "keystore　IIS：导入后重新绑定站点。重新加载服务后复测。",
        "Get a new certificate from a certification authority, or have an ACME client (certbot, "
        "acme.sh) issue and renew it. To install: nginx: ssl_certificate with a file of the "
        "certificate and its intermediates; Apache: SSLCertificateFile; Tomcat: update the keystore; "
        "IIS: import it and bind the site again. Reload and test again.",
    ),
    severity=Severity.MEDIUM,
    duties=(
        "intrusion_protection",
        "data_protection",
    ),
    needs=(TlsFacts,),
    basis=Basis.HANDSHAKE,
    outcomes={
        "self_signed": Declared(
            status=Status.FAIL,
            severity=Severity.MEDIUM,
            detail=Text("证书由自身签发（{subject}）。", "The certificate signs itself ({subject})."),
        ),
        "by_address": Declared(
            status=Status.WARN,
            severity=Severity.LOW,
            detail=Text(
                "按地址访问时，证书由自身签发（{subject}）。",
                "Asked by address, the service shows a certificate that signs itself ({subject}).",
            ),
        ),
        "chosen": Declared(
            status=Status.PASS,
            detail=Text(
                "证书由自身签发（{subject}），但受所用的信任库信任。",
                "The certificate signs itself ({subject}) and is trusted by a store in use.",
            ),
        ),
        OPPORTUNISTIC: OPPORTUNISTIC_OUTCOME,
        "issued": Declared(
            status=Status.PASS,
            detail=Text("证书由 {issuer} 签发。", "The certificate was issued by {issuer}."),
        ),
        "undecided": Declared(
            status=Status.INCONCLUSIVE, detail=Text("未能判断签发者。", "Could not tell who signed it.")
        ),
    },
    evaluate=evaluate,
    applies=has_leaf,
    references=(
        Reference("RFC 5280 §3.2", "https://www.rfc-editor.org/rfc/rfc5280#section-3.2"),
        OPPORTUNISTIC_REFERENCE,
    ),
)
