"""Facts of a service as a tree that a person can read: labelled, cut to size, the undetermined set apart.

Facts may hold anything JSON can hold, as deep and as long as a hostile service or a third party's probe makes it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from reports.wording import Wording

DEPTH = 6
ITEMS = 24
"""Entries shown of one list or mapping."""
CHARACTERS = 400
"""Of one value."""
ENTRIES = 200
"""Shown of one probe, over all levels."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line of a definition list: a term with a value, or with a list of its own."""

    label: str
    value: str = ""
    children: tuple[Entry, ...] = ()
    quiet: bool = False
    """A remark of the report's, not a fact."""


def fact_entries(facts: Mapping[str, Any], words: Wording) -> tuple[Entry, ...]:
    """Return one entry for each probe in ``facts``, with what it saw below it."""
    return tuple(
        Entry(label=_label(str(probe), words), children=_Cutter(words).children(seen))
        if _is_tree(seen)
        else Entry(label=_label(str(probe), words), value=_scalar(seen, words))
        for probe, seen in facts.items()
    )


def _is_tree(value: Any) -> bool:
    return isinstance(value, (Mapping, list, tuple)) and bool(value)


def _label(key: str, words: Wording) -> str:
    return words.word("fact", key[:120])


def _scalar(value: Any, words: Wording) -> str:
    if isinstance(value, bool):
        return words("format.yes") if value else words("format.no")
    if isinstance(value, str) and not value:
        return words("format.empty")
    text = str(value)
    over = len(text) - CHARACTERS
    return text if over <= 0 else text[:CHARACTERS] + words("format.cut", n=over)


class _Cutter:
    """Walks one probe's facts with a budget of entries."""

    def __init__(self, words: Wording) -> None:
        self.words = words
        self.left = ENTRIES

    def children(self, value: Any, depth: int = 1) -> tuple[Entry, ...]:
        return tuple(self._walk(value, depth))

    def _walk(self, value: Any, depth: int) -> Iterator[Entry]:
        if isinstance(value, Mapping):
            named = [(str(key), item) for key, item in value.items()]
            unknown = [key for key, item in named if item is None]
            empty = [key for key, item in named if isinstance(item, (Mapping, list, tuple, str)) and not item]
            rest = [(key, item) for key, item in named if key not in unknown and key not in empty]
        else:
            unknown, empty = [], []
            rest = [(str(number), item) for number, item in enumerate(value, 1)]
        for number, (key, item) in enumerate(rest):
            if number >= ITEMS or self.left <= 0:
                yield Entry(label="", value=self.words("format.more", n=len(rest) - number), quiet=True)
                break
            self.left -= 1
            yield self._entry(key, item, depth)
        for keys, word in ((empty, "services.absent"), (unknown, "services.undetermined")):
            if keys:
                labels = self.words.listing(_label(key, self.words) for key in keys[:ITEMS])
                yield Entry(label=self.words(word), value=labels, quiet=True)

    def _entry(self, key: str, item: Any, depth: int) -> Entry:
        label = _label(key, self.words)
        if isinstance(item, str) and item.startswith("-----BEGIN "):
            return Entry(label=label, value=self.words("services.pem"), quiet=True)
        if not _is_tree(item):
            return Entry(label=label, value=_scalar(item, self.words))
        if not isinstance(item, Mapping) and not any(_is_tree(part) for part in item):
            return Entry(label=label, value=self._listed(item))
        if depth >= DEPTH:
            return Entry(label=label, value=self.words("format.more", n=len(item)), quiet=True)
        return Entry(label=label, children=self.children(item, depth + 1))

    def _listed(self, items: Sequence[Any]) -> str:
        texts = [_scalar(item, self.words) for item in items[:ITEMS]]
        if len(items) > ITEMS:
            texts.append(self.words("format.more", n=len(items) - ITEMS))
        return "\n".join(texts) if sum(map(len, texts)) > 100 else self.words.listing(texts)
