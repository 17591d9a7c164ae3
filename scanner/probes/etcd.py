"""etcd: may a stranger read keys.

``GET /version``, which everybody may ask, then one range read through the HTTP gateway, over all keys, limited to one and
to counting: it needs the right to read everything, and brings neither keys nor values along. Source: etcd, Documentation:
"API reference: gRPC gateway" (POST, since the gateway maps every call to it; a range request only reads).
"""

from __future__ import annotations

import json
from dataclasses import replace

from scanner.errors import ProtocolError, TargetError
from scanner.facts import Said, ServiceFacts
from scanner.facts.access import EtcdFacts
from scanner.probes import Session, probe_error
from scanner.probes.access import shown
from scanner.probes.http_access import ask_http
from scanner.text import printable

_ANSWER = 8192
_EVERYTHING = b'{"key":"AA==","range_end":"AA==","limit":"1","keys_only":true,"count_only":true}'
"""From the key of one zero byte to the end (base64), as the API names the whole range."""
_PATHS = ("/v3/kv/range", "/v3beta/kv/range")
"""From 3.4 on; 3.3."""


class EtcdProbe:
    """See :class:`scanner.probes.Probe`."""

    name = "etcd"
    per_name = False
    max_connections = 1 + len(_PATHS)

    def applies(self, service: ServiceFacts) -> bool:
        """HTTP services that identification, or nmap where it is sure, knows as etcd."""
        return (service.product or "").lower() == "etcd" and service.endpoint.transport == "tcp"

    async def run(self, session: Session, service: ServiceFacts) -> EtcdFacts:
        """Ask for the version, then for the count of keys.

        :raises TargetError: no connection, or no etcd.
        """
        status, body = await _asked(session, service, "/version")
        version = body.get("etcdserver")
        if status != 200 or not isinstance(version, str):
            raise ProtocolError(f"no etcd: /version was answered {status}", kind="protocol")
        told = (("version", version), ("cluster version", body.get("etcdcluster")))
        facts = EtcdFacts(
            answers=True,
            said=tuple(Said(name, printable(value, 64)) for name, value in told if isinstance(value, str)),
            version=printable(version, 64),
            tls=service.tls,
        )
        for path in _PATHS:
            facts = replace(facts, request=f"POST {path} (limit 1, count_only)")
            try:
                status, body = await _asked(session, service, path, _EVERYTHING)
            except TargetError as error:
                return replace(facts, errors=(*facts.errors, probe_error("range", error)))
            if status != 404:
                return _judged(facts, status, body)
        return replace(facts, reply="404")


async def _asked(
    session: Session, service: ServiceFacts, path: str, body: bytes = b""
) -> tuple[int, dict[str, object]]:
    """Status and JSON object of an answer; an answer in anything else has an empty object."""
    method = "POST" if body else "GET"
    reply = await ask_http(session, service, "etcd", path, method=method, body=body, limit=_ANSWER)
    try:
        found = json.loads(reply.body)
    except (ValueError, RecursionError):
        found = None
    return reply.status, found if isinstance(found, dict) else {}


def _judged(facts: EtcdFacts, status: int, body: dict[str, object]) -> EtcdFacts:
    if status == 200 and isinstance(body.get("header"), dict):
        return replace(facts, access="open", reply=shown(f"200, count {body.get('count', 0)}"))
    reason = str(body.get("error") or body.get("message") or "-")
    # etcdserver: "user name is empty" (no credentials came), "permission denied", "invalid auth token"
    wanted = status in (401, 403) or any(
        word in reason for word in ("user name is empty", "permission denied", "auth token")
    )
    return replace(facts, access="authentication" if wanted else None, reply=shown(f"{status} {reason}"))


PROBE = EtcdProbe()
