"""A publicly trusted certificate lives longer than the CA/Browser Forum allows.

How it is judged: its whole life against the limit in force when it was issued (threshold certificate_max_days
by date). Private authorities set their own limits and are not judged.

Source: CA/Browser Forum Baseline Requirements 6.3.2, with ballot SC-081v3.
"""

from __future__ import annotations

from collections.abc import Iterable

from checks.certificate.leaf import day, has_leaf, publicly_trusted, validity
from checks.model import Basis, Declared, Evidence, Outcome, Reference, Rule, Settings, Severity, Status, Text
from scanner.facts import ServiceFacts, TlsFacts

_PREFIX = "certificate_max_days@"


def _public(service: ServiceFacts) -> bool:
    return has_leaf(service) and publicly_trusted(service)


def evaluate(service: ServiceFacts, settings: Settings) -> Iterable[Outcome]:
    """Judge by the limit of the day of issue."""
    dates = validity(service)
    if dates is None:
        yield Outcome("undecided")
        return
    start, end = dates
    issued = day(start)
    dated = sorted(key.removeprefix(_PREFIX) for key in settings.thresholds if key.startswith(_PREFIX))
    latest = max((since for since in dated if since <= issued), default="")
    limit = settings.threshold(_PREFIX + latest if dated else "certificate_max_days")
    days = -(-int((end - start).total_seconds()) // 86400)
    values = {"days": str(days), "limit": str(limit)}
    evidence = (Evidence("tls.certificates[0]", f"{day(start)} – {day(end)}"),)
    yield Outcome("too_long" if days > limit else "within", values, evidence)


RULE = Rule(
    id="certificate/too-long-lived",
    title=Text("证书有效期过长", "The certificate lives too long"),
    rationale=Text(
        "有效期越长，私钥泄露或信息变更后受影响越久；超过上限的证书，主流浏览器不予信任。",
        "The longer the life, the longer a lost key or outdated content does harm; common browsers do "
        "not trust certificates beyond the limit.",
    ),
    remediation=Text(
        "换用有效期不超过上限的证书，并让续期自动进行。向电子认证服务机构申请新证书，或者用 ACME 客户端"
        "（certbot、acme.sh）自动签发和续期。安装：nginx：ssl_certificate 指向证书加中间证书的文件；　"
        "Apache：SSLCertificateFile　Tomcat：更新 keystore　IIS：导入后重新绑定站点。重新加载服务后复测。",
        "Use a certificate within the limit, and have renewal done by machine. Get a new certificate "
        "from a certification authority, or have an ACME client (certbot, acme.sh) issue and renew it. "
        "To install: nginx: ssl_certificate with a file of the certificate and its intermediates; "
        "Apache: SSLCertificateFile; Tomcat: update the keystore; IIS: import it and bind the site "
        "again. Reload and test again.",
    ),
    severity=Severity.LOW,
    duties=(
        "intrusion_protection",
        "data_protection",
    ),
    needs=(TlsFacts,),
    basis=Basis.HANDSHAKE,
    outcomes={
        "too_long": Declared(
            status=Status.WARN,
            severity=Severity.LOW,
            detail=Text(
                "有效期 {days} 天，签发时的上限为 {limit} 天。",
                "It lives {days} days; the limit when it was issued was {limit}.",
            ),
        ),
        "undecided": Declared(
            status=Status.INCONCLUSIVE,
            detail=Text("未能读出证书的有效期。", "The validity of the certificate could not be read."),
        ),
        "within": Declared(status=Status.PASS, detail=Text("有效期 {days} 天。", "It lives {days} days.")),
    },
    evaluate=evaluate,
    applies=_public,
    references=(
        Reference(
            "CA/Browser Forum Baseline Requirements §6.3.2",
            "https://cabforum.org/working-groups/server/baseline-requirements/",
        ),
    ),
)
