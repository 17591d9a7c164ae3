"""The certificate chain that a TLS server shows for a name, by one hello, where no survey of it is made."""

from __future__ import annotations

from scanner.errors import TlsError
from scanner.facts import Endpoint
from scanner.probes import Session
from scanner.tls import numbers as n
from scanner.tls.certificates import Certificate, read_certificate
from scanner.tls.flight import Until
from scanner.tls.hello import ClientHello
from scanner.tls.keyschedule import READABLE_GROUPS, READABLE_SUITES, KeyPairs
from scanner.tls.suites import common_suites
from scanner.tls.survey import COMMON_SCHEMES, SHARES
from scanner.tls.wire import LIMITS, PATIENT, Opening, Wire, direct

_SECONDS = 15.0


async def shown_chain(session: Session, endpoint: Endpoint, opening: Opening = direct) -> list[Certificate]:
    """The chain as sent, leaf first, over TLS 1.3 or 1.2; on one connection, made ready by ``opening``.

    :raises TargetError: no connection, no TLS, or none of these versions.
    """
    keys = KeyPairs()
    hello = ClientHello(
        version=n.TLS12,
        versions=(n.TLS13, n.TLS12),
        suites=READABLE_SUITES + tuple(common_suites(n.TLS12)),
        groups=READABLE_GROUPS,
        key_shares={group: keys.public(group) for group in SHARES},
        signature_schemes=COMMON_SCHEMES,
        server_name=endpoint.name,
        ems=True,
    )
    seconds, limits = (_SECONDS, LIMITS) if opening is direct else (PATIENT.life, PATIENT)
    wire = Wire(session, endpoint, 1, seconds, opening, limits)
    seen = await wire.ask("certificate", hello, Until.FLIGHT, keys)
    if seen.chain is None or not seen.chain.certificates:
        raise seen.error or TlsError(f"{endpoint.label} showed no certificate", kind="malformed")
    return [read_certificate(der) for der in seen.chain.certificates]
