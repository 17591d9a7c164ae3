"""Kibana or OpenSearch Dashboards: ``/api/status`` tells of the console, and ``/api/spaces/space`` is answered without a login.

Read alone, with GET; nothing of the contents is kept.
"""

from __future__ import annotations

from scanner.facts.web_access import KibanaFacts
from scanner.probes.http_access import HttpAccessProbe, Read, form

PROBE = HttpAccessProbe(
    name="kibana",
    facts=KibanaFacts,
    products=frozenset({"kibana"}),
    tells=Read("/api/status", form(rb'"status"\s*:'), {"version": form(rb'"number"\s*:\s*"([\w.-]{1,32})"')}),
    proof=Read("/api/spaces/space", form(rb'\r\n\r\n\s*\[\s*\{\s*"id"\s*:')),
)
