"""Log files of any size, plain or compressed, as blocks of whole lines in flat memory.

gzip is unpacked by ISA-L, bzip2 and xz by Python's own libraries, zstd by zstandard; a tar's members follow one another. A file
that is cut, damaged, or that unpacks without end gives what could be read of it, and says so.
"""

from __future__ import annotations

import bz2
import lzma
import os
import tarfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO, Protocol, cast

import zstandard
from isal import isal_zlib
from isal.igzip_lib import IsalError

from scanner.errors import UsageError
from scanner.facts.logs import LogSign

BLOCK = 4 << 20
_DAMAGE: tuple[type[Exception], ...] = (
    OSError, EOFError, zlib.error, cast(type[Exception], IsalError), lzma.LZMAError, zstandard.ZstdError, MemoryError,
)  # fmt: skip
_PIECE = 96 << 10
"""Packed bytes taken at a time: what they can unpack to at most stays small."""
_LONGEST_LINE = 1 << 20
"""Bytes of a line that are looked at; of a longer one the start counts."""
_MOST_FILES = 100_000
_MOST_RATIO = 1100
"""Unpacked bytes for each byte read: DEFLATE cannot do better than 1032; for the others it is the line to a bomb."""
_MOST_UNPACKED = 1 << 44


@dataclass(slots=True)
class Source:
    """One file or member, and what went wrong while it was read."""

    name: str
    modified: datetime | None
    octets: int = 0
    troubles: dict[str, None] = field(default_factory=dict)
    format: str = ""
    """Set with the first block where the file's own first bytes tell it: ``evtx``."""
    signs: list[LogSign] = field(default_factory=list)
    """What its reader found odd, once all was read."""

    def note(self, trouble: str) -> None:
        """Keep a word of :attr:`scanner.facts.logs.LogFileFacts.troubles`."""
        self.troubles.setdefault(trouble)


class _Decompressor(Protocol):
    def decompress(self, data: bytes, /) -> bytes: ...


def sources(paths: Iterable[Path]) -> Iterator[tuple[Source, Iterator[bytes]]]:
    """Every file below ``paths``, in order of name, with its blocks of whole lines. Take a file's blocks before the next.

    :raises UsageError: a path is not there, or there are too many files.
    """
    for number, (path, name) in enumerate(_files(paths)):
        if number >= _MOST_FILES:
            raise UsageError(f"文件超过 {_MOST_FILES} 个", f"there are more than {_MOST_FILES} files")
        try:
            file = path.open("rb")
        except OSError as error:
            source = Source(name, None)
            source.note("unreadable" if error.errno else "damaged")
            yield source, iter(())
            continue
        with file:
            modified = datetime.fromtimestamp(os.fstat(file.fileno()).st_mtime, UTC)
            yield from _opened(file, name, modified)


def _files(paths: Iterable[Path]) -> Iterator[tuple[Path, str]]:
    for path in paths:
        if path.is_dir():
            for below in sorted(path.rglob("*")):
                # No link leads out of the folder that was handed over.
                if below.is_file() and not below.is_symlink():
                    yield below, str(below.relative_to(path))
        elif path.is_file():
            yield path, path.name
        else:
            raise UsageError(f"{path} 不是文件，也不是文件夹", f"{path} is neither a file nor a folder")


def _opened(file: BinaryIO, name: str, modified: datetime) -> Iterator[tuple[Source, Iterator[bytes]]]:
    source = Source(name, modified)
    raw = _unpacked(file, source)
    head = next(raw, b"")
    if len(head) >= 262 and head[257:262] == b"ustar":
        yield from _members(chain(head, raw), source)
        return
    yield source, _blocks(chain(head, raw), source)


def _blocks(pieces: Iterator[bytes], source: Source) -> Iterator[bytes]:
    """Blocks of whole lines, made of events where the file is Windows' own."""
    head = next(pieces, b"")
    if head.startswith(b"ElfFile\0"):
        from scanner.logs.evtx import lines

        source.format = "evtx"
        yield from lines(chain(head, pieces), source)
    else:
        yield from _lines(_text(chain(head, pieces)), source)


def chain(head: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    """A piece that was looked at, and those behind it; an empty one is left out."""
    if head:
        yield head
    yield from rest


def _members(pieces: Iterator[bytes], archive: Source) -> Iterator[tuple[Source, Iterator[bytes]]]:
    """The regular files of a tar; what is compressed in it is unpacked too."""
    try:
        with tarfile.open(fileobj=cast(BinaryIO, _Pieces(pieces)), mode="r|") as tar:
            for member in tar:
                content = tar.extractfile(member) if member.isfile() else None
                if content is None:
                    continue
                source = Source(f"{archive.name}!{member.name}", _moment(member.mtime))
                yield source, _blocks(_unpacked(cast(BinaryIO, content), source), source)
                archive.troubles.update(source.troubles)
    except (tarfile.TarError, OSError, ValueError):
        archive.note("truncated")
        yield archive, iter(())


def _moment(seconds: float) -> datetime | None:
    """A time that a tar states, which may be any number (pax: even ``nan``); None where it is no date."""
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):
        return None


class _Pieces:
    """A file over pieces, read once from start to end."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._rest = b""
        self._taken = 0

    def read(self, most: int) -> bytes:
        while len(self._rest) - self._taken < most and (more := next(self._pieces, b"")):
            self._rest, self._taken = self._rest[self._taken :] + more, 0
        found = self._rest[self._taken : self._taken + most]
        self._taken += len(found)
        return found


_MAGIC: tuple[tuple[bytes, Callable[[], _Decompressor]], ...] = (
    (b"\x1f\x8b", lambda: cast(_Decompressor, isal_zlib.decompressobj(wbits=31))),
    (b"BZh", lambda: cast(_Decompressor, bz2.BZ2Decompressor())),
    (b"\xfd7zXZ\x00", lambda: cast(_Decompressor, lzma.LZMADecompressor(memlimit=256 << 20))),
    (
        b"\x28\xb5\x2f\xfd",
        lambda: cast(_Decompressor, zstandard.ZstdDecompressor(max_window_size=1 << 27).decompressobj()),
    ),
)


def _read(file: BinaryIO, most: int, source: Source) -> bytes:
    """The next bytes; none at the end, and none where the file, or the tar that it is in, breaks off."""
    held = bytearray()
    try:
        # Piece by piece: a tar's member that breaks off in a read gives nothing of that read.
        while len(held) < most and (piece := file.read(min(_PIECE, most - len(held)))):
            held += piece
    except tarfile.TarError:
        source.note("truncated")
    except OSError:
        source.note("damaged")
    return bytes(held)


def _unpacked(file: BinaryIO, source: Source) -> Iterator[bytes]:
    head = _read(file, BLOCK, source)
    made = next((make for magic, make in _MAGIC if head.startswith(magic)), None)
    if made is None:
        while head:
            source.octets += len(head)
            yield head
            head = _read(file, BLOCK, source)
        return
    read = 0
    unpacker = made()
    data = head[:_PIECE]
    waiting = head[_PIECE:]
    while data:
        read += len(data)
        try:
            out = unpacker.decompress(data)
        except _DAMAGE:
            source.note("damaged")
            return
        source.octets += len(out)
        if source.octets > max(64 << 20, read * _MOST_RATIO) or source.octets > _MOST_UNPACKED:
            source.note("too_large")
            return
        if out:
            yield out
        if getattr(unpacker, "eof", False):
            # Another member may follow (RFC 1952 §2.2), as where rotated files were put one behind the other.
            data = bytes(getattr(unpacker, "unused_data", b"") or b"")
            data = data or waiting[:_PIECE] or _read(file, _PIECE, source)
            if not data:
                return
            if not data.startswith(tuple(magic for magic, _ in _MAGIC)):
                if data.strip(b"\0"):
                    source.note("damaged")
                return
            unpacker = made()
            continue
        if waiting:
            data, waiting = waiting[:_PIECE], waiting[_PIECE:]
        else:
            data = _read(file, _PIECE, source)
    source.note("truncated")


def _text(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """UTF-16 with its mark, which Windows writes, as UTF-8; everything else as it is."""
    head = next(pieces, b"")
    if not head.startswith((b"\xff\xfe", b"\xfe\xff")):
        yield from chain(head.removeprefix(b"\xef\xbb\xbf"), pieces)
        return
    import codecs

    decoder = codecs.getincrementaldecoder("utf-16")(errors="replace")
    for piece in chain(head, pieces):
        yield decoder.decode(piece).encode("utf-8", "replace")


def _bounded(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Pieces of a size, and with a number of lines, that keeps what is counted for each line small."""
    for piece in pieces:
        for start in range(0, len(piece), BLOCK):
            part = piece[start : start + BLOCK]
            # No line of a log is so short: what is full of line ends is taken in smaller parts.
            step = BLOCK if part.count(b"\n") * 16 < len(part) else _PIECE
            for at in range(0, len(part), step):
                yield part[at : at + step]


def _lines(pieces: Iterator[bytes], source: Source) -> Iterator[bytes]:
    """Blocks that end with a line's end; of a line that is too long its start."""
    rest = bytearray()
    skipping = False
    for piece in _bounded(pieces):
        if skipping:
            end = piece.find(b"\n")
            if end < 0:
                continue
            piece, skipping = piece[end:], False
        rest += piece
        end = rest.rfind(b"\n") + 1
        if end:
            yield bytes(rest[:end])
            del rest[:end]
        if len(rest) > _LONGEST_LINE:
            source.note("overlong_lines")
            del rest[_LONGEST_LINE:]
            skipping = True
    if rest:
        yield bytes(rest) + b"\n"
