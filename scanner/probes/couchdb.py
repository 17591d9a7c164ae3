"""CouchDB: ``GET /`` welcomes everyone; ``GET /_all_dbs?limit=1`` needs an administrator unless there is none.

Read alone, with GET; nothing of the contents is kept.
"""

from __future__ import annotations

from scanner.facts.web_access import CouchdbFacts
from scanner.probes.http_access import HttpAccessProbe, Read, form

PROBE = HttpAccessProbe(
    name="couchdb",
    facts=CouchdbFacts,
    products=frozenset({"couchdb"}),
    ports=frozenset({5984, 6984}),
    tells=Read(
        "/", form(rb'"couchdb"\s*:\s*"Welcome"'), {"version": form(rb'"version"\s*:\s*"([\w.+-]{1,32})"')}
    ),
    proof=Read("/_all_dbs?limit=1", form(rb"\r\n\r\n\s*\[")),
)
