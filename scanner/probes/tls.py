"""TLS: protocols, suites, groups, parameters and the certificate chain of a service that speaks TLS.

Hellos are written and answers read by :mod:`scanner.tls`, so that what an endpoint accepts does not depend on what the
TLS library of this machine still can. See :mod:`scanner.tls.survey` for how few connections do.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from cryptography import x509

from scanner.errors import TlsError, UsageError
from scanner.facts import (
    ProbeError,
    RevocationFacts,
    ServiceFacts,
    TlsFacts,
    WithoutNameFacts,
    tlcp_pair,
)
from scanner.probes import Session, probe_error
from scanner.starttls import dialect_for, opening
from scanner.text import printable
from scanner.tls import numbers as n
from scanner.tls.certificates import Certificate, read_certificate
from scanner.tls.confirm import Confirmation, can_confirm
from scanner.tls.messages import CertificateList
from scanner.tls.naming import a_label, hostname_match
from scanner.tls.primes import known_prime
from scanner.tls.sct import count_scts
from scanner.tls.staple import find_issuer, read_staple, staple_scts
from scanner.tls.suites import SSL2_KINDS, suite_name
from scanner.tls.survey import Found, Survey
from scanner.tls.trust import judge, judge_pair, roots_for
from scanner.tls.wire import PATIENT, Wire

if TYPE_CHECKING:
    from scanner.revocation import Responders

ALPN = (
    "h2",
    "http/1.1",
    "http/1.0",
    "imap",
    "pop3",
    "ftp",
    "smtp",
    "xmpp-client",
    "xmpp-server",
    "mqtt",
    "dot",
)
"""Names offered by ALPN: IANA's common ones. ``acme-tls/1`` is left out, since it asks for a different certificate."""

_ORDER = tuple(n.VERSION_NAMES)
_SPARING = 10
"""Connections to a server that counts handshakes which break off against us."""


@dataclass(frozen=True, slots=True)
class TlsProbe:
    """The probe of this module: see :class:`scanner.probes.Probe`."""

    name: str = "tls"
    per_name: bool = True
    max_connections: int = 250
    """A server with TLS 1.2 and 1.3 takes 20 to 40; one that accepts all that OpenSSL ever had, about 200."""
    seconds: float = 150.0

    def applies(self, service: ServiceFacts) -> bool:
        """Services that speak TLS from the first byte, and those whose protocol has a way into it."""
        direct = service.tls and service.endpoint.transport == "tcp"
        return direct or dialect_for(service) is not None

    async def run(self, session: Session, service: ServiceFacts) -> TlsFacts:
        """Survey the endpoint and read its certificates; of a service surveyed before, see whether it was so.

        :raises TargetError: no hello was answered by a ServerHello. :raises NotOffered: there is no way into TLS here.
        """
        endpoint = service.endpoint
        dialect = dialect_for(service)
        name = a_label(endpoint.name) if endpoint.name else None
        if dialect is None:
            wire = Wire(session, endpoint, self.max_connections, self.seconds)
            alpn: Sequence[str] = ALPN
        else:
            # One at a time: servers of these protocols count the connections of one client.
            most = _SPARING if dialect.sparing else self.max_connections
            wire = Wire(
                session, endpoint, most, self.seconds, opening=opening(dialect), wanted=PATIENT, at_once=1
            )
            alpn = dialect.alpn
        before = service.get(TlsFacts)
        survey = (
            Confirmation(wire, name, alpn, before)
            if before is not None and can_confirm(before)
            else Survey(wire, name, alpn, sparing=dialect is not None and dialect.sparing)
        )
        await survey.run()
        facts, chain = await asyncio.to_thread(facts_of, survey.found, session, service)
        if session.responders is None:
            return facts
        return replace(facts, revocation=await _revocation(chain, session.responders, session))


async def _revocation(
    chain: list[Certificate], responders: Responders, session: Session
) -> RevocationFacts | None:
    """What the responder says that the certificate names."""
    if not chain:
        return None
    roots = _roots(chain, session)
    leaf, issuer = chain[0].parsed, find_issuer(chain, roots)
    if leaf is None or issuer is None:
        return RevocationFacts(why="the issuer's certificate is not known, so nobody could be asked")
    answer = await responders.ask(leaf, issuer)
    return RevocationFacts(
        responder=answer.responder, source=answer.source, status=answer.status, why=answer.why
    )


def facts_of(found: Found, session: Session, service: ServiceFacts) -> tuple[TlsFacts, list[Certificate]]:
    """What the survey saw, as facts, and the chain as it was read. Reads trust stores, so it is run in a thread."""
    offered = [version for version in _ORDER if version in found.offered]
    errors = list(found.errors)
    chain, staple, stapled = _chain(found, errors)
    status: str | None = None
    if staple is not None:
        status, why = read_staple(staple, chain, roots=_roots(chain, session))
        if why:
            errors.append(ProbeError(step="ocsp", kind="staple", message=printable(why, 300)))
    pair = _pair(found, errors)
    prime = min(found.primes, default=None)
    facts = TlsFacts(
        protocols=tuple(n.version_name(version) for version in offered),
        refused_protocols=tuple(n.version_name(version) for version in _ORDER if version in found.refused),
        ciphers=_ciphers(found, offered),
        ciphers_complete=tuple(n.version_name(version) for version in offered if version in found.complete),
        server_preference=_preference(found),
        groups=tuple(n.group_name(group) for group in found.groups),
        groups_complete=_groups_complete(found),
        dh_bits=prime.bit_length() if prime is not None else None,
        dh_known_prime=known_prime(prime) if prime is not None else None,
        compression=_compression(found, offered),
        secure_renegotiation=found.renegotiation,
        fallback_scsv=found.fallback,
        session_tickets=found.tickets,
        early_data=found.early_data,
        ems=found.ems,
        heartbeat=found.heartbeat,
        alpn=tuple(printable(protocol, 64) for protocol in found.alpn),
        ocsp_stapled=stapled,
        ocsp_status=status,
        scts=_scts(found, chain, staple, errors),
        client_auth=_client_auth(found),
        starttls=dialect.name if (dialect := dialect_for(service)) is not None else None,
        certificates=tuple(certificate.facts for certificate in chain),
        without_name=_without_name(found, errors),
        trust=_trust(judge, chain, session, errors),
        hostname_match=_hostname_match(chain, service),
        tlcp_certificates=tuple(certificate.facts for certificate in pair),
        tlcp_trust=_trust(judge_pair, pair, session, errors),
        tlcp_hostname_match=_pair_hostname_match(pair, service),
        tolerance_asked=found.tolerance_asked,
        intolerance=dict(found.intolerance),
        errors=tuple(errors),
    )
    return facts, chain


def _ciphers(found: Found, offered: list[int]) -> dict[str, tuple[str, ...]]:
    table = {
        n.version_name(version): tuple(suite_name(suite) for suite in found.suites.get(version, ()))
        for version in offered
        if version != n.SSL2
    }
    if n.SSL2 in offered:
        table["SSLv2"] = tuple(SSL2_KINDS[kind] for kind in found.ssl2_kinds)
    return table


def _preference(found: Found) -> bool | None:
    """Of the newest of SSL 3.0 to TLS 1.2, where the order matters most; else of TLS 1.3 or TLCP."""
    for version in (n.TLS12, n.TLS11, n.TLS10, n.SSL3, n.TLS13, n.TLCP):
        if version in found.preference:
            return found.preference[version]
    return None


def _groups_complete(found: Found) -> bool:
    needed = set()
    if n.TLS13 in found.offered:
        needed.add("tls13")
    if any(version in found.offered for version in (n.TLS12, n.TLS11, n.TLS10)):
        needed.add("legacy")
    return needed <= found.groups_closed


def _compression(found: Found, offered: list[int]) -> bool | None:
    # TLS 1.3 has no compression (RFC 8446 §4.1.2).
    tls = [version for version in offered if version != n.TLCP]
    return False if found.deflate is None and tls == [n.TLS13] else found.deflate


def _client_auth(found: Found) -> bool | None:
    asked = [seen.client_auth for seen in found.flights.values() if seen.client_auth is not None]
    return any(asked) if asked else None


def _chain(found: Found, errors: list[ProbeError]) -> tuple[list[Certificate], bytes | None, bool | None]:
    """The chain of the newest protocol that showed one, its staple, and whether there was one.

    A staple from any protocol's flight counts when the leaf is the same: old OpenSSL staples in TLS 1.2 alone.
    """
    flights = [found.flights[version] for version in sorted(found.flights, reverse=True)]
    shown: list[tuple[CertificateList, bytes | None]] = [
        (seen.chain, seen.staple) for seen in flights if seen.chain is not None and seen.chain.certificates
    ]
    if not shown:
        if not found.ssl2_certificate:
            return [], None, None
        return [read_certificate(found.ssl2_certificate)], None, None
    chain, staple = shown[0]
    leaf = chain.certificates[0]
    if staple is None:
        staple = next((other for also, other in shown[1:] if other and also.certificates[0] == leaf), None)
    _tell_if_cut(chain, "certificates", errors)
    return [read_certificate(der) for der in chain.certificates], staple, staple is not None


def _without_name(found: Found, errors: list[ProbeError]) -> WithoutNameFacts | None:
    if found.unnamed_refusal is not None:
        return WithoutNameFacts(answer="refused", refusal=found.unnamed_refusal)
    seen = found.unnamed
    if seen is None:
        return None
    if seen.chain is None or not seen.chain.certificates:
        if seen.error is not None:
            errors.append(probe_error("without_name", seen.error))
        return None
    leaf = seen.chain.certificates[0]
    named = {
        flight.chain.certificates[0]
        for flight in found.flights.values()
        if flight.chain is not None and flight.chain.certificates
    }
    if not named:
        return None
    if leaf in named:
        return WithoutNameFacts(answer="same")
    return WithoutNameFacts(answer="other", certificate=read_certificate(leaf).facts)


def _pair(found: Found, errors: list[ProbeError]) -> list[Certificate]:
    """TLCP's certificates, as sent."""
    seen = found.tlcp
    if seen is None:
        return []
    if seen.error is not None:
        errors.append(probe_error("certificates:TLCP", seen.error))
    if seen.chain is None:
        return []
    _tell_if_cut(seen.chain, "certificates:TLCP", errors)
    return [read_certificate(der) for der in seen.chain.certificates]


def _tell_if_cut(chain: CertificateList, step: str, errors: list[ProbeError]) -> None:
    if chain.cut:
        message = "more certificates were sent than are kept"
        errors.append(ProbeError(step=step, kind="too_large", message=message))


def _hostname_match(chain: list[Certificate], service: ServiceFacts) -> bool | None:
    """See :func:`scanner.tls.naming.hostname_match`; None, too, when the names could not be read."""
    if not chain or chain[0].parsed is None or chain[0].names is None:
        return None
    return hostname_match(chain[0].names, service.endpoint.name, service.endpoint.ip)


def _scts(
    found: Found, chain: list[Certificate], staple: bytes | None, errors: list[ProbeError]
) -> dict[str, int]:
    if not chain:
        return {}
    counts: dict[str, int] = {}
    if chain[0].facts.sct is not None:
        counts["certificate"] = chain[0].facts.sct
    by_extension = [seen.scts for seen in found.flights.values() if seen.scts is not None]
    try:
        counts["tls"] = max(map(count_scts, by_extension), default=0)
    except TlsError as error:
        errors.append(probe_error("sct", error))
    if staple is not None:
        try:
            counts["ocsp"] = staple_scts(staple)
        except Exception as error:
            # A broken answer is told by its status; here it only has no count.
            errors.append(ProbeError(step="sct", kind="staple", message=printable(str(error), 300)))
    return counts


def _roots(chain: list[Certificate], session: Session) -> list[x509.Certificate]:
    try:
        return roots_for(chain[0], session.ca_file) if chain else []
    except UsageError:
        return []  # Told by the judgement of trust.


def _pair_hostname_match(pair: list[Certificate], service: ServiceFacts) -> bool | None:
    """Whether both certificates name what was asked for; None when no name can be compared."""
    places = tlcp_pair([certificate.facts for certificate in pair])
    answers = [_hostname_match([pair[place]], service) for place in places if pair[place].names]
    if False in answers:
        return False
    return True if answers == [True, True] else None


Judge = Callable[[Sequence[Certificate], Path | None], dict[str, str]]


def _trust(
    judged_by: Judge, chain: list[Certificate], session: Session, errors: list[ProbeError]
) -> dict[str, str]:
    try:
        return judged_by(chain, session.ca_file)
    except UsageError as error:
        errors.append(ProbeError(step="trust", kind=error.kind, message=printable(str(error), 300)))
        return judged_by(chain, None)


PROBE = TlsProbe()
