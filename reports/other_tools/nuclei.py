"""nuclei's JSON lines (``-jsonl``; projectdiscovery/nuclei: output.ResultEvent)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from urllib.parse import urlsplit

from reports.other_tools.model import (
    Entry,
    ForeignError,
    ForeignReport,
    address,
    counted,
    moment,
    number,
    severity,
    table,
    text,
    texts,
)
from scanner.said import zh

_DEFAULT = {"https": 443, "http": 80, "wss": 443, "ws": 80, "ftp": 21, "ssh": 22}


def read(data: bytes) -> ForeignReport:
    """Read lines of results.

    :raises ForeignError: a line is no result of nuclei; its number is said.
    """
    entries = counted(_entries(data))
    if not entries:
        raise ForeignError("其中没有任何一行", "there is no line in it")
    times = [entry.seen for entry in entries if entry.seen is not None]
    return ForeignReport(tool="nuclei", ran=min(times, default=None), entries=entries)


def _entries(data: bytes) -> Iterator[Entry]:
    for at, line in enumerate(data.splitlines(), start=1):
        if not line.strip():
            continue
        try:
            event = table(json.loads(line))
        except (ValueError, RecursionError) as error:
            raise ForeignError(
                f"第 {at} 行不是 JSON：{zh(error)}", f"line {at} is not JSON: {error}"
            ) from error
        if "template-id" not in event:
            raise ForeignError(f"第 {at} 行没有 template-id", f"line {at} has no template-id")
        yield _entry(event)


def _entry(event: dict[str, object] | object) -> Entry:
    event = table(event)
    info = table(event.get("info"))
    classification = table(info.get("classification"))
    where = str(event.get("matched-at") or event.get("url") or event.get("host") or "")
    host, port = _place(where)
    if not host:
        host, port = _place(str(event.get("host") or ""))
    return Entry(
        host=text(host, 253),
        ip=address(event.get("ip")) or address(host),
        port=number(event.get("port")) or port,
        rule=text(event["template-id"], 80),
        title=text(info.get("name") or event["template-id"], 160),
        severity=severity(info.get("severity")),
        message=text(where),
        cwe=tuple(name.upper() for name in texts(classification.get("cwe-id"))),
        tags=texts(info.get("tags")),
        seen=moment(event.get("timestamp")),
    )


def _place(where: str) -> tuple[str, int]:
    try:
        parts = urlsplit(where if "://" in where else f"//{where}")
        return parts.hostname or "", parts.port or _DEFAULT.get(parts.scheme, 0)
    except ValueError:
        return "", 0
