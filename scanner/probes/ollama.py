"""Ollama: ``/api/version`` tells its version, and ``/api/tags`` lists models without authentication.

Read alone, with GET; nothing of the contents is kept.
"""

from __future__ import annotations

from scanner.facts.web_access import OllamaFacts
from scanner.probes.http_access import HttpAccessProbe, Read, form

PROBE = HttpAccessProbe(
    name="ollama",
    facts=OllamaFacts,
    products=frozenset({"ollama"}),
    tells=Read(
        "/api/version",
        form(rb'\r\n\r\n\s*\{\s*"version"\s*:\s*"'),
        {"version": form(rb'"version"\s*:\s*"([\w.-]{1,32})"')},
    ),
    proof=Read("/api/tags", form(rb'\r\n\r\n\s*\{\s*"models"\s*:')),
)
