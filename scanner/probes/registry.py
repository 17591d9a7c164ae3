"""The probes there are, in the order in which they run."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache

import scanner.probes
from scanner.probes import Probe


@cache
def probes(wanted: frozenset[str] | None = None) -> tuple[Probe, ...]:
    """Every module of this package that has a ``PROBE``, by name; of ``wanted`` alone, which others are not imported for.

    A probe's module bears its name.
    """
    found: list[Probe] = []
    for module in pkgutil.iter_modules(scanner.probes.__path__):
        if wanted is not None and module.name not in wanted:
            continue
        probe = getattr(importlib.import_module(f"scanner.probes.{module.name}"), "PROBE", None)
        if probe is not None:
            found.append(probe)
    return tuple(sorted(found, key=lambda probe: probe.name))
