"""What DNS says of a name, of its zone, and of how mail in its name is to be treated.

The subject is no service but a domain: its endpoint has the transport ``domain`` and neither address nor port.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar, Literal

from scanner.facts.base import ProbeError


@dataclass(frozen=True, slots=True, kw_only=True)
class NameFacts:
    """Where a name leads (RFC 1034 §3.6), and which authorities may issue certificates for it (RFC 8659)."""

    PROBE: ClassVar[str] = "name"
    exists: bool | None = None
    """False: NXDOMAIN for the name itself."""
    addresses: tuple[str, ...] = ()
    chain: tuple[str, ...] = ()
    """The names that its CNAME records lead through, in their order."""
    missing: str | None = None
    """The last name of the chain, when that does not exist (NXDOMAIN)."""
    caa: tuple[str, ...] | None = None
    """CAA records in presentation format; empty when there are none on the way up; None when it could not be told."""
    caa_at: str | None = None
    """The name at which they stand: itself, or the nearest parent that has any (RFC 8659 §3)."""
    errors: tuple[ProbeError, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class NameServerFacts:
    """A name server that the zone names. Only one whose address is in the scope was asked anything itself."""

    name: str
    addresses: tuple[str, ...] = ()
    asked: str | None = None
    """The address that was asked; None when none of them is in the scope."""
    authoritative: bool | None = None
    """It answered for the zone with authority (the AA bit, RFC 1035 §4.1.1)."""
    serial: int | None = None
    transfer: Literal["open", "refused"] | None = None
    """How a request for the whole zone (AXFR, RFC 5936) was met; of an answer, the first message alone is read."""
    transfer_reply: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ZoneFacts:
    """A zone: its servers, its signatures (RFC 4033 to 4035), and whether any name at all exists in it."""

    PROBE: ClassVar[str] = "zone"
    serial: int | None = None
    servers: tuple[NameServerFacts, ...] = ()
    ds: bool | None = None
    """The parent vouches for keys of the zone (DS records)."""
    signed: bool | None = None
    """The zone has keys (DNSKEY records)."""
    signature: Literal["valid", "invalid"] | None = None
    """Whether keys, DS records and the signatures over SOA and keys agree; None when it could not be told."""
    signature_error: str = ""
    signatures_end: str | None = None
    """When the signature over the SOA record ends (RFC 4034 §3.1.5), ISO 8601 in UTC."""
    wildcard: tuple[str, ...] = ()
    """Addresses of a name that nobody made (RFC 4592)."""
    errors: tuple[ProbeError, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class MxFacts:
    """A host that takes the domain's mail (RFC 5321 §5.1)."""

    host: str
    preference: int = 0
    addresses: tuple[str, ...] = ()
    alias: bool | None = None
    """It is an alias (CNAME), which RFC 2181 §10.3 forbids."""
    tlsa: tuple[str, ...] | None = None
    """TLSA records for port 25 (RFC 7672); None when it could not be told."""
    tlsa_signed: bool | None = None
    """The DNS server said that it had checked their signatures (the AD bit, RFC 4035 §3.2.3)."""
    tlsa_usable: bool | None = None
    """One of them at least is such as senders act on (RFC 7672 §3.1.3); None when it could not be told."""
    tlsa_asked: str | None = None
    """The address whose certificate was held against them; None when none of them is in the scope, or they are not signed."""
    tlsa_match: bool | None = None
    """One of them vouches for the certificate that was shown (RFC 7672 §3); None when that could not be told."""
    starttls: bool | None = None
    """Whether the server went into TLS when it was asked for its certificate; None when it was not asked, or did not answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DkimKeyFacts:
    """A DKIM key found under a selector that many use (RFC 6376 §3.6.1). Other selectors cannot be known."""

    selector: str
    type: str = "rsa"
    bits: int | None = None
    revoked: bool = False
    testing: bool = False
    error: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MtaStsPolicyFacts:
    """The policy file of MTA-STS at ``https://mta-sts.DOMAIN/.well-known/mta-sts.txt`` (RFC 8461 §3.2)."""

    host: str
    addresses: tuple[str, ...] = ()
    asked: str | None = None
    """The address that was asked; None when none of them is in the scope."""
    trust: Mapping[str, str] = field(default_factory=dict)
    """Of the host's certificate chain, as in :class:`~scanner.facts.TlsFacts`."""
    hostname_match: bool | None = None
    status: int | None = None
    """HTTP status of the file; None when there was no answer."""
    media_type: str = ""
    version: str = ""
    mode: str = ""
    max_age: int | None = None
    """Seconds; None when it is missing or no number."""
    patterns: tuple[str, ...] = ()
    """Of mail servers (``mx`` fields)."""
    odd_lines: int = 0
    """Lines that are no field."""
    errors: tuple[ProbeError, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class MailPolicyFacts:
    """What a domain publishes about mail in its name: SPF (RFC 7208), DKIM (RFC 6376), DMARC (RFC 7489), MTA-STS (RFC 8461),
    TLS reporting (RFC 8460), DANE (RFC 7672)."""

    PROBE: ClassVar[str] = "mail_policy"
    mx: tuple[MxFacts, ...] | None = None
    """None when it could not be told."""
    null_mx: bool = False
    """It takes no mail, and says so (RFC 7505)."""
    spf: tuple[str, ...] | None = None
    """Records that begin with ``v=spf1``; more than one is an error (RFC 7208 §4.5)."""
    spf_all: str | None = None
    """Qualifier of ``all``, after ``redirect`` was followed: ``+`` ``-`` ``~`` ``?``; None where there is no ``all``."""
    spf_lookups: int | None = None
    """Terms that make a receiver ask DNS, those of included records with them; ten are allowed (RFC 7208 §4.6.4)."""
    spf_errors: tuple[str, ...] = ()
    dkim: tuple[DkimKeyFacts, ...] = ()
    dkim_asked: tuple[str, ...] = ()
    """Selectors for which the answer is known."""
    dmarc: tuple[str, ...] | None = None
    """Records that begin with ``v=DMARC1``."""
    dmarc_at: str | None = None
    """The domain that they are of: itself, or the nearest parent that has any (RFC 7489 §6.6.3)."""
    dmarc_policy: str | None = None
    """``none``, ``quarantine`` or ``reject``, as it holds for this domain."""
    dmarc_percent: int | None = None
    dmarc_reports: bool | None = None
    """Somebody receives aggregate reports (``rua``)."""
    dmarc_errors: tuple[str, ...] = ()
    mta_sts: tuple[str, ...] | None = None
    """Records that begin with ``v=STSv1``."""
    mta_sts_policy: MtaStsPolicyFacts | None = None
    """The policy file that the record stands for; None where there is no record."""
    tls_reporting: tuple[str, ...] | None = None
    """Records that begin with ``v=TLSRPTv1``."""
    errors: tuple[ProbeError, ...] = ()

    @property
    def takes_mail(self) -> bool | None:
        """Whether mail for the domain can be delivered; None when it could not be told."""
        return None if self.mx is None else bool(self.mx) and not self.null_mx
