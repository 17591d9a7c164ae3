"""The list of probes."""

from __future__ import annotations

from scanner.probes.registry import probes


def test_a_probe_is_found_by_its_name() -> None:
    for probe in probes():
        assert probes(frozenset({probe.name})) == (probe,)
