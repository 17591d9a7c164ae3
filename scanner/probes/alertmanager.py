"""Alertmanager: ``GET /api/v2/status`` is carried out without credentials.

Read alone, with GET; nothing of the contents is kept.
"""

from __future__ import annotations

from scanner.facts.web_access import AlertmanagerFacts
from scanner.probes.http_access import HttpAccessProbe, Read, form

PROBE = HttpAccessProbe(
    name="alertmanager",
    facts=AlertmanagerFacts,
    products=frozenset({"alertmanager"}),
    proof=Read(
        "/api/v2/status",
        form(rb'"versionInfo"\s*:'),
        {"version": form(rb'"version"\s*:\s*"([\w.+-]{1,32})"')},
    ),
)
