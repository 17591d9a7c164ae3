"""The certificate expires soon.

How it is judged: days left against the threshold certificate_expiry_warning_days. An expired one is told by certificate/expired alone;
one that was issued for a shorter life than three times the threshold is renewed by machine and judged by a third of its life.
"""

from __future__ import annotations

from collections.abc import Iterable

from checks.certificate.leaf import day, has_dates, reasons, validity
from checks.model import Basis, Declared, Evidence, Outcome, Rule, Settings, Severity, Status, Text
from scanner.facts import ServiceFacts, TlsFacts


def _still_valid(service: ServiceFacts) -> bool:
    return has_dates(service) and "expired" not in reasons(service)


def evaluate(service: ServiceFacts, settings: Settings) -> Iterable[Outcome]:
    """Count the days left."""
    start, end = validity(service)
    left, limit = (end - settings.at).days, settings.threshold("certificate_expiry_warning_days")
    limit = min(limit, (end - start).days // 3)
    values = {"days": str(left), "day": day(end)}
    soon = 0 <= left < limit
    yield Outcome(
        "soon" if soon else "enough", values, (Evidence("tls.certificates[0].not_after", str(end)),)
    )


RULE = Rule(
    id="certificate/expires-soon",
    title=Text("证书即将过期", "The certificate expires soon"),
    rationale=Text("过期后服务会中断或被警告。", "After that the service is interrupted or warned of."),
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
        "soon": Declared(
            status=Status.WARN,
            severity=Severity.LOW,
            detail=Text("还剩 {days} 天（{day}）。", "{days} days left ({day})."),
        ),
        "enough": Declared(
            status=Status.PASS, detail=Text("还剩 {days} 天（{day}）。", "{days} days left ({day}).")
        ),
    },
    evaluate=evaluate,
    applies=_still_valid,
)
