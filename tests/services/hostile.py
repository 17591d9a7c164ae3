"""TCP and UDP servers that misbehave on purpose, on loopback addresses of their own."""

from __future__ import annotations

import contextlib
import random
import socket
import struct
import threading
from collections.abc import Callable, Iterator

from tests.servers.process import loopback_address

PORT = 7000

Behaviour = Callable[[socket.socket, threading.Event], None]


def silent(peer: socket.socket, stop: threading.Event) -> None:
    """Accept, and say nothing."""
    stop.wait(60)


def drip(peer: socket.socket, stop: threading.Event) -> None:
    """One byte at a time, without end."""
    while not stop.wait(0.1):
        peer.sendall(b"2")


def endless(peer: socket.socket, stop: threading.Event) -> None:
    """As much as the connection takes, without a line end."""
    while not stop.is_set():
        peer.sendall(b"A" * 65536)


def endless_lines(peer: socket.socket, stop: threading.Event) -> None:
    """Lines without end, each of which looks like the start of a longer answer."""
    while not stop.is_set():
        peer.sendall(b"220-more to come\r\n" * 500)


def reset(peer: socket.socket, stop: threading.Event) -> None:
    """Reset the connection at once."""
    peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def hang_up(peer: socket.socket, stop: threading.Event) -> None:
    """Close at once."""


def garbage(peer: socket.socket, stop: threading.Event) -> None:
    """The same random bytes each time, then silence."""
    peer.sendall(random.Random(7).randbytes(3000))
    stop.wait(60)


def zeros(peer: socket.socket, stop: threading.Event) -> None:
    """Zero bytes, which many length fields take for nothing at all."""
    peer.sendall(bytes(4096))
    stop.wait(60)


def saying(*parts: bytes, listen_first: bool = False, hold: bool = True) -> Behaviour:
    """Say ``parts``, the next one whenever something was received; then keep the connection open, or close it."""

    def behave(peer: socket.socket, stop: threading.Event) -> None:
        for index, part in enumerate(parts):
            if (index or listen_first) and not peer.recv(65536):
                return
            peer.sendall(part)
        if hold:
            stop.wait(60)

    return behave


ALL: dict[str, Behaviour] = {
    "silent": silent,
    "drip": drip,
    "endless": endless,
    "endless lines": endless_lines,
    "reset": reset,
    "hang up": hang_up,
    "garbage": garbage,
    "zeros": zeros,
}


@contextlib.contextmanager
def tcp_server(behaviour: Behaviour, port: int = PORT) -> Iterator[str]:
    """A TCP server on an address of its own that treats every connection alike."""
    address = loopback_address()
    stop = threading.Event()
    listener = socket.create_server((address, port))
    listener.settimeout(0.1)

    def treat(peer: socket.socket) -> None:
        with contextlib.suppress(OSError), peer:
            peer.settimeout(20)
            behaviour(peer, stop)

    def accept() -> None:
        while not stop.is_set():
            try:
                peer, _ = listener.accept()
            except TimeoutError:
                continue
            threading.Thread(target=treat, args=(peer,), daemon=True).start()

    thread = threading.Thread(target=accept, daemon=True)
    thread.start()
    try:
        yield address
    finally:
        stop.set()
        thread.join()
        listener.close()


@contextlib.contextmanager
def udp_server(
    answer: Callable[[bytes], list[bytes]],
    port: int = PORT,
    *,
    from_port: int | None = None,
    address: str | None = None,
) -> Iterator[str]:
    """A UDP server that sends ``answer(datagram)`` back, from the port that was asked or from another one."""
    address = address or loopback_address()
    stop = threading.Event()
    sock = out = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.bind((address, port))
    sock.settimeout(0.1)
    if from_port is not None:
        out = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        out.bind((address, from_port))

    def serve() -> None:
        while not stop.is_set():
            with contextlib.suppress(OSError):
                data, peer = sock.recvfrom(65536)
                for reply in answer(data):
                    out.sendto(reply, peer)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield address
    finally:
        stop.set()
        thread.join()
        sock.close()
        out.close()
