"""SARIF 2.1.0 (OASIS): findings for code-scanning dashboards and ticket systems.

A network endpoint is no file: it is the logical location, and for readers that want a path, its id percent-encoded as a
relative URI. ``partialFingerprints`` carries the finding's key, which does not move. What was not checked becomes notifications
of the run, so that an empty list of results is not taken for a clean bill.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

import msgspec

from checks.model import Confirmation, Finding, Severity, Status
from reports.digest import digest, headline
from reports.html.view import reason, safe_link
from reports.result import Result
from reports.shown import shown
from reports.tables import ordered
from reports.wording import Wording
from scanner.facts import OPERATOR

SCHEMA_URI = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"

_KIND = {
    Status.FAIL: "fail",
    Status.WARN: "fail",
    Status.PASS: "pass",
    Status.INFO: "informational",
    Status.INCONCLUSIVE: "open",
    Status.ERROR: "open",
    Status.NOT_APPLICABLE: "notApplicable",
}
"""SARIF §3.27.9. ``open``: there was not enough to decide."""
_LEVEL = {
    Severity.CRITICAL: "error",
    Severity.HIGH: "error",
    Severity.MEDIUM: "warning",
    Severity.LOW: "note",
    Severity.INFO: "note",
}
_SCORE = {
    Severity.CRITICAL: "9.5",
    Severity.HIGH: "8.0",
    Severity.MEDIUM: "5.5",
    Severity.LOW: "2.0",
    Severity.INFO: "0.0",
}
"""GitHub's ``security-severity``: the middle of the range that it shows under the same word. No CVSS score is meant."""


def sarif(result: Result, lang: str) -> bytes:
    """The log file.

    :raises ValueError: no such language.
    """
    words = Wording(lang)
    counted = digest(result)
    found = ordered(result)
    rules = list(dict.fromkeys(finding.check for finding in found))
    index = {check: number for number, check in enumerate(rules)}
    heads: dict[str, Finding] = {}
    for finding in found:
        worst = heads.setdefault(finding.check, finding)
        if finding.severity.rank > worst.severity.rank:
            heads[finding.check] = finding
    run = {
        "tool": {
            "driver": {
                "name": "zijian",
                "version": _text(result.scan.tool.version),
                "rules": [_rule(check, heads[check], words) for check in rules],
            }
        },
        "language": "zh-CN" if words.lang == "zh" else "en",
        "columnKind": "unicodeCodePoints",
        "automationDetails": {"id": f"zijian/{_text(result.scan.id)}", "description": _message(headline(result, words, counted))},
        "invocations": [
            {
                # A scan that did not come to its end is no failure of the tool, but its results are not whole either.
                "executionSuccessful": result.scan.status == "completed",
                "startTimeUtc": _time(result.scan.started),
                **({"endTimeUtc": _time(result.scan.finished)} if result.scan.finished else {}),
                "toolExecutionNotifications": list(_notifications(result, words)),
            }
        ],
        "results": [_result(finding, index[finding.check], words) for finding in found],
        "properties": {
            "duties": [
                {"key": _text(duty.key), "name": _text(words.pick(duty.name)), "status": duty.status}
                for duty in result.duties
            ],
            "services": counted.services,
            "openPortsNotAsked": counted.unasked,
            "domains": len(result.domains),
            "lawDate": result.scan.law_date.isoformat(),
            "imports": [
                {
                    "tool": _text(file.tool),
                    "version": _text(file.version),
                    "format": _text(file.format),
                    "file": _text(file.file),
                    "sha256": _text(file.sha256),
                    "importedBy": _text(file.imported_by),
                    "imported": _time(file.imported),
                    "taken": file.taken,
                    "refused": file.refused,
                    "outsideWindow": file.outside_window,
                    **({"ran": _time(file.ran)} if file.ran else {}),
                }
                for file in result.imports
            ],
        },
    }  # fmt: skip
    return msgspec.json.encode({"$schema": SCHEMA_URI, "version": "2.1.0", "runs": [run]})


def _text(value: str) -> str:
    return shown(value, 4000)


def _message(value: str) -> dict[str, str]:
    # Braces stand for arguments in a SARIF message, and brackets for links (§3.11.5, §3.11.6): both are made plain.
    plain = _text(value).replace("{", "{{").replace("}", "}}").replace("\\", "\\\\")
    return {"text": plain.replace("[", "\\[").replace("]", "\\]")}


def _plain(value: str) -> dict[str, str]:
    """A multiformatMessageString (§3.12), where neither arguments nor links have a meaning; never empty."""
    return {"text": _text(value) or "–"}


def _rule(check: str, head: Finding, words: Wording) -> dict[str, Any]:
    link = next((url for item in head.references if (url := safe_link(item.url))), "")
    described: dict[str, Any] = {
        "id": _text(check),
        "name": "".join(part.capitalize() for part in check.replace("/", "-").split("-") if part.isalnum())
        or "Rule",
        "shortDescription": _plain(words.pick(head.title)),
        "fullDescription": _plain(words.pick(head.rationale)),
        "help": _plain(words.pick(head.remediation)),
        "defaultConfiguration": {"level": _LEVEL[head.severity]},
        "properties": {
            "tags": list(
                dict.fromkeys(["security", *(_text(key) for key in (check.partition("/")[0], *head.duties))])
            ),
            "security-severity": _SCORE[head.severity],
        },
    }
    if link:
        described["helpUri"] = link
    return described


def _result(finding: Finding, number: int, words: Wording) -> dict[str, Any]:
    kind = _KIND[finding.status]
    level = _LEVEL[finding.severity] if kind == "fail" else "none"
    if finding.status is Status.WARN and level == "error":
        # A risk is not shown to contradict a duty: the severity stands in the properties, unchanged.
        level = "warning"
    told: dict[str, Any] = {
        "ruleId": _text(finding.check),
        "ruleIndex": number,
        "kind": kind,
        "level": level,
        "message": _message(words.pick(finding.detail) or words.pick(finding.title) or "–"),
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": quote(_text(finding.subject)[:1000], safe="")}
                },
                "logicalLocations": [
                    {
                        "name": _text(words.place(finding)),
                        "fullyQualifiedName": _text(finding.subject),
                        "kind": _kind(finding.subject),
                    }
                ],
            }
        ],
        "partialFingerprints": {"zijianKey/v1": _text(finding.key)},
        "properties": {
            "status": finding.status,
            "severity": finding.severity,
            "basis": finding.basis,
            "confirmation": finding.confirmation,
            "evidence": [{"fact": _text(item.fact), "value": _text(item.value)} for item in finding.evidence],
            "duties": [_text(key) for key in finding.duties],
            **({"hosting": _text(words.pick(finding.hosting.provider))} if finding.hosting else {}),
        },
    }
    if finding.confirmation is Confirmation.REFUTED:
        told["suppressions"] = [
            {
                "kind": "external",
                "status": "accepted",
                "justification": words.word("confirmation", finding.confirmation),
            }
        ]
    return told


def _kind(subject: str) -> str:
    if subject == OPERATOR:
        return OPERATOR
    return "domain" if subject.startswith("domain:") else "service"


def _notifications(result: Result, words: Wording) -> Iterator[dict[str, Any]]:
    for entry in digest(result).undone:
        subjects = words.listing(entry.subjects[:20])
        name = entry.name or words.listing(entry.rules[:20])
        yield {
            "level": "warning",
            "message": _message(
                f"{words.word('what', entry.what)} {name}: {reason(entry, words)} ({subjects})"
            ),
        }


def _time(at: datetime) -> str:
    return (at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)).strftime(
        "%Y-%m-%dT%H:%M:%S.%fZ"
    )
