"""What filing rules share: on which pages a filing number may be looked for at all."""

from __future__ import annotations

from checks.web.page import is_page
from scanner.facts import HttpFacts, ServiceFacts


def why_not_seen(service: ServiceFacts) -> str | None:
    """The outcome that not seeing a number ends in where it proves nothing, or None where the page can be judged.

    A filing belongs to a site's domain: a page asked for by bare address need not show it. A page filled in by script
    shows next to nothing to a reader without a browser.
    """
    if service.endpoint.name is None:
        return "no_domain"
    if service.need(HttpFacts).filing.script_rendered:
        return "script_rendered"
    return None if is_page(service) else "no_page"
