"""Well-known paths that should not be readable by strangers, and the shape of a body that proves they are.

A status alone proves nothing: many sites answer 200 to anything. What is kept is at most a few masked characters.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass

from scanner.text import printable

Shape = Callable[[bytes], str | None]
"""Body (its start) -> the proof, short and masked, or None when the body is not what the path's name says."""

_PROOF = 80
_ENV_LINE = re.compile(rb"^(?:export )?([A-Z][A-Z0-9_]{1,60})=[^\r\n]{0,400}\r?$", re.MULTILINE)
_LOG_LINE = re.compile(
    rb'^[0-9a-fA-F.:]{3,45} \S{1,60} \S{1,60} \[[^\]\r\n]{10,40}\] "[A-Z]{2,8} ', re.MULTILINE
)
_PHP_VERSION = re.compile(
    rb"PHP Version\s{0,4}(?:</?[a-z0-9]{1,6}[^>]{0,60}>\s{0,4}){0,3}([0-9]{1,2}\.[0-9.]{1,8})"
)
_STUB_STATUS = re.compile(rb"Active connections:\s{1,4}[0-9]{1,9}\s{1,4}server accepts handled requests")
_HARMLESS_ENDPOINTS = frozenset({"self", "health", "health-path", "info"})
"""What Spring Boot lists by default; an index that holds nothing else is as it is meant to be."""


def _starts(*heads: bytes) -> Shape:
    def shape(body: bytes) -> str | None:
        head = next((head for head in heads if body.startswith(head)), None)
        return printable(head, _PROOF) if head is not None else None

    return shape


def _holds(*marks: bytes) -> Shape:
    def shape(body: bytes) -> str | None:
        return printable(b" ... ".join(marks), _PROOF) if all(mark in body for mark in marks) else None

    return shape


def _first(*shapes: Shape) -> Shape:
    def shape(body: bytes) -> str | None:
        return next((proof for each in shapes if (proof := each(body)) is not None), None)

    return shape


def _git(body: bytes) -> str | None:
    line = body.split(b"\n", 1)[0].strip()
    pattern = rb"ref: refs/[\w./-]{1,200}|[0-9a-f]{40}|[0-9a-f]{64}"
    return printable(line, _PROOF) if re.fullmatch(pattern, line) else None


def _svn(body: bytes) -> str | None:
    return "entries" if re.match(rb"\d{1,2}\r?\n(?:\r?\n)?dir\r?\n|12\r?\n$", body) else None


def _env(body: bytes) -> str | None:
    if b"<html" in body[:1000].lower() or b"<!doctype" in body[:1000].lower():
        return None
    names = [match.group(1).decode("ascii") for match in _ENV_LINE.finditer(body[:20000])]
    return printable(" ".join(f"{name}=***" for name in names[:3]), _PROOF) if len(names) >= 2 else None


def _log(body: bytes) -> str | None:
    lines = _LOG_LINE.findall(body[:20000])
    # Addresses in a log are personal information: only that there are such lines is kept.
    return f'{len(lines)} × ADDRESS - - [TIME] "METHOD …"' if lines else None


def _phpinfo(body: bytes) -> str | None:
    version = _PHP_VERSION.search(body)
    return f"phpinfo() PHP {version.group(1).decode()}" if b"phpinfo()" in body and version else None


def _stub_status(body: bytes) -> str | None:
    return "Active connections: …" if _STUB_STATUS.match(body.lstrip()) else None


def _actuator(body: bytes) -> str | None:
    """The index, when it lists more than what is there by default; the proof names the endpoints, none is read."""
    try:
        links = json.loads(body)["_links"]
        addresses = [str(link["href"]) for link in links.values()]
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None
    names = sorted(set(links) - _HARMLESS_ENDPOINTS)
    shown = any("/actuator" in address for address in addresses)
    return printable(f"_links: {', '.join(names)}", _PROOF) if names and shown else None


def _web_config(body: bytes) -> str | None:
    start = body[:4096].lstrip(b"\xef\xbb\xbf \t\r\n")
    told = re.search(rb"<(system\.web(?:Server)?|connectionStrings|appSettings)\b", body)
    if (
        not start.startswith((b"<?xml", b"<configuration", b"<!--"))
        or b"<configuration" not in body
        or not told
    ):
        return None
    return f"<configuration> <{told.group(1).decode()}>"


def _php(body: bytes) -> str | None:
    """Source of PHP that was to be run, not shown."""
    return "<?php …" if re.match(rb"\s{0,20}<\?php\s", body) else None


def _phpmyadmin(body: bytes) -> str | None:
    """phpMyAdmin's page: its login form, or, where the settings hold the password, its inside. Its script's parameters tell."""
    told = re.search(rb"ommonParams\.setAll\(\{([^<]{0,4000})", body)
    if told is None or b"phpMyAdmin" not in body:
        return None
    version = re.search(rb'version:\s?"([\w.+:~-]{1,40})"', told[1])
    inside = re.search(rb'logged_in:\s?(?:true|1|"1")', told[1]) and b"pma_username" not in body
    shown = f"phpMyAdmin {version[1].decode() if version else ''}".strip()
    return printable(f"{shown} logged_in:true" if inside else shown, _PROOF)


def source_map(body: bytes) -> str | None:
    """A source map's start (ECMA-426): JSON of version 3 that names sources or mappings."""
    named = re.search(rb'"(sources|mappings|sections)"\s{0,4}:', body)
    return (
        '{"version":3 …'
        if re.match(rb"\s{0,20}\{", body) and b'"version":3' in body.replace(b" ", b"") and named
        else None
    )


def _security_txt(body: bytes) -> str | None:
    """A contact, with the day on which the file ends (RFC 9116 §2.5): both are there to be read by everybody."""
    if not re.search(rb"^contact:\s{0,8}\S", body, re.IGNORECASE | re.MULTILINE):
        return None
    until = re.search(rb"^expires:\s{0,8}([0-9TtZz:.+-]{10,40})\s*$", body, re.IGNORECASE | re.MULTILINE)
    return printable(f"Contact: … Expires: {until[1].decode()}" if until else "Contact: …", _PROOF)


_ZIP = _starts(b"PK\x03\x04", b"PK\x05\x06")
_GZIP = _starts(b"\x1f\x8b\x08")
_RAR = _starts(b"Rar!\x1a\x07")
_SQL = _first(
    _holds(b"CREATE TABLE", b"INSERT INTO"),
    _starts(
        b"-- MySQL dump",
        b"-- MariaDB dump",
        b"--\n-- PostgreSQL database dump",
        b"-- PostgreSQL database dump",
    ),
)
_XXL_JOB = _first(_holds(b"<b>XXL</b>JOB", b'id="loginForm"'), _holds(b"<b>XXL-JOB</b>", b'id="loginForm"'))
"""The login page of older versions, and of newer ones (login.ftl in XXL-JOB's source)."""


@dataclass(frozen=True, slots=True)
class WellKnownPath:
    """A path, the shape that proves it, and how many bytes of it are asked for."""

    path: str
    shape: Shape
    bytes: int = 16384


PATHS: tuple[WellKnownPath, ...] = (
    WellKnownPath("/.git/HEAD", _git, 512),
    WellKnownPath("/.svn/entries", _svn, 512),
    WellKnownPath("/.svn/wc.db", _starts(b"SQLite format 3\x00"), 512),
    WellKnownPath("/.env", _env, 4096),
    WellKnownPath("/backup.zip", _ZIP, 512),
    WellKnownPath("/www.zip", _ZIP, 512),
    WellKnownPath("/backup.sql", _SQL, 16384),
    WellKnownPath("/db.sql", _SQL, 16384),
    WellKnownPath("/dump.sql", _SQL, 16384),
    WellKnownPath("/wwwroot.zip", _ZIP, 512),
    WellKnownPath("/wwwroot.rar", _RAR, 512),
    WellKnownPath("/backup.tar.gz", _GZIP, 512),
    WellKnownPath("/config.php.bak", _php, 512),
    WellKnownPath("/.DS_Store", _starts(b"\x00\x00\x00\x01Bud1"), 512),
    WellKnownPath("/web.config", _web_config, 8192),
    WellKnownPath("/WEB-INF/web.xml", _holds(b"<web-app"), 8192),
    WellKnownPath("/phpinfo.php", _phpinfo),
    WellKnownPath("/info.php", _phpinfo),
    WellKnownPath("/server-status", _holds(b"Apache Server Status", b"Server Version")),
    WellKnownPath("/nginx_status", _stub_status),
    WellKnownPath("/actuator", _actuator, 65536),
    WellKnownPath("/swagger-ui.html", _holds(b"swagger-ui", b"Swagger UI")),
    WellKnownPath("/v2/api-docs", _holds(b'"swagger"', b'"paths"'), 65536),
    WellKnownPath("/v3/api-docs", _holds(b'"openapi"', b'"paths"'), 65536),
    WellKnownPath("/druid/index.html", _holds(b"<title>Druid Stat Index</title>")),
    WellKnownPath("/nacos/", _holds(b"<title>Nacos</title>")),
    WellKnownPath("/phpmyadmin/", _phpmyadmin, 65536),
    WellKnownPath("/phpMyAdmin/", _phpmyadmin, 65536),
    WellKnownPath("/xxl-job-admin/toLogin", _XXL_JOB),
    WellKnownPath("/xxl-job-admin/auth/login", _XXL_JOB),
    WellKnownPath("/access.log", _log, 4096),
    WellKnownPath("/.well-known/security.txt", _security_txt),
)


def named_backup(name: str | None) -> WellKnownPath | None:
    """The archive that is called after the site itself; None for a site without a name."""
    if name is None or not re.fullmatch(r"[a-z0-9.-]{1,253}", name.rstrip(".").lower()):
        return None
    return WellKnownPath(f"/{name.rstrip('.').lower()}.zip", _ZIP, 512)
