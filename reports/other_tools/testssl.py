"""testssl.sh's flat JSON (``--jsonfile``): one object a finding, with ``ip`` as ``name/address``."""

from __future__ import annotations

import json
import re

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
    severity,
    table,
    text,
    texts,
)
from scanner.said import zh

_PASSED = frozenset({"OK", "INFO", "DEBUG"})
_START = "scanTime"
_SPACES = re.compile(r"[\s,]+")


def read(data: bytes) -> ForeignReport:
    """Read a report; what passed and what only informs is left out.

    :raises ForeignError: it is none.
    """
    try:
        found = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise ForeignError(f"不是 JSON：{zh(error)}", f"it is not JSON: {error}") from error
    if not isinstance(found, list) or not all(isinstance(one, dict) and "id" in one for one in found):
        raise ForeignError(
            "不是 testssl.sh 的 JSON 报告（--jsonfile）：应为由带 id 的对象组成的数组",
            "it is no flat JSON of testssl.sh (--jsonfile): an array of objects with an id was expected",
        )
    return ForeignReport(
        tool="testssl.sh", entries=counted(_entry(one) for one in rows(found) if _worth(one))
    )


def _worth(one: object) -> bool:
    said = table(one)
    # What it says of itself has "/" for an address.
    about = str(said.get("ip", "")).strip("/")
    return bool(about) and str(said.get("severity")) not in _PASSED and said.get("id") != _START


def _entry(one: object) -> Entry:
    said = table(one)
    name, _, ip = str(said.get("ip", "")).rpartition("/")
    level = str(said.get("severity"))
    return Entry(
        host=text(name or ip, 253),
        ip=address(ip),
        port=number(said.get("port")),
        rule=text(said.get("id"), 80),
        title=text(said.get("id"), 80),
        severity=Severity.LOW if level == "WARN" else severity(level),
        message=text(said.get("finding")),
        cwe=tuple(
            name for name in texts(_SPACES.sub(",", str(said.get("cwe") or ""))) if name.startswith("CWE-")
        ),
        tags=("tls",),
        seen=moment(said.get("time")),
    )
