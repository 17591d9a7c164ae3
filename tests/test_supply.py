"""What zijian is made of: libraries pinned by hash, their licences known, programs started without a shell."""

from __future__ import annotations

import ast
import importlib.util
import re
from importlib.metadata import distribution
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parent.parent
SOURCES = sorted(path for layer in ("scanner", "checks", "reports") for path in (ROOT / layer).rglob("*.py"))
SHELLS = {
    "os.system", "os.popen", "subprocess.getoutput", "subprocess.getstatusoutput",
    "asyncio.create_subprocess_shell", "pty.spawn",
}  # fmt: skip

STARTING = {f"subprocess.{name}" for name in ("run", "Popen", "call", "check_call", "check_output")}


def _licences() -> ModuleType:
    spec = importlib.util.spec_from_file_location("licences", ROOT / "docs" / "licences.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


licences = _licences()


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-dev.lock"])
def test_every_library_is_pinned_by_hash(name: str) -> None:
    text = re.sub(r"\\\n", " ", (ROOT / name).read_text())
    lines = [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    assert len(lines) > 40
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
