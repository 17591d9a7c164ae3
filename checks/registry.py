"""Finds the rules: zijian's own, those of installed plug-ins, and a folder of single files.

A plug-in that cannot be loaded, or whose rule is not well-formed, is reported by name and never stops a scan.
"""

from __future__ import annotations

import hashlib
import importlib
import importlib.util
import pkgutil
import sys
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.metadata import entry_points
from pathlib import Path
from types import ModuleType

import checks
from checks.containment import contained
from checks.model import Rule, Severity, Status

ENTRY_POINTS = "zijian.checks"
"""Group of entry points through which installed packages add rules: each names a module that holds ``RULE``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokenPlugin:
    """A plug-in that gave no usable rule, and why."""

    name: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadedRule:
    """A rule and where it came from."""

    rule: Rule
    module: str
    source: str
    """``builtin``, ``plugin`` or ``folder``."""
    page: str
    """The module's docstring: the rule's documentation page."""
    code_sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Registry:
    """All rules that may be run, by id."""

    rules: tuple[LoadedRule, ...]
    broken: tuple[BrokenPlugin, ...] = ()

    def get(self, rule_id: str) -> LoadedRule | None:
        """The rule called ``rule_id``, or None."""
        return next((loaded for loaded in self.rules if loaded.rule.id == rule_id), None)

    def chosen(self, only: Collection[str], skip: Collection[str]) -> tuple[Rule, ...]:
        """The rules that :meth:`select` selects; an entry that names nothing here chooses nothing."""

        def named(rule: Rule, entries: Collection[str]) -> bool:
            return rule.id in entries or rule.family in entries

        return tuple(
            loaded.rule
            for loaded in self.rules
            if (not only or named(loaded.rule, only)) and not named(loaded.rule, skip)
        )

    def select(
        self, only: Sequence[str] = (), skip: Sequence[str] = ()
    ) -> tuple[tuple[Rule, ...], tuple[Rule, ...]]:
        """(selected, left out). An entry is a rule's id or a family, such as ``tls`` or ``tls/legacy-protocol``.

        :raises LookupError: an entry names no rule and no family.
        """
        known = {name for loaded in self.rules for name in (loaded.rule.id, loaded.rule.family)}
        for entry in (*only, *skip):
            if entry not in known:
                raise LookupError(entry)

        chosen = self.chosen(only, skip)
        ids = {rule.id for rule in chosen}
        return chosen, tuple(loaded.rule for loaded in self.rules if loaded.rule.id not in ids)

    def digest(self) -> str:
        """SHA-256 over every rule's id and code: says which rule set judged."""
        total = hashlib.sha256()
        for loaded in self.rules:
            total.update(f"{loaded.rule.id} {loaded.code_sha256}\n".encode())
        return total.hexdigest()


def faults(rule: Rule, page: str) -> list[str]:
    """What is wrong with a rule's form; empty for a good one. The contract that plug-ins are held to."""
    found: list[str] = []
    family, slash, name = rule.id.partition("/")
    if not slash or not all(
        part and part.replace("-", "").isalnum() and part == part.lower() for part in (family, name)
    ):
        found.append(f"id {rule.id!r} is not of the form family/rule-name")
    for label, text in (
        ("title", rule.title),
        ("rationale", rule.rationale),
        ("remediation", rule.remediation),
    ):
        found += [f"{label} has no {lang} text" for lang in ("zh", "en") if not getattr(text, lang).strip()]
    if not page.strip():
        found.append("the module has no docstring")
    if not rule.duties:
        found.append("it names no duty")
    if not rule.needs and not rule.reads:
        found.append("it needs no facts: it would judge on nothing")
    if not rule.outcomes:
        found.append("it declares no outcome")
    for key, declared in rule.outcomes.items():
        if not declared.detail.zh.strip() or not declared.detail.en.strip():
            found.append(f"outcome {key!r} lacks a text")
        if declared.status.deviates == (declared.severity is Severity.INFO):
            found.append(f"outcome {key!r}: a deviation has a severity above info, anything else has info")
    severities = [declared.severity for declared in rule.outcomes.values()]
    if severities and rule.severity.rank != max(severity.rank for severity in severities):
        found.append("severity is not that of its worst outcome")
    if not any(declared.status in (Status.PASS, Status.INFO) for declared in rule.outcomes.values()):
        found.append("no outcome says that all is well: the rule cannot pass")
    return found


def _load(module: ModuleType, source: str) -> LoadedRule:
    rule = getattr(module, "RULE", None)
    if not isinstance(rule, Rule):
        raise TypeError("the module has no RULE of type checks.model.Rule")
    page = module.__doc__ or ""
    if wrong := faults(rule, page):
        raise ValueError("; ".join(wrong))
    code = Path(module.__file__).read_bytes() if module.__file__ else b""
    return LoadedRule(
        rule=rule,
        module=module.__name__,
        source=source,
        page=page.strip(),
        code_sha256=hashlib.sha256(code).hexdigest(),
    )


@cache
def builtin() -> tuple[LoadedRule, ...]:
    """zijian's own rules, by id. A fault in one of them is a fault in zijian and is raised."""
    found: list[LoadedRule] = []
    for package in pkgutil.iter_modules(checks.__path__, "checks."):
        if not package.ispkg:
            continue
        folder = importlib.import_module(package.name)
        for module in pkgutil.iter_modules(folder.__path__, f"{package.name}."):
            loaded = importlib.import_module(module.name)
            if hasattr(loaded, "RULE"):
                found.append(_load(loaded, "builtin"))
    return tuple(sorted(found, key=lambda loaded: loaded.rule.id))


def _from_entry_points() -> Iterable[LoadedRule | BrokenPlugin]:
    for point in entry_points(group=ENTRY_POINTS):
        try:
            with contained(f"entry point {point.name}"):
                module = point.load()
            yield _load(
                module if isinstance(module, ModuleType) else sys.modules[module.__module__], "plugin"
            )
        except Exception as error:
            yield BrokenPlugin(name=point.name, reason=f"{type(error).__name__}: {error}")


def _from_folder(folder: Path) -> Iterable[LoadedRule | BrokenPlugin]:
    for path in sorted(folder.glob("*.py")):
        if path.name.startswith(("_", "test_")):
            continue
        name = f"zijian_checks_{hashlib.sha256(str(path.resolve()).encode()).hexdigest()[:8]}_{path.stem}"
        try:
            spec = importlib.util.spec_from_file_location(name, path)
            if spec is None or spec.loader is None:
                raise ImportError("not a Python file")
            module = importlib.util.module_from_spec(spec)
            sys.modules[name] = module
            with contained(str(path)):
                spec.loader.exec_module(module)
            yield _load(module, "folder")
        except Exception as error:
            yield BrokenPlugin(name=str(path), reason=f"{type(error).__name__}: {error}")


def load(folder: Path | None = None) -> Registry:
    """Every rule: built in, from entry points, and from ``folder`` (``--checks-dir``).

    A plug-in may not take the id of another rule.

    :raises NotADirectoryError: ``folder`` is not a folder.
    """
    if folder is not None and not folder.is_dir():
        raise NotADirectoryError(str(folder))
    rules = {loaded.rule.id: loaded for loaded in builtin()}
    broken: list[BrokenPlugin] = []
    for item in (*_from_entry_points(), *(_from_folder(folder) if folder else ())):
        if isinstance(item, BrokenPlugin):
            broken.append(item)
        elif item.rule.id in rules:
            broken.append(BrokenPlugin(name=item.module, reason=f"the id {item.rule.id} is taken"))
        else:
            rules[item.rule.id] = item
    return Registry(
        rules=tuple(sorted(rules.values(), key=lambda loaded: loaded.rule.id)), broken=tuple(broken)
    )
