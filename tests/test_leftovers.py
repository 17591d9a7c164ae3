"""A process that a test forgets is found, ended, and fails the run; one that was ended is no matter."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
RUNS_AWAY = (
    "import subprocess\ndef test_it():\n    subprocess.Popen(['sleep', '4321'], start_new_session=True)\n"
)
TIDY = textwrap.dedent("""
    import subprocess
    def test_it():
        with subprocess.Popen(["sleep", "4321"]) as process:
            process.kill()
""")


@pytest.mark.parametrize(("body", "code"), [(RUNS_AWAY, 1), (TIDY, 0)], ids=["forgotten", "ended"])
@pytest.mark.parametrize("workers", [(), ("-n", "1")], ids=["serial", "xdist"])
def test_what_is_left_behind_fails_the_run(
    tmp_path: Path, body: str, code: int, workers: tuple[str, ...]
) -> None:
    (tmp_path / "conftest.py").write_text(
        "import tests.leftovers\ntests.leftovers._PATIENCE = 0.5\npytest_plugins = ('tests.leftovers',)\n"
    )
    (tmp_path / "test_it.py").write_text(body)
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *workers, "--rootdir", tmp_path, tmp_path],
        capture_output=True, text=True, env={**os.environ, "PYTHONPATH": str(ROOT)}, cwd=tmp_path, check=False,
    )  # fmt: skip
    assert done.returncode == code, done.stdout + done.stderr
    assert ("left behind by a test: sleep 4321" in done.stdout) == bool(code)
    running = subprocess.run(["pgrep", "-fx", "sleep 4321"], capture_output=True, check=False).stdout
    assert running == b""
