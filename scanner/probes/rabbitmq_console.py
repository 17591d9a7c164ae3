"""The RabbitMQ management console: ``GET /api/overview`` is answered 401, or carried out without credentials.

Read alone, with GET; nothing of the contents is kept.
"""

from __future__ import annotations

from scanner.facts.web_access import RabbitmqConsoleFacts
from scanner.probes.http_access import HttpAccessProbe, Read, form

PROBE = HttpAccessProbe(
    name="rabbitmq_console",
    facts=RabbitmqConsoleFacts,
    products=frozenset({"rabbitmq management"}),
    proof=Read(
        "/api/overview",
        form(rb'"management_version"\s*:'),
        {"version": form(rb'"rabbitmq_version"\s*:\s*"([\w.+-]{1,32})"')},
    ),
)
