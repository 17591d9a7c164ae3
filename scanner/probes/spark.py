"""A Spark master: ``GET /json/`` lists the state of the cluster without credentials.

Read alone, with GET; nothing of the contents is kept.
"""

from __future__ import annotations

from scanner.facts.web_access import SparkFacts
from scanner.probes.http_access import HttpAccessProbe, Read, form

PROBE = HttpAccessProbe(
    name="spark",
    facts=SparkFacts,
    products=frozenset({"spark master"}),
    proof=Read("/json/", form(rb'"aliveworkers"\s*:')),
)
