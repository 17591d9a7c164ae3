"""InfluxDB: ``/ping`` names the version, and the query ``SHOW DATABASES`` is carried out without credentials.

Read alone, with GET; nothing of the contents is kept.
"""

from __future__ import annotations

from scanner.facts.web_access import InfluxdbFacts
from scanner.probes.http_access import HttpAccessProbe, Read, form

PROBE = HttpAccessProbe(
    name="influxdb",
    facts=InfluxdbFacts,
    products=frozenset({"influxdb"}),
    ports=frozenset({8086}),
    tells=Read(
        "/ping",
        form(rb"^x-influxdb-(?:version|build): "),
        {"version": form(rb"^x-influxdb-version: v?([\w.+-]{1,32})")},
    ),
    proof=Read("/query?q=SHOW%20DATABASES", form(rb'"results"\s*:.{0,200}"databases"')),
)
