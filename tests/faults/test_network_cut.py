"""The network is cut: the scan ends, silence is taken for nothing else, and the resumed scan finds what an undisturbed one finds.

The field and zijian stand in a network namespace of their own, where packets are dropped without a word or the interface is
taken down: for good, until the scan has ended, or for a few seconds.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.faults.field import field
from tests.faults.namespaces import Network, own_network, why_no
from tests.faults.scans import FieldScan, Watch, canonical, ledger_holds, wait_until

pytestmark = [
    pytest.mark.server,
    pytest.mark.skipif(bool(why_no("net")), reason=why_no("net")),
]
_BUDGET_SECONDS = 300
"""Far above what it takes: so that a scan that never ends fails the test."""
_SAID = {"not_reached", "timeout", "unreachable", "throttled", "all_filtered", "nmap_cut"}


class Remote(NamedTuple):
    """The field in its namespace, and what an undisturbed scan finds."""

    network: Network
    addresses: tuple[str, str]
    findings: list[tuple[Any, ...]]
    hosts: list[dict[str, Any]]


@pytest.fixture(scope="module")
def remote(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Remote]:
    with (
        own_network() as network,
        field(tmp_path_factory.mktemp("servers"), within=network.within) as addresses,
    ):
        scan = FieldScan(tmp_path_factory.mktemp("undisturbed"), addresses, within=network.within)
        result = scan.finish()
        yield Remote(network, addresses, canonical(result), result["hosts"])


@pytest.mark.parametrize(
    ("how", "written", "seconds"),
    [
        ("drop", 3, None),
        ("drop", 20, None),
        ("drop", 100, None),
        ("down", 3, None),
        ("down", 100, None),
        ("drop", 100, 9),
        ("drop", 60, 4),
    ],
)
def test_cut_off_it_ends_claims_nothing_and_resumes_to_the_same_findings(
    remote: Remote, tmp_path: Path, how: str, written: int, seconds: float | None
) -> None:
    scan = FieldScan(tmp_path / "scan", remote.addresses, within=remote.network.within)
    process = scan.start(*scan.begin())
    assert wait_until(lambda: scan.written() >= written, process=process)
    remote.network.cut(how)
    try:
        if seconds is None:
            process.wait(timeout=_BUDGET_SECONDS)
        else:
            time.sleep(seconds)
    finally:
        remote.network.mend(how)
    told, _ = process.communicate(timeout=_BUDGET_SECONDS)
    if process.returncode == 0:
        # The cut was so short that what was lost was sent again: then nothing is missing.
        assert seconds is not None
        the_same_or_undecided(scan.result(), remote)
        return
    assert process.returncode == 3, told
    claims_nothing(scan.result(), remote)
    watch = Watch(scan)
    result = scan.finish()
    if seconds is None:
        assert canonical(result) == remote.findings
    else:
        the_same_or_undecided(result, remote)
    assert result["hosts"] == remote.hosts
    assert result["scan"]["status"] == "completed"
    ledger_holds(scan.ledger())
    watch.holds(last=True)


def the_same_or_undecided(result: dict[str, Any], remote: Remote) -> None:
    """After a cut of seconds a page that got no answer in time may stay undecided; nothing is found otherwise than it is."""
    found = canonical(result)
    undecided = {finding[:2] for finding in found if finding[3] == "inconclusive"}
    assert [one for one in found if one[:2] not in undecided] == [
        one for one in remote.findings if one[:2] not in undecided
    ]
    assert len(undecided - {one[:2] for one in remote.findings if one[3] == "inconclusive"}) < len(found) / 2


def claims_nothing(result: dict[str, Any], remote: Remote) -> None:
    """What was not reached is said, and is neither closed, absent, nor in order."""
    assert result["scan"]["status"] == "partial"
    reasons = {entry["reason"] for entry in result["not_checked"]}
    assert reasons & _SAID
    assert not reasons & {"port_closed", "port_not_open", "no_answer", "refused"}
    assert not [host for host in result["hosts"] if host["up"] is False]
    deviating = {finding[:2] for finding in remote.findings if finding[3] in {"fail", "warn"}}
    for finding in canonical(result):
        assert finding[:2] not in deviating or finding[3] in {"fail", "warn", "inconclusive"}, finding
