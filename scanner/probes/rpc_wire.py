"""ONC RPC (RFC 5531) to the port mapper (RFC 1833), over UDP: a call that does nothing."""

from __future__ import annotations

import struct

from scanner.errors import ProtocolError

_XID = 0x7A696A6E
_CALL, _REPLY = 0, 1
_RPC_VERSION = 2
_PORT_MAPPER, _PORT_MAPPER_VERSION = 100000, 2
_NULL = 0


# No credentials, no verifier: flavour AUTH_NONE and length zero, twice.
NULL = struct.pack("!6I", _XID, _CALL, _RPC_VERSION, _PORT_MAPPER, _PORT_MAPPER_VERSION, _NULL) + bytes(16)


def read_reply(data: bytes) -> bytes:
    """The results in answer to a call; empty where it was denied.

    :raises ProtocolError: no such answer.
    """
    if len(data) < 20 or struct.unpack("!II", data[:8]) != (_XID, _REPLY):
        raise ProtocolError("no RPC reply to ours", kind="protocol")
    if struct.unpack("!I", data[8:12])[0]:
        return b""
    (length,) = struct.unpack("!I", data[16:20])
    if length > 400:
        raise ProtocolError("an RPC verifier of impossible length", kind="protocol")
    return data[20 + length + 4 :]
