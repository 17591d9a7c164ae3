"""Prometheus: ``GET /api/v1/status/buildinfo`` is carried out without credentials.

Read alone, with GET; nothing of the contents is kept.
"""

from __future__ import annotations

from scanner.facts.web_access import PrometheusFacts
from scanner.probes.http_access import HttpAccessProbe, Read, form

PROBE = HttpAccessProbe(
    name="prometheus",
    facts=PrometheusFacts,
    products=frozenset({"prometheus"}),
    ports=frozenset({9090}),
    proof=Read(
        "/api/v1/status/buildinfo",
        form(rb'"status"\s*:\s*"success".*"goVersion"'),
        {"version": form(rb'"version"\s*:\s*"([\w.+-]{1,32})"')},
    ),
)
