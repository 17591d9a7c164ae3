"""The one file of a case: a ZIP that has a single form.

Parts are stored, not compressed, in the order in which they were given, with a fixed time and no extras, so that the whole
file follows from the names and the contents. A reader can therefore hold every byte against what must stand there: nothing
can be put between the parts, before them or behind them unseen. Any program that opens ZIP files opens it.

Format: PKWARE APPNOTE 6.3.9, with ZIP64 (§4.3.14, §4.5.3) where sizes ask for it.
"""

from __future__ import annotations

import os
import struct
import unicodedata
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

CHUNK = 1 << 20
MOST_PARTS = 200_000
_MOST_NAME = 1000
"""Bytes."""
_STORED = 0
_UTF8_NAME = 0x0800
_DATE, _TIME = 0x0021, 0
"""1980-01-01 00:00, the first moment that the format can write: true times are in the parts themselves."""
_REGULAR_FILE = 0o100600 << 16
_UNIX = 3 << 8
_FULL32, _FULL16 = 0xFFFFFFFF, 0xFFFF
_LOCAL = struct.Struct("<4s5H3L2H")
_CENTRAL = struct.Struct("<4s6H3L5H2L")
_END = struct.Struct("<4s4H2LH")
_END64 = struct.Struct("<4sQ2H2L4Q")
_LOCATOR64 = struct.Struct("<4sLQL")
_DEVICES = frozenset(
    ("con", "prn", "aux", "nul", *(f"{name}{digit}" for name in ("com", "lpt") for digit in "123456789"))
)
_UNSAFE = frozenset('\\:*?"<>|')


class ContainerError(Exception):
    """The file is not as the format has it.

    ``key`` is one of the section ``case_problem`` of the reports' strings, ``offset`` in bytes, ``part`` the one it is in or
    after, if one is known.
    """

    def __init__(self, key: str, *, offset: int, part: str = "", **values: object) -> None:
        super().__init__(f"{key} at byte {offset}")
        self.key = key
        self.offset = offset
        self.part = part
        self.values = values


@dataclass(frozen=True, slots=True)
class Part:
    """One part of the file: where its bytes begin, how many they are, and their CRC-32."""

    name: str
    size: int
    crc: int
    offset: int


@dataclass(frozen=True, slots=True)
class Source:
    """What is to be written: a name, and how its bytes are opened. They are read twice."""

    name: str
    open: Callable[[], AbstractContextManager[BinaryIO]]


def why_unsafe(name: str) -> str | None:
    """Why a part may not have this name on any system that might unpack it; None when it may."""
    steps = name.split("/")
    if not name or len(name.encode("utf-8", "surrogatepass")) > _MOST_NAME:
        return "is empty or too long"
    if unicodedata.normalize("NFC", name) != name:
        return "is not in Unicode's normal form C"
    if any(unicodedata.category(character) in ("Cc", "Cf", "Cs", "Zl", "Zp") for character in name):
        return "has characters that cannot be seen"
    if any(character in _UNSAFE for character in name):
        return "has a character that some systems do not allow"
    if any(step in ("", ".", "..") or step != step.strip() or step.endswith(".") for step in steps):
        return "leads outside the folder, or has an empty step or a blank or dot at an edge"
    if any(step.partition(".")[0].casefold() in _DEVICES for step in steps):
        return "is the name of a device on Windows"
    return None


def chunks(file: BinaryIO) -> Iterator[bytes]:
    """The rest of a file, piece by piece."""
    while data := file.read(CHUNK):
        yield data


def write(path: Path, sources: Iterable[Source]) -> tuple[Part, ...]:
    """Write a new file and return its parts.

    :raises ValueError: a name is unsafe or comes twice, or a source's bytes changed between the two readings.
    :raises OSError: as the file system says.
    """
    parts: list[Part] = []
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as out:
        for source in sources:
            if reason := why_unsafe(source.name):
                raise ValueError(f"{source.name!r} {reason}")
            crc = size = 0
            with source.open() as file:
                for data in chunks(file):
                    crc, size = zlib.crc32(data, crc), size + len(data)
            head = _local(source.name, size, crc)
            part = Part(source.name, size, crc, out.tell() + len(head))
            out.write(head)
            again = written = 0
            with source.open() as file:
                for data in chunks(file):
                    again, written = zlib.crc32(data, again), written + len(data)
                    out.write(data)
            if (again, written) != (crc, size):
                raise ValueError(f"{source.name!r} changed while it was read")
            parts.append(part)
        for name, problem in name_problems(parts):
            raise ValueError(f"{name!r} {problem}")
        out.write(_directory(parts))
        out.flush()
        os.fsync(out.fileno())
    return tuple(parts)


def rewrite(path: Path, added: Iterable[Source]) -> None:
    """Put further parts behind those of the file at ``path``; a part of the same name is replaced in its place.

    The new file takes the old one's place at once, or nothing changes.

    :raises ContainerError: the file is not as the format has it.
    :raises ValueError: a name is unsafe.
    :raises OSError: as the file system says.
    """
    new = {source.name: source for source in added}
    with path.open("rb") as file:
        kept = [new.pop(part.name) if part.name in new else _copied(path, part) for part in read(file)]
    draft = path.with_name(f".{path.name}.draft")
    draft.unlink(missing_ok=True)
    try:
        write(draft, (*kept, *new.values()))
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


class _Window:
    """The bytes of one part, as a file."""

    def __init__(self, file: BinaryIO, part: Part) -> None:
        self._file, self._part, self._read = file, part, 0

    def read(self, most: int = -1) -> bytes:
        left = self._part.size - self._read
        self._file.seek(self._part.offset + self._read)
        found = self._file.read(left if most < 0 else min(most, left))
        self._read += len(found)
        return found


def _copied(path: Path, part: Part) -> Source:
    @contextmanager
    def opened() -> Iterator[BinaryIO]:
        with path.open("rb") as file:
            yield cast(BinaryIO, _Window(file, part))

    return Source(part.name, opened)


def name_problems(parts: Iterable[Part]) -> Iterator[tuple[str, str]]:
    """What is wrong with the names as a whole: two that are one on some systems, or one that is another's folder."""
    seen: dict[str, str] = {}
    folders: dict[str, str] = {}
    for part in parts:
        folded = part.name.casefold()
        if folded in seen:
            yield part.name, "is there twice"
        seen[folded] = part.name
        steps = folded.split("/")
        folders.update(("/".join(steps[:end]), part.name) for end in range(1, len(steps)))
    for folded in seen.keys() & folders.keys():
        yield seen[folded], "is a part and also a folder"


def read(file: BinaryIO) -> tuple[Part, ...]:
    """The parts, after every byte that is not of a part was held against the one form.

    The contents of the parts are not read here.

    :raises ContainerError: the first byte that is not as it must be.
    """
    file.seek(0, 2)
    length = file.tell()
    parts: list[Part] = []
    offset = 0
    while True:
        before = parts[-1].name if parts else ""
        file.seek(offset)
        head = file.read(_LOCAL.size)
        if head[:4] != b"PK\x03\x04":
            break
        if len(parts) >= MOST_PARTS:
            raise ContainerError("too_many_parts", offset=offset, part=before, most=MOST_PARTS)
        part = _read_local(file, head, offset, before)
        if part.offset + part.size > length:
            missing = part.offset + part.size - length
            raise ContainerError("cut", offset=length, part=part.name, missing=missing)
        parts.append(part)
        offset = part.offset + part.size
    if not parts:
        raise ContainerError("no_case", offset=0)
    _hold_directory(file, parts, offset)
    for name, _ in name_problems(parts):
        raise ContainerError("name_twice", offset=0, part=name)
    return tuple(parts)


def data(file: BinaryIO, part: Part) -> Iterator[bytes]:
    """The bytes of a part, piece by piece.

    :raises ContainerError: their CRC-32 is not the one that was written, or the file ends first.
    """
    crc = 0
    file.seek(part.offset)
    left = part.size
    while left:
        piece = file.read(min(CHUNK, left))
        if not piece:
            raise ContainerError("cut", offset=part.offset, part=part.name, missing=left)
        left -= len(piece)
        crc = zlib.crc32(piece, crc)
        yield piece
    if crc != part.crc:
        raise ContainerError("crc", offset=part.offset, part=part.name)


def _read_local(file: BinaryIO, head: bytes, offset: int, before: str) -> Part:
    if len(head) < _LOCAL.size:
        raise ContainerError("cut_in_head", offset=offset, part=before)
    fields = _LOCAL.unpack(head)
    crc, size, name_length, extra_length = fields[6], fields[8], fields[9], fields[10]
    rest = file.read(min(name_length, _MOST_NAME) + extra_length)
    if size == _FULL32 and extra_length == 20:
        size = int.from_bytes(rest[name_length + 4 : name_length + 12], "little")
    try:
        name = rest[:name_length].decode()
    except UnicodeDecodeError:
        raise ContainerError(
            "unsafe_name", offset=offset, part=before, name=ascii(rest[:name_length])[2:-1]
        ) from None
    if why_unsafe(name):
        raise ContainerError("unsafe_name", offset=offset, part=before, name=ascii(name)[1:-1])
    wanted = _local(name, size, crc)
    at = _first_difference(head + rest, wanted)
    if at is not None:
        raise ContainerError("head", offset=offset + at, part=name)
    return Part(name, size, crc, offset + len(wanted))


def _hold_directory(file: BinaryIO, parts: list[Part], offset: int) -> None:
    """Hold all that follows the last part against the directory that these parts must have."""
    wanted = _directory(parts)
    file.seek(offset)
    found = file.read(len(wanted) + 1)
    at = _first_difference(found, wanted)
    if at is None:
        return
    if at == len(wanted):
        raise ContainerError("added_behind", offset=offset + at)
    raise ContainerError("directory", offset=offset + at, part=parts[-1].name)


def _first_difference(found: bytes, wanted: bytes) -> int | None:
    if found == wanted:
        return None
    pairs = zip(found, wanted, strict=False)
    return next((at for at, (one, other) in enumerate(pairs) if one != other), min(len(found), len(wanted)))


def _local(name: str, size: int, crc: int) -> bytes:
    encoded = name.encode()
    large = size >= _FULL32
    extra = struct.pack("<2H2Q", 1, 16, size, size) if large else b""
    shown = _FULL32 if large else size
    head = (b"PK\x03\x04", 45 if large else 20, _UTF8_NAME, _STORED, _TIME, _DATE, crc, shown, shown)
    return _LOCAL.pack(*head, len(encoded), len(extra)) + encoded + extra


def _central(part: Part) -> bytes:
    encoded = part.name.encode()
    start = part.offset - len(_local(part.name, part.size, part.crc))
    large, far = part.size >= _FULL32, start >= _FULL32
    values = (*((part.size, part.size) if large else ()), *((start,) if far else ()))
    extra = struct.pack(f"<2H{len(values)}Q", 1, 8 * len(values), *values) if values else b""
    shown = _FULL32 if large else part.size
    needs = 45 if values else 20
    head = (b"PK\x01\x02", _UNIX | needs, needs, _UTF8_NAME, _STORED, _TIME, _DATE, part.crc, shown, shown)
    tail = (len(encoded), len(extra), 0, 0, 0, _REGULAR_FILE, _FULL32 if far else start)
    return _CENTRAL.pack(*head, *tail) + encoded + extra


def _directory(parts: list[Part]) -> bytes:
    entries = b"".join(map(_central, parts))
    last = parts[-1] if parts else None
    start = last.offset + last.size if last else 0
    count, size = len(parts), len(entries)
    large = b""
    if count >= _FULL16 or size >= _FULL32 or start >= _FULL32:
        end64 = _END64.pack(b"PK\x06\x06", 44, _UNIX | 45, 45, 0, 0, count, count, size, start)
        large = end64 + _LOCATOR64.pack(b"PK\x06\x07", 0, start + size, 1)
    shown = min(count, _FULL16)
    end = _END.pack(b"PK\x05\x06", 0, 0, shown, shown, min(size, _FULL32), min(start, _FULL32), 0)
    return entries + large + end
