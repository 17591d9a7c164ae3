"""The Docker API: ``GET /version``, then ``GET /containers/json?limit=1``, of which only the form is looked at.

Read alone, with GET; nothing of the contents is kept.
"""

from __future__ import annotations

from scanner.facts.web_access import DockerFacts
from scanner.probes.http_access import HttpAccessProbe, Read, form

PROBE = HttpAccessProbe(
    name="docker",
    facts=DockerFacts,
    products=frozenset({"docker"}),
    ports=frozenset({2375, 2376, 4243}),
    tells=Read(
        "/version", form(rb'"ApiVersion"\s*:'), {"version": form(rb'"Version"\s*:\s*"([\w.+-]{1,32})"')}
    ),
    proof=Read("/containers/json?limit=1", form(rb"\r\n\r\n\s*\[")),
)
