"""From stored facts to a result: no network, any law date, as often as one likes."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

import msgspec

from checks.certificate.leaf import broken_flight
from checks.hosting.recognise import Recogniser, Stated
from checks.hosting.table import HostingTable
from checks.identification import disagreement
from checks.lifecycle.table import OLD_AFTER_DAYS, Table
from checks.model import Finding, Hosting, HostingKind, Rule, Settings
from checks.registry import Registry
from checks.runner import Judgement, facts_needed, judge
from reports.assessment import assess_duties
from reports.law.resolver import thresholds
from reports.other_tools.findings import findings as other_findings
from reports.other_tools.model import Entry
from reports.result import (
    SCHEMA,
    DomainResult,
    HostResult,
    NotChecked,
    OperatorResult,
    Result,
    ScanInfo,
    ServiceResult,
    Vantage,
)
from scanner.cli.data_tables import KINDS, judging
from scanner.cli.law_day import LAW_TIME_ZONE
from scanner.cli.options import names
from scanner.cli.settings_file import OwnSettings
from scanner.facts import Endpoint, HostFacts, NmapServiceFacts, RunStatus, ServiceFacts, TlsFacts
from scanner.ledger import source_addresses, summarize
from scanner.records import AuthorizationRecord, ImportRecord, TableRecord
from scanner.store import ScanRecord, Store

_CRYPTOGRAPHY_FROM_LEVEL = 3
"""网络安全保护等级 from which the use of commercial cryptography is assessed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """Which rules judge, and by the law of which day."""

    registry: Registry
    rules: tuple[Rule, ...]
    left_out: tuple[Rule, ...] = ()
    law_date: date
    provider_kinds: tuple[str, ...] = ()
    event: bool = False
    law_date_given: bool = False
    """The day was chosen, and is not that of the scan: then its law alone is cited."""
    own: OwnSettings | None = None
    """What the unit sets itself."""


@lru_cache(maxsize=8)
def settings_on(
    law_date: date, authorization: AuthorizationRecord, own: tuple[tuple[str, int], ...] = ()
) -> Callable[[datetime], Settings]:
    """Settings for facts seen at a moment, with the thresholds in force on ``law_date`` and what is known of the object.

    ``own`` are thresholds that the unit sets itself.
    """
    values = {**thresholds(law_date), **dict(own)}
    level = authorization.protection_level
    due = authorization.critical_infrastructure or (level is not None and level >= _CRYPTOGRAPHY_FROM_LEVEL)

    table = _products()

    @lru_cache(maxsize=1024)
    def settings(seen: datetime) -> Settings:
        return Settings(
            at=seen, law_date=law_date, thresholds=values, commercial_cryptography_due=due, lifecycle=table
        )

    return settings


def _products() -> Table:
    table = judging("lifecycle").table
    assert isinstance(table, Table)
    return table


def _recogniser(scan: ScanRecord, hosts: Sequence[HostFacts], steps: Mapping[str, Any]) -> Recogniser:
    """Knows third parties that carry services, by what this scan's user stated and what its names led to."""
    table = judging("hosting").table
    assert isinstance(table, HostingTable)
    stated = tuple(
        Stated(
            entry.name,
            HostingKind(entry.kind),
            tuple(ipaddress.ip_network(network) for network in entry.networks),
        )
        for entry in scan.authorization.hosted
    )
    return Recogniser(table, stated, steps.get("chains", {}), {host.ip: host.names for host in hosts})


def build_result(store: Store, scan: ScanRecord, ledger: Path, choice: Choice) -> Result:
    """Judge everything that is stored of ``scan`` and put it into one result."""
    subjects = store.services(scan.id)
    services = [subject for subject in subjects if subject.endpoint.is_service]
    hosts = store.hosts(scan.id)
    known = _known(scan.authorization, choice.own)
    judgement = judge(
        choice.rules,
        subjects,
        settings_on(choice.law_date, known, tuple(choice.own.thresholds.items()) if choice.own else ()),
        left_out=choice.left_out,
        asked=_asked(scan, choice.registry),
    )
    steps = store.steps(scan.id)
    recogniser = _recogniser(scan, hosts, steps)
    carriers = {service.endpoint.id: recogniser.of(service) for service in services}
    asked = _asked_ports(services)
    found = [
        _service(
            service,
            _products(),
            carriers[service.endpoint.id],
            asked=_port(service.endpoint) in asked,
        )
        for service in services
    ]
    listed = tuple(_host(host) for host in hosts)
    attached = tuple(_attached(steps))
    told = [
        finding
        for record, entries in attached
        for finding in other_findings(record.tool, entries, found, listed, judgement.findings)
    ]
    findings = tuple(
        replace(finding, hosting=carriers.get(finding.subject))
        for finding in sorted((*judgement.findings, *told), key=_worst_first)
    )
    duties = assess_duties(
        findings,
        judgement.runs,
        law_date=choice.law_date,
        mode=scan.mode,
        provider_kinds=choice.provider_kinds,
        event=choice.event,
        critical_infrastructure=known.critical_infrastructure,
        complete=scan.status == "completed",
        day_of=None if choice.law_date_given else _day_in_china,
    )
    return Result(
        schema=SCHEMA,
        scan=_scan_info(scan, hosts, ledger, choice),
        hosts=listed,
        services=tuple(found),
        findings=findings,
        duties=duties,
        ledger=summarize(ledger),
        checks=judgement.runs,
        not_checked=tuple(_not_checked(steps, hosts, subjects, judgement, choice)),
        domains=tuple(
            DomainResult(id=subject.endpoint.id, name=subject.endpoint.host, facts=_facts(subject))
            for subject in subjects
            if subject.endpoint.transport == "domain"
        ),
        imports=tuple(record for record, _ in attached),
        operator=next(
            (
                OperatorResult(name=subject.endpoint.name or "", facts=_facts(subject))
                for subject in subjects
                if subject.endpoint.transport == "operator"
            ),
            None,
        ),
    )


def _known(authorization: AuthorizationRecord, own: OwnSettings | None) -> AuthorizationRecord:
    """What is known of the object: as stated at the scan, unless the unit says otherwise now."""
    if own is None:
        return authorization
    said = {
        name: value
        for name in ("protection_level", "critical_infrastructure")
        if (value := getattr(own, name)) is not None
    }
    return replace(authorization, **said)


IMPORTED = "import:"
"""How the key of a step begins that holds another tool's file; its SHA-256 follows."""


def _attached(steps: Mapping[str, Any]) -> Iterable[tuple[ImportRecord, tuple[Entry, ...]]]:
    """Other tools' files, in the order of their import, and what was taken in of them."""
    values = [value for key, value in steps.items() if key.startswith(IMPORTED)]
    records = [
        (msgspec.convert(value["record"], ImportRecord), msgspec.convert(value["entries"], tuple[Entry, ...]))
        for value in values
    ]
    return sorted(records, key=lambda attached: attached[0].imported)


def _host(host: HostFacts) -> HostResult:
    return HostResult(
        target=host.target,
        ip=host.ip,
        names=host.names,
        up=host.up,
        ports_open=host.ports_open,
        note=host.note,
    )


def _day_in_china(moment: datetime) -> date:
    return moment.astimezone(LAW_TIME_ZONE).date()


def _asked(scan: ScanRecord, registry: Registry) -> frozenset[str] | None:
    """The probes that the scan ran, where ``--checks`` or ``--skip`` limited them; None for all."""
    only, skip = names(scan.options.get("checks")), names(scan.options.get("skip"))
    return facts_needed(registry.chosen(only, skip)) if only or skip else None


def _worst_first(finding: Finding) -> tuple[int, int, str, str]:
    return (0 if finding.status.deviates else 1, -finding.severity.rank, finding.check, finding.subject)


def _scan_info(scan: ScanRecord, hosts: Sequence[HostFacts], ledger: Path, choice: Choice) -> ScanInfo:
    return ScanInfo(
        id=scan.id,
        mode=scan.mode,
        started=scan.started,
        finished=scan.finished,
        law_date=choice.law_date,
        profile=scan.profile,
        authorization=scan.authorization,
        tool=replace(scan.tool, rules=choice.registry.digest(), tables=_tables(scan)),
        vantage=Vantage(
            source_addresses=source_addresses(ledger),
            # Only where all that was scanned is this machine itself is the place known without being told.
            inside=True if hosts and all(host.own_address for host in hosts) else None,
            privileged=scan.privileged,
        ),
        status=scan.status,
        status_reason=scan.status_reason,
        options={**scan.options, **({"settings": choice.own.shown()} if choice.own else {})},
    )


def _tables(scan: ScanRecord) -> tuple[TableRecord, ...]:
    """The dated tables that judge, and whether they are old for this scan."""
    records = (judging(name).record for name in KINDS)
    return tuple(
        replace(record, old=(scan.started.date() - record.date).days > OLD_AFTER_DAYS) for record in records
    )


def _port(endpoint: Endpoint) -> tuple[str, int, str]:
    return endpoint.ip, endpoint.port, endpoint.transport


def _asked_ports(services: Iterable[ServiceFacts]) -> frozenset[tuple[str, int, str]]:
    """The ports that were asked what they are, by whichever name of the host."""
    return frozenset(
        _port(service.endpoint)
        for service in services
        # Over UDP nmap's word comes from an answer; over TCP it may come from the handshake alone.
        if service.endpoint.transport != "tcp" or set(service.runs) - {NmapServiceFacts.PROBE}
    )


def _service(service: ServiceFacts, table: Table, hosting: Hosting | None, *, asked: bool) -> ServiceResult:
    endpoint = service.endpoint
    return ServiceResult(
        id=endpoint.id,
        host=endpoint.name or endpoint.ip,
        ip=endpoint.ip,
        port=endpoint.port,
        transport=endpoint.transport,
        name=service.protocol,
        product=service.product,
        version=service.version,
        tls=service.tls,
        facts=_facts(service),
        disagreement=disagreement(service, table),
        hosting=hosting,
        asked=asked,
    )


def _facts(subject: ServiceFacts) -> dict[str, Any]:
    return {
        name: msgspec.to_builtins(run.facts)
        for name, run in sorted(subject.runs.items())
        if run.facts is not None
    }


_STATUS_OF = {
    "no_permission": "skipped",
    "udp_silent": "inconclusive",
    "many_silent": "inconclusive",
    "port_closed": "skipped",
    "port_filtered": "inconclusive",
    "port_not_open": "inconclusive",
    "not_reached": "inconclusive",
}
"""How what was left unfinished counts, by reason, where it is not that something failed."""


def _not_checked(
    steps: dict[str, Any],
    hosts: Sequence[HostFacts],
    services: Iterable[ServiceFacts],
    judgement: Judgement,
    choice: Choice,
) -> Iterable[NotChecked]:
    for name, reason, message in steps.get("unresolved", []):
        yield NotChecked(
            what="target", subject=name, name="", status="failed", reason=reason, message=message
        )
    for name, ip in steps.get("refused_pins", []):
        message = f"{name} also stands for {ip}, which the scope does not cover; nothing was sent there"
        yield NotChecked(
            what="target", subject=ip, name=name, status="refused", reason="out_of_scope", message=message
        )
    for entry in steps.get("unfinished", []):
        yield NotChecked(
            what=entry["what"],
            subject=entry["subject"],
            name=entry["name"],
            status=_STATUS_OF.get(entry["reason"], "failed"),
            reason=entry["reason"],
            message=entry["message"],
        )
    for host in hosts:
        if host.up is False:
            yield NotChecked(
                what="host", subject=host.ip, name="", status="skipped", reason="no_answer", message=host.note
            )
        elif host.up is None:
            message = "no scanned port answered, neither open nor closed; a filter may lie in between"
            yield NotChecked(
                what="host",
                subject=host.ip,
                name="",
                status="inconclusive",
                reason="all_filtered",
                message=message,
            )
    for service in services:
        for run in (*service.runs.values(), *service.second.values()):
            unsure = run.status is RunStatus.COMPLETED and run.reason is not None
            if unsure or run.status not in (RunStatus.COMPLETED, RunStatus.SKIPPED):
                yield NotChecked(
                    what="probe",
                    subject=service.endpoint.id,
                    name=run.probe if run.attempt == 1 else f"{run.probe} (second look)",
                    status="inconclusive" if unsure else run.status.value,
                    reason=run.reason or "",
                    message=run.message or "",
                )
        tls = service.get(TlsFacts)
        if tls is not None and (trouble := broken_flight(tls)) is not None:
            yield NotChecked(
                what="probe",
                subject=service.endpoint.id,
                name=TlsFacts.PROBE,
                status="failed",
                reason=trouble.kind,
                message=f"the certificates could not be read: {trouble.message}",
            )
    for plugin in choice.registry.broken:
        yield NotChecked(
            what="plugin",
            subject="*",
            name=plugin.name,
            status="failed",
            reason="broken_plugin",
            message=plugin.reason,
        )
    for check in judgement.runs:
        if check.status is not RunStatus.COMPLETED and check.reason != "not_applicable":
            yield NotChecked(
                what="check",
                subject=check.subject,
                name=check.check,
                status=check.status.value,
                reason=check.reason or "",
                message=check.message or "",
            )
