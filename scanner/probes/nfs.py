"""NFS: does a file server answer strangers, and in which versions (RFC 1813, RFC 7530).

The null procedure of a version that there is not: the answer names those there are. Nothing is mounted or looked up.
"""

from __future__ import annotations

from scanner.errors import ProtocolError
from scanner.facts import Said
from scanner.facts.access import NfsFacts
from scanner.probes.access import AccessProbe
from scanner.probes.rpc_wire import NFS, accepted, ask, speaks
from scanner.transport import Stream

NO_VERSION = 99


async def _ask(stream: Stream) -> NfsFacts:
    reply = await ask(stream, NFS, NO_VERSION, 0)
    versions = speaks(reply)
    if versions is None:
        raise ProtocolError(f"no NFS: state {accepted(reply)}", kind="protocol")
    low, high = versions
    told = str(low) if low == high else f"{low} - {high}"
    return NfsFacts(answers=True, said=(Said("versions", told),), request="NULL", reply=f"versions {told}")


PROBE = AccessProbe("nfs", "NULL", _ask, frozenset({"nfs"}))
