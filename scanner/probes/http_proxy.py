"""An HTTP proxy: does it pass on a stranger's request (RFC 9112 §3.2.2).

It is asked for a port of its own host where hardly anything listens, and for no other host: a proxy that would pass the request on tries,
and says that it could not connect; one that would not, refuses. What it says to a request for itself shows that the difference is
the proxy's.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from scanner.errors import NotOffered
from scanner.facts import Said, ServiceFacts
from scanner.facts.access import Access
from scanner.facts.web_access import HttpProxyFacts
from scanner.probes import Session
from scanner.probes.http_access import ask_http

_PRODUCTS = frozenset(
    {"squid", "tinyproxy", "privoxy", "3proxy", "polipo", "apache traffic server", "ats", "mitmproxy"}
)
_PORTS = frozenset({808, 1081, 3128, 3129, 8118, 8123, 8888, 8889, 9080})
_UNUSED = 65533
_TRIED = frozenset({500, 502, 503, 504})
_TRUTHFUL = re.compile(
    rb"^(?:via|x-squid-error|proxy-agent|server): ?([^\r\n]{1,80})", re.IGNORECASE | re.MULTILINE
)


@dataclass(frozen=True, slots=True)
class HttpProxyProbe:
    """The probe of this module: see :class:`scanner.probes.Probe`."""

    name: str = "http_proxy"
    per_name: bool = False
    max_connections: int = 2

    def applies(self, service: ServiceFacts) -> bool:
        """HTTP known as a proxy, or unknown on a proxy's usual ports."""
        if service.protocol != "http" or service.endpoint.transport != "tcp":
            return False
        product = (service.product or "").lower()
        return product in _PRODUCTS or (service.endpoint.port in _PORTS and not product)

    async def run(self, session: Session, service: ServiceFacts) -> HttpProxyFacts:
        """Ask for itself, then for the unused port.

        :raises NotOffered: it makes no difference, so that it is no proxy.
        :raises TargetError: no connection, or no answer in HTTP.
        """
        endpoint = service.endpoint
        itself = await ask_http(session, service, self.name, "/")
        target = f"http://{endpoint.address}:{_UNUSED}/"
        reply = await ask_http(session, service, self.name, target)
        known = (service.product or "").lower() in _PRODUCTS
        access: Access | None = None
        if reply.status == 407:
            access = "authentication"
        elif reply.status == 403 and known:
            access = "refused"
        elif reply.status in _TRIED and itself.status not in _TRIED:
            access = "open"
        elif not known:
            raise NotOffered(
                f"no proxy: a request for another port was answered {reply.status}", kind="not_offered"
            )
        named = _TRUTHFUL.search(reply.data)
        return HttpProxyFacts(
            answers=True,
            said=(Said("proxy", named[1].decode("latin-1").strip()),) if named else (),
            access=access,
            request=f"GET http://(itself):{_UNUSED}/",
            reply=f"HTTP {reply.status}; for itself {itself.status}",
            version=service.version,
            tls=service.tls,
        )


PROBE = HttpProxyProbe()
