"""Portainer: ``/api/status`` tells of the console, and ``/api/endpoints`` is answered without a login.

Read alone, with GET; nothing of the contents is kept.
"""

from __future__ import annotations

from scanner.facts.web_access import PortainerFacts
from scanner.probes.http_access import HttpAccessProbe, Read, form

PROBE = HttpAccessProbe(
    name="portainer",
    facts=PortainerFacts,
    products=frozenset({"portainer"}),
    tells=Read(
        "/api/status", form(rb'"InstanceID"'), {"version": form(rb'"Version"\s*:\s*"([\w.-]{1,32})"')}
    ),
    proof=Read("/api/endpoints", form(rb'\r\n\r\n\s*\[\s*\{\s*"Id"')),
)
