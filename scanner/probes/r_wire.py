"""What rlogin, rsh and rexec are asked, and how they answer: a zero byte when all is well, else a one and a sentence."""

from __future__ import annotations

import re

EMPTY = b"\0\0\0\0"
"""rlogin: its zero byte, then no name of ours, no name there, no terminal (RFC 1282); rsh and rexec: no port for errors, and three
empty strings (rshd(8), rexecd(8))."""
ANSWER = re.compile(
    rb"\0(?:\r?\n)?(?:[^\0]{0,400}(?:login|password|username) ?:|\x80|\Z)|\x01[ -~]{4,200}\r?\n",
    re.IGNORECASE,
)
