"""What zijian writes is its owner's alone, whatever the umask says, and nothing temporary stays behind."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from scanner.cli.output import copy_file
from scanner.errors import LocalError
from tests.servers.redis import redis_server
from tests.test_scan import Zijian

FORMATS = "html,json,csv,xlsx,sarif,md,docx,pdf"


class Careless(Zijian):
    """Runs the command line under umask 0, with temporary files, too, in its folder."""

    umask = 0

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.temporary = folder / "tmp"
        self.temporary.mkdir()
        self.environment["TMPDIR"] = str(self.temporary)

    def written(self) -> Iterator[Path]:
        """Every file and folder but the one that the test itself made."""
        return (path for path in self.folder.rglob("*") if path != self.temporary)


def open_to_others(zijian: Careless) -> list[str]:
    """Files and folders that anybody but their owner may read, write or enter."""
    return [
        f"{path.relative_to(zijian.folder)} {path.stat().st_mode & 0o777:o}"
        for path in zijian.written()
        if path.stat().st_mode & 0o077
    ]


@pytest.mark.server
def test_what_the_commands_write_is_private_under_umask_0(tmp_path: Path) -> None:
    zijian = Careless(tmp_path)
    (tmp_path / "server").mkdir(mode=0o700)
    with redis_server(tmp_path / "server") as address:
        done = zijian("scan", address, "--ports", "6379", "-q", "-o", "new/out", timeout=300)
    shutil.rmtree(tmp_path / "server")
    assert done.returncode == 0, done.stderr
    assert len(list((tmp_path / "home").glob("scans/*/run.lock"))) == 1
    log = tmp_path / "access.log"
    log.write_text('192.0.2.1 - - [01/Nov/2026:00:00:00 +0800] "GET /?a=b HTTP/1.1" 200 1 "-" "-"\n')
    log.chmod(0o600)
    for arguments in (
        ("report", "latest", "--format", FORMATS, "-o", "again"),
        ("logs", "redact", "access.log", "-o", "masked", "--key-file", "key"),
        ("inspect", "new", "--object", "某某公司", "--officer", "张三", "--officer", "李四"),
        ("inspect", "record", "latest", "--document", "all", "--format", "html,docx", "-o", "papers"),
        ("case", "new", "--title", "某某公司远程检查"),
        ("case", "attach", "latest", "access.log", "--scan", "latest", "--inspection", "latest"),
        ("case", "export", "latest", "-o", "case.zip"),
        ("case", "unpack", "case.zip", "-o", "unpacked"),
    ):
        done = zijian(*arguments, timeout=300)
        assert done.returncode == 0, (arguments, done.stderr)
    names = {path.name for path in zijian.written()}
    assert {"zijian.sqlite", "ledger.jsonl", "report.pdf", "record.docx", "case.zip", "key"} <= names
    assert {"masked", "unpacked", "again"} <= names
    assert open_to_others(zijian) == []
    assert list(zijian.temporary.iterdir()) == []


def test_a_copy_does_not_follow_a_link_laid_in_its_way(tmp_path: Path) -> None:
    source, victim, target = tmp_path / "source", tmp_path / "victim", tmp_path / "target"
    source.write_text("ledger")
    victim.write_text("untouched")
    for name in (".target.part", "target"):
        (tmp_path / name).symlink_to(victim)
    copy_file(source, target)
    assert (target.is_symlink(), target.read_text(), victim.read_text()) == (False, "ledger", "untouched")
    assert target.stat().st_mode & 0o777 == 0o600


def test_a_copy_of_what_is_not_there_says_so(tmp_path: Path) -> None:
    with pytest.raises(LocalError, match=r"cannot read .*absent"):
        copy_file(tmp_path / "absent", tmp_path / "target")
    assert list(tmp_path.iterdir()) == []
