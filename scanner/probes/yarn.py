"""The Hadoop YARN resource manager: ``GET /ws/v1/cluster/info`` is carried out; the same interface takes applications to run.

Read alone, with GET; nothing of the contents is kept.
"""

from __future__ import annotations

from scanner.facts.web_access import YarnFacts
from scanner.probes.http_access import HttpAccessProbe, Read, form

PROBE = HttpAccessProbe(
    name="yarn",
    facts=YarnFacts,
    products=frozenset({"hadoop yarn"}),
    ports=frozenset({8088}),
    proof=Read(
        "/ws/v1/cluster/info",
        form(rb'"clusterInfo"\s*:'),
        {"version": form(rb'"hadoopVersion"\s*:\s*"([\w.-]{1,32})"')},
    ),
)
