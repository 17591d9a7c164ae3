"""``result.json``: the result document as bytes, and back, and its JSON Schema.

The names of the keys are the published contract ``zijian/1``; the one name that differs from the dataclasses is
``service`` in a finding, the id of the service it was made on (:attr:`checks.model.Finding.subject`). Times are ISO 8601
in UTC with ``Z``. Additions to the schema are allowed, changes are not: readers ignore keys they do not know.
"""

from __future__ import annotations

import ast
import inspect
import math
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from datetime import UTC, date, datetime
from typing import Any, Literal, get_args, get_type_hints

import msgspec

from checks.model import (
    Basis,
    CheckRun,
    Confirmation,
    Evidence,
    Finding,
    Hosting,
    Reference,
    Severity,
    Status,
    Text,
)
from reports.result import (
    SCHEMA,
    DomainResult,
    DutyResult,
    HostResult,
    NotChecked,
    OperatorResult,
    Result,
    ScanInfo,
    ServiceResult,
)
from scanner.errors import UsageError
from scanner.records import ImportRecord, LedgerSummary
from scanner.said import zh

_LARGEST_EXACT = 2**53
"""Integers beyond this lose digits in JavaScript and in jq; they are written as strings."""

_ODD = re.compile(rb"\d{16}|\dT\d\d:\d\d:\d\d(?:\.\d+)?[^Z.\d]")
"""Where a number may be beyond :data:`_LARGEST_EXACT`, or a time not in UTC: such a value is looked at part by part."""

_TIME_PATTERN = r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?Z$"


class FindingDocument(msgspec.Struct, frozen=True, kw_only=True, rename={"subject": "service"}):
    """A rule's outcome on one service, on a domain, or on the operator. ``key`` is a hash of rule, service and outcome only, and does not move."""

    key: str
    check: str
    outcome: str
    subject: str
    status: Status
    basis: Basis
    confirmation: Confirmation = Confirmation.UNVERIFIED
    severity: Severity
    title: Text
    detail: Text
    rationale: Text
    evidence: tuple[Evidence, ...] = ()
    duties: tuple[str, ...] = ()
    remediation: Text
    references: tuple[Reference, ...] = ()
    seen: datetime | None = None
    looks: int = 1
    ledger: tuple[int, ...] = ()
    target: str
    subject_label: str
    hosting: Hosting | None = None


class ResultDocument(msgspec.Struct, frozen=True, kw_only=True):
    """One scan, its facts, its findings and what they mean for each duty."""

    schema: Literal["zijian/1"]
    scan: ScanInfo
    hosts: tuple[HostResult, ...]
    services: tuple[ServiceResult, ...]
    findings: tuple[FindingDocument, ...]
    duties: tuple[DutyResult, ...]
    ledger: LedgerSummary
    checks: tuple[CheckRun, ...] = ()
    not_checked: tuple[NotChecked, ...] = ()
    domains: tuple[DomainResult, ...] = ()
    imports: tuple[ImportRecord, ...] = ()
    operator: OperatorResult | None = None


_FINDING_FIELDS = tuple(field.name for field in fields(Finding))


def to_json(result: Result) -> bytes:
    """Return ``result`` as :func:`json_pieces` gives it, in one."""
    return b"".join(json_pieces(result))


def json_pieces(result: Result) -> Iterator[bytes]:
    """Yield ``result`` as UTF-8 JSON, indented by two spaces, with a line feed at the end.

    The same result always gives the same bytes.
    """
    yield b"{"
    for count, field in enumerate(msgspec.structs.fields(ResultDocument)):
        yield b",\n  " if count else b"\n  "
        yield msgspec.json.encode(field.encode_name) + b": "
        value = getattr(result, field.name)
        if not isinstance(value, tuple) or not value:
            yield _written(value, b"\n  ")
            continue
        for number, item in enumerate(value):
            yield b",\n    " if number else b"[\n    "
            yield _written(_document(item), b"\n    ")
        yield b"\n  ]"
    yield b"\n}\n"


def _document(item: Any) -> Any:
    if not isinstance(item, Finding):
        return item
    return FindingDocument(**{name: getattr(item, name) for name in _FINDING_FIELDS})


def _written(value: Any, line: bytes) -> bytes:
    """JSON of ``value`` with ``line`` before each of its lines but the first; a text in it never spans lines."""
    try:
        data = msgspec.json.encode(value)
        odd = _ODD.search(data) is not None
    except UnicodeEncodeError:
        odd = True
    if odd:
        plain = msgspec.to_builtins(value, builtin_types=(datetime, date))
        data = msgspec.json.encode(_portable(plain))
    return msgspec.json.format(data, indent=2).replace(b"\n", line)


def from_json(data: bytes) -> Result:
    """Read a document that :func:`to_json` wrote. Keys of later additions are ignored.

    :raises UsageError: not JSON, not of schema ``zijian/1``, or a key is missing or of the wrong type.
    """
    try:
        document = msgspec.json.decode(data, type=ResultDocument)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        # ValidationError is a DecodeError; its message names the path of the key at fault.
        raise UsageError(
            f"不是 {SCHEMA} 格式的结果文件：{zh(error)}",
            f"not a result document of schema {SCHEMA}: {error}",
            kind="result_format",
        ) from None
    return Result(
        schema=document.schema,
        scan=document.scan,
        hosts=document.hosts,
        services=document.services,
        findings=tuple(
            Finding(**{name: getattr(finding, name) for name in _FINDING_FIELDS})
            for finding in document.findings
        ),
        duties=document.duties,
        ledger=document.ledger,
        checks=document.checks,
        not_checked=document.not_checked,
        domains=document.domains,
        imports=document.imports,
        operator=document.operator,
    )


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of ``result.json``; ``reports/schema/zijian-1.json`` is its committed copy.

    Meanings come from the docstrings of the classes and of their fields, so that schema and code cannot part ways.
    """
    schema = msgspec.json.schema(ResultDocument)
    for kind in _record_types(ResultDocument, set()):
        definition = schema["$defs"][kind.__name__]
        definition["description"] = inspect.getdoc(kind) or ""
        properties = definition["properties"]
        meanings = _field_docstrings(Finding if kind is FindingDocument else kind)
        for name, hint in get_type_hints(kind).items():
            written = properties.get("service" if (kind, name) == (FindingDocument, "subject") else name)
            if written is None:
                continue
            if datetime in (hint, *get_args(hint)):
                # msgspec names the format only for types that demand a zone; here every time is in UTC.
                way = next(way for way in written.get("anyOf", [written]) if way["type"] == "string")
                way |= {"format": "date-time", "pattern": _TIME_PATTERN}
            if name in meanings:
                written["description"] = meanings[name]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "urn:zijian:schema:1",
        "title": "zijian result document, schema zijian/1",
        **schema,
    }


def _record_types(kind: Any, seen: set[Any]) -> Iterator[type]:
    """All record classes that ``kind`` is made of, itself first."""
    if isinstance(kind, type) and (is_dataclass(kind) or issubclass(kind, msgspec.Struct)):
        if kind in seen:
            return
        seen.add(kind)
        yield kind
        for hint in get_type_hints(kind).values():
            yield from _record_types(hint, seen)
    else:
        for part in get_args(kind):
            yield from _record_types(part, seen)


def _field_docstrings(kind: type) -> dict[str, str]:
    """The string written under each field of a class: what Sphinx calls an attribute docstring."""
    (tree,) = ast.parse(inspect.getsource(kind)).body
    found: dict[str, str] = {}
    name = ""
    for node in tree.body if isinstance(tree, ast.ClassDef) else ():
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            name = node.target.id
        elif name and isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            found[name] = inspect.cleandoc(str(node.value.value))
        else:
            name = ""
    return found


def schema_file() -> bytes:
    """Return :func:`json_schema` as the bytes of the committed file."""
    return msgspec.json.format(msgspec.json.encode(json_schema()), indent=2) + b"\n"


def _portable(value: Any) -> Any:
    """Make times UTC, and numbers and text such that every JSON reader takes them."""
    if isinstance(value, str):
        # A lone surrogate cannot be written as UTF-8; facts should hold none, but one must not cost the whole report.
        return value if value.isascii() else value.encode("utf-8", "backslashreplace").decode("utf-8")
    if isinstance(value, Mapping):
        return {_portable(str(key)): _portable(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_portable(item) for item in value]
    if isinstance(value, datetime):
        at = value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
        return at.isoformat().replace("+00:00", "Z")
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int):
        return value if abs(value) <= _LARGEST_EXACT else str(value)
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return value


if __name__ == "__main__":
    sys.stdout.buffer.write(schema_file())
