"""Which products and versions a service shows, by every fact that names one."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields

from checks.lifecycle.table import Table
from checks.lifecycle.versions import Mark, mark_of, upstream
from checks.web.page import answered_here
from scanner.facts import (
    FACTS,
    AccessFacts,
    DnsFacts,
    Facts,
    HttpFacts,
    IdentifyFacts,
    MysqlFacts,
    NmapServiceFacts,
    ServiceFacts,
    SshFacts,
)

_HEADERS = ("server", "x-powered-by", "x-generator", "via", "x-served-by")
"""Headers in which software names itself."""
_VERSION_HEADERS = {"x-jenkins": "jenkins", "x-owa-version": "exchange"}
"""Headers that hold the version of one product alone."""
_SAYS = frozenset({"version", "greeting", "software", "banner", "version_bind", "headers"})

READS: tuple[type[Facts], ...] = tuple(
    kind for kind in FACTS.values() if _SAYS & {field.name for field in fields(kind)}
)
"""Facts that may name a version; those of probes to come too, once they have one."""

_COMPATIBLE = re.compile(
    r"tidb|oceanbase|doris|starrocks|polardb|vitess|singlestore|proxysql|manticore|dolt|sphinx|clickhouse",
    re.I,
)
"""What speaks MySQL's protocol and answers with a MySQL version that is not its own."""
_RANGE = re.compile(r" - |or later|or earlier|\dX|\bX\b", re.IGNORECASE)
"""nmap's guesses at several versions: none of them was seen."""
_MOST = 24


@dataclass(frozen=True, slots=True)
class Seen:
    """A product of the table, the version it shows, and where that was read."""

    product: str
    """Key in the table."""
    version: str
    """The product's own number."""
    shown: str
    """As it was written, distribution's revision and all."""
    mark: Mark | None
    facts: tuple[tuple[str, str], ...]
    """Fact and value."""

    @property
    def probes(self) -> frozenset[str]:
        """Probes whose facts say so."""
        return frozenset(fact.partition(".")[0] for fact, _ in self.facts)


def seen(service: ServiceFacts, table: Table) -> tuple[Seen, ...]:
    """Products that ``service`` shows with a version, each version once."""
    found: dict[tuple[str, str], Seen] = {}
    for one in _all(service, table):
        key = (one.product, one.version)
        known = found.get(key)
        if known is None:
            found[key] = one
            continue
        # The mark that says most stays: a header may show the release that nmap's words leave out.
        better = max(
            (known, one), key=lambda each: (each.mark is not None, bool(each.mark and each.mark.release))
        )
        found[key] = Seen(*key, better.shown, better.mark, (*known.facts, *one.facts))
    return tuple(list(found.values())[:_MOST])


def _all(service: ServiceFacts, table: Table) -> Iterator[Seen]:
    for kind in READS:
        run = service.runs.get(kind.PROBE)
        if run is None or run.facts is None:
            continue
        facts = run.facts
        match facts:
            case MysqlFacts():
                yield from _mysql(facts.version or "", "mysql.version", table)
            case HttpFacts():
                yield from _http(facts, table)
            case SshFacts():
                yield from _in_text(facts.software or facts.banner, "ssh.software", table)
            case DnsFacts():
                yield from _named("bind", facts.version_bind or "", "dns.version_bind", table)
            case IdentifyFacts():
                yield from _identified(facts, table)
            case NmapServiceFacts():
                yield from _nmap(facts, table)
            case _:
                yield from _other(facts, table)


def _other(facts: Facts, table: Table) -> Iterator[Seen]:
    """A probe of one product: its name is the product's, unless it or the service tells another."""
    told = facts.told("product") if isinstance(facts, AccessFacts) else None
    product = told or getattr(facts, "product", None) or facts.PROBE
    version = getattr(facts, "version", None)
    if isinstance(version, str) and isinstance(product, str):
        yield from _named(product, version, f"{facts.PROBE}.version", table)
    greeting = getattr(facts, "greeting", None)
    if isinstance(greeting, str):
        yield from _in_text(greeting, f"{facts.PROBE}.greeting", table)


def _http(facts: HttpFacts, table: Table) -> Iterator[Seen]:
    if not answered_here(facts):
        return
    for name in _HEADERS:
        yield from _in_text(facts.headers.get(name, ""), f"http.headers.{name}", table)
    for name, product in _VERSION_HEADERS.items():
        yield from _named(product, facts.headers.get(name, ""), f"http.headers.{name}", table)
    yield from _in_text(facts.title, "http.title", table)
    for named in facts.software:
        yield from _in_text(named, "http.software", table)


def _identified(facts: IdentifyFacts, table: Table) -> Iterator[Seen]:
    if facts.protocol == "mysql":
        yield from _mysql(facts.version or "", "identify.version", table)
        return
    name = facts.product or facts.protocol or ""
    # The banner tells the distribution's mark too, which the version alone leaves out.
    yield from _named(name, facts.version or "", "identify.version", table, around=facts.banner)


def _nmap(facts: NmapServiceFacts, table: Table) -> Iterator[Seen]:
    version = facts.version or ""
    if not version or _RANGE.search(version):
        return
    if facts.name == "mysql" or (facts.product or "").lower() in ("mysql", "mariadb"):
        yield from _mysql(version, "nmap.version", table)
        return
    around = f"{version} {facts.extrainfo or ''}"
    yield from _named(facts.product or facts.name or "", version, "nmap.version", table, around=around)
    yield from _in_text(facts.extrainfo or "", "nmap.extrainfo", table)


def _mysql(text: str, fact: str, table: Table) -> Iterator[Seen]:
    """MariaDB puts ``5.5.5-`` before its own number, so that old replicas take it for a MySQL (MariaDB: initial handshake)."""
    if _COMPATIBLE.search(text):
        return
    product = "mariadb" if "mariadb" in text.lower() or text.startswith("5.5.5-") else "mysql"
    yield from _named(product, text.removeprefix("5.5.5-"), fact, table)


def _named(name: str, version: str, fact: str, table: Table, *, around: str = "") -> Iterator[Seen]:
    product = table.named(name)
    number = upstream(version)
    if product is not None and number:
        mark = mark_of(version) or mark_of(around)
        yield Seen(product, number, version, mark, ((fact, version),))


def _in_text(text: str, fact: str, table: Table) -> Iterator[Seen]:
    """Products with versions in a banner or header; a distribution named anywhere in it packaged all of them."""
    text = text[:1024]
    around = mark_of(text)
    for found in table.pattern.finditer(text):
        product, version = table.named(found["name"]), found["version"]
        number = upstream(version)
        if product is not None and number:
            yield Seen(
                product, number, found.group().strip("( "), mark_of(version) or around, ((fact, text),)
            )


def facts_of(found: Iterable[Seen]) -> tuple[tuple[str, str], ...]:
    """Facts and values behind ``found``, each once."""
    return tuple(dict.fromkeys(pair for one in found for pair in one.facts))
