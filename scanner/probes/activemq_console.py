"""The ActiveMQ web console: ``GET /admin/`` is answered 401, or its first page is given without credentials.

Read alone, with GET; nothing of the contents is kept.
"""

from __future__ import annotations

from scanner.facts.web_access import ActivemqConsoleFacts
from scanner.probes.http_access import HttpAccessProbe, Read, form

PROBE = HttpAccessProbe(
    name="activemq_console",
    facts=ActivemqConsoleFacts,
    products=frozenset({"activemq console"}),
    proof=Read("/admin/", form(rb"<title>[^<]{0,100}: ActiveMQ Console</title>")),
)
