"""SMB: are shares listed to an anonymous client, is its first version still spoken, are messages signed.

One connection negotiates, opens a session without a name ([MS-NLMP]: anonymous) and asks for the names of shares; no share is
opened. Another offers SMB 1 alone.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, replace

from scanner.errors import PeerClosed, ProtocolError, TargetError
from scanner.facts import Said, ServiceFacts
from scanner.facts.access import SmbFacts
from scanner.probes import Session, probe_error, smb_wire
from scanner.probes.access import LIMITS, shown
from scanner.probes.conversation import opened
from scanner.probes.smb_wire import Reply
from scanner.transport import Stream

_NETBIOS = 139
_SHOWN_SHARES = 8


class _Denied(Exception):
    """A step was refused by the server, with its status."""


async def _message(stream: Stream) -> bytes:
    (head,) = struct.unpack("!I", await stream.read_exactly(4))
    if not 4 < head <= smb_wire.LONGEST:
        raise ProtocolError("no SMB message", kind="protocol")
    return await stream.read_exactly(head)


async def _netbios(stream: Stream, port: int) -> None:
    if port != _NETBIOS:
        return
    await stream.write(smb_wire.SESSION_REQUEST)
    if await stream.read_exactly(4) != smb_wire.SESSION_GRANTED:
        raise ProtocolError("the NetBIOS session was not granted", kind="protocol")


async def _step(stream: Stream, request: bytes, command: int, *fine: int) -> Reply:
    await stream.write(request)
    reply = smb_wire.read_reply(await _message(stream), command)
    if reply.status == smb_wire.PENDING:
        reply = smb_wire.read_reply(await _message(stream), command)
    if reply.status in (smb_wire.SUCCESS, *fine):
        return reply
    if reply.status in smb_wire.DENIED:
        raise _Denied(f"0x{reply.status:08x}")
    raise ProtocolError(f"status 0x{reply.status:08x}", kind="protocol")


async def _list(stream: Stream, host: str, facts: SmbFacts) -> SmbFacts:
    """Go as far as the server lets nobody go."""
    facts = replace(facts, request="anonymous session")
    try:
        challenge = await _step(
            stream,
            smb_wire.session_setup(1, smb_wire.NTLM_NEGOTIATE),
            smb_wire.SESSION_SETUP,
            smb_wire.MORE_PROCESSING,
        )
        facts = replace(facts, version=smb_wire.windows_version(challenge))
        session = challenge.session
        await _step(
            stream,
            smb_wire.session_setup(2, smb_wire.ntlm_anonymous(), session),
            smb_wire.SESSION_SETUP,
        )
        facts = replace(facts, anonymous_session=True)
        tree = (await _step(stream, smb_wire.tree_connect(3, session, host), smb_wire.TREE_CONNECT)).tree
        pipe = await _step(stream, smb_wire.open_srvsvc(4, session, tree), smb_wire.CREATE)
        file = pipe.body[64:80]
        facts = replace(facts, request="NetrShareEnum")
        await _step(stream, smb_wire.transceive(5, session, tree, file, smb_wire.rpc_bind()), smb_wire.IOCTL)
        listed = await _step(
            stream,
            smb_wire.transceive(6, session, tree, file, smb_wire.share_enum(host)),
            smb_wire.IOCTL,
            smb_wire.BUFFER_OVERFLOW,
        )
    except _Denied as denied:
        denied_session = facts.anonymous_session is None
        return replace(
            facts,
            access="authentication",
            reply=str(denied),
            anonymous_session=False if denied_session else facts.anonymous_session,
        )
    shares = smb_wire.read_shares(smb_wire.transceived(listed))
    if shares is None:
        return replace(facts, access="authentication", reply="refused")
    names = ", ".join(shares[:_SHOWN_SHARES])
    return replace(
        facts, access="open", reply=f"{len(shares)} shares", said=(*facts.said, Said("shares", shown(names)))
    )


async def _speaks_smb1(stream: Stream) -> bool:
    await stream.write(smb_wire.SMB1_NEGOTIATE)
    try:
        return smb_wire.chose_smb1(await _message(stream))
    except PeerClosed:
        # It hangs up on what it does not speak ([MS-SMB2] §3.3.5.3.1).
        return False


@dataclass(frozen=True, slots=True)
class SmbProbe:
    """The probe of this module: see :class:`scanner.probes.Probe`."""

    name: str = "smb"
    per_name: bool = False
    max_connections: int = 2

    def applies(self, service: ServiceFacts) -> bool:
        """Services identified as SMB."""
        return service.protocol == "smb" and service.endpoint.transport == "tcp"

    async def run(self, session: Session, service: ServiceFacts) -> SmbFacts:
        """Negotiate, list, and ask for SMB 1.

        :raises TargetError: no connection, or no SMB in any version.
        """
        port = service.endpoint.port
        facts = SmbFacts(request="negotiate")
        trouble: TargetError | None = None
        try:
            async with opened(session, service, "smb: anonymous list of shares", limits=LIMITS) as stream:
                await _netbios(stream, port)
                await stream.write(smb_wire.negotiate())
                chosen = smb_wire.read_negotiated(await _message(stream))
                facts = replace(
                    facts,
                    answers=True,
                    said=(Said("dialect", chosen.dialect),),
                    dialect=chosen.dialect,
                    signing_required=chosen.signing_required,
                    reply=f"SMB {chosen.dialect}",
                )
                facts = await _list(stream, service.endpoint.address, facts)
        except TargetError as error:
            trouble = error
            if facts.answers:
                facts = replace(facts, errors=(probe_error("shares", error),))
        try:
            async with opened(session, service, "smb: SMB 1 hello", limits=LIMITS) as stream:
                await _netbios(stream, port)
                facts = replace(facts, smb1=await _speaks_smb1(stream))
        except TargetError as error:
            if not facts.answers:
                raise trouble or error from None
            facts = replace(facts, errors=(*facts.errors, probe_error("smb1", error)))
        if not facts.answers and not facts.smb1:
            assert trouble is not None
            raise trouble
        return replace(facts, answers=True)


PROBE = SmbProbe()
