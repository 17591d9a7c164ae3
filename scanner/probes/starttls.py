"""STARTTLS: what a server shows in clear text, and whether it goes into TLS when asked.

One connection: greeting, capabilities, and the protocol's own request for TLS, after whose answer we hang up. FTP, MySQL
and PostgreSQL have probes of their own that see the same.
"""

from __future__ import annotations

from dataclasses import dataclass

from scanner.errors import NotOffered, TargetError
from scanner.facts import ProbeError, ServiceFacts, StarttlsFacts
from scanner.probes import Session, probe_error
from scanner.starttls import Clear, dialect_for, introduction
from scanner.text import printable
from scanner.transport import Limits

_LIMITS = Limits(connect=6, silence=12, life=40, received=128 * 1024)
_OTHERS = frozenset({"ftp", "mysql", "postgresql"})


@dataclass(frozen=True, slots=True)
class StarttlsProbe:
    """The probe of this module: see :class:`scanner.probes.Probe`."""

    name: str = "starttls"
    per_name: bool = True
    max_connections: int = 1

    def applies(self, service: ServiceFacts) -> bool:
        """Services whose protocol has a way from clear text into TLS, and no probe of its own."""
        dialect = dialect_for(service)
        return dialect is not None and dialect.name not in _OTHERS

    async def run(self, session: Session, service: ServiceFacts) -> StarttlsFacts:
        """Look, and ask for TLS unless the server's own list says that there is none.

        :raises TargetError: nothing of the protocol was said.
        """
        endpoint = service.endpoint
        dialect = dialect_for(service)
        assert dialect is not None, "asked only where applies() holds"
        errors: list[ProbeError] = []
        offered: bool | None = None
        purpose = f"starttls: {dialect.name}"
        async with session.door.tcp(endpoint.ip, endpoint.port, purpose, limits=_LIMITS) as stream:
            clear = await dialect.look(stream, introduction(session, endpoint))
            if clear.offered is False:
                offered = False
            else:
                try:
                    await dialect.ask(stream)
                    offered = True
                except NotOffered as error:
                    offered = False
                    errors.append(probe_error("starttls", error))
                except TargetError as error:
                    if clear == Clear():
                        raise
                    errors.append(probe_error("starttls", error))
        return _facts(dialect.name, clear, offered, errors)


def _facts(protocol: str, clear: Clear, offered: bool | None, errors: list[ProbeError]) -> StarttlsFacts:
    return StarttlsFacts(
        protocol=protocol,
        greeting=printable(clear.greeting, 256),
        capabilities=tuple(printable(line, 160) for line in clear.capabilities),
        announced=clear.offered,
        offered=offered,
        required=clear.required,
        logins=clear.logins,
        errors=tuple(errors),
    )


PROBE = StarttlsProbe()
