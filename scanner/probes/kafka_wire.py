"""Kafka's requests and answers, as far as they are needed (Kafka protocol guide, https://kafka.apache.org/protocol.html)."""

from __future__ import annotations

import struct
from dataclasses import dataclass

from scanner.errors import ProtocolError

METADATA, SASL_HANDSHAKE, API_VERSIONS = 3, 17, 18
LONGEST = 64 * 1024
UNSUPPORTED_MECHANISM, UNSUPPORTED_VERSION = 33, 35
_METADATA_NEWEST = 8
"""The newest version without the compact forms of later ones; the first that tells what a client may do to the cluster."""
_NOT_ASKED = -(1 << 31)


def request(key: int, version: int, number: int, body: bytes = b"") -> bytes:
    """A request with header version 1, which names the client."""
    payload = struct.pack("!hhi", key, version, number) + _string("zijian") + body
    return struct.pack("!i", len(payload)) + payload


def _string(text: str) -> bytes:
    data = text.encode("ascii")
    return struct.pack("!h", len(data)) + data


VERSIONS = request(API_VERSIONS, 0, 1)


def metadata_version(supported: dict[int, tuple[int, int]]) -> int | None:
    """The version in which to ask for metadata, or None where there is none in common."""
    low, high = supported.get(METADATA, (0, -1))
    version = min(high, _METADATA_NEWEST)
    return version if version >= max(low, 1) else None


def metadata(version: int, number: int) -> bytes:
    """Asks for brokers and for what we may do to the cluster; for no topic, and none is created."""
    body = struct.pack("!i", 0)
    if version >= 4:
        body += b"\x00"
    if version >= 8:
        body += b"\x01\x00"
    return request(METADATA, version, number, body)


def sasl_handshake(number: int) -> bytes:
    """Asks which SASL mechanisms there are, by naming one; nobody is logged in by it (KIP-43)."""
    return request(SASL_HANDSHAKE, 1, number, _string("SCRAM-SHA-256"))


@dataclass(slots=True)
class _Reader:
    """Reads values off an answer; a count is only a claim, and each entry must be there in the bytes."""

    data: bytes
    at: int = 0

    def number(self, form: str) -> int:
        size = struct.calcsize(form)
        if self.at + size > len(self.data):
            raise ProtocolError("a Kafka answer is cut short", kind="protocol")
        (value,) = struct.unpack_from(form, self.data, self.at)
        self.at += size
        return int(value)

    def text(self) -> str | None:
        size = self.number("!h")
        if size < 0:
            return None
        if self.at + size > len(self.data):
            raise ProtocolError("a Kafka text runs past its answer", kind="protocol")
        self.at += size
        return self.data[self.at - size : self.at].decode("utf-8", errors="replace")

    def count(self) -> int:
        return max(self.number("!i"), 0)


def read_versions(data: bytes, number: int) -> dict[int, tuple[int, int]]:
    """ApiVersions v0: request key to lowest and highest version.

    :raises ProtocolError: another answer, or cut short.
    """
    reader = _Reader(data)
    if reader.number("!i") != number:
        raise ProtocolError("a Kafka answer to another request", kind="protocol")
    error = reader.number("!h")
    if error not in (0, UNSUPPORTED_VERSION):
        raise ProtocolError(f"Kafka error {error} in answer to ApiVersions", kind="protocol")
    found: dict[int, tuple[int, int]] = {}
    for _ in range(reader.count()):
        key = reader.number("!h")
        found[key] = (reader.number("!h"), reader.number("!h"))
    if API_VERSIONS not in found:
        raise ProtocolError("a Kafka broker that does not know ApiVersions", kind="protocol")
    return found


@dataclass(frozen=True, slots=True)
class Metadata:
    """What a Metadata answer told."""

    brokers: int
    cluster: str | None
    operations: int | None
    """What we may do to the cluster, a bit for each AclOperation; None where it was not told."""


def read_metadata(data: bytes, version: int, number: int) -> Metadata:
    """Metadata v1 to v8.

    :raises ProtocolError: another answer, cut short, or topics that were not asked for.
    """
    reader = _Reader(data)
    if reader.number("!i") != number:
        raise ProtocolError("a Kafka answer to another request", kind="protocol")
    if version >= 3:
        reader.number("!i")
    brokers = reader.count()
    for _ in range(brokers):
        reader.number("!i")
        reader.text()
        reader.number("!i")
        reader.text()
    cluster = reader.text() if version >= 2 else None
    reader.number("!i")
    if reader.count():
        raise ProtocolError("Kafka tells of topics that were not asked for", kind="protocol")
    operations = reader.number("!i") if version >= 8 else _NOT_ASKED
    return Metadata(brokers, cluster, None if operations == _NOT_ASKED else operations)


def read_sasl_handshake(data: bytes, number: int) -> tuple[int, tuple[str, ...]]:
    """Error and mechanisms of a SaslHandshake answer.

    :raises ProtocolError: another answer, or cut short.
    """
    reader = _Reader(data)
    if reader.number("!i") != number:
        raise ProtocolError("a Kafka answer to another request", kind="protocol")
    error = reader.number("!h")
    return error, tuple(text for _ in range(reader.count()) if (text := reader.text()))


_OPERATIONS = {
    5: "CREATE", 7: "ALTER", 8: "DESCRIBE", 9: "CLUSTER_ACTION", 10: "DESCRIBE_CONFIGS", 11: "ALTER_CONFIGS",
    12: "IDEMPOTENT_WRITE",
}  # fmt: skip
"""AclOperation codes that apply to a cluster (org.apache.kafka.common.acl.AclOperation)."""


def operations(bits: int) -> tuple[str, ...]:
    """The operations that a bit field names."""
    return tuple(name for code, name in _OPERATIONS.items() if bits >> code & 1)
