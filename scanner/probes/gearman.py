"""Gearman: does its text protocol answer administrators' questions from a stranger (gearmand: PROTOCOL).

``version``, then ``status``, whose lines name the functions that workers offer: they are counted, and not kept.
"""

from __future__ import annotations

import re

from scanner.errors import ProtocolError
from scanner.facts import Said
from scanner.facts.access import GearmanFacts
from scanner.probes.access import AccessProbe
from scanner.text import printable
from scanner.transport import Stream

VERSION = b"version\n"
_OK = re.compile(rb"OK ([0-9][\w.+-]{0,40})")
_STATUS = re.compile(rb"[^\t]{0,512}\t\d{1,10}\t\d{1,10}\t\d{1,10}")
"""Function, jobs waiting, jobs running, workers."""
_MOST = 200
"""Lines of ``status`` that are read; the proof needs only the first."""


async def _ask(stream: Stream) -> GearmanFacts:
    await stream.write(VERSION)
    head = await stream.read_line()
    version = _OK.fullmatch(head)
    if version is None:
        raise ProtocolError(f"no Gearman answer: {printable(head, 120)}", kind="protocol")
    await stream.write(b"status\n")
    functions = 0
    while functions < _MOST and (line := await stream.read_line()) != b".":
        if not _STATUS.fullmatch(line):
            raise ProtocolError(f"no Gearman status: {printable(line, 120)}", kind="protocol")
        functions += 1
    text = version.group(1).decode("ascii")
    return GearmanFacts(
        answers=True,
        said=(Said("version", text), Said("functions", str(functions))),
        access="open",
        request="status",
        reply=f"{functions} functions",
        version=text,
    )


PROBE = AccessProbe("gearman", "version, status", _ask, frozenset({"gearman"}))
