"""HAProxy: the page of its statistics, where it is the site's first.

Read alone, with GET; nothing of the contents is kept.
"""

from __future__ import annotations

from scanner.facts.web_access import HaproxyStatsFacts
from scanner.probes.http_access import HttpAccessProbe, Read, form

PROBE = HttpAccessProbe(
    name="haproxy_stats",
    facts=HaproxyStatsFacts,
    products=frozenset({"haproxy statistics"}),
    proof=Read(
        "/",
        form(rb"<title>Statistics Report for HAProxy"),
        {"version": form(rb"HAProxy version ([0-9][\w.-]{0,30})")},
    ),
)
