"""Personal data and secrets that a service happens to show, taken out of facts before anything is stored.

The engine passes every probe's run, nmap's too, through :func:`without_personal_data`: what a probe gathers by accident is not
kept (Personal Information Protection Law art. 6: no more than the purpose needs). What is masked:

- e-mail addresses (the mailbox's name; the domain stays, since it tells who runs a service);
- mainland mobile numbers (11 digits that begin with 13 to 19) and land lines with their area code;
- resident identity numbers (GB 11643-1999: 18 characters with a date of birth and a check character);
- JSON Web Tokens (RFC 7519), bearer tokens (RFC 6750), what stands behind names such as ``token``, ``sessionid`` or
  ``password`` in text, URLs and headers, and user names and passwords in URLs (RFC 3986 §3.2.1).

Certificates and filing numbers are published by law or by their maker, and names of SSH algorithms only look like addresses
(RFC 4251 §6): they stay as they are.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any, TypeVar

from scanner.facts import CertificateFacts, Endpoint, FilingFacts, ProbeRun, SshFacts, SshHostKeyFacts

T = TypeVar("T")

MASK = "***"

_PUBLISHED = (CertificateFacts, FilingFacts, SshHostKeyFacts, Endpoint)
_ALGORITHMS = frozenset({"kex", "host_key_algorithms", "ciphers", "macs", "compression"})

_CONFIDENTIAL = (
    r"(?:[a-z0-9_.-]{0,40}?(?:token|ticket|passw(?:or)?d|pwd|secret|sess(?:ion)?(?:[_-]?id)?|jwt|credentials?"
    r"|(?:api|access|secret|private)[_-]?key)|(?:[a-z0-9_-]{0,40}[_.-])?sid|(?:proxy-)?authorization|(?:set-)?cookie2?)"
)
_SUSPECT = re.compile(r"[@=:]|eyJ|bearer|\d{4}", re.IGNORECASE)
"""What every text to be masked holds; most hold none of it."""
_SECRET_KEY = re.compile(_CONFIDENTIAL, re.IGNORECASE)
_USER_IN_URL = re.compile(r"(?<=://)[^\s/@]{1,200}@")
_JWT = re.compile(r"\beyJ[\w-]{6,}\.[\w-]{6,}(?:\.[\w-]*)?", re.ASCII)
_BEARER = re.compile(r"\b(Bearer )[\w.~+/-]{12,}=*", re.IGNORECASE | re.ASCII)
_NAMED = re.compile(
    rf"(?<![a-z0-9])({_CONFIDENTIAL}[\"']?\s?[=:]\s?[\"']?)[^\s\"'&;,<>]{{4,}}", re.IGNORECASE
)
_MAILBOX = re.compile(
    r"(?<![\w.+-])[\w.+-]{1,64}(?=@(?:[a-z0-9-]{1,63}\.){1,8}[a-z]{2,24}(?![\w@]))", re.IGNORECASE
)
_IDENTITY = re.compile(r"(?<![0-9A-Za-z])([1-9]\d{5})(?:18|19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dXx](?![0-9A-Za-z])", re.ASCII)  # fmt: skip
_MOBILE = re.compile(r"(?<![0-9A-Za-z.])(1[3-9]\d)([ -]?)\d{4}\2(\d{4})(?!\.?[0-9A-Za-z])", re.ASCII)
_LAND_LINE = re.compile(r"(?<![0-9A-Za-z.+-])(0\d{2,3}[ -])\d{3,4}[ -]?\d{4}(?![.-]?[0-9A-Za-z])", re.ASCII)

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def _identity(match: re.Match[str]) -> str:
    """The number masked behind its division code, if its check character is right (GB 11643-1999 §4.2)."""
    number = match.group()
    check = sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, number, strict=False)) % 11
    return f"{match[1]}{MASK}" if "10X98765432"[check] == number[-1].upper() else number


def masked(text: str) -> str:
    """``text`` without personal data and secrets, as the module says."""
    if not _SUSPECT.search(text):
        return text
    text = _USER_IN_URL.sub(f"{MASK}@", text)
    text = _JWT.sub(f"eyJ{MASK}", text)
    text = _BEARER.sub(rf"\1{MASK}", text)
    text = _NAMED.sub(rf"\1{MASK}", text)
    text = _MAILBOX.sub(MASK, text)
    text = _IDENTITY.sub(_identity, text)
    text = _MOBILE.sub(rf"\1{MASK}\3", text)
    return _LAND_LINE.sub(rf"\1{MASK}", text)


def without_personal_data(run: ProbeRun) -> ProbeRun:
    """The run with every text of its facts, and of its message, masked."""
    return replace(
        run, facts=_clean(run.facts), message=masked(run.message) if run.message is not None else None
    )


def _clean(value: T) -> T:
    cleaned: Any = value
    match value:
        case str():
            cleaned = masked(value)
        case tuple():
            cleaned = tuple(map(_clean, value))
        case Mapping():
            cleaned = {_clean(name): _named(str(name), one) for name, one in value.items()}
        case _ if is_dataclass(value) and not isinstance(value, (type, *_PUBLISHED)):
            kept = _ALGORITHMS if isinstance(value, SshFacts) else frozenset()
            texts = {field.name: getattr(value, field.name) for field in fields(value)}
            # What a service said of itself is a name and a value.
            said = texts.get("name") if set(texts) == {"name", "value"} else None
            cleaned = replace(
                value,
                **{
                    name: _named(said, one) if name == "value" and isinstance(said, str) else _clean(one)
                    for name, one in texts.items()
                    if name not in kept
                },
            )
    return cleaned  # type: ignore[no-any-return]


def _named(name: str, value: T) -> T:
    """``value``, masked as a whole where its name is that of a secret."""
    if isinstance(value, str) and value and _SECRET_KEY.fullmatch(name):
        return MASK  # type: ignore[return-value]
    return _clean(value)
