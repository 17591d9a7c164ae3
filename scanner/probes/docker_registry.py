"""A container registry: ``GET /v2/`` carries the registry's own header, and ``GET /v2/_catalog?n=1`` is carried out without credentials.

Read alone, with GET; nothing of the contents is kept.
"""

from __future__ import annotations

from scanner.facts.web_access import DockerRegistryFacts
from scanner.probes.http_access import HttpAccessProbe, Read, form

PROBE = HttpAccessProbe(
    name="docker_registry",
    facts=DockerRegistryFacts,
    products=frozenset({"docker registry"}),
    ports=frozenset({5000}),
    tells=Read("/v2/", form(rb"^docker-distribution-api-version: registry/2")),
    proof=Read("/v2/_catalog?n=1", form(rb'"repositories"\s*:\s*\[')),
)
