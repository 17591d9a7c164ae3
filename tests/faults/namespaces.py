"""Namespaces that stay open for several commands: a small disk that can be filled, a network that can be cut."""

from __future__ import annotations

import contextlib
import functools
import os
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

from tests.servers.process import program

_PAGE = 4096


@contextlib.contextmanager
def _held(kind: str, shell: str, *arguments: str) -> Iterator[int]:
    """A process that holds a new namespace open, in which ``shell`` was run."""
    command = [
        program("unshare"),
        f"--{kind}",
        "sh",
        "-ec",
        f"{shell}\necho ready\nexec cat",
        "sh",
        *arguments,
    ]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:  # fmt: skip
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        try:
            if process.stdout.readline() != "ready\n":
                raise RuntimeError(process.stderr.read().strip())
            yield process.pid
        finally:
            process.stdin.close()


@functools.cache
def why_no(kind: str) -> str:
    """Why a namespace of this kind (``mount``, ``net``) cannot be made and changed here; empty when it can."""
    if os.geteuid() != 0:
        return "only root can mount a disk or cut a network"
    shell = {"mount": "mount -t tmpfs tmpfs /mnt", "net": "ip link set lo up"}[kind]
    try:
        with _held(kind, shell):
            return ""
    except RuntimeError as error:
        return f"no {kind} namespace can be made here: {error}"


class Disk:
    """A disk of a few MiB, mounted for those alone who are started by :attr:`within`."""

    def __init__(self, holder: int, folder: Path) -> None:
        self.within = (program("nsenter"), f"--mount=/proc/{holder}/ns/mnt", f"--wdns={folder}")
        self.outside = Path(f"/proc/{holder}/root{folder}")
        """How the disk's files are reached from here."""

    def fill(self, *, leave: int = 0) -> None:
        """Fill the disk but for ``leave`` bytes."""
        with (self.outside / "ballast").open("ab", buffering=0) as file, contextlib.suppress(OSError):
            status = os.statvfs(self.outside)
            left = status.f_bavail * status.f_frsize - leave
            for _ in range(0, left, _PAGE):
                file.write(bytes(_PAGE))

    def free(self) -> None:
        """Give the space back."""
        (self.outside / "ballast").unlink(missing_ok=True)


@contextlib.contextmanager
def small_disk(folder: Path, mebibytes: int) -> Iterator[Disk]:
    """A :class:`Disk` at ``folder``."""
    folder.mkdir(parents=True)
    shell = 'mount --make-rprivate / 2>/dev/null || true\nmount -t tmpfs -o "size=$2m,mode=700" tmpfs "$1"'
    with _held("mount", shell, str(folder), str(mebibytes)) as holder:
        yield Disk(holder, folder)


class Network:
    """Loopback alone, seen by those alone who are started by :attr:`within`."""

    def __init__(self, holder: int) -> None:
        self.within = (program("nsenter"), f"--net=/proc/{holder}/ns/net")

    def _do(self, *command: str) -> None:
        subprocess.run([*self.within, *command], check=True, capture_output=True)

    def cut(self, how: str) -> None:
        """``drop``: packets are lost without a word; ``down``: the interface is gone."""
        if how == "drop":
            self._do("tc", "qdisc", "add", "dev", "lo", "root", "pfifo", "limit", "0")
        else:
            self._do("ip", "link", "set", "lo", "down")

    def mend(self, how: str) -> None:
        """Undo :meth:`cut`."""
        if how == "drop":
            self._do("tc", "qdisc", "del", "dev", "lo", "root")
        else:
            self._do("ip", "link", "set", "lo", "up")


@contextlib.contextmanager
def own_network() -> Iterator[Network]:
    """A :class:`Network` while the block lasts."""
    with _held("net", "ip link set lo up") as holder:
        yield Network(holder)


def nested(*within: Sequence[str]) -> tuple[str, ...]:
    """Several ways into namespaces, one after the other."""
    return tuple(word for command in within for word in command)
