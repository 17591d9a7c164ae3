"""SPF records read by the grammar of RFC 7208 §12, and counted as a receiver would (§4.6.4).

Nothing is evaluated for a sender: macros (§7) are not expanded, so that a term with one counts as one question and leads nowhere.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from scanner.text import printable

MOST_LOOKUPS = 10
_MOST_FOLLOWED = 40
"""Records followed: far above what a receiver would, so that the number can be told."""
_MOST_ERRORS = 8
_TERM = re.compile(
    r"(?P<modifier>[A-Za-z][A-Za-z0-9_.-]*)=(?P<value>[!-~]*)"
    r"|(?P<qualifier>[+?~-]?)(?P<mechanism>[A-Za-z][A-Za-z0-9_.-]*)"
    r"(?::(?P<domain>[!-.0-~][!-~]*?))?(?P<cidr>/[0-9]{1,2}(?://[0-9]{1,3})?|//[0-9]{1,3})?"
)
_ASKING = frozenset({"include", "a", "mx", "ptr", "exists"})
_NEED_DOMAIN = frozenset({"include", "exists"})
_NO_CIDR = frozenset({"all", "include", "exists", "ptr"})
_NAME = re.compile(
    r"(?=.{1,253}\.?$)(?:[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,62})\.)+[A-Za-z0-9](?:[A-Za-z0-9-]{0,62})\.?"
)


@dataclass(frozen=True, slots=True)
class Term:
    """A mechanism or modifier of a record."""

    name: str
    qualifier: str = "+"
    domain: str = ""


def is_record(text: str) -> bool:
    """Whether a TXT record is one of SPF (§4.5)."""
    return text.lower() == "v=spf1" or text.lower().startswith("v=spf1 ")


def parse(text: str) -> tuple[list[Term], list[str]]:
    """The terms of a record, and what is wrong with it, in plain words."""
    terms: list[Term] = []
    errors: list[str] = []
    for word in text.split(" ")[1:]:
        if not word:
            continue
        shown = printable(word, 80)
        if not word.isascii():
            errors.append(f"not ASCII: {shown}")
            continue
        if word[:4].lower() in ("ip4:", "ip6:") or word[1:5].lower() in ("ip4:", "ip6:"):
            errors += [] if _network(word) else [f"not an address or network: {shown}"]
            terms.append(Term(word.lstrip("+?~-")[:3].lower()))
            continue
        match = _TERM.fullmatch(word)
        if match is None:
            errors.append(f"not a term: {shown}")
            continue
        if match["modifier"]:
            name = match["modifier"].lower()
            if name == "redirect" and any(term.name == "redirect" for term in terms):
                errors.append("redirect stands twice")
            terms.append(Term(name, "", match["value"]))
            continue
        name, domain = match["mechanism"].lower(), match["domain"] or ""
        if name not in (*_ASKING, "all"):
            errors.append(f"no mechanism of SPF: {shown}")
            continue
        if (name in _NEED_DOMAIN) != bool(domain) and (name in _NEED_DOMAIN or name == "all"):
            errors.append(f"no domain, or one too many: {shown}")
        if match["cidr"] and name in _NO_CIDR:
            errors.append(f"no network length here: {shown}")
        terms.append(Term(name, match["qualifier"] or "+", domain))
    return terms, errors


def _network(word: str) -> bool:
    kind, _, value = word.lstrip("+?~-").partition(":")
    try:
        network = ipaddress.ip_network(value, strict=False)
    except ValueError:
        return False
    return network.version == (4 if kind.lower() == "ip4" else 6)


@dataclass(slots=True)
class Reading:
    """What a domain's record comes to, with the records that it leads to."""

    fetch: Callable[[str], Awaitable[list[str]]]
    """The SPF records of a domain."""
    lookups: int = 0
    all: str | None = None
    errors: list[str] = field(default_factory=list)
    _followed: int = 0

    async def read(self, record: str) -> None:
        """Read the domain's own ``record``.

        :raises ResolveError: a record that it leads to could not be had.
        """
        self.all = await self._follow(record, ())
        if self.lookups > MOST_LOOKUPS:
            self._wrong(f"{self.lookups} terms ask DNS; {MOST_LOOKUPS} are allowed")

    def _wrong(self, error: str) -> None:
        if len(self.errors) < _MOST_ERRORS and error not in self.errors:
            self.errors.append(error)

    async def _follow(self, record: str, way: tuple[str, ...]) -> str | None:
        """Count what ``record`` asks; the qualifier of its ``all``."""
        terms, errors = parse(record)
        for error in errors:
            self._wrong(f"{way[-1]}: {error}" if way else error)
        reaches: str | None = None
        redirect = ""
        for term in terms:
            if term.name == "redirect":
                redirect = term.domain
            if term.name == "all" and reaches is None:
                reaches = term.qualifier
            # What stands behind all is never reached (§5.1).
            if term.name in _ASKING and reaches is None:
                self.lookups += 1
                if term.name == "include":
                    await self._lead(term.domain, way)
        if redirect and reaches is None:
            self.lookups += 1
            return await self._lead(redirect, way)
        return reaches

    async def _lead(self, domain: str, way: tuple[str, ...]) -> str | None:
        name = domain.lower().rstrip(".")
        if "%" in domain:
            return None
        if not _NAME.fullmatch(domain):
            self._wrong(f"no domain: {printable(domain, 80)}")
            return None
        if name in way:
            self._wrong(f"{name} leads to itself")
            return None
        self._followed += 1
        if self._followed > _MOST_FOLLOWED:
            return None
        records = await self.fetch(name)
        if len(records) != 1:
            self._wrong(f"{name} has {len(records) or 'no'} SPF record{'s' if len(records) > 1 else ''}")
            return None
        return await self._follow(records[0], (*way, name))
