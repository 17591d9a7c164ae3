"""How much one hello carries. Some servers choke on long or unfamiliar hellos, and are asked with less."""

from __future__ import annotations

from dataclasses import dataclass

EXTENSIONS = ("alpn", "staple", "sct", "tickets", "ems", "heartbeat")
"""Extensions that a style may do without: RFC 7301, RFC 6066 §8, RFC 6962 §3.3.1, RFC 5077, RFC 7627, RFC 6520."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Style:
    """What goes into hellos beside versions and suites."""

    name: str
    most_suites: int = 4096
    """Suites in one hello; a server is asked in portions of this size."""
    extensions: frozenset[str] = frozenset(EXTENSIONS)
    """Which of :data:`EXTENSIONS`."""
    deflate: bool = True
    rare: bool = True
    """Offer every known group and signature scheme, not the common ones alone."""
    bare: bool = False
    """No extensions at all, as SSL 3.0 and the oldest servers expect."""
    named: bool = False
    """With ``bare``: the server's name all the same (RFC 6066 §3), and nothing else."""


FULL = Style(name="full")
SMALL = Style(
    name="small",
    most_suites=48,
    extensions=frozenset(),
    deflate=False,
    rare=False,
)
BARE = Style(
    name="bare",
    most_suites=48,
    extensions=frozenset(),
    deflate=False,
    rare=False,
    bare=True,
)
