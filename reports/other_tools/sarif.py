"""SARIF 2.1.0 (OASIS): results whose location, or properties, name an address."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from reports.other_tools.model import (
    Entry,
    ForeignError,
    ForeignReport,
    address,
    counted,
    moment,
    number,
    rows,
    severity,
    table,
    text,
    texts,
)
from scanner.said import zh


def read(data: bytes) -> ForeignReport:
    """Read a log; suppressed results are left out (§3.27.23).

    :raises ForeignError: it is none.
    """
    try:
        log = table(json.loads(data))
    except (ValueError, RecursionError) as error:
        raise ForeignError(f"不是 JSON：{zh(error)}", f"it is not JSON: {error}") from error
    if log.get("version") != "2.1.0" or not isinstance(log.get("runs"), list):
        raise ForeignError("不是 SARIF 2.1.0 格式", "it is no SARIF log of version 2.1.0")
    runs = [table(run) for run in rows(log["runs"])]
    driver = table(table(runs[0].get("tool")).get("driver")) if runs else {}
    times = (table(one) for run in runs for one in rows(run.get("invocations")))
    started = [moment(one.get("startTimeUtc") or one.get("endTimeUtc")) for one in times]
    return ForeignReport(
        tool=text(driver.get("name") or "SARIF", 80),
        version=text(driver.get("semanticVersion") or driver.get("version"), 40),
        ran=min((at for at in started if at), default=None),
        entries=counted(entry for run in runs for entry in _entries(run)),
    )


def _entries(run: Mapping[str, Any]) -> Iterator[Entry]:
    driver = table(table(run.get("tool")).get("driver"))
    rules = [table(rule) for rule in rows(driver.get("rules"))]
    by_id = {str(rule.get("id")): rule for rule in rules}
    for result in map(table, rows(run.get("results"))):
        if rows(result.get("suppressions")) or result.get("kind", "fail") not in ("fail", "review", "open"):
            continue
        rule = by_id.get(str(result.get("ruleId")), {})
        properties = {**table(rule.get("properties")), **table(result.get("properties"))}
        host, port = _where(result, properties)
        level = result.get("level") or table(rule.get("defaultConfiguration")).get("level") or "warning"
        name = text(result.get("ruleId") or rule.get("id") or "-", 80)
        tags = texts(properties.get("tags"))
        yield Entry(
            host=text(host, 253),
            ip=address(host),
            port=port,
            rule=name,
            title=text(table(rule.get("shortDescription")).get("text") or rule.get("name") or name, 160),
            severity=severity(level),
            message=text(table(result.get("message")).get("text")),
            cwe=tuple(_cwe(tag) for tag in (*tags, *texts(properties.get("cwe"))) if _cwe(tag)),
            tags=tags,
        )


def _cwe(tag: str) -> str:
    last = tag.lower().rpartition("/")[2].replace("cwe-", "")
    return f"CWE-{int(last)}" if "cwe" in tag.lower() and last.isdecimal() and len(last) < 6 else ""


def _where(result: Mapping[str, Any], properties: Mapping[str, Any]) -> tuple[str, int]:
    uris = [
        table(table(table(place).get("physicalLocation")).get("artifactLocation")).get("uri")
        for place in rows(result.get("locations"))
    ]
    for uri in (*uris, properties.get("host"), properties.get("ip")):
        try:
            parts = urlsplit(str(uri) if "://" in str(uri) else f"//{uri}")
            port = parts.port or {"https": 443, "http": 80}.get(parts.scheme, 0)
        except ValueError:
            continue
        if uri and parts.hostname and (parts.scheme or address(parts.hostname) or "port" in properties):
            return parts.hostname, number(properties.get("port")) or port
    return "", 0
