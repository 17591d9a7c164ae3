"""Solr: ``GET /solr/admin/info/system`` is carried out without credentials.

Read alone, with GET; nothing of the contents is kept.
"""

from __future__ import annotations

from scanner.facts.web_access import SolrFacts
from scanner.probes.http_access import HttpAccessProbe, Read, form

PROBE = HttpAccessProbe(
    name="solr",
    facts=SolrFacts,
    products=frozenset({"solr"}),
    proof=Read(
        "/solr/admin/info/system?wt=json",
        form(rb'"solr-spec-version"\s*:'),
        {"version": form(rb'"solr-spec-version"\s*:\s*"([\w.-]{1,32})"')},
    ),
)
