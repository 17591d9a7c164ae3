"""The probes there are, in the order in which they run."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache

import scanner.probes
from scanner.probes import Probe


@cache
def probes() -> tuple[Probe, ...]:
    """Every module of this package that has a ``PROBE``, by name."""
    found: list[Probe] = []
    for module in pkgutil.iter_modules(scanner.probes.__path__):
        probe = getattr(importlib.import_module(f"scanner.probes.{module.name}"), "PROBE", None)
        if probe is not None:
            found.append(probe)
    return tuple(sorted(found, key=lambda probe: probe.name))
