"""A fresh machine: a bare Debian with nothing but Python runs the README's two commands, and serves a user without root.

``ZIJIAN_FRESH_MACHINE=bookworm pytest tests/test_fresh_machine.py`` names the suite that debootstrap installs; it takes
half an hour, most of it the whole ``./test.sh`` inside, and is left out otherwise. ``ZIJIAN_FRESH_MACHINE_TESTS`` gives
``./test.sh`` arguments, so that it runs less. Where packages come from a mirror, ``ZIJIAN_FRESH_MACHINE_BIND`` lists the
files and folders that it needs, and pip's own variables (``PIP_*``) are taken along.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SUITE = os.environ.get("ZIJIAN_FRESH_MACHINE", "")
BOUND = os.environ.get("ZIJIAN_FRESH_MACHINE_BIND", "").split()
TESTS = os.environ.get("ZIJIAN_FRESH_MACHINE_TESTS", "")

pytestmark = [
    pytest.mark.skipif(
        not SUITE, reason="a Debian is installed for it: ZIJIAN_FRESH_MACHINE=bookworm runs it"
    ),
    pytest.mark.skipif(os.geteuid() != 0, reason="debootstrap and chroot need root"),
]

ENTER = """
root=$1 user=$2; shift 2
mount --make-rprivate /
mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev"
for path in $BOUND; do
    if [ -d "$path" ]; then mkdir -p "$root$path"; else mkdir -p "$root${path%/*}"; touch "$root$path"; fi
    mount --rbind "$path" "$root$path"
done
exec chroot --userspec="$user" "$root" "$@"
"""
"""Enters the machine in namespaces of its own, so that its mounts and all it started end with the command."""


class Machine:
    """A Debian in a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def run(self, command: str, *, user: str = "root") -> subprocess.CompletedProcess[str]:
        """Give ``command`` to the shell of ``user``, in that user's home."""
        home = Path("/root" if user == "root" else f"/home/{user}")
        environment = {name: value for name, value in os.environ.items() if name.startswith("PIP_")} | {
            "HOME": str(home), "PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8", "BOUND": " ".join(BOUND),
        }  # fmt: skip
        return subprocess.run(
            ["unshare", "--mount", "--pid", "--fork", "--kill-child", "sh", "-euc", ENTER, "sh",
             str(self.folder), user, "sh", "-c", f"cd {home} && {command}"],
            env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            check=False, timeout=5400,
        )  # fmt: skip

    def clone(self, home: str) -> Path:
        """Put a fresh clone of what is committed into ``home``; returns its folder as seen from outside."""
        target = self.folder / home.lstrip("/") / "zijian"
        subprocess.run(["git", "clone", "-q", "--no-hardlinks", ROOT, target], check=True)
        return target


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What debootstrap makes: the smallest Debian, and Python."""
    if shutil.which("debootstrap") is None:
        pytest.fail("debootstrap is missing; run: apt-get install debootstrap")
    folder = tmp_path_factory.mktemp("fresh") / "bare"
    mirror = os.environ.get("ZIJIAN_FRESH_MACHINE_MIRROR", "http://deb.debian.org/debian")
    done = subprocess.run(
        ["debootstrap", "--variant=minbase", "--include=python3", SUITE, folder, mirror],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    shutil.copy("/etc/hosts", folder / "etc" / "hosts")
    return folder


@pytest.fixture
def machine(bare: Path, tmp_path: Path) -> Iterator[Machine]:
    folder = tmp_path / "machine"
    subprocess.run(["cp", "-a", "--reflink=auto", bare, folder], check=True)
    # pytest's folders are closed to others; the machine's users must reach their own root.
    for parent in (tmp_path, *tmp_path.parents):
        if parent.owner() == "root" and parent.stat().st_mode & 0o077 == 0:
            parent.chmod(0o711)
    yield Machine(folder)
    shutil.rmtree(folder)


def report(checkout: Path) -> dict[str, object]:
    """The scan's result; its report must lie beside it."""
    (folder,) = checkout.glob("zijian-*")
    page = (folder / "report.html").read_text(encoding="utf-8")
    assert "公安机关互联网安全监督检查" in page
    result: dict[str, object] = json.loads((folder / "result.json").read_text(encoding="utf-8"))
    return result


def test_root_gives_the_two_commands_of_the_readme(machine: Machine) -> None:
    checkout = machine.clone("/root")
    scanned = machine.run("cd zijian && ./zijian scan 127.0.0.1")
    assert scanned.returncode == 0, scanned.stdout[-4000:]
    assert report(checkout)["scan"]["status"] == "completed"  # type: ignore[index]
    tested = machine.run(f"cd zijian && ./test.sh {shlex.join(shlex.split(TESTS))}")
    print(tested.stdout[-6000:])
    assert tested.returncode == 0
    assert " passed" in tested.stdout


def test_a_user_without_root_is_told_what_is_missing_and_what_mends_it(machine: Machine) -> None:
    assert machine.run("useradd --create-home admin").returncode == 0
    checkout = machine.clone("/home/admin")
    assert machine.run("chown -R admin /home/admin").returncode == 0

    def scan() -> subprocess.CompletedProcess[str]:
        return machine.run("cd zijian && ./zijian scan 127.0.0.1", user="admin")

    def follow(told: str) -> None:
        """Do as root what the user was told to have done."""
        (package,) = re.findall(r"sudo apt-get install ([a-z0-9.-]+)", told)
        done = machine.run(f"apt-get update -qq && apt-get install -y -qq --no-install-recommends {package}")
        assert done.returncode == 0, done.stdout[-2000:]

    first = scan()
    assert first.returncode == 2
    assert "venv" in first.stdout
    follow(first.stdout)

    second = scan()
    assert second.returncode == 2, second.stdout[-4000:]
    assert "nmap" in second.stdout
    follow(second.stdout)

    third = scan()
    assert third.returncode == 0, third.stdout[-4000:]
    assert report(checkout)["scan"]["status"] == "completed"  # type: ignore[index]
    doctor = machine.run("cd zijian && ./zijian doctor", user="admin")
    assert "nmap" in doctor.stdout
    assert "setcap" in doctor.stdout or "sudo" in doctor.stdout
