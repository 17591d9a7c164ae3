"""The certificate has no subject alternative name.

How it is judged: clients no longer read the common name (RFC 9525 section 2).
"""

from __future__ import annotations

from collections.abc import Iterable

from checks.certificate.leaf import has_leaf, leaf
from checks.model import Basis, Declared, Evidence, Outcome, Reference, Rule, Settings, Severity, Status, Text
from scanner.facts import ServiceFacts, TlsFacts


def evaluate(service: ServiceFacts, settings: Settings) -> Iterable[Outcome]:
    """See whether there is one."""
    names = ", ".join(leaf(service).san)
    yield Outcome(
        "present" if names else "missing", {"names": names}, (Evidence("tls.certificates[0].san", names),)
    )


RULE = Rule(
    id="certificate/no-san",
    title=Text("证书缺少主题备用名称", "The certificate has no subject alternative name"),
    rationale=Text("现代客户端只认主题备用名称，会报错。", "Modern clients read nothing else and fail."),
    remediation=Text(
        "更换证书：向可信的电子认证机构申请，或用 ACME 自动签发；nginx：ssl_certificate 指向含"
        "中间证书的完整链文件；Apache：SSLCertificateFile；Tomcat：更新 keystore；IIS：重新绑定"
        "证书。",
        "Replace the certificate, from a trusted authority or automatically by ACME. nginx: "
        "ssl_certificate with the whole chain; Apache: SSLCertificateFile; Tomcat: update the "
        "keystore; IIS: bind it again.",
    ),
    severity=Severity.LOW,
    duties=(
        "intrusion_protection",
        "data_protection",
    ),
    needs=(TlsFacts,),
    basis=Basis.HANDSHAKE,
    outcomes={
        "missing": Declared(
            status=Status.WARN,
            severity=Severity.LOW,
            detail=Text("没有主题备用名称。", "There is no subject alternative name."),
        ),
        "present": Declared(
            status=Status.PASS, detail=Text("主题备用名称：{names}。", "Subject alternative names: {names}.")
        ),
    },
    evaluate=evaluate,
    applies=has_leaf,
    references=(Reference("RFC 9525 §2", "https://www.rfc-editor.org/rfc/rfc9525#section-2"),),
)
