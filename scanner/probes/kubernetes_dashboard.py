"""The Kubernetes dashboard: one namespace is listed to whoever has no token, or 401 is answered.

Read alone, with GET; nothing of the contents is kept. Paths of versions 1.7 to 2.7 (kubernetes/dashboard: src/app/backend,
auth/handler.go and handler/apihandler.go).
"""

from __future__ import annotations

from scanner.facts.web_access import KubernetesDashboardFacts
from scanner.probes.http_access import HttpAccessProbe, Read, form

PROBE = HttpAccessProbe(
    name="kubernetes_dashboard",
    facts=KubernetesDashboardFacts,
    products=frozenset({"kubernetes dashboard"}),
    tells=Read("/api/v1/login/status", form(rb'"tokenPresent"\s*:\s*(?:true|false)')),
    proof=Read("/api/v1/namespace?itemsPerPage=1&page=1", form(rb'"listMeta"\s*:\s*\{\s*"totalItems"')),
)
