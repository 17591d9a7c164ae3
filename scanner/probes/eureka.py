"""Eureka: ``/eureka/apps`` lists services without authentication.

Read alone, with GET; nothing of the contents is kept.
"""

from __future__ import annotations

from scanner.facts.web_access import EurekaFacts
from scanner.probes.http_access import HttpAccessProbe, Read, form

PROBE = HttpAccessProbe(
    name="eureka",
    facts=EurekaFacts,
    products=frozenset({"eureka"}),
    proof=Read("/eureka/apps", form(rb'<applications>.*?<versions__delta>|"versions__delta"')),
)
