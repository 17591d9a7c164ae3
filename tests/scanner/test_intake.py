"""Evidence is kept byte for byte, and a later change shows."""

from __future__ import annotations

import errno
import hashlib
import os
import subprocess
from pathlib import Path

import pytest

from scanner.errors import LocalError, UsageError
from scanner.intake import changed, keep, take_in
from tests.servers.process import program


def test_a_file_is_kept_with_its_digests(tmp_path: Path) -> None:
    source = tmp_path / "photo.jpg"
    source.write_bytes(bytes(range(256)) * 9000)
    os.utime(source, (1_700_000_000, 1_700_000_000))
    kept = take_in(source, tmp_path / "kept", "a/photo.jpg")
    copy = tmp_path / "kept" / "a" / "photo.jpg"
    assert copy.read_bytes() == source.read_bytes()
    assert copy.stat().st_mode & 0o777 == 0o600
    assert kept.sha256 == hashlib.sha256(source.read_bytes()).hexdigest()
    told = subprocess.run(
        [program("openssl"), "dgst", "-sm3", "-r", str(source)], capture_output=True, text=True, check=True
    )
    assert kept.sm3 == told.stdout.split()[0]
    assert kept.modified is not None
    assert kept.modified.timestamp() == 1_700_000_000
    assert changed(kept, tmp_path / "kept") is None
    copy.write_bytes(b"another")
    assert "was changed" in str(changed(kept, tmp_path / "kept"))
    copy.unlink()
    assert "is gone" in str(changed(kept, tmp_path / "kept"))


def test_nothing_is_replaced(tmp_path: Path) -> None:
    keep([b"one"], tmp_path, "x")
    with pytest.raises(LocalError, match="File exists"):
        keep([b"two"], tmp_path, "x")
    assert (tmp_path / "x").read_bytes() == b"one"


def test_only_files_are_taken_in(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    for name in ("fifo", ".", "none"):
        with pytest.raises(UsageError):
            take_in(tmp_path / name, tmp_path / "kept", "x")
    with pytest.raises(UsageError, match="is no file"):
        take_in(Path("/dev/zero"), tmp_path / "kept", "x")
    assert not (tmp_path / "kept" / "x").exists()


def test_a_full_disk_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(LocalError, match="No space left") as caught:
        keep([b"one"], tmp_path, "x")
    assert caught.value.kind == "disk_full"
    assert not (tmp_path / "x").exists()


def test_a_file_that_grows_meanwhile_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = tmp_path / "access.log"
    source.write_bytes(b"one\n")
    real = os.fsync

    def grows(descriptor: int) -> None:
        source.write_bytes(b"one\ntwo\n")
        real(descriptor)

    monkeypatch.setattr(os, "fsync", grows)
    with pytest.raises(UsageError, match="changed while it was read"):
        take_in(source, tmp_path / "kept", "access.log")
    assert not (tmp_path / "kept" / "access.log").exists()
