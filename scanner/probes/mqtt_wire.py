"""MQTT's CONNECT and CONNACK (OASIS MQTT 3.1.1 §3.1, §3.2)."""

from __future__ import annotations


def connect(client_id: str) -> bytes:
    """A CONNECT without user name, password and will, for a clean session that ends with the connection."""
    name = client_id.encode("ascii")
    # Protocol name and level 4 (3.1.1), flags: clean session, keep alive 30 s, then the client's own name.
    body = b"\x00\x04MQTT\x04\x02\x00\x1e" + len(name).to_bytes(2, "big") + name
    return b"\x10" + bytes([len(body)]) + body


CONNECT = connect("zijian")
DISCONNECT = b"\xe0\x00"

ACCEPTED = 0
BAD_CREDENTIALS = frozenset({4, 5})
"""Bad user name or password; not authorized (§3.2.2.3)."""
REASONS = {
    0: "connection accepted",
    1: "unacceptable protocol version",
    2: "identifier rejected",
    3: "server unavailable",
    4: "bad user name or password",
    5: "not authorized",
}
