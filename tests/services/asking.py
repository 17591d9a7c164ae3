"""Ask a real server as a scan does: identify it first, then put the probe's questions."""

from __future__ import annotations

from checks.model import Status
from scanner.facts import AccessFacts, IdentifyFacts
from scanner.probes import Probe, identify
from tests.checks.judging import findings, service
from tests.conftest import Scanner
from tests.services.footprint import footprint


def asked(scanner: Scanner, probe: Probe, address: str, port: int) -> AccessFacts:
    """What the probe saw, after identification named the service as the probe's own."""
    named = scanner.probe(identify.PROBE, address, port)
    assert isinstance(named, IdentifyFacts)
    known = service(
        ip=address,
        port=port,
        protocol=named.protocol,
        product=named.product,
        version=named.version,
        tls=named.tls,
    )
    assert probe.applies(known), named
    before = footprint(scanner).opened
    facts = scanner.run(lambda session: probe.run(session, known))
    cost = footprint(scanner)
    assert cost.opened - before <= probe.max_connections
    assert cost.sent < 4096
    assert isinstance(facts, AccessFacts)
    return facts


def fails(facts: AccessFacts, rule_id: str) -> bool:
    """Whether the rule fails a public address of which these facts were seen, and shows what was asked."""
    (finding,) = findings(rule_id, service(facts))
    assert finding.status in (Status.FAIL, Status.WARN)
    if finding.status is Status.WARN:
        return False
    assert facts.request in finding.detail.zh
    return True
