"""No CAA record says which authorities may issue certificates for a name.

How it is seen: the DNS servers of the scan are asked for CAA records of the name and, where it has none, of its parents, as
authorities do (RFC 8659 §3). How it is judged: information. What it cannot show: whether the authorities named are the right ones.
"""

from __future__ import annotations

from collections.abc import Iterable

from checks.domain_records import WHERE
from checks.model import Basis, Declared, Evidence, Outcome, Reference, Rule, Settings, Severity, Status, Text
from scanner.facts import NameFacts, ServiceFacts


def evaluate(service: ServiceFacts, settings: Settings) -> Iterable[Outcome]:
    """Judge by the nearest CAA records."""
    facts = service.need(NameFacts)
    values = {
        "domain": service.endpoint.label,
        "caa": "; ".join(facts.caa or ()) or "-",
        "at": facts.caa_at or "-",
    }
    evidence = (Evidence("name.caa", values["caa"]), Evidence("name.caa_at", values["at"]))
    if facts.caa is None:
        yield Outcome("undecided", values, evidence)
    else:
        yield Outcome("present" if facts.caa else "none", values, evidence)


RULE = Rule(
    id="dns/caa-missing",
    title=Text("未设置 CAA 记录", "No CAA record"),
    rationale=Text(
        "没有 CAA 记录时，任何证书机构都可以为该域名签发证书；CAA 能减少误签发和冒名申请。",
        "Without CAA records every authority may issue certificates for the name; with them fewer are "
        "issued by mistake or to impostors.",
    ),
    remediation=Text(
        '在域名解析中添加 CAA 记录，只写实际使用的证书机构，例如：example.cn. CAA 0 issue "digicert.com"'
        '；不用通配符证书的再加 CAA 0 issuewild ";"；用 CAA 0 iodef "mailto:…" 接收违规通知。'
        f"{WHERE.zh}",
        "Add CAA records that name the authorities in use alone, such as: example.cn. CAA 0 issue "
        '"digicert.com"; without wildcard certificates also CAA 0 issuewild ";"; CAA 0 iodef '
        '"mailto:..." takes reports of violations.'
        f"{WHERE.en}",
    ),
    severity=Severity.INFO,
    duties=("intrusion_protection",),
    needs=(NameFacts,),
    basis=Basis.DNS,
    outcomes={
        "none": Declared(
            status=Status.INFO,
            detail=Text(
                "{domain} 及其上级名称都没有 CAA 记录。",
                "Neither {domain} nor a parent of it has CAA records.",
            ),
        ),
        "present": Declared(
            status=Status.PASS,
            detail=Text(
                "{at} 有 CAA 记录：{caa}。",
                "{at} has CAA records: {caa}.",
            ),
        ),
        "undecided": Declared(
            status=Status.INCONCLUSIVE,
            detail=Text(
                "未能得知 {domain} 是否有 CAA 记录。",
                "Could not tell whether {domain} has CAA records.",
            ),
        ),
    },
    evaluate=evaluate,
    references=(
        Reference("RFC 8659", "https://www.rfc-editor.org/rfc/rfc8659"),
        Reference(
            "CA/Browser Forum Baseline Requirements §3.2.2.8",
            "https://cabforum.org/working-groups/server/baseline-requirements/",
        ),
    ),
)
