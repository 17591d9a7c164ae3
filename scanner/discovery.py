"""Which hosts answer and which ports are open: nmap, in two steps, each run in the ledger.

nmap is given addresses and nothing else (``-n``, from a list file), only those that the scope allows, and it is ended
when the scan stops, when the window closes, or when zijian dies (see :mod:`scanner.nmap_worker`).
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import shlex
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from scanner.errors import LocalError, Stopped
from scanner.facts import NmapServiceFacts, Transport
from scanner.nmap_process import Worker, end
from scanner.ports import compress
from scanner.scope import normalize_ip
from scanner.text import printable
from scanner.transport import Door, can_send_raw


@dataclass(frozen=True, slots=True, kw_only=True)
class PortState:
    """One port as nmap saw it."""

    port: int
    transport: Transport
    facts: NmapServiceFacts


@dataclass(frozen=True, slots=True, kw_only=True)
class HostState:
    """One host as nmap saw it in one run."""

    ip: str
    state: str
    reason: str
    answered: bool
    """Some port answered, open or closed; otherwise all were filtered and nothing is known."""
    ports: tuple[PortState, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class NmapAnswer:
    """What one run gave. ``complete`` is false when nmap was cut short; whole hosts are kept."""

    hosts: tuple[HostState, ...]
    complete: bool
    message: str = ""


def nmap_version() -> str:
    """Version of the nmap on this machine, or an empty string when there is none."""
    if shutil.which("nmap") is None:
        return ""
    out = subprocess.run(["nmap", "--version"], capture_output=True, text=True, check=False).stdout
    words = out.split()
    return words[2] if len(words) > 2 else ""


class Discovery:
    """nmap for one scan. Use as an asynchronous context manager."""

    def __init__(self, door: Door, worker: Worker, *, privileged: bool | None = None) -> None:
        self._door = door
        self._worker = worker
        self.privileged = can_send_raw() if privileged is None else privileged
        self._waiting: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self._reader: asyncio.Task[None] | None = None
        self._next = 0

    async def __aenter__(self) -> Discovery:
        if shutil.which("nmap") is None:
            raise LocalError(
                "没有安装 nmap；请安装（Debian、Ubuntu：sudo apt-get install nmap）后重新运行",
                "nmap is not installed; install it (Debian, Ubuntu: sudo apt-get install nmap) and run again",
                kind="nmap_missing",
            )
        answers = asyncio.StreamReader(limit=1 << 28)
        await asyncio.get_running_loop().connect_read_pipe(
            lambda: asyncio.StreamReaderProtocol(answers), self._worker.stdout
        )
        self._reader = asyncio.create_task(self._read_answers(answers))
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._worker.stdin is not None:
            with contextlib.suppress(BrokenPipeError):
                self._worker.stdin.close()
        if self._waiting:
            # An nmap may be under way still; after us nothing may be sent.
            await asyncio.to_thread(end, self._worker)
        if self._reader is not None:
            self._reader.cancel()
            await asyncio.gather(self._reader, return_exceptions=True)

    async def _read_answers(self, answers: asyncio.StreamReader) -> None:
        while line := await answers.readline():
            answer = json.loads(line)
            future = self._waiting.pop(answer["id"], None)
            if future is not None and not future.done():
                future.set_result(answer)
        for future in self._waiting.values():
            if not future.done():
                future.set_exception(_worker_ended())
        self._waiting.clear()

    async def _request(self, **request: Any) -> dict[str, Any]:
        if self._reader is None or self._reader.done():
            raise _worker_ended()
        self._next += 1
        number = self._next
        future: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        self._waiting[number] = future
        self._tell({"id": number, **request})
        return await future

    def _tell(self, message: dict[str, Any]) -> None:
        # A line is small, and the worker reads all the time: the pipe never fills.
        assert self._worker.stdin is not None
        try:
            self._worker.stdin.write(json.dumps(message).encode() + b"\n")
            self._worker.stdin.flush()
        except OSError as error:
            raise _worker_ended() from error

    def _tell_worker_to_stop(self) -> None:
        with contextlib.suppress(LocalError):
            self._tell({"stop": True})

    async def top_ports(self, number: int) -> frozenset[int]:
        """nmap's ``number`` most frequent TCP ports.

        :raises LocalError: nmap does not say.
        """
        if number >= 65535:
            return frozenset(range(1, 65536))
        answer = await self._request(top_ports=number)
        if not answer["ok"]:
            raise LocalError(f"nmap 出错：{answer['error']}", f"nmap: {answer['error']}", kind="nmap_failed")
        return frozenset(answer["ports"])

    async def alive(self, addresses: Sequence[str], *, rate: int) -> NmapAnswer:
        """Which of many addresses answer at all (nmap's host discovery)."""
        return await self._run(["-sn", *self._common(addresses, rate)], addresses, None, "discovery: hosts")

    async def open_ports(self, addresses: Sequence[str], ports: Sequence[int], *, rate: int) -> NmapAnswer:
        """Step one: TCP ports, half-open when raw sockets are available."""
        kind = "-sS" if self.privileged else "-sT"
        arguments = [kind, "-Pn", "-p", compress(ports), "--max-retries", "2", *self._common(addresses, rate)]
        return await self._run(arguments, addresses, ports, "discovery: TCP ports")

    async def open_udp_ports(
        self, addresses: Sequence[str], ports: Sequence[int], *, rate: int
    ) -> NmapAnswer:
        """The short list of risky UDP ports; needs raw sockets."""
        arguments = [
            "-sU",
            "-Pn",
            "-p",
            compress(ports),
            "--max-retries",
            "1",
            *self._common(addresses, rate),
        ]
        return await self._run(arguments, addresses, ports, "discovery: UDP ports")

    async def versions(self, address: str, ports: Sequence[int], *, rate: int) -> NmapAnswer:
        """Step two: service detection on open TCP ports only."""
        kind = "-sS" if self.privileged else "-sT"
        arguments = [
            kind,
            "-Pn",
            "-sV",
            "--version-intensity",
            "5",
            "-p",
            compress(ports),
            *self._common([address], rate),
        ]
        return await self._run(arguments, [address], ports, "discovery: service versions")

    def _common(self, addresses: Sequence[str], rate: int) -> list[str]:
        family = ["-6"] if any(":" in address for address in addresses) else []
        if not self.privileged:
            family.append("--unprivileged")
        return [*family, "-n", "-T3", "--max-rate", str(rate), "--host-timeout", "60m"]

    async def _run(
        self, arguments: list[str], addresses: Sequence[str], ports: Sequence[int] | None, purpose: str
    ) -> NmapAnswer:
        door = self._door
        for address in addresses:
            # An address in its own canonical form can never be read by nmap as an option or as a range.
            if normalize_ip(address).compressed != address:
                raise LocalError(
                    f"{address!r} 不是规范写法的地址",
                    f"{address!r} is not a canonical address",
                    kind="nmap_failed",
                )
            door.check_address(address, ports, purpose)
        command = shlex.join(["nmap", *arguments, "-v", "-oX", "out.xml", *addresses])
        seq = door.ledger.append(
            "nmap_start",
            command=command,
            purpose=purpose,
            hosts=len(addresses),
        )
        values: dict[str, Any] = {"outcome": "stopped"}
        try:
            with door.stop.calling(self._tell_worker_to_stop):
                answer = await self._request(arguments=arguments, targets=list(addresses))
            values = {
                "outcome": "ok"
                if answer["ok"] and answer["complete"]
                else "cut"
                if answer["ok"]
                else "failed",
                "packets_sent": answer.get("packets_sent"),
                "packets_received": answer.get("packets_received"),
            }
        finally:
            door.ledger.append("nmap_end", of=seq, **values)
        if door.stop.stopped:
            raise Stopped(f"the scan is stopping: {door.stop.reason}")
        if not answer["ok"]:
            raise LocalError(
                f"nmap 出错：{answer['error']}",
                f"nmap: {answer['error']}",
                kind=answer.get("kind", "nmap_failed"),
            )
        return NmapAnswer(
            hosts=tuple(_host(entry) for entry in answer["hosts"]),
            complete=answer["complete"],
            message=printable(answer.get("message", ""), 300),
        )


def _worker_ended() -> LocalError:
    return LocalError("运行 nmap 的进程意外结束", "the nmap worker ended unexpectedly", kind="nmap_failed")


def _host(entry: dict[str, Any]) -> HostState:
    return HostState(
        ip=entry["ip"],
        state=entry["state"],
        reason=entry["reason"],
        answered=entry["answered"],
        ports=tuple(
            PortState(
                port=port["port"],
                transport=port["transport"],
                facts=NmapServiceFacts(
                    state=port["state"],
                    reason=port["reason"],
                    name=printable(port["name"], 64) or None,
                    product=printable(port["product"], 256) or None,
                    version=printable(port["version"], 256) or None,
                    extrainfo=printable(port["extrainfo"], 256) or None,
                    tunnel=port["tunnel"] or None,
                    cpe=(printable(port["cpe"], 256),) if port["cpe"] else (),
                    confidence=int(port["confidence"]) if port["confidence"] else None,
                ),
            )
            for port in entry["ports"]
        ),
    )
