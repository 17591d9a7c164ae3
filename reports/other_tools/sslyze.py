"""sslyze's JSON (``--json_out``, version 5 and 6): attacks it tried, old versions it found, chains that it does not trust."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from checks.model import Severity
from reports.other_tools.model import (
    Entry,
    ForeignError,
    ForeignReport,
    address,
    counted,
    moment,
    number,
    rows,
    table,
    text,
)
from scanner.said import zh

_OLD = {
    "ssl_2_0_cipher_suites": ("SSL 2.0", Severity.HIGH), "ssl_3_0_cipher_suites": ("SSL 3.0", Severity.HIGH),
    "tls_1_0_cipher_suites": ("TLS 1.0", Severity.MEDIUM), "tls_1_1_cipher_suites": ("TLS 1.1", Severity.MEDIUM),
}  # fmt: skip
_ATTACKS = {
    "heartbleed": ("is_vulnerable_to_heartbleed", "CWE-126", Severity.CRITICAL),
    "openssl_ccs_injection": ("is_vulnerable_to_ccs_injection", "CWE-310", Severity.HIGH),
    "session_renegotiation": ("is_vulnerable_to_client_renegotiation_dos", "CWE-310", Severity.MEDIUM),
    "tls_compression": ("supports_compression", "CWE-310", Severity.MEDIUM),
}


def read(data: bytes) -> ForeignReport:
    """Read a report.

    :raises ForeignError: it is none.
    """
    try:
        found = table(json.loads(data))
    except (ValueError, RecursionError) as error:
        raise ForeignError(f"不是 JSON：{zh(error)}", f"it is not JSON: {error}") from error
    if not isinstance(found.get("server_scan_results"), list):
        raise ForeignError(
            "不是 sslyze 的报告（--json_out）：没有 server_scan_results",
            "it is no report of sslyze (--json_out): there is no server_scan_results",
        )
    servers = map(table, rows(found["server_scan_results"]))
    return ForeignReport(
        tool="sslyze",
        version=text(found.get("sslyze_version"), 40),
        ran=moment(found.get("date_scans_started")),
        entries=counted(entry for server in servers for entry in _entries(server)),
    )


def _entries(server: Mapping[str, Any]) -> Iterator[Entry]:
    location, scans = table(server.get("server_location")), table(server.get("scan_result"))
    known: dict[str, Any] = {
        "host": text(location.get("hostname") or location.get("ip_address"), 253),
        "ip": address(location.get("ip_address")),
        "port": number(location.get("port")),
        "tags": ("tls",),
    }

    def result(name: str) -> Mapping[str, Any]:
        return table(table(scans.get(name)).get("result"))

    for name, (version, level) in _OLD.items():
        if suites := rows(result(name).get("accepted_cipher_suites")):
            yield Entry(
                **known, rule=name, title=f"{version} accepted", severity=level, message=f"{len(suites)} cipher suites",
                cwe=("CWE-326",),
            )  # fmt: skip
    for name, (key, cwe, level) in _ATTACKS.items():
        if result(name).get(key) is True:
            yield Entry(**known, rule=name, title=key.replace("_", " "), severity=level, cwe=(cwe,))
    robot = str(result("robot").get("robot_result"))
    if robot.startswith("VULNERABLE"):
        yield Entry(
            **known,
            rule="robot",
            title="ROBOT",
            severity=Severity.HIGH,
            message=text(robot),
            cwe=("CWE-203",),
        )
    for deployment in rows(result("certificate_info").get("certificate_deployments")):
        paths = [table(path) for path in rows(table(deployment).get("path_validation_results"))]
        if paths and not any(path.get("was_validation_successful") for path in paths):
            yield Entry(
                **known, rule="certificate_info", title="certificate chain is not trusted", severity=Severity.MEDIUM,
                message=text(paths[0].get("validation_error")), cwe=("CWE-295",),
            )  # fmt: skip
