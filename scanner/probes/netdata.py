"""Netdata: ``/api/v1/info`` tells of the machine.

Read alone, with GET; nothing of the contents is kept.
"""

from __future__ import annotations

from scanner.facts.web_access import NetdataFacts
from scanner.probes.http_access import HttpAccessProbe, Read, form

PROBE = HttpAccessProbe(
    name="netdata",
    facts=NetdataFacts,
    products=frozenset({"netdata", "netdata embedded http server"}),
    proof=Read(
        "/api/v1/info",
        form(rb'"version"\s*:\s*"v?[0-9].*?"uid"\s*:'),
        {"version": form(rb'"version"\s*:\s*"v?([0-9][\w.-]{0,30})"')},
    ),
)
