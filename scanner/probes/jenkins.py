"""Jenkins: ``GET /api/json?tree=_class`` is carried out for anonymous visitors, or answered 403.

Read alone, with GET; nothing of the contents is kept.
"""

from __future__ import annotations

from scanner.facts.web_access import JenkinsFacts
from scanner.probes.http_access import HttpAccessProbe, Read, form

PROBE = HttpAccessProbe(
    name="jenkins",
    facts=JenkinsFacts,
    products=frozenset({"jenkins"}),
    proof=Read("/api/json?tree=_class", form(rb'"_class"\s*:\s*"hudson\.model\.Hudson"')),
)
