"""What a scan left behind in the services it touched: the challenge that their logs are held against.

Every scan, and every resumption, has a nonce that nobody could know before it ran. It stands in a path asked for over HTTP,
in the EHLO name, in SSH's identification string, in the password of an anonymous FTP login and in a DNS name.
The ledger has it, and each connection with its times and both addresses.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from scanner.ledger import moment

LOGGED = {
    "http": "http",
    "ssh": "ssh",
    "ftp": "ftp",
    "smtp": "smtp",
    "starttls": "mail",
    "dns": "dns",
    "zone": "dns",
}
"""First word of a connection's purpose -> the kind of log that has it. Other connections end before a server writes a line
of its own kind: a port that was tried, a TLS handshake that was broken off."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """One connection on which something was said, as a log should show it."""

    seq: int
    """Its number in the ledger."""
    protocol: str
    remote: str
    """``ip:port`` of the service; IPv6 in brackets."""
    source_ip: str
    source_port: int
    opened: datetime
    closed: datetime
    asked: datetime | None = None
    """When what bears the mark was sent; None where that is the connection's own time."""
    mark: str = ""
    """A string that this connection alone left; empty where it left none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftBehind:
    """Everything that one scan left behind."""

    nonces: tuple[str, ...]
    """One, and one for each resumption; none in a scan by an earlier version."""
    traces: tuple[Trace, ...]

    @property
    def sources(self) -> frozenset[str]:
        """The addresses that it came from."""
        return frozenset(trace.source_ip for trace in self.traces)


def left_behind(records: Iterable[Mapping[str, Any]]) -> LeftBehind:
    """Read a ledger's records (:func:`scanner.ledger.records`)."""
    opened: dict[int, Mapping[str, Any]] = {}
    traces: dict[int, Trace] = {}
    marks: dict[int, tuple[str, datetime]] = {}
    nonces: list[str] = []
    for record in records:
        match record["kind"]:
            case "challenge":
                nonces.append(record["nonce"])
            case "mark" if record["answered"]:
                marks[record["of"]] = record["mark"], moment(record["asked"])
            case "open":
                # A handshake that shows whether there is TLS ends before a request.
                if "is there" in record["purpose"]:
                    continue
                protocol = LOGGED.get(record["purpose"].partition(":")[0])
                if protocol is not None and (record["transport"] == "tcp" or protocol == "dns"):
                    opened[record["seq"]] = {**record, "protocol": protocol}
            case "close" if record["of"] in opened:
                begun = opened.pop(record["of"])
                local = record.get("local") or ""
                if local and record["sent"] and record["received"]:
                    ip, _, port = local.rpartition(":")
                    traces[begun["seq"]] = Trace(
                        seq=begun["seq"], protocol=begun["protocol"], remote=begun["remote"], source_ip=ip.strip("[]"),
                        source_port=int(port), opened=moment(begun["time"]), closed=moment(record["time"]),
                    )  # fmt: skip
    for seq, (mark, asked) in marks.items():
        if seq in traces:
            traces[seq] = replace(traces[seq], mark=mark, asked=asked)
    return LeftBehind(nonces=tuple(nonces), traces=tuple(traces.values()))
