"""A Prometheus exporter: ``GET /metrics`` is answered in the text format of metrics; the first kilobytes are looked at and nothing kept.

Read alone, with GET; nothing of the contents is kept.
"""

from __future__ import annotations

from scanner.facts.web_access import ExporterFacts
from scanner.probes.http_access import HttpAccessProbe, Read, form

PROBE = HttpAccessProbe(
    name="exporter",
    facts=ExporterFacts,
    products=frozenset({"prometheus exporter"}),
    ports=frozenset({9100, 9104, 9113, 9121, 9187}),
    proof=Read("/metrics", form(rb"^# TYPE \w{1,100} (?:counter|gauge|summary|histogram|untyped)")),
)
