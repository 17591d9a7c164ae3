"""What the verification of an exported case found, in words and for programs."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from reports.casefile.model import Case
from reports.casefile.verify import Problem, Verdict
from reports.wording import Wording
from scanner.text import printable

_MOST_SHOWN = 50


def lines(verdict: Verdict, lang: str, *, keys_given: bool) -> Iterator[str]:
    """Sentences: whether every byte holds, who vouches for it and since when, and what is amiss.

    :raises ValueError: no such language.
    """
    words = Wording(lang)
    if verdict.intact:
        yield words("case.intact", parts=verdict.parts, size=words.size(verdict.octets))
    else:
        yield words("case.not_intact", n=len(verdict.problems))
    for problem in verdict.problems[:_MOST_SHOWN]:
        yield "  " + _problem(problem, words)
    if len(verdict.problems) > _MOST_SHOWN:
        yield "  " + words("case.more", n=len(verdict.problems) - _MOST_SHOWN)
    for signer in verdict.signers:
        standing = "known" if signer.known else "not_known" if keys_given else "no_key"
        yield words(
            "case.signed",
            scheme=signer.scheme,
            key_id=signer.key_id,
            name=words("case.signer_name", name=printable(signer.name, 200)) if signer.name else "",
            standing=words.word("case_signer", standing),
        )
    if not verdict.signers:
        yield words("case.unsigned")
    for stamp in verdict.stamps:
        standing = words.word("case_stamp", "trusted" if stamp.trusted else "not_trusted")
        yield words(
            "case.stamped", time=words.moment(stamp.time), part=printable(stamp.part, 200), standing=standing
        )
    for part, records in verdict.chains.items():
        yield words("case.chain", part=printable(part, 200), n=records)


def case_lines(id_: str, case: Case, trail: Iterable[bytes], lang: str) -> Iterator[str]:
    """A case as it stands: its items with their digests, and the trail.

    :raises ValueError: no such language.
    """
    words = Wording(lang)
    yield words("case.head", id=id_, title=case.title, number=case.number or "-", unit=case.unit or "-")
    for number, item in case.items.items():
        kind = words.word("case_item", item.kind)
        yield words(
            "case.item", number=number, kind=kind, source=printable(item.source, 300), time=words.moment(item.taken),
            by=item.by,
        )  # fmt: skip
        if item.note:
            yield "    " + printable(item.note, 1000)
        for kept in item.files:
            name = printable(kept.name, 300)
            yield f"    {name}  {words.size(kept.size)}  SHA-256 {kept.sha256}  SM3 {kept.sm3}"
    for line in trail:
        entry = json.loads(line)
        what = words.word("trail", entry["what"])
        at = words.moment(datetime.fromisoformat(entry["time"]))
        yield words("case.trail", seq=entry["seq"], time=at, who=printable(entry["who"], 200), what=what)


def _problem(problem: Problem, words: Wording) -> str:
    values = {
        name: printable(value, 300) if isinstance(value, str) else value
        for name, value in problem.values.items()
    }
    said = words.word("case_problem", problem.key).format_map(values)
    part = printable(problem.part, 300)
    return words("case.problem", part=part, said=said) if part else said


def as_document(verdict: Verdict) -> dict[str, Any]:
    """The same for programs."""
    return {
        "intact": verdict.intact,
        "vouched": verdict.vouched,
        "parts": verdict.parts,
        "bytes": verdict.octets,
        "info": dict(verdict.info),
        "problems": [
            {"key": problem.key, "part": problem.part, "values": dict(problem.values)}
            for problem in verdict.problems
        ],
        "signatures": [
            {"key": one.key_id, "scheme": one.scheme, "name": one.name, "known": one.known}
            for one in verdict.signers
        ],
        "timestamps": [
            {"part": one.part, "time": one.time.isoformat(), "trusted": one.trusted} for one in verdict.stamps
        ],
        "chains": dict(verdict.chains),
    }
