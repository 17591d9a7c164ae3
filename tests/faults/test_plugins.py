"""Plug-ins that raise, hang, print, leave, eat memory or reach for the network: named, and without harm to the rest."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from checks import containment
from checks.registry import load
from checks.runner import Judgement, deviating_probes, judge
from scanner.facts import HttpFacts
from tests.checks.judging import rule, service, settings
from tests.faults.recorder import recorder

TEMPLATE = Path("scanner/cli/scaffold/rule.py.txt").read_text(encoding="utf-8")
FACTS = HttpFacts(status=200, url="http://192.0.2.1/", server="nginx")
YIELD = '    yield Outcome("named" if'
NETWORK = {
    "connects": "import socket; socket.create_connection(('127.0.0.1', {port}), 2)",
    "sends": "import socket; socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', ('127.0.0.1', {port}))",
    "asks": "import urllib.request; urllib.request.urlopen('http://127.0.0.1:{port}/')",
    "resolves": "import socket; socket.getaddrinfo('localhost', {port})",
    "runs": "import subprocess; subprocess.run(['bash', '-c', 'exec 3<>/dev/tcp/127.0.0.1/{port}'])",
    "calls": "import os; os.system('bash -c \"exec 3<>/dev/tcp/127.0.0.1/{port}\"')",
}
if sys.version_info >= (3, 12):
    # Earlier ones raise no audit event for a thread.
    NETWORK["threads"] = "import threading; threading.Thread(target=print).start()"
FAULTS = {
    "raises": ("raise RuntimeError('on purpose')", "on purpose"),
    "leaves": ("raise SystemExit(0)", "tried to end zijian"),
    "hangs": ("while True: pass", "not done after"),
    "clings": (
        "while True:\n        try:\n            while True: pass\n        except Exception: pass",
        "not done after",
    ),
    "eats": ("held = [bytearray(1 << 26) for _ in range(1000)]", "MemoryError"),
}


def plugin(folder: Path, name: str, does: str) -> None:
    """Write a rule that does something else first; at ``evaluate``, where facts are."""
    text = TEMPLATE.replace("@ID@", f"local/{name}").replace(YIELD, f"    {does}\n{YIELD}")
    (folder / f"{name}.py").write_text(text, encoding="utf-8")


def judged(folder: Path) -> Judgement:
    registry = load(folder)
    assert not registry.broken
    rules = [one.rule for one in registry.rules if one.source == "folder"]
    return judge([*rules, rule("web/no-https-redirect")], [service(FACTS), service(FACTS, port=2)], settings)


@pytest.fixture(autouse=True)
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(containment, "SECONDS", 0.3)
    monkeypatch.setattr(containment, "_given_up", set())


@pytest.mark.parametrize("name", FAULTS)
def test_a_faulty_rule_is_named_and_costs_the_others_nothing(
    tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if name == "eats":
        monkeypatch.setattr(containment, "SECONDS", 60)
    does, says = FAULTS[name]
    plugin(tmp_path, name, does)
    plugin(tmp_path, "good", "pass")
    result = judged(tmp_path)
    runs = {(run.check, run.subject): run.reason for run in result.runs if run.check.startswith("local/")}
    assert list(runs.values()).count("tool_fault") == 2
    assert {check for (check, _), reason in runs.items() if reason} == {f"local/{name}"}
    faults = [finding for finding in result.findings if finding.check == f"local/{name}"]
    assert [says in finding.detail.en for finding in faults] == [True, True]
    assert [finding.outcome for finding in result.findings if finding.check == "local/good"] == ["named"] * 2


@pytest.mark.parametrize("name", NETWORK)
def test_a_rule_cannot_reach_the_network(tmp_path: Path, name: str) -> None:
    with recorder(1) as listening:
        plugin(tmp_path, name, NETWORK[name].format(port=listening.ports[0]))
        result = judged(tmp_path)
        assert listening.contacts() == []
    details = [finding.detail.en for finding in result.findings if finding.check == f"local/{name}"]
    assert all("opens no socket" in detail for detail in details)
    assert len(details) == 2


def test_a_built_in_rule_cannot_either(tmp_path: Path) -> None:
    with recorder(1) as listening:
        plugin(tmp_path, "mine", NETWORK["connects"].format(port=listening.ports[0]))
        (found,) = (one.rule for one in load(tmp_path).rules if one.source == "folder")
        found.evaluate.__module__ = "checks.web.mine"
        result = judge([found], [service(FACTS)], settings)
        assert deviating_probes([found], service(FACTS), settings) == set()
        assert listening.contacts() == []
    assert [run.reason for run in result.runs] == ["tool_fault"]


def test_the_network_is_there_again_afterwards(tmp_path: Path) -> None:
    plugin(tmp_path, "good", "pass")
    judged(tmp_path)
    subprocess.run([sys.executable, "-c", ""], check=True)
    with recorder(1) as listening:
        code = f"import socket; socket.create_connection(('127.0.0.1', {listening.ports[0]}))"
        exec(code)
        assert len(listening.contacts()) == 1


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("while True: pass", "not done after"),
        ("raise SystemExit(7)", "tried to end zijian"),
        ("import socket; socket.socket()", "opens no socket"),
        ("held = [bytearray(1 << 26) for _ in range(1000)]", "MemoryError"),
    ],
)
def test_a_plugin_that_fails_while_it_is_loaded_is_named(
    tmp_path: Path, text: str, says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if says == "MemoryError":
        monkeypatch.setattr(containment, "SECONDS", 60)
    (tmp_path / "bad.py").write_text(text)
    (broken,) = load(tmp_path).broken
    assert Path(broken.name).name == "bad.py"
    assert says in broken.reason


def test_a_plugin_that_hangs_while_it_is_loaded_holds_up_no_scan(tmp_path: Path) -> None:
    (tmp_path / "bad.py").write_text("while True: pass")
    done = subprocess.run(
        [sys.executable, "-m", "scanner", "scan", "127.0.0.77", "--ports", "1", "--quiet",
         "--checks-dir", str(tmp_path), "-o", str(tmp_path / "out")],
        capture_output=True, text=True, check=False, timeout=120,
        env={**os.environ, "ZIJIAN_HOME": str(tmp_path / "home")},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    result = json.loads((tmp_path / "out" / "result.json").read_text(encoding="utf-8"))
    assert "not done after 10 s" in json.dumps(result), done.stderr


def test_what_a_plugin_prints_is_not_data(tmp_path: Path) -> None:
    plugin(tmp_path, "prints", "print('noise from evaluate')")
    path = tmp_path / "prints.py"
    path.write_text(path.read_text(encoding="utf-8") + "\nprint('noise from loading')\n", encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "scanner", "checks", "list", "--format", "json", "--checks-dir", str(tmp_path)],
        capture_output=True, text=True, check=True, env={**os.environ, "ZIJIAN_HOME": str(tmp_path / "home")},
    )  # fmt: skip
    assert any(entry["id"] == "local/prints" for entry in json.loads(done.stdout))
    assert "noise from loading" in done.stderr


def test_what_a_rule_prints_goes_to_the_standard_error(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plugin(tmp_path, "prints", "print('noise')")
    result = judged(tmp_path)
    told = capsys.readouterr()
    assert (told.out, told.err) == ("", "noise\nnoise\n")
    assert [finding.outcome for finding in result.findings if finding.check == "local/prints"] == [
        "named"
    ] * 2
