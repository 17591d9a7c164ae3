"""The layout of an exported case: a BagIt bag (RFC 8493) in one file, with SHA-256 and SM3 of every part.

Beside the bag's own files there may be ``signatures/`` and ``timestamps/``: they are about ``tagmanifest-sha256.txt``, which
fixes all the rest, and can therefore not be listed in it.
"""

from __future__ import annotations

import contextlib
import io
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import BinaryIO, cast

from reports.casefile.container import Source, write
from scanner.digests import ALGORITHMS, Digests

PAYLOAD = "data/"
SIGNATURES = "signatures/"
TIMESTAMPS = "timestamps/"
DECLARATION = b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
SIGNED = "tagmanifest-sha256.txt"
"""The part that signatures are made over: it has the digests of the manifests, which have those of all else."""
_ENTRY = re.compile(r"([0-9a-f]{64})  ?(\S.*)")
_INFO_BREAKS = re.compile(r"[\r\n]+")


class _Read:
    """A file that keeps the digests of what was read from it."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.digests = Digests()

    def read(self, most: int = -1) -> bytes:
        data = self._file.read(most)
        self.digests.update(data)
        return data


def from_bytes(name: str, data: bytes) -> Source:
    """A part whose bytes are at hand."""
    return Source(name, lambda: contextlib.closing(cast(BinaryIO, io.BytesIO(data))))


def from_file(name: str, path: Path) -> Source:
    """A part that is a file on the disk."""
    return Source(name, lambda: path.open("rb"))


def write_bag(
    path: Path,
    payload: Iterable[Source],
    info: Mapping[str, str],
    seal: Callable[[bytes], Sequence[Source]] = lambda _: (),
) -> None:
    """Write a bag.

    :param payload: names without ``data/``.
    :param info: for ``bag-info.txt`` (RFC 8493 §2.2.2); the count of bytes and files is added.
    :param seal: makes signatures and time stamps from the bytes of :data:`SIGNED`.
    :raises ValueError: a name may not be used, or a file changed while it was read.
    :raises OSError: as the file system says.
    """
    listed: dict[str, Digests] = {}
    tags: dict[str, Digests] = {}

    def noted(source: Source, into: dict[str, Digests]) -> Source:
        @contextlib.contextmanager
        def opened() -> Iterator[BinaryIO]:
            with source.open() as file:
                reading = _Read(file)
                yield cast(BinaryIO, reading)
                into[source.name] = reading.digests

        return Source(source.name, opened)

    def parts() -> Iterator[Source]:
        yield noted(from_bytes("bagit.txt", DECLARATION), tags)
        for source in payload:
            yield noted(Source(PAYLOAD + source.name, source.open), listed)
        octets = sum(digests.size for digests in listed.values())
        yield noted(
            from_bytes("bag-info.txt", _info({**info, "Payload-Oxum": f"{octets}.{len(listed)}"})), tags
        )
        for algorithm in ALGORITHMS:
            yield noted(from_bytes(f"manifest-{algorithm}.txt", manifest(listed, algorithm)), tags)
        for algorithm in ALGORITHMS:
            # A tag manifest lists no tag manifest (RFC 8493 §2.2.1).
            yield from_bytes(f"tagmanifest-{algorithm}.txt", manifest(tags, algorithm))
        yield from seal(manifest(tags, "sha256"))

    write(path, parts())


def manifest(digests: Mapping[str, Digests], algorithm: str) -> bytes:
    """The lines of a manifest (RFC 8493 §2.1.3)."""
    lines = (f"{made.hexdigests()[algorithm]}  {_escaped(name)}\n" for name, made in digests.items())
    return "".join(lines).encode()


def read_manifest(data: bytes) -> dict[str, str]:
    """Name -> digest.

    :raises ValueError: a line is not of the form, or a name comes twice.
    """
    found: dict[str, str] = {}
    for number, line in enumerate(data.decode().split("\n")[:-1], start=1):
        entry = _ENTRY.fullmatch(line)
        if entry is None:
            raise ValueError(f"line {number} is no digest and name")
        name = entry[2].replace("%0A", "\n").replace("%0D", "\r").replace("%25", "%")
        if name in found:
            raise ValueError(f"line {number} names a part that was named before")
        found[name] = entry[1]
    if not data.endswith(b"\n"):
        raise ValueError("the last line has no end")
    return found


def read_info(data: bytes) -> dict[str, str]:
    """Label -> value of ``bag-info.txt``; a label that comes twice keeps its last value."""
    pairs = (line.partition(": ") for line in data.decode(errors="replace").splitlines())
    return {label: value for label, _, value in pairs}


def _escaped(name: str) -> str:
    return name.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _info(values: Mapping[str, str]) -> bytes:
    return "".join(
        f"{label}: {_INFO_BREAKS.sub(' ', value)}\n" for label, value in values.items() if value
    ).encode()
