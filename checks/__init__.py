"""The rules: pure functions from facts to findings."""

from __future__ import annotations

import pkgutil

_SHARED = frozenset({"hosting", "lifecycle"})
"""Packages that hold no rules but what rules, and the result, rest on."""


def families() -> frozenset[str]:
    """Names of zijian's own families of rules, told without importing any rule."""
    return frozenset(package.name for package in pkgutil.iter_modules(__path__) if package.ispkg) - _SHARED
