"""SMB, as far as an anonymous listing of shares goes ([MS-SMB2], [MS-NLMP], [MS-RPCE], [MS-SRVS]); and one hello of SMB 1 ([MS-CIFS])."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from uuid import UUID

from scanner.errors import ProtocolError
from scanner.text import printable

LONGEST = 256 * 1024
"""Bytes of one message that are read."""
SUCCESS, PENDING, MORE_PROCESSING, BUFFER_OVERFLOW = 0, 0x103, 0xC0000016, 0x80000005
DENIED = frozenset({0xC0000022, 0xC000006D, 0xC000006E, 0xC0000072, 0xC000019C, 0xC00000CC, 0xC0000034})
"""Access denied, failed logons, guests and anonymous users switched off, no such share or pipe for them."""
NEGOTIATE, SESSION_SETUP, TREE_CONNECT, CREATE, IOCTL = 0, 1, 3, 5, 11
DIALECTS = {0x0202: "2.0.2", 0x0210: "2.1", 0x0300: "3.0", 0x0302: "3.0.2", 0x0311: "3.1.1"}
_SIGNING_REQUIRED = 2
_HEAD = struct.Struct("<4sHHIHHIIQIIQ16s")
_TRANSCEIVE = 0x0011C017
_NTLM_FLAGS = 0x20080205
"""Unicode, target, NTLM, extended session security, 128 bits ([MS-NLMP] §2.2.2.5)."""
_ANONYMOUS = 0x0800
_SRVSVC = UUID("4b324fc8-1670-01d3-1278-5a47bf6ee188")
_NDR = UUID("8a885d04-1ceb-11c9-9fe8-08002b104860")
_SHARE_ENUM = 15
_MOST_SHARES = 200

SESSION_REQUEST = (
    b"\x81\x00\x00\x44\x20CKFDENECFDEFFCFGEFFCCACACACACACA\x00\x20FKEJEKEJEBEOCACACACACACACACACACA\x00"
)
"""NetBIOS session request on port 139, from ZIJIAN to *SMBSERVER (RFC 1002 §4.3.2)."""
SESSION_GRANTED = b"\x82\x00\x00\x00"


def framed(message: bytes) -> bytes:
    """A message with its length in front ([MS-SMB2] §2.1)."""
    return struct.pack("!I", len(message)) + message


@dataclass(frozen=True, slots=True)
class Reply:
    """One SMB2 response: its status, the identifiers that later requests carry, and all of it."""

    status: int
    session: int
    tree: int
    data: bytes

    @property
    def body(self) -> bytes:
        """What follows the header."""
        return self.data[64:]

    def at(self, offset: int, size: int) -> bytes:
        """A buffer that the response points to, from the start of its header."""
        return self.data[offset : offset + size]


def read_reply(data: bytes, command: int) -> Reply:
    """A response to ``command``.

    :raises ProtocolError: it is none.
    """
    if len(data) < 66:
        raise ProtocolError("no SMB2 response", kind="protocol")
    mark, _, _, status, found, _, flags, _, _, _, tree, session, _ = _HEAD.unpack(data[:64])
    if mark != b"\xfeSMB" or found != command or not flags & 1:
        raise ProtocolError("no SMB2 response to ours", kind="protocol")
    return Reply(status, session, tree, data)


def _request(command: int, number: int, body: bytes, *, session: int = 0, tree: int = 0) -> bytes:
    head = _HEAD.pack(
        b"\xfeSMB", 64, 1 if number else 0, 0, command, 8, 0, 0, number, 0xFEFF, tree, session, bytes(16)
    )
    return framed(head + body)


def negotiate() -> bytes:
    """SMB 2.0.2 to 3.1.1, whose one needed context follows the dialects (§2.2.3)."""
    dialects = struct.pack(f"<{len(DIALECTS)}H", *DIALECTS)
    context = struct.pack("<HHIHHH", 1, 38, 0, 1, 32, 1) + b"zijian".ljust(32, b"\0")
    after = 64 + 36 + len(dialects)
    padding = bytes(-after % 8)
    body = struct.pack("<HHHHI", 36, len(DIALECTS), 1, 0, 0) + b"zijian".ljust(16, b"\0")
    body += struct.pack("<IHH", after + len(padding), 1, 0) + dialects + padding + context
    return _request(NEGOTIATE, 0, body)


@dataclass(frozen=True, slots=True)
class Negotiated:
    """What the server chose."""

    dialect: str
    signing_required: bool


def read_negotiated(data: bytes) -> Negotiated:
    """The answer to :func:`negotiate`.

    :raises ProtocolError: it is none.
    """
    reply = read_reply(data, NEGOTIATE)
    if reply.status or len(reply.body) < 6:
        raise ProtocolError(f"negotiation failed: 0x{reply.status:08x}", kind="protocol")
    mode, dialect = struct.unpack("<HH", reply.body[2:6])
    return Negotiated(DIALECTS.get(dialect, f"0x{dialect:04x}"), bool(mode & _SIGNING_REQUIRED))


def session_setup(number: int, token: bytes, session: int = 0) -> bytes:
    """§2.2.5, with a bare NTLM message as token."""
    body = struct.pack("<HBBIIHHQ", 25, 0, 1, 0, 0, 88, len(token), 0) + token
    return _request(SESSION_SETUP, number, body, session=session)


NTLM_NEGOTIATE = b"NTLMSSP\0" + struct.pack("<II", 1, _NTLM_FLAGS) + bytes(16)


def ntlm_anonymous() -> bytes:
    """AUTHENTICATE_MESSAGE of nobody: no name, no answer to the challenge ([MS-NLMP] §3.2.5.1.2)."""
    nothing, answer = struct.pack("<HHI", 0, 0, 65), struct.pack("<HHI", 1, 1, 64)
    fields = answer + nothing * 5
    return b"NTLMSSP\0" + struct.pack("<I", 3) + fields + struct.pack("<I", _NTLM_FLAGS | _ANONYMOUS) + b"\0"


def windows_version(reply: Reply) -> str | None:
    """The version of the system in a challenge ([MS-NLMP] §2.2.1.2); None where it tells none. Samba says 6.1.0."""
    start = reply.data.find(b"NTLMSSP\0\x02\0\0\0")
    version = reply.data[start + 48 : start + 56] if start >= 0 else b""
    if len(version) < 8 or not version[0]:
        return None
    return f"{version[0]}.{version[1]}.{int.from_bytes(version[2:4], 'little')}"


def tree_connect(number: int, session: int, host: str) -> bytes:
    """IPC$, where pipes are (§2.2.9)."""
    path = f"\\\\{host}\\IPC$".encode("utf-16-le")
    return _request(TREE_CONNECT, number, struct.pack("<HHHH", 9, 0, 72, len(path)) + path, session=session)


def open_srvsvc(number: int, session: int, tree: int) -> bytes:
    """The pipe of the server service (§2.2.13), to read and write messages on."""
    name = "srvsvc".encode("utf-16-le")
    body = struct.pack("<HBBIQQ", 57, 0, 0, 2, 0, 0) + struct.pack("<5I", 0x0012019F, 0, 7, 1, 0)
    body += struct.pack("<HHII", 120, len(name), 0, 0) + name
    return _request(CREATE, number, body, session=session, tree=tree)


def transceive(number: int, session: int, tree: int, file: bytes, message: bytes) -> bytes:
    """A message on the pipe, and its answer (§2.2.31, FSCTL_PIPE_TRANSCEIVE)."""
    body = struct.pack("<HHI", 57, 0, _TRANSCEIVE) + file
    body += struct.pack("<8I", 120, len(message), 0, 0, 0, 65536, 1, 0) + message
    return _request(IOCTL, number, body, session=session, tree=tree)


def transceived(reply: Reply) -> bytes:
    """The message in answer."""
    if len(reply.body) < 40:
        return b""
    offset, size = struct.unpack("<II", reply.body[32:40])
    return reply.at(offset, size)


def _rpc(kind: int, body: bytes) -> bytes:
    return struct.pack("<BBBB4sHHI", 5, 0, kind, 3, b"\x10\0\0\0", 16 + len(body), 0, 1) + body


def rpc_bind() -> bytes:
    """To the server service, version 3 ([C706] §12.6.4.3)."""
    syntaxes = _SRVSVC.bytes_le + struct.pack("<I", 3) + _NDR.bytes_le + struct.pack("<I", 2)
    return _rpc(11, struct.pack("<HHIBBHHBB", 4280, 4280, 0, 1, 0, 0, 0, 1, 0) + syntaxes)


def share_enum(host: str) -> bytes:
    """NetrShareEnum, level 1 ([MS-SRVS] §3.1.4.8)."""
    name = f"\\\\{host}\0".encode("utf-16-le")
    units = len(name) // 2
    stub = struct.pack("<4I", 0x20000, units, 0, units) + name + bytes(-len(name) % 4)
    stub += struct.pack("<5I", 1, 1, 0x20004, 0, 0) + struct.pack("<3I", 0xFFFFFFFF, 0x20008, 0)
    return _rpc(0, struct.pack("<IHH", len(stub), 0, _SHARE_ENUM) + stub)


def read_shares(message: bytes) -> tuple[str, ...] | None:
    """Names of shares in the answer to :func:`share_enum`; None where it was refused or cannot be read."""
    if len(message) < 52 or message[:3] != b"\x05\x00\x02" or int.from_bytes(message[-4:], "little"):
        return None
    stub = message[24:]
    (entries,) = struct.unpack("<I", stub[12:16])
    at = 24 + 12 * entries
    names: list[str] = []
    for _ in range(min(entries, _MOST_SHARES)):
        name, at = _string(stub, at)
        _, at = _string(stub, at)
        if name is None:
            break
        names.append(name)
    return tuple(names) if entries <= 100_000 else None


def _string(stub: bytes, at: int) -> tuple[str | None, int]:
    """A string of wide characters, and where the next begins."""
    if at + 12 > len(stub):
        return None, at
    units = int.from_bytes(stub[at + 8 : at + 12], "little")
    end = at + 12 + 2 * units
    if end > len(stub):
        return None, len(stub)
    text = stub[at + 12 : end].decode("utf-16-le", errors="replace").rstrip("\0")
    return printable(text, 80), end + (-end % 4)


def _smb1_negotiate(*dialects: bytes) -> bytes:
    listed = b"".join(b"\x02" + dialect + b"\0" for dialect in dialects)
    head = b"\xffSMB\x72\0\0\0\0\x18\x01\xc8" + bytes(12) + b"\xff\xff\xfe\xff\0\0\0\0"
    return framed(head + b"\0" + struct.pack("<H", len(listed)) + listed)


ANY_VERSION = _smb1_negotiate(b"NT LM 0.12", b"SMB 2.002", b"SMB 2.???")
"""A hello in the form of SMB 1 that servers of every version answer, those of SMB 2 in its own form ([MS-SMB2] §3.3.5.3)."""
SMB1_NEGOTIATE = _smb1_negotiate(b"NT LM 0.12")
"""The one dialect that was ever wide-spread ([MS-CIFS] §2.2.4.52)."""


def chose_smb1(data: bytes) -> bool:
    """Whether an answer to :data:`SMB1_NEGOTIATE` takes the dialect.

    :raises ProtocolError: it is no answer of SMB 1.
    """
    if data[:5] != b"\xffSMB\x72" or len(data) < 35:
        raise ProtocolError("no answer of SMB 1", kind="protocol")
    return data[32] == 17 and data[33:35] == b"\0\0"
