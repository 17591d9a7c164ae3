"""A field of hostile servers in one process: ``-m tests.servers.programs.hostile_field JSON`` with the address of each kind; says ``ready``.

The kinds, and the ports of each, are those of :data:`KINDS`.
"""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import json
import resource
import socket
import struct
import sys
from collections.abc import Awaitable, Callable

from tests.servers.programs import hostile_tls
from tests.servers.programs.hostile_tls import Behaviour

TARPIT = range(20000, 21000)
_LONG = 3600.0


async def _silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while await reader.read(65536):
        pass


async def _drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while True:
        writer.write(b"2")
        await writer.drain()
        await asyncio.sleep(1)


async def _endless(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while True:
        writer.write(b"A" * 65536)
        await writer.drain()


def _reset_after(count: int) -> Behaviour:
    async def behave(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 welcome to a server that breaks off"[:count])
        await writer.drain()
        held = writer.get_extra_info("socket")
        held.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        writer.transport.abort()

    return behave


def _greeting(text: bytes) -> Behaviour:
    async def behave(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(text)
        await writer.drain()
        await _silent(reader, writer)

    return behave


def _http(head: bytes, body: Callable[[asyncio.StreamWriter], Awaitable[None]] | None = None) -> Behaviour:
    async def behave(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 " + head)
        await writer.drain()
        if body is not None:
            await body(writer)

    return behave


async def _gzip_bomb(writer: asyncio.StreamWriter) -> None:
    writer.write(gzip.compress(bytes(64 << 20)))
    await writer.drain()


async def _chunks_without_end(writer: asyncio.StreamWriter) -> None:
    while True:
        writer.write(b"10000\r\n" + b"<p>" * 21845 + b"<\r\n")
        await writer.drain()


async def _header_of_50_mb(writer: asyncio.StreamWriter) -> None:
    for _ in range(800):
        writer.write(b"x" * 65536)
        await writer.drain()
    writer.write(b"\r\n\r\n")


async def _hundred_thousand_cookies(writer: asyncio.StreamWriter) -> None:
    for number in range(100_000):
        writer.write(b"Set-Cookie: c%d=%d\r\n" % (number, number))
        if number % 1000 == 0:
            await writer.drain()
    writer.write(b"Content-Length: 0\r\n\r\n")


class _Fickle:
    """Another protocol on each connection."""

    def __init__(self) -> None:
        self._greetings = [
            b"SSH-2.0-OpenSSH_9.2\r\n",
            b"220 ftp ready\r\n",
            b"+OK pop3 ready\r\n",
            b"RFB 003.008\n",
        ]

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._greetings.append(self._greetings.pop(0))
        await _greeting(self._greetings[-1])(reader, writer)


class _NowAndThen:
    """A file that ought not to be there, and is there at every second question only."""

    def __init__(self) -> None:
        self._asked = 0

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked = (await reader.readuntil(b"\r\n\r\n")).split(b" ")[1]
        found = False
        if asked == b"/.git/HEAD":
            self._asked += 1
            found = self._asked % 2 == 1
        body = b"ref: refs/heads/main\n" if found else b"nothing\n"
        status = b"404 Not Found" if asked.startswith(b"/.") and not found else b"200 OK"
        writer.write(
            b"HTTP/1.1 %s\r\nContent-Type: text/plain\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s"
            % (status, len(body), body)
        )
        await writer.drain()


_CHUNKED = b"200 OK\r\nTransfer-Encoding: chunked\r\n"
KINDS: dict[str, dict[int, Behaviour]] = {
    "tarpit": dict.fromkeys(TARPIT, _silent),
    "streams": {21: _endless, 22: _drip, 25: _reset_after(1), 110: _reset_after(20), 3306: _endless, 6379: _drip},
    "web": {
        8000: _http(b"200 OK\r\nContent-Encoding: gzip\r\nContent-Type: text/html\r\n\r\n", _gzip_bomb),
        8008: _http(_CHUNKED + b"Content-Type: text/html\r\n\r\n", _chunks_without_end),
        8080: _http(b"302 Found\r\nLocation: /again\r\nContent-Length: 0\r\n\r\n"),
        8081: _http(b"200 OK\r\nX-Long: ", _header_of_50_mb),
        8088: _http(b"200 OK\r\n", _hundred_thousand_cookies),
        8888: _NowAndThen(),
    },
    "certificates": hostile_tls.BEHAVIOURS,
    "banners": {
        21: _greeting(b"220 <script>alert(1)</script> FTP ready\r\n"),
        22: _greeting(b"SSH-2.0-\x1b[31m<img src=x onerror=alert(1)>\r\n"),
        25: _greeting("220 mail \u202egnp.exe\u202c \x00\x07 ESMTP\r\n".encode()),
        2222: _Fickle(),
    },
}  # fmt: skip


async def _serve(addresses: dict[str, str]) -> None:
    def guarded(behave: Behaviour) -> Behaviour:
        async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            with contextlib.suppress(OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
                await behave(reader, writer)
            writer.close()

        return connected

    if "certificates" in addresses:
        hostile_tls.prepare()
    for kind, address in addresses.items():
        for port, behave in KINDS[kind].items():
            await asyncio.start_server(guarded(behave), address, port)
    print("ready", flush=True)
    await asyncio.sleep(_LONG)


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_NOFILE, (8192, 8192))
    asyncio.run(_serve(json.loads(sys.argv[1])))
