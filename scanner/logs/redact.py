"""Masks what identifies people in logs before they leave the operator: keyed, so that one value has one token everywhere.

Times, addresses, paths, the number and the order of lines stay, and so do zijian's own marks: the verification finds what it
looks for, and whoever has the key can say which token is whose. Without the key nobody can, not even by trying all telephone numbers.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Callable

_OURS = re.compile(rb"zijian", re.IGNORECASE)
_TOKEN = 12
"""Hexadecimal digits of a token."""

_PATTERNS: tuple[re.Pattern[bytes], ...] = (
    # The value of a query's parameter, and of a cookie.
    re.compile(rb"(?P<before>[?&;][^\s=&;\"']{1,200}=)(?P<value>[^\s&;\"']+)"),
    re.compile(rb"(?P<before>\b(?:Set-)?Cookie2?\"?[:=] ?\"?)(?P<value>[^\"\r\n]+)", re.IGNORECASE),
    re.compile(rb"(?P<before>\bAuthorization\"?[:=] ?\"?)(?P<value>[^\"\r\n]+)", re.IGNORECASE),
    # Accounts: combined's third field, sshd, Dovecot, Postfix, vsftpd, JSON.
    re.compile(rb"(?P<before>^\S+ \S+ )(?P<value>(?!- \[)[^\s\[]+)(?= \[\d\d/\w{3}/)", re.MULTILINE),
    re.compile(rb"(?P<before>\b(?:[Ii]nvalid user|user|for) )(?P<value>(?!invalid user |user |root\b)[^\s\"]+)(?= from\b| by\b| \[preauth\]|\()"),
    re.compile(rb"(?P<before>\b(?:user|login|username|\w*UserName|account|sasl_username|sasl_sender|from|to|orig_to)=<?)(?P<value>[^\s,>;]+)"),
    re.compile(rb"(?P<before>\[pid \d+\] \[)(?P<value>[^\]]+)(?=\])"),
    re.compile(rb"(?P<before>\"(?:user|username|user_name|remote_user|account|login|email|phone|mobile)\" ?: ?\")(?P<value>[^\"]+)"),
    # People wherever they stand: mail addresses, Chinese mobile numbers, identity numbers (GB 11643-1999).
    re.compile(rb"(?P<before>)(?P<value>[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9.-]{1,253}\.[A-Za-z]{2,24})"),
    re.compile(rb"(?P<before>(?<![\dA-Za-z.]))(?P<value>1[3-9]\d{9})(?![\dA-Za-z])"),
    re.compile(rb"(?P<before>(?<![\dA-Za-z.]))(?P<value>[1-9]\d{5}(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:[0-2]\d|3[01])\d{3}[\dXx])(?![\dA-Za-z])"),
)  # fmt: skip
_MASKED = re.compile(rb"~[0-9a-f]{12}")


def redactor(key: bytes) -> Callable[[bytes], bytes]:
    """What masks a block of whole lines with ``key``."""

    def token(match: re.Match[bytes]) -> bytes:
        value = match["value"]
        if _OURS.search(value) or _MASKED.fullmatch(value) or value in (b"-", b""):
            return match[0]
        digest = hmac.new(key, value, hashlib.sha256).hexdigest()[:_TOKEN]
        return match["before"] + b"~" + digest.encode()

    def redact(block: bytes) -> bytes:
        for pattern in _PATTERNS:
            block = pattern.sub(token, block)
        return block

    return redact
