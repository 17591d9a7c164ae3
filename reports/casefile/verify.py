"""Verifying an exported case: with the file and the unit's public key alone, offline, by anyone.

Three questions are kept apart: is every byte as it was written (container and manifests); who vouches for that (signatures,
time stamps); and do the chained records inside still hold (ledgers, audit trail). Nothing is unpacked or run.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from cryptography import x509

from reports.casefile import signature, timestamp
from reports.casefile.bag import (
    DECLARATION,
    PAYLOAD,
    SIGNATURES,
    SIGNED,
    TIMESTAMPS,
    read_info,
    read_manifest,
)
from reports.casefile.container import ContainerError, Part, data, read
from reports.casefile.signature import PublicKey, key_id
from scanner.digests import ALGORITHMS, Digests
from scanner.hashchain import ChainReader

_MANIFESTS = tuple(f"manifest-{algorithm}.txt" for algorithm in ALGORITHMS)
_TAG_MANIFESTS = tuple(f"tagmanifest-{algorithm}.txt" for algorithm in ALGORITHMS)
_TAGS = ("bagit.txt", "bag-info.txt", *_MANIFESTS)
_MOST_TAG = 64 << 20
"""Bytes of a tag file that are read."""
_CHAINED = (".ledger.jsonl", "/ledger.jsonl", "/audit.jsonl")


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing that does not hold: a key of the section ``case_problem``, the part it is about, and particulars."""

    key: str
    part: str = ""
    values: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Signer:
    """A signature that holds, and whether its key is one of those that the reader trusts."""

    key_id: str
    scheme: str
    name: str
    known: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamped:
    """A time stamp that holds."""

    part: str
    time: datetime
    trusted: bool


@dataclass(slots=True, kw_only=True)
class Verdict:
    """What was found. ``intact`` is about the bytes, ``vouched`` about who stands behind them."""

    problems: list[Problem] = field(default_factory=list)
    signers: list[Signer] = field(default_factory=list)
    stamps: list[Stamped] = field(default_factory=list)
    chains: dict[str, int] = field(default_factory=dict)
    """Part -> how many chained records hold."""
    parts: int = 0
    octets: int = 0
    info: Mapping[str, str] = field(default_factory=dict)

    @property
    def intact(self) -> bool:
        """Whether nothing at all is amiss."""
        return not self.problems

    @property
    def vouched(self) -> bool:
        """Whether a key that the reader trusts signed it."""
        return any(signer.known for signer in self.signers)


def verify(path: Path, keys: Sequence[PublicKey] = (), roots: Sequence[x509.Certificate] = ()) -> Verdict:
    """Verify the exported case at ``path``.

    :param keys: those that the reader trusts, got from the unit and not from the file.
    :param roots: of the time-stamping authorities that the reader trusts.
    :raises OSError: it cannot be read.
    """
    verdict = Verdict()
    with path.open("rb") as file:
        try:
            parts = read(file)
            _Case(file, parts, verdict).verify(keys, roots)
        except ContainerError as error:
            verdict.problems.append(_problem_of(error))
    return verdict


def _problem_of(error: ContainerError) -> Problem:
    return Problem(key=error.key, part=error.part, values={"offset": error.offset, **error.values})


class _Case:
    def __init__(self, file: BinaryIO, parts: Sequence[Part], verdict: Verdict) -> None:
        self._file = file
        self._parts = {part.name: part for part in parts}
        self._verdict = verdict
        self._small: dict[str, bytes] = {}
        verdict.parts, verdict.octets = len(parts), sum(part.size for part in parts)

    def verify(self, keys: Sequence[PublicKey], roots: Sequence[x509.Certificate]) -> None:
        digests = {name: self._digests(part) for name, part in self._parts.items()}
        self._verdict.info = read_info(self._small.get("bag-info.txt", b""))
        self._bag(digests)
        self._signatures(keys)
        self._stamps(roots)

    def _problem(self, key: str, part: str = "", **values: object) -> None:
        found = Problem(key=key, part=part, values=values)
        # Both algorithms' manifests tell of the same part.
        if found not in self._verdict.problems:
            self._verdict.problems.append(found)

    def _digests(self, part: Part) -> Digests:
        """Read a part once: its digests, its chain if it is a chained record, its bytes if it is a small tag file."""
        digests = Digests()
        chain = ChainReader() if part.name.endswith(_CHAINED) else None
        kept: list[bytes] | None = None if part.name.startswith(PAYLOAD) or part.size > _MOST_TAG else []
        try:
            for piece in data(self._file, part):
                digests.update(piece)
                if chain is not None:
                    chain.feed(piece)
                if kept is not None:
                    kept.append(piece)
        except ContainerError as error:
            # The other parts are still looked at.
            self._verdict.problems.append(_problem_of(error))
        if kept is not None:
            self._small[part.name] = b"".join(kept)
        if chain is not None:
            checked = chain.finish()
            if checked.error is None:
                self._verdict.chains[part.name] = checked.records
            else:
                self._problem("chain", part.name, reason=checked.error)
        return digests

    def _bag(self, digests: Mapping[str, Digests]) -> None:
        for name in (*_TAGS, *_TAG_MANIFESTS):
            if name not in self._parts:
                self._problem("missing", name)
        if self._small.get("bagit.txt", DECLARATION) != DECLARATION:
            self._problem("changed", "bagit.txt")
        payload = {name for name in self._parts if name.startswith(PAYLOAD)}
        beside = {name for name in self._parts if name.startswith((SIGNATURES, TIMESTAMPS))}
        for algorithm in ALGORITHMS:
            self._hold(f"manifest-{algorithm}.txt", algorithm, payload, digests)
            self._hold(f"tagmanifest-{algorithm}.txt", algorithm, set(_TAGS), digests)
        for name in self._parts.keys() - payload - beside - {*_TAGS, *_TAG_MANIFESTS}:
            self._problem("added", name)

    def _hold(self, manifest: str, algorithm: str, covered: set[str], digests: Mapping[str, Digests]) -> None:
        if manifest not in self._small:
            return
        try:
            listed = read_manifest(self._small[manifest])
        except ValueError as error:
            self._problem("unreadable", manifest, reason=str(error))
            return
        for name, digest in listed.items():
            if name not in covered or name not in digests:
                self._problem("missing", name)
            elif digests[name].hexdigests()[algorithm] != digest:
                self._problem("changed", name)
        for name in sorted(covered - listed.keys()):
            if name in digests:
                self._problem("added", name)

    def _signatures(self, keys: Sequence[PublicKey]) -> None:
        known = {key_id(key) for key in keys}
        signed = self._small.get(SIGNED, b"")
        stems = {name.rpartition(".")[0] for name in self._parts if name.startswith(SIGNATURES)}
        for stem in sorted(stems):
            try:
                found = signature.read(self._small, stem)
                if stem != SIGNATURES + found.key_id:
                    raise ValueError("it is not named after its key")
            except ValueError as error:
                self._problem("signature_unreadable", stem, reason=str(error))
                continue
            if not found.holds(signed):
                self._problem("signature_wrong", stem)
                continue
            self._verdict.signers.append(
                Signer(
                    key_id=found.key_id, scheme=found.scheme, name=found.signer, known=found.key_id in known
                )
            )
        for name in self._parts:
            if name.startswith(SIGNATURES) and not name.endswith((".json", ".sig")):
                self._problem("added", name)
        if keys and not self._verdict.vouched:
            self._problem("not_signed_by_known")

    def _stamps(self, roots: Sequence[x509.Certificate]) -> None:
        stamped = {timestamp.part_name(name): name for name in (SIGNED, *self._parts) if name in self._small}
        for name in self._parts:
            if not name.startswith(TIMESTAMPS):
                continue
            about = stamped.get(name)
            if about is None:
                self._problem("added", name)
                continue
            try:
                stamp = timestamp.check(self._small.get(name, b""), self._small[about], roots)
            except ValueError as error:
                self._problem("stamp_wrong", name, reason=str(error))
                continue
            self._verdict.stamps.append(Stamped(part=about, time=stamp.time, trusted=stamp.trusted))
