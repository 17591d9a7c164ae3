"""Multicast DNS asked by unicast (RFC 6762 §5.1, §6.7): which kinds of services are there (RFC 6763 §9)."""

from __future__ import annotations

import dns.exception
import dns.flags
import dns.message
import dns.rdatatype

from scanner.errors import ProtocolError

_ID = 0x7A6A
_QUERY = dns.message.make_query("_services._dns-sd._udp.local.", "PTR", flags=0, id=_ID)
SERVICES = _QUERY.to_wire()


def read_services(data: bytes) -> tuple[str, ...]:
    """The kinds of services in answer to :data:`SERVICES`, such as ``_ipp._tcp.local.``; at most fifty.

    :raises ProtocolError: no such answer.
    """
    try:
        reply = dns.message.from_wire(data, ignore_trailing=True, raise_on_truncation=False)
    except (dns.exception.DNSException, ValueError) as error:
        raise ProtocolError(f"no DNS message: {type(error).__name__}", kind="protocol") from error
    # A responder on the link answers with the question's id (§6.7); a DNS server that is no responder has no .local.
    if reply.id != _ID or not reply.flags & dns.flags.QR or not reply.flags & dns.flags.AA:
        raise ProtocolError("no mDNS response to ours", kind="protocol")
    found = [
        str(record.target)
        for rrset in reply.answer
        if rrset.rdtype == dns.rdatatype.PTR and str(rrset.name).endswith(".local.")
        for record in rrset
    ]
    if not found:
        raise ProtocolError("an mDNS response without a service", kind="protocol")
    return tuple(found[:50])
