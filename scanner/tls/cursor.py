"""Reads fields from bytes that a stranger sent: whatever is wrong with them becomes one kind of error."""

from __future__ import annotations

from scanner.errors import TlsError


def malformed(what: str) -> TlsError:
    """The error for an answer that breaks the format."""
    return TlsError(f"malformed TLS answer: {what}", kind="malformed")


class Cursor:
    """A place in a byte string. Every read past the end raises :class:`~scanner.errors.TlsError` ``malformed``."""

    __slots__ = ("_data", "_place", "_what")

    def __init__(self, data: bytes, what: str) -> None:
        self._data = data
        self._place = 0
        self._what = what

    @property
    def left(self) -> int:
        """Bytes not read yet."""
        return len(self._data) - self._place

    def take(self, number: int) -> bytes:
        """The next ``number`` bytes."""
        if number > self.left:
            raise malformed(f"{self._what} ends {number - self.left} bytes too early")
        start, self._place = self._place, self._place + number
        return self._data[start : self._place]

    def integer(self, size: int) -> int:
        """An unsigned big-endian integer of ``size`` bytes."""
        return int.from_bytes(self.take(size), "big")

    def vector(self, size: int) -> bytes:
        """A vector whose length is written in ``size`` bytes (RFC 8446 §3.4)."""
        return self.take(self.integer(size))

    def rest(self) -> bytes:
        """All that is left."""
        return self.take(self.left)

    def end(self) -> None:
        """:raises TlsError: bytes are left over."""
        if self.left:
            raise malformed(f"{self.left} bytes too many in {self._what}")
