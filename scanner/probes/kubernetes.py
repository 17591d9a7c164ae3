"""The Kubernetes API: ``GET /version`` is public by default; ``GET /api`` is carried out for anonymous clients only where they were given rights.

Read alone, with GET; nothing of the contents is kept.
"""

from __future__ import annotations

from scanner.facts.web_access import KubernetesFacts
from scanner.probes.http_access import HttpAccessProbe, Read, form

PROBE = HttpAccessProbe(
    name="kubernetes",
    facts=KubernetesFacts,
    products=frozenset({"kubernetes api", "kubernetes"}),
    ports=frozenset({6443}),
    tells=Read(
        "/version", form(rb'"gitVersion"\s*:'), {"version": form(rb'"gitVersion"\s*:\s*"v?([\w.+-]{1,32})"')}
    ),
    proof=Read("/api", form(rb'"kind"\s*:\s*"APIVersions"')),
)
