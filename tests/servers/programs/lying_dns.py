"""A DNS server that lies: ``lying_dns.py JSON`` with ``address`` (it listens there, on port 53) and ``honest``; says ``ready``.

The first label of the name that is asked for tells how: the keys of :data:`LIES`. All that it names lies in 127.0.0.0/8, in
192.0.2.0/24 (RFC 5737) or in fd00::/8 (RFC 4193).
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import sys
from collections.abc import Callable
from typing import cast

import dns.exception
import dns.flags
import dns.message
import dns.rdatatype
import dns.rrset

DOMAIN = "lie.test"
_LONGEST = 65535
_count = itertools.count(1)
_stated: dict[str, str] = {}

Lie = Callable[[dns.message.Message, bool], bytes]
"""From a question, and whether it came by TCP, to the answer."""


def _records(query: dns.message.Message, *records: tuple[str, str, str]) -> dns.message.Message:
    """An answer of (owner, type, data), as far as the type was asked for; ``@`` is the name that was."""
    answer = dns.message.make_response(query)
    own = query.question[0].name.to_text()
    wanted = dns.rdatatype.to_text(query.question[0].rdtype)
    for owner, kind, data in records:
        if kind not in (wanted, "CNAME"):
            continue
        answer.answer.append(dns.rrset.from_text(own if owner == "@" else owner, 60, "IN", kind, data))
    return answer


def _cut(query: dns.message.Message) -> bytes:
    answer = dns.message.make_response(query)
    answer.flags |= dns.flags.TC
    return answer.to_wire()


def _honest(query: dns.message.Message, tcp: bool) -> bytes:
    return _records(query, ("@", "A", _stated["honest"])).to_wire()


def _of_another_name(query: dns.message.Message, tcp: bool) -> bytes:
    return _records(query, ("victim.example.", "A", _stated["honest"])).to_wire()


def _loop(query: dns.message.Message, tcp: bool) -> bytes:
    return _records(
        query, ("@", "CNAME", "b.lie.test."), ("b.lie.test.", "CNAME", query.question[0].name.to_text())
    ).to_wire()


def _endless(query: dns.message.Message, tcp: bool) -> bytes:
    """A chain of new names at every question, which never comes to an address."""
    if not tcp:
        return _cut(query)
    first = next(_count) * 1000
    names = ["@", *(f"n{number}.lie.test." for number in range(first, first + 500))]
    return _records(query, *((one, "CNAME", other) for one, other in itertools.pairwise(names))).to_wire(
        max_size=_LONGEST
    )


def _changing(query: dns.message.Message, tcp: bool) -> bytes:
    """Another address at every question."""
    number = next(_count)
    return _records(query, ("@", "A", f"192.0.2.{number % 250 + 1}")).to_wire()


def _wrong_id(query: dns.message.Message, tcp: bool) -> bytes:
    wire = bytearray(_honest(query, tcp))
    wire[0] ^= 0xFF
    return bytes(wire)


def _always_cut(query: dns.message.Message, tcp: bool) -> bytes:
    return _cut(query)


def _pointer_loop(query: dns.message.Message, tcp: bool) -> bytes:
    """An answer whose name is a compression pointer (RFC 1035 §4.1.4) to itself."""
    answer = bytearray(dns.message.make_response(query).to_wire())
    answer[6:8] = b"\0\1"
    answer[10:12] = b"\0\0"
    end = 12 + len(query.question[0].name.to_wire() or b"") + 4
    return bytes(answer[:end]) + (0xC000 | end).to_bytes(2, "big") + b"\0\1\0\1\0\0\0\0\0\4\x7f\0\0\1"


def _longest(query: dns.message.Message, tcp: bool) -> bytes:
    """As long as an answer can be over TCP: text records, and junk up to the last byte."""
    if not tcp:
        return _cut(query)
    text = " ".join(f'"{"x" * 250}"' for _ in range(4))
    wire = _records(query, *(("@", "TXT", f'{text} "{number}"') for number in range(60))).to_wire(
        max_size=_LONGEST
    )
    return wire + bytes(_LONGEST - len(wire))


def _many(query: dns.message.Message, tcp: bool) -> bytes:
    """Two thousand addresses of IPv6."""
    if not tcp:
        return _cut(query)
    return _records(query, *(("@", "AAAA", f"fd00::{number:x}") for number in range(1, 2001))).to_wire(
        max_size=_LONGEST
    )


def _mapped(query: dns.message.Message, tcp: bool) -> bytes:
    """An IPv4 address in the dress of IPv6."""
    return _records(query, ("@", "AAAA", f"::ffff:{_stated['honest']}")).to_wire()


LIES: dict[str, Lie] = {
    "honest": _honest,
    "another": _of_another_name,
    "loop": _loop,
    "endless": _endless,
    "changing": _changing,
    "wrong-id": _wrong_id,
    "cut": _always_cut,
    "pointer": _pointer_loop,
    "longest": _longest,
    "many": _many,
    "mapped": _mapped,
    "drip": _always_cut,
}


def _answer(wire: bytes, *, tcp: bool) -> tuple[str, bytes]:
    """The label that was asked for, and the answer; none to what is no question."""
    try:
        query = dns.message.from_wire(wire)
        name = query.question[0].name
    except (dns.exception.DNSException, IndexError):
        return "", b""
    # The names below a name lie as it does: _dmarc.loop.lie.test as loop.lie.test.
    label = name.labels[-4].decode(errors="replace") if len(name.labels) > 3 else "honest"
    return label, LIES.get(label, _honest)(query, tcp)


class _Datagrams(asyncio.DatagramProtocol):
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.DatagramTransport", transport)

    def datagram_received(self, data: bytes, address: tuple[str, int]) -> None:
        if answer := _answer(data, tcp=False)[1]:
            self._transport.sendto(answer, address)


async def _connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError, asyncio.IncompleteReadError):
        while True:
            size = int.from_bytes(await reader.readexactly(2), "big")
            label, answer = _answer(await reader.readexactly(size), tcp=True)
            framed = len(answer).to_bytes(2, "big") + answer
            if label == "drip":
                for place in range(len(framed)):
                    writer.write(framed[place : place + 1])
                    await writer.drain()
                    await asyncio.sleep(1)
            writer.write(framed)
            await writer.drain()
    writer.close()


async def _serve() -> None:
    address = _stated["address"]
    await asyncio.get_running_loop().create_datagram_endpoint(_Datagrams, local_addr=(address, 53))
    server = await asyncio.start_server(_connected, address, 53)
    print("ready", flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    _stated.update(json.loads(sys.argv[1]))
    asyncio.run(_serve())
