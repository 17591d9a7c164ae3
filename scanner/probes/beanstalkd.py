"""beanstalkd: does it carry out ``stats`` (beanstalkd: doc/protocol.txt). The protocol has no authentication."""

from __future__ import annotations

import re

from scanner.errors import ProtocolError
from scanner.facts import Said
from scanner.facts.access import BeanstalkdFacts
from scanner.probes.access import AccessProbe
from scanner.text import printable
from scanner.transport import Stream

STATS = b"stats\r\n"
_OK = re.compile(rb"OK (\d{1,5})")
_LONGEST = 16384
_TOLD = re.compile(
    rb"^(version|current-jobs-ready|current-tubes|current-connections): \"?([\w.+-]{1,40})", re.MULTILINE
)


async def _ask(stream: Stream) -> BeanstalkdFacts:
    await stream.write(STATS)
    head = await stream.read_line()
    size = _OK.fullmatch(head)
    if size is None:
        raise ProtocolError(f"no beanstalkd answer: {printable(head, 120)}", kind="protocol")
    body = await stream.read_exactly(min(int(size.group(1)), _LONGEST))
    told = {name.decode("ascii"): value.decode("ascii") for name, value in _TOLD.findall(body)}
    if "version" not in told:
        raise ProtocolError("beanstalkd's statistics name no version", kind="protocol")
    await stream.write(b"quit\r\n")
    return BeanstalkdFacts(
        answers=True,
        said=tuple(Said(name, value) for name, value in told.items()),
        access="open",
        request="stats",
        reply=head.decode("ascii"),
        version=told["version"],
    )


PROBE = AccessProbe("beanstalkd", "stats", _ask, frozenset({"beanstalkd"}))
