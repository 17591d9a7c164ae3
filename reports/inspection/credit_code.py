"""统一社会信用代码 (GB 32100-2015): eighteen characters, the last of which checks the others."""

from __future__ import annotations

_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
"""Without I, O, S, V and Z (§4.6)."""


def problem(code: str) -> str | None:
    """Why ``code`` is none, as a key of the section ``credit_code``; None when it is one."""
    if len(code) != 18:
        return "length"
    if any(char not in _ALPHABET for char in code):
        return "character"
    if not code[2:8].isdigit():
        return "division"
    return None if code[17] == check_character(code[:17]) else "check"


def check_character(body: str) -> str:
    """The eighteenth character for the seventeen before it (§4.6): weights are powers of 3 modulo 31."""
    total = sum(_ALPHABET.index(char) * pow(3, index, 31) for index, char in enumerate(body))
    return _ALPHABET[(31 - total % 31) % 31]
