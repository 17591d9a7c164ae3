"""Other tools' results: read from real files and documented forms, held to the scope, judged as another tool's word."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.model import Finding, Severity, Status
from checks.registry import load as rules
from reports.law.corpus import load
from reports.other_tools import FORMATS, ForeignError, read
from reports.other_tools.findings import duties_of, findings, mapping
from reports.other_tools.model import Entry
from scanner.cli.import_results import _outside
from tests.reports.test_comparison import IP, SUBJECT, service
from tests.servers.process import loopback_address, program, running
from tests.test_assessment import finding
from tests.test_scan import Zijian

DATA = Path(__file__).parent / "data"
REAL = {"sslyze-json": "sslyze.json", "testssl-json": "testssl.json", "nmap-xml": "nmap.xml"}

# projectdiscovery/nuclei: output.ResultEvent, as ``nuclei -jsonl`` writes it
NUCLEI = {
    "template-id": "git-config", "type": "http", "host": "http://{ip}:8080", "ip": "{ip}", "port": "8080",
    "matched-at": "http://{ip}:8080/.git/config", "timestamp": "2026-11-27T01:00:00Z",
    "info": {
        "name": "Git Configuration - Detect", "severity": "medium", "tags": ["config", "git", "exposure"],
        "classification": {"cwe-id": ["cwe-200"], "cve-id": None},
    },
}  # fmt: skip
SARIF = {
    "version": "2.1.0",
    "runs": [
        {
            "tool": {
                "driver": {
                    "name": "ZAP", "version": "2.15",
                    "rules": [{"id": "10038", "shortDescription": {"text": "CSP not set"}, "properties": {"tags": ["external/cwe/cwe-693"]}}],
                }
            },
            "results": [
                {
                    "ruleId": "10038", "level": "warning", "message": {"text": "no header"},
                    "locations": [{"physicalLocation": {"artifactLocation": {"uri": "http://{ip}:8080/"}}}],
                },
                {"ruleId": "10038", "message": {"text": "x"}, "suppressions": [{"kind": "external"}]},
            ],
        }
    ],
}  # fmt: skip


def about(document: object, ip: str) -> bytes:
    return json.dumps(document).replace("{ip}", ip).encode()


@pytest.mark.parametrize("kind", REAL)
def test_real_files_are_read(kind: str) -> None:
    report = read(kind, (DATA / REAL[kind]).read_bytes())
    assert report.entries
    assert {entry.ip for entry in report.entries} == {"127.90.0.1"}
    assert {entry.port for entry in report.entries} == {443}
    rules = {entry.rule for entry in report.entries}
    assert rules >= {
        "sslyze-json": {"tls_1_0_cipher_suites", "certificate_info"}, "testssl-json": {"TLS1", "cert_trust"},
        "nmap-xml": {"open-port"},
    }[kind]  # fmt: skip


def test_a_line_of_nuclei() -> None:
    (entry,) = read("nuclei-jsonl", about(NUCLEI, "192.0.2.1") + b"\n").entries
    assert (entry.ip, entry.port, entry.rule, entry.severity) == (
        "192.0.2.1",
        8080,
        "git-config",
        Severity.MEDIUM,
    )
    assert entry.cwe == ("CWE-200",)
    assert "personal_information" in duties_of(entry)


def test_sarif() -> None:
    (entry,) = read("sarif", about(SARIF, "192.0.2.1")).entries
    assert (entry.ip, entry.port, entry.title, entry.cwe) == ("192.0.2.1", 8080, "CSP not set", ("CWE-693",))


def test_a_real_sarif_log_about_source_code_names_no_address() -> None:
    report = read("sarif", (DATA / "bandit.sarif").read_bytes())
    assert (report.tool, report.version) == ("Bandit", "1.9.4")
    assert report.ran is not None
    assert {entry.rule for entry in report.entries} == {"B404", "B602"}
    assert {entry.cwe for entry in report.entries} == {("CWE-78",)}
    assert not any(entry.ip or entry.host for entry in report.entries)


def test_what_was_seen_outside_the_authorised_time_is_counted() -> None:
    def entry(seen: datetime | None) -> Entry:
        return Entry(host=IP, ip=IP, rule="x", title="x", severity=Severity.LOW, seen=seen)

    begin, end = datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 11, 2, tzinfo=UTC)
    before, within, after = begin - timedelta(hours=1), begin + timedelta(hours=1), end + timedelta(hours=1)
    assert _outside([entry(before), entry(within), entry(after)], None, (begin, end)) == 2
    assert _outside([entry(None), entry(within)], after, (begin, end)) == 1
    assert _outside([entry(None)], None, (begin, end)) == 0
    assert _outside([entry(before)], after, (None, None)) == 0


VULNERABLE = b"""<?xml version="1.0"?><nmaprun version="7.93" start="1700000000"><host endtime="1700000001"><address addr="192.0.2.1"
addrtype="ipv4"/><ports><port protocol="tcp" portid="443"><state state="open"/><script id="ssl-poodle" output="VULNERABLE:
  SSL POODLE CWE-310"/><script id="http-x" output="NOT VULNERABLE"/></port></ports></host></nmaprun>"""


def test_nmaps_scripts_that_call_something_vulnerable() -> None:
    _, found = read("nmap-xml", VULNERABLE).entries
    assert (found.rule, found.severity, found.cwe) == ("ssl-poodle", Severity.HIGH, ("CWE-310",))


BOMB = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x "y"><!ENTITY z "&x;&x;">]><nmaprun>&z;</nmaprun>'


@pytest.mark.parametrize(
    ("kind", "data", "says"),
    [
        ("nmap-xml", VULNERABLE[:-20], "no whole XML"),
        ("nmap-xml", b"<other/>", "not <nmaprun>"),
        ("nmap-xml", BOMB, "never writes"),
        ("nuclei-jsonl", b'{"template-id":"x"}\n{', "line 2 is not JSON"),
        ("nuclei-jsonl", b'{"a":1}', "line 1 has no template-id"),
        ("nuclei-jsonl", b"\n", "no line"),
        ("testssl-json", b"{}", "no flat JSON"),
        ("sslyze-json", b"{}", "no server_scan_results"),
        ("sarif", b'{"version":"2.0.0","runs":[]}', "2.1.0"),
        ("sarif", b"[" * 100_000, "not JSON"),
    ],
)
def test_what_is_not_of_the_format_is_said(kind: str, data: bytes, says: str) -> None:
    with pytest.raises(ForeignError, match=says):
        read(kind, data)


def test_a_file_with_too_many_entries_is_refused_and_never_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    line = about(NUCLEI, "192.0.2.1") + b"\n"
    monkeypatch.setattr("reports.other_tools.model.MOST_ENTRIES", 2)
    assert len(read("nuclei-jsonl", 2 * line).entries) == 2
    with pytest.raises(ForeignError, match="more than 2 entries"):
        read("nuclei-jsonl", 3 * line)
    for kind, name in REAL.items():
        if kind != "nmap-xml":
            with pytest.raises(ForeignError, match="more than 2 entries"):
                read(kind, (DATA / name).read_bytes())


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)


@pytest.mark.parametrize("kind", FORMATS)
@given(junk=_JSON)
def test_any_json_ends_in_entries_or_a_sentence(kind: str, junk: object) -> None:
    wrapped = {
        "sarif": {"version": "2.1.0", "runs": [{"results": [junk], "tool": junk}, junk]},
        "sslyze-json": {"server_scan_results": [junk, {"scan_result": junk, "server_location": junk}]},
        "testssl-json": [{"id": junk, "ip": junk, "severity": junk, "port": junk, "cwe": junk}],
        "nuclei-jsonl": {"template-id": junk, "info": junk, "host": junk, "port": junk, "timestamp": junk},
    }.get(kind, junk)
    try:
        read(kind, json.dumps(wrapped).encode())
    except ForeignError:
        return


def test_the_mapping_names_duties_that_there_are() -> None:
    table = mapping()
    named = {
        *table["default"],
        *(duty for part in ("cwe", "tag") for duties in table[part].values() for duty in duties),
    }
    assert named <= load().duties.keys()
    assert duties_of(Entry(host="x", rule="x", title="x", severity=Severity.LOW)) == (
        "vulnerability_handling",
    )


def test_the_same_matters_are_rules_that_there_are() -> None:
    known = {loaded.rule.id for loaded in rules().rules}
    named = {check for table in mapping()["same"].values() for checks in table.values() for check in checks}
    assert named <= known


OLD_TLS = Entry(host=IP, ip=IP, port=443, rule="TLS1", title="TLS1", severity=Severity.LOW)


@pytest.mark.parametrize(
    ("ours", "status", "says"),
    [
        (finding(Status.FAIL, Severity.MEDIUM, check="tls/legacy-protocol"), Status.INFO, "不重复计算"),
        (finding(Status.PASS, check="tls/legacy-protocol"), Status.WARN, "两者不一致"),
        (finding(Status.INCONCLUSIVE, check="tls/legacy-protocol"), Status.WARN, ""),
        (finding(Status.PASS, check="tls/legacy-protocol", subject=f"{IP}:8443/tcp"), Status.WARN, ""),
        (finding(Status.PASS, check="tls/rc4"), Status.WARN, ""),
    ],
    ids=["both", "ours passed", "ours could not tell", "ours elsewhere", "ours on another matter"],
)
def test_beside_our_own(ours: Finding, status: Status, says: str) -> None:
    (told,) = findings("testssl.sh", [OLD_TLS], [service()], [], [ours])
    assert (told.subject, told.status) == (SUBJECT, status)
    shown = [one.value for one in told.evidence if one.fact == "other_tool.beside_own"]
    assert shown == ([f"{ours.check} {ours.status} {ours.key}"] if says else [])
    assert says in told.detail.zh


@pytest.mark.parametrize(("port", "said"), [(443, False), (8080, True), (0, False)])
def test_a_port_where_we_saw_no_service_is_said(port: int, said: bool) -> None:
    (told,) = findings("nmap", [replace(OLD_TLS, port=port)], [service()], [])
    assert ("没有在这个端口看到服务" in told.detail.zh) is said
    assert ("saw no service on this port" in told.detail.en) is said


# ------------------------------------------------------------------ the command


@pytest.fixture
def zijian(tmp_path: Path) -> Zijian:
    return Zijian(tmp_path, "zh")


@pytest.mark.server
def test_attached_assessed_and_shown(zijian: Zijian, tmp_path: Path) -> None:
    address = loopback_address()
    redis = [program("redis-server"), "--bind", address, "--port", "6379", "--save", "", "--requirepass", "x"]
    with running(redis, address=address, port=6379, log=tmp_path / "redis.log", cwd=tmp_path):
        assert zijian("scan", address, "--ports", "6379", "-o", "out", "--quiet").returncode == 0
        subprocess.run(
            ["nmap", "-Pn", "-n", "-p", "6379", "-oX", str(tmp_path / "n.xml"), address],
            check=True,
            capture_output=True,
        )
    lines = about(NUCLEI, address) + b"\n" + about(NUCLEI, "198.51.100.7") + b"\n"
    (tmp_path / "nuclei.jsonl").write_bytes(lines)
    first = zijian("import", "nuclei.jsonl", "--format", "nuclei-jsonl", "--by", "张三")
    assert first.returncode == 0, first.stderr
    assert "198.51.100.7" in first.stderr
    assert zijian("import", "n.xml", "--format", "nmap-xml", "--by", "张三").returncode == 0

    assert zijian("assess", "-o", "again", "--quiet").returncode == 0
    result = json.loads((tmp_path / "again" / "result.json").read_text())
    told = [one for one in result["findings"] if one["check"].startswith("other-tool/")]
    assert {(one["check"], one["status"], one["basis"], one["confirmation"]) for one in told} == {
        ("other-tool/nuclei:git-config", "warn", "other_tool", "unverified"),
        ("other-tool/nmap:open-port", "info", "other_tool", "unverified"),
    }
    assert {one["service"] for one in told} == {f"{address}:8080/tcp", f"{address}:6379/tcp"}
    assert [(one["tool"], one["taken"], one["refused"]) for one in result["imports"]] == [
        ("nuclei", 1, 1),
        ("nmap", 1, 0),
    ]
    duty = next(one for one in result["duties"] if one["key"] == "vulnerability_handling")
    assert duty["status"] != "nonconforming"
    assert "198.51.100.7" not in (tmp_path / "again" / "result.json").read_text()
    report = (tmp_path / "again" / "report.html").read_text()
    assert "另一工具 nuclei" in report
    assert "未经本工具核实" in report


def elsewhere(folder: Path) -> Path:
    path = folder / "elsewhere.jsonl"
    path.write_bytes(about(NUCLEI, "198.51.100.7"))
    return path


def broken(folder: Path) -> Path:
    path = folder / "broken.jsonl"
    path.write_bytes(b"{")
    return path


@pytest.mark.server
@pytest.mark.parametrize(("make", "says"), [(elsewhere, "没有涉及扫描"), (broken, "第 1 行不是 JSON")])
def test_what_cannot_be_attached_leaves_nothing(
    zijian: Zijian, tmp_path: Path, make: Callable[[Path], Path], says: str
) -> None:
    address = loopback_address()
    assert zijian("scan", address, "--ports", "1", "-o", "out", "--quiet").returncode == 0
    done = zijian("import", str(make(tmp_path)), "--format", "nuclei-jsonl", "--by", "x")
    assert done.returncode == 2
    assert says in done.stderr
    assert zijian("assess", "-o", "again", "--quiet").returncode == 0
    assert json.loads((tmp_path / "again" / "result.json").read_text())["imports"] == []
