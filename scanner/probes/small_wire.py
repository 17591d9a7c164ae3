"""The small services over UDP: echo (RFC 862), daytime (RFC 867), quote of the day (RFC 865), character generator (RFC 864).

They answer any datagram, so that their own form alone tells them apart.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from scanner.errors import ProtocolError

QUESTION = b"zijian"
_TIME = re.compile(rb"\d{1,2}:\d{2}")
_PRINTED = bytes(range(33, 127))


def _echo(data: bytes) -> bool:
    return data == QUESTION


def _daytime(data: bytes) -> bool:
    return len(data) <= 200 and data.strip().isascii() and _TIME.search(data) is not None


def _text(data: bytes) -> bool:
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return all(char.isprintable() or char in "\t\r\n" for char in text)


def _quote(data: bytes) -> bool:
    return 4 <= len(data) <= 2048 and data != QUESTION and _text(data)


def _characters(data: bytes) -> bool:
    # Lines of the printable characters in their order (§ “a popular character generator pattern”).
    line = data.lstrip(b" ")[:16]
    return len(line) == 16 and line in _PRINTED * 2


FORMS: Mapping[str, Callable[[bytes], bool]] = {
    "echo": _echo,
    "daytime": _daytime,
    "qotd": _quote,
    "chargen": _characters,
}
"""How each one's answer to :data:`QUESTION` looks."""


def reader(service: str) -> Callable[[bytes], bytes]:
    """Reads the answer of one of these services."""

    def read(data: bytes) -> bytes:
        if not FORMS[service](data):
            raise ProtocolError(f"no answer of {service}", kind="protocol")
        return data

    return read
