"""Consul: ``GET /v1/status/leader`` names the leader, and ``GET /v1/agent/self`` is carried out without a token.

Read alone, with GET; nothing of the contents is kept.
"""

from __future__ import annotations

from scanner.facts.web_access import ConsulFacts
from scanner.probes.http_access import HttpAccessProbe, Read, form

PROBE = HttpAccessProbe(
    name="consul",
    facts=ConsulFacts,
    products=frozenset({"consul"}),
    ports=frozenset({8500}),
    tells=Read("/v1/status/leader", form(rb'\r\n\r\n"(?:[\d.]{7,15}|\[[\da-f:]{2,39}\]):\d{1,5}"')),
    proof=Read(
        "/v1/agent/self",
        form(rb'"Config"\s*:\s*\{'),
        {"version": form(rb'"Version"\s*:\s*"([\w.+-]{1,32})"')},
    ),
)
