"""result.json is a published contract: its keys, its times, its schema, and the way back."""

from __future__ import annotations

import dataclasses
import json
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import jsonschema
import pytest

import reports.json_export
from reports.json_export import from_json, json_schema, schema_file, to_json
from reports.result import Result
from scanner.errors import UsageError
from tests.reports import sample

SCHEMA_FILE = Path(reports.json_export.__file__).parent / "schema" / "zijian-1.json"
VALIDATOR = jsonschema.Draft202012Validator(json_schema(), format_checker=jsonschema.FormatChecker())


def _read(result: Result) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(to_json(result))
    return document


@pytest.mark.parametrize("mode", ["self", "police"])
def test_round_trip_keeps_everything(mode: str) -> None:
    result = sample.rich(mode)
    assert from_json(to_json(result)) == result


def test_same_result_same_bytes() -> None:
    assert to_json(sample.rich()) == to_json(sample.rich())


@pytest.mark.parametrize(
    "make",
    [sample.rich, lambda: sample.rich("police"), sample.empty, sample.hostile],
    ids=["self", "police", "empty", "hostile"],
)
def test_output_fits_the_schema(make: Any) -> None:
    VALIDATOR.validate(_read(make()))


def test_schema_is_sound_and_the_committed_file_is_current() -> None:
    jsonschema.Draft202012Validator.check_schema(json_schema())
    assert SCHEMA_FILE.read_bytes() == schema_file(), (
        "the schema changed: only additions are allowed; then run "
        "python -m reports.json_export > reports/schema/zijian-1.json"
    )


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("schema",), "zijian/2"),
        (("findings", 0, "status"), "violation"),
        (("findings", 0, "service"), None),
        (("findings", 0, "severity"), "urgent"),
        (("duties", 0, "status"), "conforming"),
        (("scan", "started"), "yesterday"),
        (("services", 0, "port"), "443"),
        (("ledger", "connections"), 1.5),
    ],
)
def test_schema_and_reader_refuse_what_is_wrong(path: tuple[Any, ...], value: Any) -> None:
    document = _read(sample.rich())
    place: Any = document
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    assert not VALIDATOR.is_valid(document)
    with pytest.raises(UsageError, match="zijian/1"):
        from_json(json.dumps(document).encode())


@pytest.mark.parametrize(
    "data", [b"", b"{", b"[]", b"null", b"\xff\xfe", b'{"schema": "zijian/1"}', b"[" * 100_000]
)
def test_reader_says_in_one_sentence_that_it_is_no_result(data: bytes) -> None:
    with pytest.raises(UsageError) as caught:
        from_json(data)
    assert "\n" not in str(caught.value)


def test_finding_has_the_published_keys_in_the_published_order() -> None:
    document = _read(sample.rich())
    assert list(document) == [
        "schema", "scan", "hosts", "services", "findings", "duties", "ledger", "checks", "not_checked", "domains", "imports", "operator",
    ]  # fmt: skip
    assert list(document["findings"][0]) == [
        "key", "check", "outcome", "service", "status", "basis", "confirmation", "severity", "title", "detail",
        "rationale", "evidence", "duties", "remediation", "references", "seen", "looks", "ledger", "target",
        "subject_label", "hosting",
    ]  # fmt: skip
    assert set(document["findings"][0]["title"]) == {"zh", "en"}
    assert set(document["findings"][0]["evidence"][0]) == {"fact", "value"}


def test_findings_name_services_that_are_listed() -> None:
    document = _read(sample.rich())
    services = {service["id"] for service in document["services"]}
    assert {finding["service"] for finding in document["findings"]} <= services


def test_times_are_utc_with_z() -> None:
    beijing = timezone(timedelta(hours=8))
    result = sample.rich()
    for at in (
        datetime(2026, 11, 23, 9, 30, 5, tzinfo=beijing),
        datetime(2026, 11, 23, 1, 30, 5, tzinfo=UTC),
    ):
        moved = dataclasses.replace(result, scan=dataclasses.replace(result.scan, started=at))
        assert _read(moved)["scan"]["started"] == "2026-11-23T01:30:05Z"
    assert _read(result)["scan"]["started"] == "2026-11-23T01:30:05.120000Z"


def test_later_additions_do_not_disturb_an_older_reader() -> None:
    document = _read(sample.rich())
    document["added_later"] = {"x": 1}
    document["findings"][0]["added_later"] = []
    document["scan"]["authorization"]["added_later"] = "?"
    VALIDATOR.validate(document)
    assert from_json(json.dumps(document).encode()) == sample.rich()


def test_what_json_cannot_hold_is_made_to_fit() -> None:
    result = sample.rich()
    odd = {"half": float("nan"), "endless": float("inf"), "huge": 2**80, "lone": "\ud800", "pair": ("a", 1)}
    service = dataclasses.replace(result.services[0], facts={"odd": odd})
    document = _read(dataclasses.replace(result, services=(service,)))
    assert document["services"][0]["facts"]["odd"] == {
        "half": None,
        "endless": None,
        "huge": str(2**80),
        "lone": "\\ud800",
        "pair": ["a", 1],
    }


def test_every_field_of_a_duty_and_a_finding_is_explained_in_the_schema() -> None:
    definitions = json_schema()["$defs"]
    assert definitions["FindingDocument"]["properties"]["looks"]["description"].startswith(
        "2 when a second look"
    )
    assert definitions["Citation"]["properties"]["text"]["description"]
    assert definitions["ScanInfo"]["properties"]["started"]["format"] == "date-time"
    assert definitions["FindingDocument"]["properties"]["seen"]["anyOf"][0]["format"] == "date-time"
