"""What zijian is made of: libraries pinned by hash, their licences known, programs started without a shell."""

from __future__ import annotations

import ast
import importlib.util
import json
import os
import re
import subprocess
import sys
import tomllib
from importlib.metadata import distribution
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

ROOT = Path(__file__).parent.parent
SOURCES = sorted(path for layer in ("scanner", "checks", "reports") for path in (ROOT / layer).rglob("*.py"))
SHELLS = {
    "os.system", "os.popen", "subprocess.getoutput", "subprocess.getstatusoutput",
    "asyncio.create_subprocess_shell", "pty.spawn",
}  # fmt: skip

STARTING = {f"subprocess.{name}" for name in ("run", "Popen", "call", "check_call", "check_output")}


AUDIT = ROOT / ".ci" / "audit.py"


def _module(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


licences = _module(ROOT / "docs" / "licences.py")
audit = _module(AUDIT)


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-dev.lock", ".ci/audit.lock"])
def test_every_library_is_pinned_by_hash(name: str) -> None:
    text = re.sub(r"\\\n", " ", (ROOT / name).read_text())
    lines = [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    assert len(lines) > 20
    assert [
        line[:60] for line in lines if not re.match(r"[\w.\[\]-]+==\S+ .*--hash=sha256:[0-9a-f]{64}", line)
    ] == []


def test_the_installed_libraries_are_the_pinned_ones() -> None:
    assert {name: distribution(name).version for name in licences.pinned()} == licences.pinned()


def test_the_table_of_licences_is_fresh() -> None:
    assert (ROOT / "docs" / "licences.md").read_text() == licences.page(), (
        "run: python docs/licences.py > docs/licences.md"
    )


def test_every_library_says_its_licence() -> None:
    assert [name for name in licences.pinned() if not licences.declared(distribution(name))] == []


def test_whoever_mentions_the_gpl_was_looked_at_and_nobody_else() -> None:
    mentioned = {name for name in licences.pinned() if licences.mentions_gpl(distribution(name))}
    assert mentioned == set(licences.REVIEWED)


@pytest.fixture(scope="module")
def bill() -> dict[str, Any]:
    """The bill of materials, made as a release makes it."""
    made = subprocess.run(
        [sys.executable, "-m", "docs.sbom"], capture_output=True, text=True, check=False, cwd=ROOT
    )
    assert made.returncode == 0, made.stderr
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(made.stdout) is None
    read: dict[str, Any] = json.loads(made.stdout)
    return read


def test_the_bill_of_materials_names_each_pinned_library_and_its_hashes(bill: dict[str, Any]) -> None:
    components = {one["name"]: one for one in bill["components"]}
    assert {name: one["version"] for name, one in components.items()} == licences.pinned()
    lock = re.split(r"^(?=[a-z0-9])", (ROOT / "requirements.lock").read_text(), flags=re.MULTILINE)[1:]
    assert len(lock) == len(components)
    for entry in lock:
        name = entry.partition("==")[0]
        (files,) = components[name]["externalReferences"]
        assert files["type"] == "distribution"
        written = {one["content"] for one in files["hashes"] if one["alg"] == "SHA-256"}
        assert written == set(re.findall(r"sha256:([0-9a-f]{64})", entry)), name
        assert components[name]["purl"] == f"pkg:pypi/{name}@{components[name]['version']}"
        assert components[name]["licenses"]


def test_the_bill_of_materials_says_what_needs_what(bill: dict[str, Any]) -> None:
    needs = {one["ref"]: set(one.get("dependsOn", ())) for one in bill["dependencies"]}
    wanted = {
        re.split(r"[<>=\[]", text)[0]
        for text in tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
    }
    assert bill["metadata"]["component"]["name"] == "zijian"
    assert needs["zijian"] == wanted
    assert {"markupsafe"} <= needs["jinja2"]
    assert set().union(*needs.values()) == set(licences.pinned())


def _report(*flaws: dict[str, Any]) -> str:
    return json.dumps({"dependencies": [{"name": "jinja2", "version": "3.1.2", "vulns": flaws}], "fixes": []})


FLAW = {"id": "PYSEC-2024-1", "aliases": ["CVE-2024-22195"], "fix_versions": ["3.1.3"], "description": ""}


def test_a_known_vulnerability_fails_the_audit_unless_a_reason_is_given() -> None:
    assert audit.unaccepted(_report(FLAW), {}) == ["jinja2 3.1.2: PYSEC-2024-1 (mended in: 3.1.3)"]
    for name in ("PYSEC-2024-1", "CVE-2024-22195"):
        assert audit.unaccepted(_report(FLAW), {name: "no template comes from outside"}) == []
    assert audit.unaccepted(_report(), {}) == []


def test_what_could_not_be_audited_is_named() -> None:
    skipped = {"name": "jinja2", "skip_reason": "not found on the index"}
    report = json.dumps({"dependencies": [skipped], "fixes": []})
    assert audit.unaccepted(report, {}) == []
    assert audit.unaudited(report) == ["jinja2: not found on the index"]
    assert audit.unaudited(_report(FLAW)) == []


@pytest.mark.parametrize("text", ["", "ERROR: no network", "[]", "{}"])
def test_what_is_no_report_is_no_finding(text: str) -> None:
    with pytest.raises(audit.NotReachable):
        audit.unaccepted(text, {})


def test_each_accepted_vulnerability_has_a_reason() -> None:
    assert [name for name, reason in audit.accepted().items() if len(reason) < 20] == []


def test_without_an_index_the_audit_says_that_it_checked_nothing(tmp_path: Path) -> None:
    environment = {
        **os.environ,
        "XDG_CACHE_HOME": str(tmp_path),
        "PIP_NO_INDEX": "1",
        "PIP_CONFIG_FILE": os.devnull,
    }
    done = subprocess.run(
        [sys.executable, AUDIT], capture_output=True, text=True, check=False, env=environment
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("audit: nothing was checked: pip-audit could not be installed")


@pytest.mark.parametrize(
    "words", ["GPL-3.0-or-later", "AGPLv3", "LGPL 2.1", "gpl-3.0.txt", "GNU General Public License (GPL)"]
)
def test_licences_of_the_gpl_family_are_recognised(words: str) -> None:
    assert licences.GPL_FAMILY.search(words)


def imported(tree: ast.AST) -> set[str]:
    """Dotted names of all modules, and of what is taken from them, that a file imports anywhere."""
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found


def test_python_nmap_stays_in_a_process_of_its_own() -> None:
    using, joined = set(), set()
    for path in SOURCES:
        names = imported(ast.parse(path.read_text()))
        where = path.relative_to(ROOT).as_posix()
        using |= {where for name in names if name.split(".")[0] == "nmap"}
        joined |= {where for name in names if name == "scanner.nmap_worker"}
    assert using == {"scanner/nmap_worker.py"}
    assert joined == set(), "whoever imports the worker is one program with python-nmap"


def shells(source: str) -> list[str]:
    """Places that start a program through a shell, or with a switch that could."""
    tree = ast.parse(source)
    found = [f"imports {name}" for name in sorted(imported(tree) & SHELLS)]
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and ast.unparse(node) in SHELLS:
            found.append(f"{node.lineno}: {ast.unparse(node)}")
        if isinstance(node, ast.Call):
            found += [
                f"{node.lineno}: shell="
                for keyword in node.keywords
                if keyword.arg == "shell" and ast.unparse(keyword.value) != "False"
            ]
            # A list says where each argument ends; a string or the caller's own value does not.
            if ast.unparse(node.func) in STARTING and not (node.args and isinstance(node.args[0], ast.List)):
                found.append(f"{node.lineno}: {ast.unparse(node.func)} without a list of arguments")
    return found


@pytest.mark.parametrize(
    "source",
    [
        "import os\nos.system('id')", "from os import popen", "import asyncio\nasyncio.create_subprocess_shell('id')",
        "import subprocess\nsubprocess.run(['id'], shell=True)", "import subprocess\nsubprocess.run('id')",
        "import subprocess\nsubprocess.Popen(command)", "from subprocess import getoutput",
    ],
)  # fmt: skip
def test_a_shell_is_recognised(source: str) -> None:
    assert shells(source)


def test_no_program_is_started_through_a_shell() -> None:
    found = {path.relative_to(ROOT).as_posix(): shells(path.read_text()) for path in SOURCES}
    assert {path: places for path, places in found.items() if places} == {}
    # The test would see nothing if all went through names of their own.
    users = {path for path in found if "subprocess" in imported(ast.parse((ROOT / path).read_text()))}
    assert users == {
        "scanner/discovery.py",
        "scanner/nmap_process.py",
        "scanner/cli/doctor.py",
        "scanner/nmap_worker.py",
    }
    assert not any(
        name.startswith("subprocess.") for path in SOURCES for name in imported(ast.parse(path.read_text()))
    )
