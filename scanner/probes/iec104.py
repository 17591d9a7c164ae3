"""IEC 60870-5-104: does a telecontrol station answer strangers (§5.3). One test frame; data transfer is never started."""

from __future__ import annotations

from scanner.errors import ProtocolError
from scanner.facts.access import Iec104Facts
from scanner.probes.access import AccessProbe
from scanner.transport import Stream

TEST = bytes.fromhex("680443000000")
"""TESTFR act."""
CONFIRMED = bytes.fromhex("680483000000")
"""TESTFR con."""


async def _ask(stream: Stream) -> Iec104Facts:
    await stream.write(TEST)
    if await stream.read_exactly(len(CONFIRMED)) != CONFIRMED:
        raise ProtocolError("no confirmation of the test frame", kind="protocol")
    return Iec104Facts(answers=True, request="TESTFR act", reply="TESTFR con")


PROBE = AccessProbe("iec104", "TESTFR", _ask, frozenset({"iec104"}))
