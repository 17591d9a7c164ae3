"""Grafana: ``/api/health`` names the version to everyone; ``/api/org`` is answered without a login only where anonymous access is on.

Read alone, with GET; nothing of the contents is kept.
"""

from __future__ import annotations

from scanner.facts.web_access import GrafanaFacts
from scanner.probes.http_access import HttpAccessProbe, Read, form

PROBE = HttpAccessProbe(
    name="grafana",
    facts=GrafanaFacts,
    products=frozenset({"grafana"}),
    tells=Read(
        "/api/health", form(rb'"database"\s*:\s*"'), {"version": form(rb'"version"\s*:\s*"([\w.+-]{1,32})"')}
    ),
    proof=Read("/api/org", form(rb'"id"\s*:\s*\d+\s*,\s*"name"\s*:')),
)
