"""Jupyter: ``GET /api`` names the version to everyone; ``GET /api/contents?content=0`` needs a token or password.

Read alone, with GET; nothing of the contents is kept.
"""

from __future__ import annotations

from scanner.facts.web_access import JupyterFacts
from scanner.probes.http_access import HttpAccessProbe, Read, form

PROBE = HttpAccessProbe(
    name="jupyter",
    facts=JupyterFacts,
    products=frozenset({"jupyter"}),
    tells=Read(
        "/api", form(rb'\r\n\r\n\{"version"\s*:'), {"version": form(rb'\{"version"\s*:\s*"([\w.-]{1,32})"')}
    ),
    proof=Read("/api/contents?content=0", form(rb'"type"\s*:\s*"directory"')),
)
