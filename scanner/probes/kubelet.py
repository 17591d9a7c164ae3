"""The kubelet API: the status and the form of the answer to ``GET /pods``.

Read alone, with GET; nothing of the contents is kept.
"""

from __future__ import annotations

from scanner.facts.web_access import KubeletFacts
from scanner.probes.http_access import HttpAccessProbe, Read, form

PROBE = HttpAccessProbe(
    name="kubelet",
    facts=KubeletFacts,
    products=frozenset({"kubelet"}),
    ports=frozenset({10250, 10255}),
    # As its server writes them (kubernetes: pkg/kubelet/server/server.go, InstallAuthFilter).
    refusal=form(
        rb"\r\n\r\n(?:Unauthorized\Z|Forbidden \(user=[^,()\r\n]{1,100}, verb=\w{1,20}, resource=nodes, subresource=)"
    ),
    proof=Read("/pods", form(rb'"kind"\s*:\s*"PodList"')),
)
