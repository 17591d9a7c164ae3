"""What the rules on exposure share: three cases told apart by evidence, and the sentences for them.

Reachable; reachable and telling of itself before authentication; usable without authentication. Each rule's own file names
the service, says what its being open means and how to close it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from checks.model import (
    Basis,
    Declared,
    Evaluate,
    Evidence,
    Impact,
    Outcome,
    Reference,
    Rule,
    Settings,
    Severity,
    Status,
    Text,
)
from checks.vantage import LOOPBACK_ONLY, LOOPBACK_OUTCOME, on_loopback
from scanner.facts import AccessFacts, ServiceFacts

DATA_DUTIES = ("intrusion_protection", "data_protection", "personal_information", "mlps")
"""Duties that an open store of data touches."""
CONTROL_DUTIES = ("intrusion_protection", "mlps")
"""Duties that an open way to control a system touches."""

_MILDER = {
    Severity.CRITICAL: Severity.HIGH,
    Severity.HIGH: Severity.MEDIUM,
    Severity.MEDIUM: Severity.LOW,
    Severity.LOW: Severity.LOW,
}


def access_rule(
    *,
    id: str,
    name: Text,
    facts: type[AccessFacts],
    rationale: Text,
    remediation: Text,
    duties: tuple[str, ...],
    references: tuple[Reference, ...],
    usable: Severity | None,
    reachable: Severity = Severity.HIGH,
    basis: Basis = Basis.PROTOCOL_REPLY,
) -> Rule:
    """The rule on one service's exposure.

    ``usable`` is the severity of its being usable without authentication, one step milder on a loopback address, where an
    attacker must be on the machine already, and None for a service that is never asked for more than what it tells before
    authentication; ``reachable`` that of its being reachable at all (None of the two for info: what is meant to be public
    has a rule of its own).
    """
    title = Text(f"{name.zh} 可被访问", f"{name.en} can be reached")
    if usable is not None:
        title = Text(f"{title.zh}，或者无需认证即可使用", f"{title.en}, or used without authentication")
    return Rule(
        id=id,
        title=title,
        rationale=rationale,
        remediation=remediation,
        severity=max(usable or reachable, reachable, key=lambda severity: severity.rank),
        duties=duties,
        needs=(facts,),
        basis=basis,
        impact=Impact.ONE_READ,
        outcomes={**(_usable(name, usable) if usable is not None else {}), **_reached(name, reachable)},
        evaluate=_evaluate(facts),
        references=references,
    )


def _evaluate(kind: type[AccessFacts]) -> Evaluate:
    def evaluate(service: ServiceFacts, settings: Settings) -> Iterable[Outcome]:
        facts = service.need(kind)
        values = {
            "service": service.endpoint.label,
            "request": facts.request or "-",
            "reply": facts.reply or "-",
            "said": "; ".join(f"{said.name}={said.value}" for said in facts.said) or "-",
        }
        return [Outcome(_case(service, facts), values, _evidence(facts))]

    return evaluate


def _case(service: ServiceFacts, facts: AccessFacts) -> str:
    local = on_loopback(service)
    if facts.access == "open":
        return "usable_locally" if local else "usable"
    if local:
        return LOOPBACK_ONLY
    if facts.access == "refused":
        return "turned_away"
    if facts.said:
        return "tells"
    return "authentication_required" if facts.access == "authentication" else "reachable"


def _evidence(facts: AccessFacts) -> tuple[Evidence, ...]:
    probe = facts.PROBE
    found = [Evidence(f"{probe}.access", facts.access or "-")]
    if facts.request:
        found.append(Evidence(f"{probe}.request", facts.request))
    if facts.reply:
        found.append(Evidence(f"{probe}.reply", facts.reply))
    found += [Evidence(f"{probe}.said.{said.name}", said.value) for said in facts.said]
    if facts.version:
        found.append(Evidence(f"{probe}.version", facts.version))
    found.append(Evidence(f"{probe}.tls", str(facts.tls)))
    return tuple(found)


def _usable(name: Text, usable: Severity) -> Mapping[str, Declared]:
    zh, en = name.zh, name.en
    return {
        "usable": Declared(
            status=Status.FAIL,
            severity=usable,
            detail=Text(
                f"{{service}} 上的 {zh} 未要求认证就执行了请求（{{request}}；应答：{{reply}}）；应当先认证后使用。",
                f"{en} at {{service}} carried out a request without asking for authentication ({{request}}; answer: "
                "{reply}); wanted: authentication first.",
            ),
        ),
        "usable_locally": Declared(
            status=Status.FAIL,
            severity=_MILDER[usable],
            detail=Text(
                f"{{service}} 上的 {zh} 未要求认证就执行了请求（{{request}}；应答：{{reply}}）。这是回环地址，本机上任何账号、"
                "任何被攻破的程序都能使用它；应当先认证后使用。",
                f"{en} at {{service}} carried out a request without asking for authentication ({{request}}; answer: "
                "{reply}). This is a loopback address: every account and every broken program on the machine can use it; "
                "wanted: authentication first.",
            ),
        ),
    }


def _reached(name: Text, reachable: Severity) -> Mapping[str, Declared]:
    zh, en = name.zh, name.en
    return {
        "tells": Declared(
            status=Status.WARN,
            severity=reachable,
            detail=Text(
                f"从检测所在位置可以访问 {{service}} 上的 {zh}，未经认证它就透露了自身的信息（{{said}}）；"
                "应只允许必要的来源访问。是否能进一步使用，本次未见到证据。",
                f"{en} at {{service}} can be reached from where the scan ran and tells of itself before authentication "
                "({said}); wanted: the needed sources only. That it can be used further was not seen.",
            ),
        ),
        "authentication_required": Declared(
            status=Status.WARN,
            severity=reachable,
            detail=Text(
                f"从检测所在位置可以访问 {{service}} 上的 {zh}；它要求认证（{{request}}；应答：{{reply}}）。应只允许必要的来源访问。",
                f"{en} at {{service}} can be reached from where the scan ran; it asks for authentication ({{request}}; "
                "answer: {reply}). Wanted: the needed sources only.",
            ),
        ),
        "reachable": Declared(
            status=Status.WARN,
            severity=reachable,
            detail=Text(
                f"从检测所在位置可以访问 {{service}} 上的 {zh}；应只允许必要的来源访问。是否要求认证，未能判断。",
                f"{en} at {{service}} can be reached from where the scan ran; wanted: the needed sources only. Whether it "
                "asks for authentication could not be told.",
            ),
        ),
        "turned_away": Declared(
            status=Status.WARN,
            severity=Severity.LOW,
            detail=Text(
                f"{{service}} 上的 {zh} 端口可达，但拒绝了本次连接（{{reply}}）。",
                f"The {en} port {{service}} can be reached, but it turned this connection away ({{reply}}).",
            ),
        ),
        LOOPBACK_ONLY: LOOPBACK_OUTCOME,
    }
