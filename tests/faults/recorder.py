"""A recorder on loopback: listens on every address and counts who was connected to, whatever was meant."""

from __future__ import annotations

import contextlib
import ipaddress
import socket
import struct
from collections.abc import Iterator
from dataclasses import dataclass

_IP_PKTINFO = 8
"""linux/in.h; the socket module names it from Python 3.14 on."""

Contact = tuple[str, int, str]
"""Address, port and transport that something was sent to."""


@dataclass(frozen=True, slots=True)
class Recorder:
    """Listens for TCP and UDP on all IPv4 addresses, and on ``::1`` for TCP, at each of ``ports``."""

    tcp: tuple[socket.socket, ...]
    udp: tuple[socket.socket, ...]
    ports: tuple[int, ...]

    def contacts(self) -> list[Contact]:
        """Everything that came since the last call.

        The kernel has queued a connection when ``connect`` returns, and a datagram when ``send`` does, so that nothing
        is missed that was done before the call.
        """
        found: list[Contact] = []
        for listener in self.tcp:
            with contextlib.suppress(BlockingIOError):
                while True:
                    connection, _ = listener.accept()
                    with connection:
                        host, port = connection.getsockname()[:2]
                    found.append((host, port, "tcp"))
        for receiver in self.udp:
            port = receiver.getsockname()[1]
            with contextlib.suppress(BlockingIOError):
                while True:
                    _, ancillary, _, _ = receiver.recvmsg(2048, socket.CMSG_SPACE(12))
                    # struct in_pktinfo: interface, local address, address of the packet's header (ip(7)).
                    _, _, destination = struct.unpack("=I4s4s", ancillary[0][2])
                    found.append((str(ipaddress.IPv4Address(destination)), port, "udp"))
        return found


@contextlib.contextmanager
def recorder(number: int = 3) -> Iterator[Recorder]:
    """A recorder on ``number`` free ports."""
    with contextlib.ExitStack() as stack:

        def opened(
            family: socket.AddressFamily, kind: socket.SocketKind, host: str, port: int
        ) -> socket.socket:
            sock = stack.enter_context(socket.socket(family, kind))
            sock.bind((host, port))
            sock.setblocking(False)
            return sock

        tcp: list[socket.socket] = []
        udp: list[socket.socket] = []
        for _ in range(number):
            first = opened(socket.AF_INET, socket.SOCK_STREAM, "0.0.0.0", 0)
            port = first.getsockname()[1]
            tcp += [first, opened(socket.AF_INET6, socket.SOCK_STREAM, "::1", port)]
            udp.append(opened(socket.AF_INET, socket.SOCK_DGRAM, "0.0.0.0", port))
        for listener in tcp:
            listener.listen(64)
        for receiver in udp:
            receiver.setsockopt(socket.IPPROTO_IP, _IP_PKTINFO, 1)
        yield Recorder(tuple(tcp), tuple(udp), tuple(listener.getsockname()[1] for listener in tcp[::2]))
