"""Elasticsearch or OpenSearch: ``GET /`` names the cluster and ``GET /_cluster/health`` is carried out, or 401 asks for credentials.

Read alone, with GET; nothing of the contents is kept.
"""

from __future__ import annotations

from scanner.facts.web_access import ElasticsearchFacts
from scanner.probes.http_access import HttpAccessProbe, Read, form

PROBE = HttpAccessProbe(
    name="elasticsearch",
    facts=ElasticsearchFacts,
    products=frozenset({"elasticsearch", "opensearch"}),
    ports=frozenset({9200}),
    tells=Read(
        "/",
        form(rb'"cluster_name"\s*:'),
        {
            "cluster": form(rb'"cluster_name"\s*:\s*"([^"]{1,64})'),
            "version": form(rb'"number"\s*:\s*"([\w.-]{1,32})"'),
        },
    ),
    proof=Read("/_cluster/health", form(rb'"cluster_name"\s*:.*"status"\s*:')),
)
