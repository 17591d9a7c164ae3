"""Versions as products write them, and what a distribution's mark on them says.

Products number in their own ways (``9.2p1``, ``1.1.1w``, ``8.0.36``, ``2.4.57``, ``9.4.43.v20210629``), which PEP 440 does not
cover; the order here is that of runs of digits and of letters, as ``dpkg --compare-versions`` and ``rpm`` go about it:

- digits compare as numbers, letters by the alphabet (``1.1.1k`` < ``1.1.1w``, ``9.2p1`` < ``9.2p2``);
- what goes on is later than what ends (``1.1.1`` < ``1.1.1a``), but for words that mean *not yet released*
  (``2.0rc1`` < ``2.0``).

A distribution keeps an old version and mends it (a backport), so that the number alone says nothing about what is mended. Marks
that show one: Debian's and Ubuntu's revisions (``+deb10u1``, ``~deb12u1``, ``-0ubuntu0.22.04.1``), Red Hat's (``.el7``), and the
names in comments, as in ``Apache/2.4.37 (centos)``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_LONGEST = 64
_RUN = re.compile(r"\d+|[A-Za-z]+")
_BEFORE_RELEASE = frozenset({"alpha", "beta", "rc", "pre", "dev", "snapshot", "cr"})
_BEFORE_WITH_NUMBER = frozenset({"a", "b", "m"})
"""Only with a number behind them: OpenSSL's ``1.0.2m`` is a release, ``2.0b1`` and ``10.1.0-M5`` are none yet."""
_UPSTREAM = re.compile(r"(?:\d{1,2}:)?v?(\d[\w.]*)")

Key = tuple[tuple[int, int, str], ...]


def upstream(text: str) -> str:
    """The product's own number at the start of a version: without the epoch, and without what a distributor added.

    ``1:10.3.39-0+deb10u1`` gives ``10.3.39``; ``5.5.5-10.3.39-MariaDB`` is for the caller to tell. Empty when there is none.
    """
    found = _UPSTREAM.match(text.strip()[:_LONGEST])
    return found.group(1).rstrip("._") if found else ""


def order(version: str) -> Key:
    """What sorts versions: see the module."""
    key: list[tuple[int, int, str]] = []
    runs = _RUN.findall(version[:_LONGEST])
    for run, following in zip(runs, (*runs[1:], ""), strict=False):
        if run.isdigit():
            key.append((3, int(run), ""))
        elif run.lower() in _BEFORE_RELEASE or (run.lower() in _BEFORE_WITH_NUMBER and following.isdigit()):
            key.append((0, 0, run.lower()))
        else:
            key.append((2, 0, run.lower()))
    return (*key, (1, 0, ""))


def older(version: str, than: str) -> bool | None:
    """Whether ``version`` is older than ``than``; None when it is cut too short to tell (``2.4`` beside ``2.4.57``)."""
    one, other = order(version), order(than)
    if one != other and one[:-1] == other[: len(one) - 1] and other[len(one) - 1][0] == 3:
        return None
    return one < other


def numbers(version: str) -> tuple[int, ...]:
    """The numbers at the start: ``1.1.1w`` gives 1, 1, 1."""
    found = re.match(r"\d+(?:\.\d+)*", version[:_LONGEST])
    return tuple(int(part) for part in found.group().split(".")) if found else ()


@dataclass(frozen=True, slots=True)
class Mark:
    """A distribution's mark: whose package it is, and of which release where it says so."""

    family: str
    """``debian``, ``ubuntu``, ``rhel``, ``centos``, ``openeuler`` ...: a product of the table where it has releases."""
    release: str | None = None
    shown: str = ""
    """The characters that say so."""


def _mark(family: str, pattern: str) -> tuple[str, re.Pattern[str]]:
    return family, re.compile(pattern, re.IGNORECASE)


_MARKS: tuple[tuple[str, re.Pattern[str]], ...] = (
    # What names the release comes first. Ubuntu before Debian, since some of Ubuntu's revisions hold Debian's.
    _mark("ubuntu", r"ubuntu\d*[.~](?P<release>(?:1\d|2\d)\.(?:04|10))\b"),
    _mark("ubuntu", r"~(?P<release>(?:1\d|2\d)\.(?:04|10))\.\d"),
    _mark("debian", r"[+~]deb(?P<release>\d{1,2})u\d{1,3}"),
    _mark("debian", r"~bpo(?P<release>\d{1,2})\+\d"),
    _mark("amazon", r"\.amzn(?P<release>\d{1,4})\b"),
    _mark("openeuler", r"\.oe(?P<release>\d{4})(?:sp\d)?\b"),
    _mark("kylin", r"\.ky(?P<release>\d{1,2})\b"),
    _mark("anolis", r"\.an(?P<release>\d{1,2})\b"),
    _mark("uos", r"\.uel(?P<release>\d{1,2})\b"),
    _mark("alibaba", r"\.al(?P<release>\d)\b"),
    _mark("tencentos", r"\.tl(?P<release>\d)\b"),
    _mark("rhel", r"[._]el(?P<release>\d{1,2})(?:_\d+)?\b"),
    # Then those that name the distribution alone.
    _mark("openeuler", r"\.oe\d?\b|\bopenEuler\b"),
    _mark("kylin", r"\bKylin\b"),
    _mark("anolis", r"\bAnolis\b"),
    _mark("uos", r"\bUOS\b|\bUnionTech\b"),
    _mark("alibaba", r"\bAlibaba Cloud Linux\b"),
    _mark("tencentos", r"\bTencentOS\b|\bOpenCloudOS\b"),
    _mark("ubuntu", r"\bubuntu\b|\d(?:build|ubuntu)\d"),
    _mark("debian", r"\b(?:debian|raspbian)\b|\+dfsg|\bsarge\d|\betch\d|\blenny\d|\bsqueeze\d|\bwheezy\d"),
    _mark("centos", r"\bcentos\b"),
    _mark("rhel", r"\bred ?hat\b|\bRocky Linux\b|\bAlmaLinux\b|\bOracle Linux\b|\bScientific Linux\b"),
    _mark("fedora", r"\.fc(?P<release>\d{2})\b|\bfedora\b"),
    _mark("amazon", r"\bAmazon(?: Linux)?\b"),
    _mark("suse", r"\bSUSE\b"),
    # Clouds and vendors keep versions of Kubernetes for longer than its makers do.
    _mark("kubernetes vendor", r"[-+](?:aliyun|eks|gke|tke|cce|k3s|rke2|vke|daocloud)\b"),
    _mark("freebsd", r"\bfreebsd\b"),
)


def mark_of(text: str) -> Mark | None:
    """The distribution's mark in ``text`` (a version, or all that a service says of itself), or None."""
    text = text[:512]
    for family, pattern in _MARKS:
        if found := pattern.search(text):
            return Mark(family, found.groupdict().get("release"), found.group().strip())
    return None
