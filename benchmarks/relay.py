"""A relay that lies between a client and a server as a network of some round-trip time would.

``python -m benchmarks.relay LISTEN:PORT SERVER:PORT SECONDS``: what either side sends reaches the other half of ``SECONDS``
later, in order; and since the kernel itself completes the client's TCP handshake at once, a whole round trip is added
before the client's first bytes go on.
"""

from __future__ import annotations

import asyncio
import contextlib
import sys


async def _pass_on(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, delay: float, first: float
) -> None:
    loop = asyncio.get_running_loop()
    queue: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()
    not_before = loop.time() + first

    async def deliver() -> None:
        while True:
            due, data = await queue.get()
            await asyncio.sleep(max(0.0, due - loop.time()))
            if not data:
                break
            writer.write(data)
            await writer.drain()
        writer.close()

    delivering = asyncio.create_task(deliver())
    with contextlib.suppress(OSError):
        while data := await reader.read(65536):
            queue.put_nowait((max(loop.time(), not_before) + delay, data))
    queue.put_nowait((loop.time() + delay, b""))
    with contextlib.suppress(OSError):
        await delivering


async def serve(listen: tuple[str, int], server: tuple[str, int], round_trip: float) -> None:
    """Relay until cancelled."""

    async def one(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            far_reader, far_writer = await asyncio.open_connection(*server)
            await asyncio.gather(
                _pass_on(reader, far_writer, round_trip / 2, round_trip),
                _pass_on(far_reader, writer, round_trip / 2, 0),
            )
            far_writer.close()
        writer.close()

    async with await asyncio.start_server(one, *listen, backlog=512) as relay:
        await relay.serve_forever()


def _address(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    return host, int(port)


if __name__ == "__main__":
    asyncio.run(serve(_address(sys.argv[1]), _address(sys.argv[2]), float(sys.argv[3])))
