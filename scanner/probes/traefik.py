"""Traefik: ``/api/version`` names the proxy, and ``/api/overview`` is answered without authentication.

Read alone, with GET; nothing of the contents is kept.
"""

from __future__ import annotations

from scanner.facts.web_access import TraefikFacts
from scanner.probes.http_access import HttpAccessProbe, Read, form

PROBE = HttpAccessProbe(
    name="traefik",
    facts=TraefikFacts,
    products=frozenset({"traefik"}),
    ports=frozenset({8080}),
    tells=Read(
        "/api/version",
        form(rb'"Version"\s*:\s*"[^"]{1,40}",\s*"Codename"'),
        {"version": form(rb'"Version"\s*:\s*"([\w.-]{1,32})"')},
    ),
    proof=Read("/api/overview", form(rb'"http"\s*:\s*\{\s*"routers"')),
)
