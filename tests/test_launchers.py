"""./zijian prepares itself once, whatever happens in between, and then runs what it was asked to run.

The checkout here is a small one: the real launcher, an empty lock file (so that nothing is downloaded) and a program that
tells what it was called with. Python, venv and pip are the real ones; apt-get and sudo are stand-ins that write down what
they were asked to do, because a test must not install packages.
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PROGRAM = "import json, os, sys\nprint(json.dumps([os.getcwd(), *sys.argv[1:]]))\nsys.exit(7)\n"


class Checkout:
    """A checkout with the real launcher and next to nothing to install."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "checkout"
        self.home = folder / "home"
        self.bin = folder / "bin"
        for made in (self.folder / "scanner", self.home, self.bin):
            made.mkdir(parents=True)
        shutil.copy(ROOT / "zijian", self.folder / "zijian")
        (self.folder / "requirements.lock").write_text("# nothing\n")
        (self.folder / "scanner" / "__init__.py").write_text("")
        (self.folder / "scanner" / "__main__.py").write_text(PROGRAM)
        self.program("nmap", "")

    @property
    def environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("ZIJIAN_", "XDG_"))}
        return kept | {
            "HOME": str(self.home),
            "PATH": f"{self.bin}:{os.environ['PATH']}",
            "ZIJIAN_LANG": "en",
        }

    def program(self, name: str, body: str) -> None:
        """Put a stand-in first on the path."""
        path = self.bin / name
        path.write_text(f"#!/bin/sh\n{body}\n")
        path.chmod(0o755)

    def only(self) -> dict[str, str]:
        """An environment with the stand-ins and the shell's usual programs alone."""
        usual = ("sh", "readlink", "cat", "cmp", "cp", "mv", "rm", "mkdir", "touch", "id", "flock", "env")
        for name in usual:
            if not (self.bin / name).exists() and (found := shutil.which(name)):
                (self.bin / name).symlink_to(found)
        return self.environment | {"PATH": str(self.bin)}

    def __call__(
        self,
        *arguments: str,
        command: Path | str | None = None,
        cwd: Path | None = None,
        environment: dict[str, str] | None = None,
        user: str | None = None,
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [command or self.folder / "zijian", *arguments],
            cwd=cwd, env=environment or self.environment, capture_output=True, text=True,
            stdin=subprocess.DEVNULL, check=False, user=user,
        )  # fmt: skip


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    return Checkout(tmp_path)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Checkout:
    """A checkout that is already prepared."""
    prepared = Checkout(tmp_path_factory.mktemp("made"))
    first = prepared("first")
    assert first.returncode == 7, first.stderr
    assert [line for line in first.stderr.splitlines() if line.startswith("zijian:")] == [
        f"zijian: preparing {prepared.folder}/.venv (only the first time and after an update)"
    ]
    return prepared


@pytest.fixture
def copied(made: Checkout, tmp_path: Path) -> Checkout:
    """A prepared checkout of the test's own."""
    copy = Checkout(tmp_path)
    shutil.rmtree(copy.folder)
    shutil.copytree(made.folder, copy.folder, symlinks=True)
    told(copy())
    return copy


def told(done: subprocess.CompletedProcess[str]) -> str:
    """What the program printed, once it is sure that nothing was prepared."""
    assert (done.returncode, done.stderr) == (7, "")
    return done.stdout


def test_a_second_start_prepares_nothing(made: Checkout) -> None:
    # pip would fail: it is not to be called.
    assert told(made("a b", "*", environment=made.environment | {"PIP_INDEX_URL": "http://127.0.0.1:1"})) == (
        f'["{Path.cwd()}", "a b", "*"]\n'
    )


def test_it_runs_from_any_folder_and_through_links(made: Checkout, tmp_path: Path) -> None:
    elsewhere = tmp_path / "else where"
    elsewhere.mkdir()
    absolute, relative = tmp_path / "absolute", elsewhere / "relative"
    absolute.symlink_to(made.folder / "zijian")
    relative.symlink_to("../absolute")
    for command in (absolute, relative, "./relative"):
        assert told(made(command=command, cwd=elsewhere)) == f'["{elsewhere}"]\n'
    path = made.environment | {"PATH": f"{elsewhere}:{made.environment['PATH']}"}
    assert told(made("relative", command="env", cwd=tmp_path, environment=path)) == f'["{tmp_path}"]\n'
    assert told(made("zijian", command="sh", cwd=made.folder)) == f'["{made.folder}"]\n'


def test_a_module_in_the_folder_is_not_taken_for_ours(made: Checkout, tmp_path: Path) -> None:
    for name in ("json.py", "scanner.py", "os.py"):
        (tmp_path / name).write_text("raise SystemExit('taken in')\n")
    assert told(made(cwd=tmp_path)) == f'["{tmp_path}"]\n'


def test_a_changed_lock_file_prepares_again(copied: Checkout) -> None:
    (copied.folder / "requirements.lock").write_text("# still nothing\n")
    assert "preparing" in copied().stderr
    told(copied())


def test_a_python_that_went_away_is_replaced(copied: Checkout) -> None:
    python = copied.folder / ".venv" / "bin" / "python"
    python.unlink()
    python.symlink_to("/nonexistent/python3.11")
    again = copied()
    assert again.returncode == 7, again.stderr
    assert "preparing" in again.stderr
    told(copied())


def test_of_two_at_once_one_prepares(checkout: Checkout) -> None:
    started = [
        subprocess.Popen(
            [checkout.folder / "zijian"], env=checkout.environment, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )
        for _ in range(3)
    ]  # fmt: skip
    ended = [process.communicate() for process in started]
    assert [process.returncode for process in started] == [7, 7, 7]
    assert sum("preparing" in stderr for _, stderr in ended) == 1


@pytest.mark.parametrize("reached", ["bin/python", "lib/*/site-packages/pip"])
def test_killed_while_preparing_it_prepares_again(checkout: Checkout, reached: str) -> None:
    process = subprocess.Popen(
        [checkout.folder / "zijian"], env=checkout.environment, stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip
    while not list((checkout.folder / ".venv").glob(reached)) and process.poll() is None:
        time.sleep(0.01)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    again = checkout()
    assert again.returncode == 7, again.stderr
    told(checkout())


@pytest.fixture
def shared() -> Iterator[Path]:
    """A folder that every user may enter."""
    folder = Path(tempfile.mkdtemp(prefix="zijian-launcher-", dir="/tmp"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.mark.skipif(
    subprocess.run(
        ["/usr/bin/python3", "-c", "import sys, ensurepip; sys.exit(sys.version_info < (3, 11))"],
        capture_output=True,
        check=False,
    ).returncode
    != 0,
    reason="the system's own Python has no venv",
)
def test_a_checkout_that_cannot_be_written_to_is_served_from_the_cache(shared: Path) -> None:
    checkout = Checkout(shared)
    user = None
    if os.geteuid() == 0:
        # root may write anywhere; nobody may not.
        user = "nobody"
        os.chown(checkout.home, pwd.getpwnam(user).pw_uid, -1)
    for folder in (checkout.folder / "scanner", checkout.folder):
        folder.chmod(0o555)
    environment = checkout.environment | {"PATH": f"{checkout.bin}:/usr/bin:/bin"}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    first = checkout(environment=environment, user=user)
    assert first.returncode == 7, first.stderr
    assert f"preparing {checkout.home}/.cache/zijian/venv" in first.stderr
    told(checkout(environment=environment, user=user))
    assert sorted(path.name for path in checkout.folder.iterdir()) == [
        "requirements.lock",
        "scanner",
        "zijian",
    ]
    assert list((checkout.home / ".cache" / "zijian" / "pycache").rglob("__main__.*.pyc"))


# ------------------------------------------------------------------ what a machine may lack


def test_without_python_it_says_so(checkout: Checkout) -> None:
    done = checkout(environment=checkout.only())
    assert (done.returncode, done.stdout) == (2, "")
    assert "Python 3.11 or newer is needed" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "chosen", "says"),
    [
        ((), {}, "需要 Python 3.11 或者更新的版本"),
        ((), {"ZIJIAN_LANG": "zh"}, "需要 Python 3.11 或者更新的版本"),
        (("scan", "--lang", "en"), {}, "Python 3.11 or newer is needed"),
        (("scan", "--lang=en"), {"ZIJIAN_LANG": "zh"}, "Python 3.11 or newer is needed"),
    ],
)
def test_it_speaks_chinese_and_english_to_those_who_ask(
    checkout: Checkout, arguments: tuple[str, ...], chosen: dict[str, str], says: str
) -> None:
    environment = checkout.only()
    del environment["ZIJIAN_LANG"]
    done = checkout(*arguments, environment=environment | chosen)
    assert done.returncode == 2
    assert done.stderr.startswith(f"zijian: {says}")
    assert done.stderr.count("\n") == 1


def test_an_old_python_is_passed_over(checkout: Checkout) -> None:
    checkout.program("python3", "exit 1")
    checkout.program(
        "python3.11", f'case "$*" in "-m venv"*) echo chosen >&2; exit 1;; esac; exec {sys.executable} "$@"'
    )
    done = checkout(environment=checkout.only())
    assert done.returncode == 2
    assert "chosen\nzijian: the virtual environment" in done.stderr


WITHOUT_VENV = f'case "$*" in *ensurepip*) [ -e "$0.mended" ] || exit 1;; esac\nexec {sys.executable} "$@"'


def test_without_venv_and_without_rights_it_says_what_to_run(checkout: Checkout) -> None:
    environment = checkout.only()
    checkout.program("python3", WITHOUT_VENV)
    checkout.program("apt-get", f"echo called >>{checkout.folder}/called")
    (checkout.bin / "id").unlink()
    checkout.program("id", "echo 1000")
    done = checkout(environment=environment)
    assert done.returncode == 2
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    assert f"run: sudo apt-get install python{version}-venv" in done.stderr
    assert not (checkout.folder / "called").exists()
    assert not (checkout.folder / ".venv").exists()


@pytest.mark.parametrize("who", ["root", "sudo"])
def test_without_venv_it_is_installed(checkout: Checkout, who: str) -> None:
    environment = checkout.only()
    checkout.program("python3", WITHOUT_VENV)
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    log = checkout.folder / "called"
    checkout.program(
        "apt-get",
        f'echo "$DEBIAN_FRONTEND $*" >>{log}; case "$*" in *-venv*) touch {checkout.bin}/python3.mended;; esac',
    )
    checkout.program("sudo", f'echo "sudo $1" >>{log}; shift; exec "$@"')
    (checkout.bin / "id").unlink()
    checkout.program("id", f"echo {0 if who == 'root' else 1000}")
    done = checkout(environment=environment)
    assert f"zijian: installing with apt-get: python{version}-venv\n" in done.stderr
    called = log.read_text()
    assert (
        f"noninteractive -qq -o DPkg::Lock::Timeout=120 install -y --no-install-recommends python{version}-venv"
        in called
    )
    assert done.returncode == 7, done.stderr
    # Nobody is there to type a password.
    assert ("sudo -n" in called) == (who == "sudo")


def test_nmap_is_installed_for_a_scan_alone_and_tried_once(copied: Checkout) -> None:
    log = copied.folder / "called"
    environment = copied.only()
    (copied.bin / "nmap").unlink()
    (copied.bin / "id").unlink()
    copied.program("id", "echo 0")
    copied.program("apt-get", f'echo "$*" >>{log}; exit 100')
    told(copied("--help", environment=environment))
    assert not log.exists()
    done = copied("scan", "127.0.0.1", environment=environment)
    assert (done.returncode, done.stderr) == (7, "zijian: installing with apt-get: nmap\n")
    assert "install -y --no-install-recommends nmap" in log.read_text()
    log.unlink()
    told(copied("scan", "127.0.0.1", environment=environment))
    assert not log.exists()
