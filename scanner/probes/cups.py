"""CUPS: ``/`` names the print server, and ``/printers/`` lists its printers.

Read alone, with GET; nothing of the contents is kept.
"""

from __future__ import annotations

from scanner.facts.web_access import CupsFacts
from scanner.probes.http_access import HttpAccessProbe, Read, form

PROBE = HttpAccessProbe(
    name="cups",
    facts=CupsFacts,
    products=frozenset({"cups"}),
    ports=frozenset({631}),
    tells=Read(
        "/",
        form(rb"<title>[^<]{1,40} - CUPS ?[0-9]"),
        {"version": form(rb"<title>[^<]{1,40} - CUPS ?([0-9][\w.]{0,20})")},
    ),
    proof=Read("/printers/", form(rb"<title>[^<]{1,40} - CUPS ?[0-9]")),
)
