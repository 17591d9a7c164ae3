"""The field that is scanned, and what an undisturbed scan finds in it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.faults.field import field
from tests.faults.scans import FieldScan, canonical, ledger_holds


class Reference(NamedTuple):
    """What a scan finds that nobody disturbs."""

    addresses: tuple[str, str]
    findings: list[tuple[Any, ...]]
    hosts: list[dict[str, Any]]
    records: int
    """In its ledger."""
    seconds: float
    ledger: Path


@pytest.fixture(scope="session")
def reference(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reference]:
    """The field, while it stands, and the undisturbed scan of it."""
    folder = tmp_path_factory.mktemp("servers")
    with field(folder) as addresses:
        scan = FieldScan(tmp_path_factory.mktemp("undisturbed"), addresses)
        begun = time.monotonic()
        done = scan(*scan.begin())
        assert done.returncode == 0, done.stderr
        result = scan.result()
        ledger_holds(scan.ledger())
        found = canonical(result)
        assert {"fail", "warn", "pass"} <= {finding[3] for finding in found}
        seconds = time.monotonic() - begun
        yield Reference(addresses, found, result["hosts"], scan.written(), seconds, scan.ledger())  # type: ignore[arg-type]


@pytest.fixture
def scan(tmp_path: Path, reference: Reference) -> FieldScan:
    """A scan of the field that was not begun yet."""
    return FieldScan(tmp_path / "scan", reference.addresses)
