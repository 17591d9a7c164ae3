"""MinIO: its health is told to all, and the list of buckets shows whether a stranger is served.

Read alone, with GET; nothing of the contents is kept.
"""

from __future__ import annotations

from scanner.facts.web_access import MinioFacts
from scanner.probes.http_access import HttpAccessProbe, Read, form

PROBE = HttpAccessProbe(
    name="minio",
    facts=MinioFacts,
    products=frozenset({"minio"}),
    proof=Read("/", form(rb"<ListAllMyBucketsResult")),
)
