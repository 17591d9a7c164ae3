"""Results of other scanners, taken in as evidence: another tool's word, never more.

A reader makes :class:`Entry` of what a file says; which duties an entry bears on is told by ``mapping.toml``. Nothing here decides
whether an address is in scope: whoever attaches entries to a scan holds each against the scan's own scope.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from reports.other_tools import nmap_xml, nuclei, sarif, sslyze, testssl
from reports.other_tools.model import MOST_BYTES, Entry, ForeignError, ForeignReport

__all__ = ["FORMATS", "MOST_BYTES", "Entry", "ForeignError", "ForeignReport", "read"]

FORMATS: Mapping[str, Callable[[bytes], ForeignReport]] = {
    "nmap-xml": nmap_xml.read,
    "nuclei-jsonl": nuclei.read,
    "testssl-json": testssl.read,
    "sslyze-json": sslyze.read,
    "sarif": sarif.read,
}
"""Name of a format -> its reader."""


def read(name: str, data: bytes) -> ForeignReport:
    """Read a file of the format called ``name``.

    :raises ForeignError: it is not of that format; the message says what is wrong and where.
    """
    if len(data) > MOST_BYTES:
        raise ForeignError(
            f"文件超过 {MOST_BYTES // 1024 // 1024} MB", f"it is larger than {MOST_BYTES // 1024 // 1024} MB"
        )
    return FORMATS[name](data)
