"""The certificate is for another name.

How it is judged: the name asked for against the subject alternative names (RFC 9525). A site asked by bare
address is not judged. A certificate without any such name fits no site; that is told by certificate/no-san
alone.
Between mail servers (SMTP on port 25) nobody checks the certificate unless a policy says so: there it is told as
information.
"""

from __future__ import annotations

from collections.abc import Iterable

from checks.certificate.leaf import has_leaf, leaf, listed, unreadable
from checks.model import Basis, Declared, Evidence, Outcome, Reference, Rule, Settings, Severity, Status, Text
from checks.opportunistic import (
    OPPORTUNISTIC,
    OPPORTUNISTIC_OUTCOME,
    OPPORTUNISTIC_REFERENCE,
    between_mail_servers,
)
from scanner.facts import ServiceFacts, TlsFacts


def _asked_by_name(service: ServiceFacts) -> bool:
    return (
        has_leaf(service)
        and service.need(TlsFacts).hostname_match is not None
        and service.endpoint.name is not None
    )


def evaluate(service: ServiceFacts, settings: Settings) -> Iterable[Outcome]:
    """Judge the match."""
    names = listed(leaf(service).san, leaf(service).san_count) or leaf(service).subject
    values = {"names": names, "asked": service.endpoint.name or ""}
    evidence = (Evidence("tls.certificates[0].san", names),)
    if service.need(TlsFacts).hostname_match:
        yield Outcome("match", values, evidence)
    elif unreadable(service, "subjectAltName"):
        yield Outcome("undecided", values, evidence)
    elif between_mail_servers(service):
        yield Outcome(OPPORTUNISTIC, values, evidence)
    else:
        yield Outcome("mismatch" if leaf(service).san else "nameless", values, evidence)


RULE = Rule(
    id="certificate/name-mismatch",
    title=Text("证书与域名不符", "The certificate is for another name"),
    rationale=Text(
        "浏览器会警告，用户无法确认站点真伪。",
        "Browsers warn, and users cannot tell whether the site is the right one.",
    ),
    remediation=Text(
        "申请时把访问者使用的全部域名写入主题备用名称；同一地址有多个站点的，检查 server_name 与证书是"
        "否对应。向电子认证服务机构申请新证书，或者用 ACME 客户端（certbot、acme.sh）自动签发和续期。安"
        "装：nginx：ssl_certificate 指向证书加中间证书的文件；　Apache：SSLCertificateFile　Tomcat：更"
        "新 keystore　IIS：导入后重新绑定站点。重新加载服务后复测。",
        "Put every name that visitors use into the subject alternative name; with several sites on one "
        "address, check that each server_name has its own certificate. Get a new certificate from a "
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
        OPPORTUNISTIC: OPPORTUNISTIC_OUTCOME,
        "mismatch": Declared(
            status=Status.FAIL,
            severity=Severity.MEDIUM,
            detail=Text("证书适用于 {names}，不含 {asked}。", "The certificate is for {names}, not {asked}."),
        ),
        "nameless": Declared(
            status=Status.INFO,
            detail=Text(
                "证书没有主题备用名称，因而不适用于任何域名，见“证书缺少主题备用名称”一项。",
                "Without a subject alternative name the certificate is for no site; see certificate/no-san.",
            ),
        ),
        "undecided": Declared(
            status=Status.INCONCLUSIVE,
            detail=Text(
                "主题备用名称的编码有误，无法判断是否包含 {asked}。",
                "The subject alternative name is broken; could not tell whether {asked} is in it.",
            ),
        ),
        "match": Declared(
            status=Status.PASS, detail=Text("证书适用于 {asked}。", "The certificate is for {asked}.")
        ),
    },
    evaluate=evaluate,
    applies=_asked_by_name,
    references=(Reference("RFC 9525", "https://www.rfc-editor.org/rfc/rfc9525"), OPPORTUNISTIC_REFERENCE),
)
