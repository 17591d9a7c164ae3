"""SIP (RFC 3261 §11): an OPTIONS request, which asks what a server can do and begins nothing."""

from __future__ import annotations

import re
from dataclasses import dataclass

from scanner.errors import ProtocolError
from scanner.text import printable

_STATUS = re.compile(rb"SIP/2\.0 (\d{3}) ([^\r\n]{0,120})\r\n")


@dataclass(frozen=True, slots=True)
class Reply:
    """A response's status and what it says of the server."""

    status: int
    reason: str
    server: str
    methods: str
    """The Allow header."""


def options(host: str, port: int, scan_id: str, user_agent: str, *, transport: str = "UDP") -> bytes:
    """An OPTIONS to ``host``. ``rport`` (RFC 3581) has it answered to where it came from, whatever Via says."""
    mark = "".join(char for char in scan_id[-12:] if char.isalnum()) or "scan"
    lines = (
        f"OPTIONS sip:{host}:{port} SIP/2.0",
        f"Via: SIP/2.0/{transport} zijian.invalid;branch=z9hG4bK{mark};rport",
        "Max-Forwards: 1",
        f"From: <sip:scan@zijian.invalid>;tag={mark}",
        f"To: <sip:{host}:{port}>",
        f"Call-ID: {mark}@zijian.invalid",
        "CSeq: 1 OPTIONS",
        "Contact: <sip:scan@zijian.invalid>",
        f"User-Agent: {user_agent}",
        "Accept: application/sdp",
        "Content-Length: 0",
    )
    return ("\r\n".join(lines) + "\r\n\r\n").encode("ascii", errors="replace")


def read_reply(data: bytes) -> Reply:
    """A final response (§7.2); a provisional one is not the answer yet.

    :raises ProtocolError: none of this protocol.
    """
    found = _STATUS.match(data)
    if (
        found is None
        or found.group(1) < b"200"
        or not re.search(rb"\r\nCSeq[ \t]*:[ \t]*1 ", data, re.IGNORECASE)
    ):
        raise ProtocolError("no SIP response to ours", kind="protocol")
    return Reply(
        status=int(found.group(1)),
        reason=printable(found.group(2), 80),
        server=_header(data, rb"Server") or _header(data, rb"User-Agent"),
        methods=_header(data, rb"Allow"),
    )


def _header(data: bytes, name: bytes) -> str:
    found = re.search(rb"\r\n" + name + rb"[ \t]*:[ \t]*([^\r\n]{1,200})", data[:8192], re.IGNORECASE)
    return printable(found.group(1).strip(), 120) if found else ""
