"""The certificate expires soon.

How it is judged: days left, at the moment the certificate was seen, against the threshold
certificate_expiry_warning_days. An expired one is told by certificate/expired alone; one that was issued for
a shorter life than three times the threshold is renewed by machine and judged by a third of its life.

Source: practice; Let's Encrypt renews after two thirds of a certificate's life.
"""

from __future__ import annotations

from collections.abc import Iterable

from checks.certificate.leaf import day, has_leaf, validity
from checks.model import Basis, Declared, Evidence, Outcome, Rule, Settings, Severity, Status, Text
from scanner.facts import ServiceFacts, TlsFacts


def evaluate(service: ServiceFacts, settings: Settings) -> Iterable[Outcome]:
    """Count the days left."""
    dates = validity(service)
    if dates is None:
        yield Outcome("undecided")
        return
    start, end = dates
    left, limit = (end - settings.at).days, settings.threshold("certificate_expiry_warning_days")
    limit = min(limit, (end - start).days // 3)
    values = {"days": str(left), "day": day(end)}
    name = "over" if end < settings.at else "soon" if left < limit else "enough"
    yield Outcome(name, values, (Evidence("tls.certificates[0].not_after", str(end)),))


RULE = Rule(
    id="certificate/expires-soon",
    title=Text("证书即将过期", "The certificate expires soon"),
    rationale=Text(
        "过期后浏览器会警告，程序之间的调用会中断；临期仍未更换，往往说明续期无人负责。",
        "Once it has expired browsers warn and programs stop talking to each other; one not yet replaced "
        "shortly before its end often means that nobody is in charge of renewal.",
    ),
    remediation=Text(
        "现在就续期，并让续期自动进行、失败时告警。向电子认证服务机构申请新证书，或者用 ACME 客户端（"
        "certbot、acme.sh）自动签发和续期。安装：nginx：ssl_certificate 指向证书加中间证书的文件；　"
        "Apache：SSLCertificateFile　Tomcat：更新 keystore　IIS：导入后重新绑定站点。重新加载服务后复测。",
        "Renew now, and have renewal done by machine with an alarm when it fails. Get a new "
        "certificate from a certification authority, or have an ACME client (certbot, acme.sh) issue "
        "and renew it. To install: nginx: ssl_certificate with a file of the certificate and its "
        "intermediates; Apache: SSLCertificateFile; Tomcat: update the keystore; IIS: import it and "
        "bind the site again. Reload and test again.",
    ),
    severity=Severity.LOW,
    duties=(
        "intrusion_protection",
        "data_protection",
    ),
    needs=(TlsFacts,),
    basis=Basis.HANDSHAKE,
    outcomes={
        "soon": Declared(
            status=Status.WARN,
            severity=Severity.LOW,
            detail=Text("还剩 {days} 天（{day}）。", "{days} days left ({day})."),
        ),
        "over": Declared(
            status=Status.INFO,
            detail=Text(
                "证书已于 {day} 过期，见“证书已过期”一项。",
                "It expired on {day}; see certificate/expired.",
            ),
        ),
        "undecided": Declared(
            status=Status.INCONCLUSIVE,
            detail=Text("未能读出证书的有效期。", "The validity of the certificate could not be read."),
        ),
        "enough": Declared(
            status=Status.PASS, detail=Text("还剩 {days} 天（{day}）。", "{days} days left ({day}).")
        ),
    },
    evaluate=evaluate,
    applies=has_leaf,
)
