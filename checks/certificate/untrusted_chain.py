"""No trust store vouches for the chain.

How it is seen: the chain as sent, verified offline against the stores. How it is judged: a self-signed
certificate is told by certificate/self-signed alone. Where all that some store has against the chain is told
by a rule of its own (certificate/expired, not-yet-valid, weak-signature, incomplete-chain), it is not told
again here; a store that stops at the date or the signature knows the issuer. A certificate that cannot be
parsed gives no judgement. No public store holds a root of SM2, so that a chain with an SM2 certificate is
judged by the chosen store (--ca-file) alone, and without one it is said that nothing judged it.
Between mail servers (SMTP on port 25) nobody checks the certificate unless a policy says so: there it is told as
information.

Source: RFC 5280 section 6.
"""

from __future__ import annotations

from collections.abc import Iterable

from checks.certificate.leaf import has_leaf, reasons, trust_evidence, trusted, validity
from checks.certificate.signatures import weakly_signed
from checks.model import Basis, Declared, Evidence, Outcome, Reference, Rule, Settings, Severity, Status, Text
from checks.opportunistic import (
    OPPORTUNISTIC,
    OPPORTUNISTIC_OUTCOME,
    OPPORTUNISTIC_REFERENCE,
    between_mail_servers,
)
from scanner.facts import ServiceFacts, TlsFacts


def _of_sm2(service: ServiceFacts) -> bool:
    own = service.need(TlsFacts).certificates[0]
    return (own.key is not None and own.key.type == "SM2") or own.signature_algorithm == "sm2-with-SM3"


def _chain_to_judge(service: ServiceFacts) -> bool:
    sent = service.need(TlsFacts).certificates
    if not sent or sent[0].self_signed is True:
        return False
    return bool(reasons(service)) or _of_sm2(service)


def _told_elsewhere(service: ServiceFacts, settings: Settings) -> bool:
    """Some store's reason is one that another rule reports from the same facts."""
    found, dates = reasons(service), validity(service)
    return (
        "incomplete_chain" in found
        or ("expired" in found and dates is not None and dates[1] < settings.at)
        or ("not_yet_valid" in found and dates is not None and dates[0] > settings.at)
        or ("weak_signature" in found and bool(weakly_signed(service)))
    )


def evaluate(service: ServiceFacts, settings: Settings) -> Iterable[Outcome]:
    """Judge what the stores said."""
    found = reasons(service)
    values = {"reasons": ", ".join(sorted(found))}
    if trusted(service):
        yield Outcome("trusted", values, trust_evidence(service))
    elif not found:
        algorithm = service.need(TlsFacts).certificates[0].signature_algorithm
        yield Outcome("no_store", {}, (Evidence("tls.certificates[0].signature_algorithm", algorithm),))
    elif any(reason.startswith("undecided:") for reason in found):
        yield Outcome("beyond", values, trust_evidence(service))
    elif "unreadable" in found or not has_leaf(service):
        yield Outcome("undecided", values, trust_evidence(service))
    elif _told_elsewhere(service, settings):
        yield Outcome("other_cause", values, trust_evidence(service))
    elif between_mail_servers(service):
        yield Outcome(OPPORTUNISTIC, values, trust_evidence(service))
    else:
        yield Outcome("untrusted", values, trust_evidence(service))


RULE = Rule(
    id="certificate/untrusted-chain",
    title=Text("证书链不受信任", "The chain is not trusted"),
    rationale=Text(
        "所用的信任库都不认可这张证书的签发者。公众网站会被浏览器警告；内部系统如用自建机构，则要确认客"
        "户端装有其根证书。",
        "No store in use knows who issued this certificate. For a public site browsers warn; an "
        "internal system with an authority of its own needs that root on every client.",
    ),
    remediation=Text(
        "公众服务：换用公共信任的证书，向电子认证服务机构申请新证书，或者用 ACME 客户端（certbot、"
        "acme.sh）自动签发和续期。内部服务：把自建机构的根证书分发给客户端，复测时用 --ca-file 指定它。"
        "安装：nginx：ssl_certificate 指向证书加中间证书的文件；　Apache：SSLCertificateFile　Tomcat："
        "更新 keystore　IIS：导入后重新绑定站点。重新加载服务后复测。",
        "Public services: use a publicly trusted certificate. Get a new certificate from a "
        "certification authority, or have an ACME client (certbot, acme.sh) issue and renew it. "
        "Internal services: hand the root of your own authority to the clients, and name it with "
        "--ca-file when testing again. To install: nginx: ssl_certificate with a file of the "
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
        OPPORTUNISTIC: OPPORTUNISTIC_OUTCOME,
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
        "undecided": Declared(
            status=Status.INCONCLUSIVE,
            detail=Text(
                "证书无法解析，未能核验证书链。",
                "The certificate cannot be parsed, so the chain could not be verified.",
            ),
        ),
        "no_store": Declared(
            status=Status.INCONCLUSIVE,
            detail=Text(
                "国密（SM2）证书的根证书不在公共信任库中，未能核验证书链；用 --ca-file 指定根证书后复测。",
                "No public store holds the root of an SM2 certificate, so the chain was not verified; name the root "
                "with --ca-file and test again.",
            ),
        ),
        "beyond": Declared(
            status=Status.INCONCLUSIVE,
            detail=Text(
                "证书链用到了本工具不核验的内容（{reasons}），未能判断。",
                "The chain uses what is not verified here ({reasons}), so it could not be told.",
            ),
        ),
        "trusted": Declared(status=Status.PASS, detail=Text("证书链受信任。", "The chain is trusted.")),
    },
    evaluate=evaluate,
    applies=_chain_to_judge,
    references=(
        Reference("RFC 5280 §6", "https://www.rfc-editor.org/rfc/rfc5280#section-6"),
        OPPORTUNISTIC_REFERENCE,
    ),
)
