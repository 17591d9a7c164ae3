"""Text that a target sent, made safe to store, print and read.

Everything that comes from a target is hostile until it has been through :func:`printable`.
"""

from __future__ import annotations

import unicodedata

LIMIT = 1024
"""Characters kept of one value by default."""

_BIDI = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def _shown(char: str) -> str:
    code = ord(char)
    if code < 0x20:
        return chr(0x2400 + code)
    if code == 0x7F:
        return "\u2421"
    if char in _BIDI or unicodedata.category(char) in {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}:
        return f"<U+{code:04X}>"
    return char


def printable(value: bytes | str, limit: int = LIMIT) -> str:
    """Return ``value`` with every control, bidirectional and unassigned character shown as a symbol.

    Bytes are read as UTF-8; bytes that are not UTF-8 appear as ``\\xNN``. What exceeds ``limit``
    characters is cut, and the cut is marked with the number of characters (or bytes) left out.
    """
    over = 0
    if isinstance(value, bytes):
        # A cap before decoding keeps a huge answer from costing more than its visible part.
        room = limit * 4
        over = max(0, len(value) - room)
        text = value[:room].decode("utf-8", errors="backslashreplace")
    else:
        text = value
    over += max(0, len(text) - limit)
    shown = "".join(_shown(char) for char in text[:limit])
    return f"{shown}…(+{over})" if over else shown


def without_credentials(address: str) -> str:
    """``address`` (a URL, or the part after its scheme) as it may be shown: without its user information and its query.

    Either may hold a password or a token (RFC 3986 §3.2.1, §3.4). Everything up to the last ``@`` is taken for user
    information, as a password that was not encoded may hold any other mark.
    """
    start, at, rest = address.rpartition("@")
    scheme, mark, _ = start.partition("://")
    shown = (f"{scheme}://***@" if mark else "***@") + rest if at else address
    shown, asked, _ = shown.partition("?")
    return f"{shown}?***" if asked else shown
