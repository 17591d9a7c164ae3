"""The Flink dashboard: ``GET /overview`` is carried out without credentials; the same interface takes programs to run.

Read alone, with GET; nothing of the contents is kept.
"""

from __future__ import annotations

from scanner.facts.web_access import FlinkFacts
from scanner.probes.http_access import HttpAccessProbe, Read, form

PROBE = HttpAccessProbe(
    name="flink",
    facts=FlinkFacts,
    products=frozenset({"flink"}),
    proof=Read(
        "/overview",
        form(rb'"flink-version"\s*:'),
        {"version": form(rb'"flink-version"\s*:\s*"([\w.-]{1,32})"')},
    ),
)
