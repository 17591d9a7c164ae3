"""The certificate has no subject alternative name.

How it is judged: clients no longer read the common name (RFC 9525 section 2). On a service that was asked by
name this is a failure, for the certificate cannot fit that name; certificate/name-mismatch does not tell it
again. Otherwise it is a weakness.
"""

from __future__ import annotations

from collections.abc import Iterable

from checks.certificate.leaf import has_leaf, leaf, listed, unreadable
from checks.model import Basis, Declared, Evidence, Outcome, Reference, Rule, Settings, Severity, Status, Text
from scanner.facts import ServiceFacts, TlsFacts


def evaluate(service: ServiceFacts, settings: Settings) -> Iterable[Outcome]:
    """See whether there is one."""
    names = listed(leaf(service).san, leaf(service).san_count)
    evidence = (Evidence("tls.certificates[0].san", names),)
    if not names and unreadable(service, "subjectAltName"):
        yield Outcome("undecided", {}, (Evidence("tls.certificates[0].error", leaf(service).error or ""),))
    elif names:
        yield Outcome("present", {"names": names}, evidence)
    elif service.endpoint.name and service.need(TlsFacts).hostname_match is False:
        yield Outcome("fits_no_name", {"asked": service.endpoint.name}, evidence)
    else:
        yield Outcome("missing", {}, evidence)


RULE = Rule(
    id="certificate/no-san",
    title=Text("证书缺少主题备用名称", "The certificate has no subject alternative name"),
    rationale=Text(
        "浏览器和新版程序库只按主题备用名称核对域名，不再看通用名称（CN）；缺少它的证书会被拒绝。",
        "Browsers and current libraries check names by the subject alternative name alone and no longer read the "
        "common name: a certificate without one is refused.",
    ),
    remediation=Text(
        "申请时在主题备用名称中写明域名。向电子认证服务机构申请新证书，或者用 ACME 客户端（certbot、"
        "acme.sh）自动签发和续期。安装：nginx：ssl_certificate 指向证书加中间证书的文件；　Apache："
        "SSLCertificateFile　Tomcat：更新 keystore　IIS：导入后重新绑定站点。重新加载服务后复测。",
        "Have the names put into the subject alternative name. Get a new certificate from a "
        "certification authority, or have an ACME client (certbot, acme.sh) issue and renew it. To "
        "install: nginx: ssl_certificate with a file of the certificate and its intermediates; Apache: "
        "SSLCertificateFile; Tomcat: update the keystore; IIS: import it and bind the site again. "
        "Reload and test again.",
    ),
    severity=Severity.MEDIUM,
    duties=(
        "intrusion_protection",
        "data_protection",
    ),
    needs=(TlsFacts,),
    basis=Basis.HANDSHAKE,
    outcomes={
        "fits_no_name": Declared(
            status=Status.FAIL,
            severity=Severity.MEDIUM,
            detail=Text(
                "没有主题备用名称，客户端不会承认该证书适用于 {asked}。",
                "There is no subject alternative name: no client accepts the certificate for {asked}.",
            ),
        ),
        "missing": Declared(
            status=Status.WARN,
            severity=Severity.LOW,
            detail=Text("没有主题备用名称。", "There is no subject alternative name."),
        ),
        "undecided": Declared(
            status=Status.INCONCLUSIVE,
            detail=Text(
                "主题备用名称的编码有误，未能读出。",
                "The subject alternative name is broken and could not be read.",
            ),
        ),
        "present": Declared(
            status=Status.PASS, detail=Text("主题备用名称：{names}。", "Subject alternative names: {names}.")
        ),
    },
    evaluate=evaluate,
    applies=has_leaf,
    references=(Reference("RFC 9525 §2", "https://www.rfc-editor.org/rfc/rfc9525#section-2"),),
)
