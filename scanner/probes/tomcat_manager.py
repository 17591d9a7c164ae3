"""The Tomcat manager: ``GET /manager/html`` asks for credentials (401), is refused to our address (403), or is not there.

Read alone, with GET; nothing of the contents is kept.
"""

from __future__ import annotations

from scanner.facts.web_access import TomcatManagerFacts
from scanner.probes.http_access import HttpAccessProbe, Read, form

PROBE = HttpAccessProbe(
    name="tomcat_manager",
    facts=TomcatManagerFacts,
    products=frozenset({"tomcat", "apache tomcat", "apache tomcat/coyote jsp engine", "apache-coyote"}),
    proof=Read("/manager/html", form(rb"Tomcat Web Application Manager")),
    optional=True,
    # It asks with 401; 403 is RemoteAddrValve's, which the manager comes with.
    forbidden="refused",
)
