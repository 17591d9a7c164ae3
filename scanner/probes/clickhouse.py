"""ClickHouse (HTTP interface): ``SELECT version()`` is carried out for a client that gave no user and no password; the server then uses its own ``default`` user.

Read alone, with GET; nothing of the contents is kept.
"""

from __future__ import annotations

from scanner.facts.web_access import ClickhouseFacts
from scanner.probes.http_access import HttpAccessProbe, Read, form

PROBE = HttpAccessProbe(
    name="clickhouse",
    facts=ClickhouseFacts,
    products=frozenset({"clickhouse"}),
    ports=frozenset({8123}),
    tells=Read("/ping", form(rb"\r\n\r\nOk\.\n?\Z")),
    proof=Read(
        "/?query=SELECT%20version()",
        form(rb"\r\n\r\n\d{1,3}\.\d[\d.]{0,20}\n\Z"),
        {"version": form(rb"\r\n\r\n(\d{1,3}\.\d[\d.]{0,20})\n\Z")},
    ),
)
