"""ZooKeeper: what ``srvr`` tells, the one four-letter word that is on by default (ZooKeeper administrator's guide).

A session is not opened, since the ensemble writes each one into its log; so whether the data can be read is not asked.
"""

from __future__ import annotations

import re

from scanner.errors import ProtocolError
from scanner.facts import Said
from scanner.facts.access import ZookeeperFacts
from scanner.probes.access import AccessProbe, shown
from scanner.probes.conversation import hear
from scanner.text import printable
from scanner.transport import Stream

SRVR = b"srvr"
"""Sent without a line end; the server answers and closes."""
_VERSION = re.compile(rb"Zookeeper version: ([0-9][0-9.]{0,20})")
_MODE = re.compile(rb"^Mode: (\w{1,20})", re.MULTILINE)
_NODES = re.compile(rb"^Node count: (\d{1,12})", re.MULTILINE)
_NO_ANSWER = (
    b"srvr is not executed because it is not in the whitelist",
    b"This ZooKeeper instance is not currently serving requests",
)


async def _ask(stream: Stream) -> ZookeeperFacts:
    await stream.write(SRVR)
    reply = (await hear(stream, first=5, limit=4096)).data
    if reply.startswith(_NO_ANSWER):
        return ZookeeperFacts(answers=True, request="srvr", reply=shown(reply.rstrip()))
    version = _VERSION.match(reply)
    if version is None:
        raise ProtocolError(f"no ZooKeeper answer: {printable(reply, 120)}", kind="protocol")
    told = (("version", version), ("mode", _MODE.search(reply)), ("nodes", _NODES.search(reply)))
    return ZookeeperFacts(
        answers=True,
        said=tuple(Said(name, found.group(1).decode("ascii")) for name, found in told if found),
        request="srvr",
        reply=shown(reply.partition(b"\n")[0]),
        version=version.group(1).decode("ascii"),
    )


PROBE = AccessProbe("zookeeper", "srvr", _ask, frozenset({"zookeeper"}))
