"""What a probe saw, and nothing about what it means.

Facts are written to the store as they come and can be judged again years later, so every field says
what was observed in the protocol's own terms. All text from a target has been through
:func:`scanner.text.printable`. ``None`` means *not determined*, never *absent*.

Times are timezone-aware UTC. Each facts class names its probe in ``PROBE``.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar, Literal, TypeVar

from scanner.facts.access import ACCESS as _STREAM_ACCESS
from scanner.facts.access import AccessFacts as AccessFacts
from scanner.facts.access import Said as Said
from scanner.facts.base import OPERATOR as OPERATOR
from scanner.facts.base import Endpoint as Endpoint
from scanner.facts.base import ProbeError as ProbeError
from scanner.facts.base import RunStatus as RunStatus
from scanner.facts.base import Transport as Transport
from scanner.facts.datagrams import DATAGRAM_ACCESS
from scanner.facts.datagrams import NtpFacts as NtpFacts
from scanner.facts.domain import DkimKeyFacts as DkimKeyFacts
from scanner.facts.domain import MailPolicyFacts as MailPolicyFacts
from scanner.facts.domain import MtaStsPolicyFacts as MtaStsPolicyFacts
from scanner.facts.domain import MxFacts as MxFacts
from scanner.facts.domain import NameFacts as NameFacts
from scanner.facts.domain import NameServerFacts as NameServerFacts
from scanner.facts.domain import ZoneFacts as ZoneFacts
from scanner.facts.logs import LogFacts as LogFacts
from scanner.facts.logs import LogFileFacts as LogFileFacts
from scanner.facts.logs import LogGap as LogGap
from scanner.facts.logs import LogSign as LogSign
from scanner.facts.records import AddressRecordFacts as AddressRecordFacts
from scanner.facts.records import AssignmentRecordFacts as AssignmentRecordFacts
from scanner.facts.records import NatRecordFacts as NatRecordFacts
from scanner.facts.records import WifiRecordFacts as WifiRecordFacts
from scanner.facts.tlsa import TlsaFacts as TlsaFacts
from scanner.facts.web_access import WEB_ACCESS

ACCESS: tuple[type[AccessFacts], ...] = (*_STREAM_ACCESS, *WEB_ACCESS, *DATAGRAM_ACCESS)
"""Every kind of facts on how far a stranger gets."""

# --------------------------------------------------------------------------- identification


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentifyFacts:
    """Which protocol speaks on an open port, found by listening and by at most three short exchanges."""

    PROBE: ClassVar[str] = "identify"
    protocol: str | None = None
    """Lower-case name: ssh http ftp smtp pop3 imap mysql postgresql redis memcached telnet vnc dns ..."""
    tls: bool = False
    """TLS from the first byte (not STARTTLS)."""
    banner: str = ""
    """The greeting, or the start of the first answer."""
    by: Literal["greeting", "tls_hello", "http", "protocol", "nmap", "none"] = "none"
    product: str | None = None
    version: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NmapServiceFacts:
    """nmap's own word on a port: another tool's judgement, kept apart from ours."""

    PROBE: ClassVar[str] = "nmap"
    state: str
    reason: str = ""
    name: str | None = None
    product: str | None = None
    version: str | None = None
    extrainfo: str | None = None
    tunnel: str | None = None
    cpe: tuple[str, ...] = ()
    confidence: int | None = None
    """nmap's 0 to 10; 3 is a guess from the port number alone."""


# --------------------------------------------------------------------------- TLS


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicKeyFacts:
    """Key of a certificate. ``type``: RSA EC Ed25519 Ed448 DSA SM2, or the OID when unknown."""

    type: str
    bits: int | None = None
    curve: str | None = None
    """Of an EC key, by IANA's name; ``explicit`` where its parameters are written out (RFC 5480 §2.1.1 forbids it)."""
    exponent: int | None = None
    """Public exponent of an RSA key; None when it is longer than 64 bits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateFacts:
    """One X.509 certificate as sent (RFC 5280). One that breaks the standard carries ``error``, and what could be read."""

    sha256: str
    version: int | None = None
    """3 in honest certificates with extensions; 1 in very old ones."""
    subject: str = ""
    issuer: str = ""
    serial: str = ""
    not_before: datetime | None = None
    not_after: datetime | None = None
    san: tuple[str, ...] = ()
    """DNS names as they are, others behind ``IP:``, ``email:``, ``URI:`` or ``other:``; the first 200."""
    san_count: int | None = None
    """How many there are."""
    key: PublicKeyFacts | None = None
    signature_algorithm: str = ""
    """Name as in RFC 5280 / RFC 4055 terms, such as ``sha256WithRSAEncryption``; the OID when unknown. RSASSA-PSS with its
    parameters: ``id-RSASSA-PSS (sha256, salt 32)``, and the mask's hash where it is another."""
    is_ca: bool | None = None
    self_signed: bool | None = None
    must_staple: bool = False
    sct: int | None = None
    """Number of embedded signed certificate timestamps (RFC 6962)."""
    key_usage: tuple[str, ...] = ()
    """``digital_signature``, ``content_commitment``, ``key_encipherment`` ... (RFC 5280 §4.2.1.3); none without it."""
    pem: str = ""
    error: str | None = None


def tlcp_pair(certificates: Sequence[CertificateFacts]) -> tuple[int, ...]:
    """Places of TLCP's certificate to sign and of its certificate to encrypt among those sent; fewer when they are missing.

    The first one signs (GB/T 38636-2020 §6.4.5.3). Most send the one to encrypt right after it, some (TASSL) after the
    authorities' certificates: it is the next that is no authority's.
    """
    if not certificates:
        return ()
    others = (place for place, one in enumerate(certificates) if place and one.is_ca is not True)
    return (0, *itertools.islice(others, 1))


@dataclass(frozen=True, slots=True, kw_only=True)
class RevocationFacts:
    """What the authority itself says of the server's certificate, asked by the scan: by OCSP (RFC 6960) or by its
    revocation list (RFC 5280 §5)."""

    responder: str = ""
    """``host:port`` of the URL in the certificate; empty when it names none."""
    source: Literal["ocsp", "crl"] | None = None
    status: str | None = None
    """``good``, ``revoked``, ``unknown`` or ``invalid``; None when there is no answer."""
    why: str = ""
    """Why there is none, or why it is invalid."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WithoutNameFacts:
    """How an endpoint that is asked by name answers a hello without one (RFC 6066 §3)."""

    answer: Literal["same", "other", "refused"]
    """``same``: with a certificate that it shows by name too."""
    refusal: str | None = None
    """``alert:<name>``, ``closed`` or ``reset``."""
    certificate: CertificateFacts | None = None
    """The other certificate."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TlsFacts:
    """What a TLS endpoint negotiates. Names of suites are IANA's."""

    PROBE: ClassVar[str] = "tls"
    protocols: tuple[str, ...] = ()
    """Offered: SSLv2 SSLv3 TLSv1.0 TLSv1.1 TLSv1.2 TLSv1.3 TLCP (GB/T 38636-2020)."""
    refused_protocols: tuple[str, ...] = ()
    """Asked and clearly refused. A protocol in neither tuple was not determined."""
    ciphers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Protocol -> suites, in the server's order where it has one."""
    ciphers_complete: tuple[str, ...] = ()
    """Protocols whose suites were all asked for: a suite that is not in ``ciphers`` of these was not accepted."""
    server_preference: bool | None = None
    groups: tuple[str, ...] = ()
    groups_complete: bool = False
    """Whether every known group was asked for."""
    dh_bits: int | None = None
    dh_known_prime: str | None = None
    compression: bool | None = None
    secure_renegotiation: bool | None = None
    fallback_scsv: bool | None = None
    session_tickets: bool | None = None
    early_data: bool | None = None
    ems: bool | None = None
    heartbeat: bool | None = None
    """Whether the server takes part in heartbeats (RFC 6520), in SSL 3.0 to TLS 1.2. None was sent."""
    alpn: tuple[str, ...] = ()
    """Names that the server chose when they were offered (RFC 7301), each offer without those chosen before. Not a whole list:
    after ``http/1.0``, and where mail or other names cannot share the port with the web, no more are asked for."""
    ocsp_stapled: bool | None = None
    ocsp_status: str | None = None
    """``good``, ``revoked``, ``unknown`` or ``invalid``, from the staple alone."""
    revocation: RevocationFacts | None = None
    """None unless ``--revocation online`` allowed to ask those whom the certificate names."""
    scts: Mapping[str, int] = field(default_factory=dict)
    """Signed certificate timestamps (RFC 6962) by the way they came: ``certificate``, ``tls`` (extension), ``ocsp``
    (staple). They are counted, not verified. A way that is missing was not asked for or not understood."""
    client_auth: bool | None = None
    starttls: str | None = None
    certificates: tuple[CertificateFacts, ...] = ()
    """The chain as sent, leaf first."""
    without_name: WithoutNameFacts | None = None
    """None where no name was asked for, and where the answer was not clear."""
    trust: Mapping[str, str] = field(default_factory=dict)
    """Store (``mozilla``, ``system``, ``custom``) -> ``ok`` or the reason it does not verify."""
    hostname_match: bool | None = None
    """By RFC 9525 against the name asked for; None when no name was asked for."""
    tlcp_certificates: tuple[CertificateFacts, ...] = ()
    """TLCP's certificates as sent; :func:`tlcp_pair` tells the one to sign and the one to encrypt."""
    tlcp_trust: Mapping[str, str] = field(default_factory=dict)
    """Store -> ``ok`` when both certificates verify, else the first reason why not. Public stores hold no SM2 root."""
    tlcp_hostname_match: bool | None = None
    """Whether both of TLCP's certificates name what was asked for, as in ``hostname_match``."""
    intolerance: Mapping[str, str] = field(default_factory=dict)
    """What the server cannot bear in a hello, though it answers the same hello without -> how that showed:
    ``alert:<name>``, ``closed``, ``reset`` or ``timeout``. It is no refusal of what was offered.

    ``version``: TLS 1.3 (RFC 8446 §4.2.1), or any version above its own (RFC 5246 §E.1), is named beside older ones;
    ``extension``: an extension that it does not know; ``unknown_value``: a suite, group, version or signature scheme that
    it does not know (RFC 8701); ``long_hello``: many suites; ``hello_256_511``: a hello of 256 to 511 bytes (RFC 7685);
    ``sni_required``: no server name (RFC 6066 §3); ``record_splitting``: a hello in two records (RFC 8446 §5.1)."""
    tolerance_asked: bool = False
    """Whether all of these were asked for; what ``errors`` tell of ``tolerance`` or ``hello:full`` is open nevertheless."""
    errors: tuple[ProbeError, ...] = ()


# --------------------------------------------------------------------------- HTTP


@dataclass(frozen=True, slots=True, kw_only=True)
class RedirectFacts:
    """One redirect, as sent. ``followed`` is false when the scope did not allow it.

    A status of 200 is that of a page without a text of its own that leads on (``<meta http-equiv=refresh>``).
    """

    status: int
    location: str
    followed: bool
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CookieFacts:
    """A Set-Cookie header (RFC 6265). The value is never stored."""

    name: str
    secure: bool
    http_only: bool
    same_site: str | None = None
    session_like: bool = False
    """The name looks like a session or login identifier."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PathFacts:
    """The answer to one read of a well-known path."""

    status: int
    content_type: str = ""
    length: int | None = None
    matched: bool = False
    """The body has the shape that proves the file is what its name says (never the body itself)."""
    proof: str = ""
    """The few characters that prove it, masked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FilingFacts:
    """Filing numbers shown on the home page (ICP 备案 and 公安联网备案), in its text, its images' descriptions and links.

    What is painted in an image, or set by a style sheet or a script, is not seen.
    """

    icp: tuple[str, ...] = ()
    icp_link: str | None = None
    mps: tuple[str, ...] = ()
    mps_link: str | None = None
    script_rendered: bool = False
    """The page has next to no text of its own and is filled in by script, or it holds frames of the same host, which were not
    read: not seeing a number proves nothing."""
    in_script: tuple[str, ...] = ()
    """Kinds of number (``icp``, ``mps``) that a script of the page, or an element that is not displayed, seems to hold, and
    that may be shown by script."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpFacts:
    """An HTTP endpoint's home page and well-known paths, read with GET, HEAD and OPTIONS alone."""

    PROBE: ClassVar[str] = "http"
    status: int | None = None
    """Of the final answer, as are the headers and all that is said of the page."""
    url: str = ""
    final_url: str = ""
    """Where the allowed redirects ended."""
    https: bool = False
    redirects: tuple[RedirectFacts, ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    """Lower-case names; repeated headers joined by ', '. Of the final answer."""
    cookies: tuple[CookieFacts, ...] = ()
    """Set by the home page and by the final answer, where that is this port's own."""
    title: str = ""
    server: str = ""
    methods: tuple[str, ...] = ()
    """From the Allow header of an OPTIONS answer."""
    paths: Mapping[str, PathFacts] = field(default_factory=dict)
    catch_all: bool | None = None
    """A random path answered with 200: answers for well-known paths then prove nothing by status."""
    directory_listing: bool = False
    login_form: bool = False
    """A password field is on the home page."""
    login_action: str | None = None
    """Where the form with the password field sends it, as an absolute URL; None when there is no such form."""
    mixed_content: tuple[str, ...] = ()
    meta: Mapping[str, str] = field(default_factory=dict)
    """``<meta>`` elements that stand for a header: lower-case ``http-equiv`` name, or ``referrer``."""
    truncated: bool = False
    """The page was longer than what was read: not seeing something on it proves nothing."""
    default_page: str | None = None
    """Product whose untouched welcome page is shown."""
    cors_reflects_origin: bool | None = None
    cors_credentials: bool = False
    cors_null_origin: bool | None = None
    """The origin ``null`` is let in; asked where an unknown one is not."""
    cors_null_credentials: bool = False
    trace: bool | None = None
    """TRACE gave our own request back (RFC 9110 §9.3.8)."""
    https_offered: bool | None = None
    """Whether port 443 of the same address speaks TLS; asked where port 80 gives content and leads nowhere. False only when
    the connection was refused."""
    error_detail: str | None = None
    """What the home page or the answer to a random path tells of the inside: ``Java stack trace``, ``Django DEBUG`` ..."""
    error_software: str | None = None
    """Software with its version, as an error page names it."""
    software: tuple[str, ...] = ()
    """Products with their versions, as the markup of their login pages names them: ``Zabbix/6.0.14``."""
    source_maps: Mapping[str, PathFacts] = field(default_factory=dict)
    """Of the home page's own scripts, the first few."""
    filing: FilingFacts = field(default_factory=FilingFacts)
    errors: tuple[ProbeError, ...] = ()


# --------------------------------------------------------------------------- other protocols


@dataclass(frozen=True, slots=True, kw_only=True)
class RedisFacts:
    """Redis (RESP). ``authenticated_required`` from the answer to PING; INFO is read only when allowed."""

    PROBE: ClassVar[str] = "redis"
    answers: bool = False
    auth_required: bool | None = None
    protected_mode: bool | None = None
    version: str | None = None
    tls: bool = False
    errors: tuple[ProbeError, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class MemcachedFacts:
    """memcached: the answer to ``version`` (text protocol)."""

    PROBE: ClassVar[str] = "memcached"
    answers: bool = False
    auth_required: bool | None = None
    version: str | None = None
    errors: tuple[ProbeError, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FtpFacts:
    """FTP (RFC 959, RFC 4217): greeting, FEAT, and whether USER anonymous is let in."""

    PROBE: ClassVar[str] = "ftp"
    greeting: str = ""
    anonymous: bool | None = None
    auth_tls: bool | None = None
    features: tuple[str, ...] = ()
    errors: tuple[ProbeError, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class StarttlsFacts:
    """What SMTP, IMAP, POP3, LDAP, XMPP, NNTP, ManageSieve or RDP shows in clear text, and whether it goes into TLS.

    No login is tried.
    """

    PROBE: ClassVar[str] = "starttls"
    protocol: str = ""
    """As in ``TlsFacts.starttls``: smtp, imap, pop3, ldap, xmpp-client, xmpp-server, nntp, sieve, rdp."""
    greeting: str = ""
    capabilities: tuple[str, ...] = ()
    """What the server lists of itself in clear text."""
    announced: bool | None = None
    """Whether the way into TLS is among them; None when the protocol lists nothing, or the list was not given."""
    offered: bool | None = None
    """Whether the server agreed to go into TLS (it was asked, and went no further), or said that it does not."""
    required: bool | None = None
    """Whether the server says that nothing else is let through before TLS; None where the protocol cannot say it."""
    logins: tuple[str, ...] | None = None
    """Ways to log in that are offered in clear text: names of SASL mechanisms, and ``USER`` for a protocol's own user
    and password commands. None when the protocol does not tell before a login is tried."""
    errors: tuple[ProbeError, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SmtpFacts:
    """How an SMTP server meets a stranger who wants mail passed on to another domain (RFC 5321 §3.3, §3.6). No mail is sent:
    the exchange ends before DATA."""

    PROBE: ClassVar[str] = "smtp"
    greeting: str = ""
    recipient: str = ""
    """The address that was named: in a domain that nobody has (RFC 2606)."""
    relay: Literal["accepted", "refused", "deferred"] | None = None
    """``deferred``: put off for now (a reply of the 400s), which may be greylisting."""
    reply: str = ""
    """The reply to RCPT, or to MAIL where that was refused."""
    verifies: bool | None = None
    """VRFY tells whether a mailbox exists (§3.5.1); asked for ``postmaster`` alone, which every domain has."""
    errors: tuple[ProbeError, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class MysqlFacts:
    """MySQL / MariaDB initial handshake packet (protocol 10). No login is tried."""

    PROBE: ClassVar[str] = "mysql"
    version: str | None = None
    tls_offered: bool | None = None
    host_refused: bool = False
    """The server answered 'Host ... is not allowed to connect': reachable, but closed to us."""
    auth_plugin: str | None = None
    errors: tuple[ProbeError, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PostgresFacts:
    """PostgreSQL start-up: SSLRequest, then a StartupMessage; no password is sent."""

    PROBE: ClassVar[str] = "postgresql"
    answers: bool = False
    tls_offered: bool | None = None
    auth_method: str | None = None
    """``trust`` (let in without a password), ``password`` (clear text), ``md5``, ``scram-sha-256``, ``rejected`` ..."""
    version: str | None = None
    errors: tuple[ProbeError, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SshHostKeyFacts:
    """A host key: its algorithm, size in bits and SHA-256 fingerprint (RFC 4253)."""

    type: str
    bits: int | None = None
    sha256: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SshFacts:
    """SSH identification string and KEXINIT (RFC 4253), and the host key where it was read."""

    PROBE: ClassVar[str] = "ssh"
    banner: str = ""
    protocol: str = ""
    """``2.0``, ``1.99`` (serves SSH-1 too) or ``1.5``."""
    software: str = ""
    kex: tuple[str, ...] = ()
    host_key_algorithms: tuple[str, ...] = ()
    ciphers: tuple[str, ...] = ()
    """Both directions together, in the server's order."""
    macs: tuple[str, ...] = ()
    compression: tuple[str, ...] = ()
    host_keys: tuple[SshHostKeyFacts, ...] = ()
    smallest_group: int | None = None
    """Bits of the group given when 1024 were asked for (RFC 4419); None where no group exchange is offered, or no answer came."""
    auth_methods: tuple[str, ...] | None = None
    """Answer to the ``none`` method (RFC 4252 §5.2) for a user that nobody has; None when it was not asked, or let in."""
    none_accepted: bool | None = None
    """The method ``none`` was enough to be let in; the connection was left at once."""
    errors: tuple[ProbeError, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DnsFacts:
    """A DNS server: does it recurse for strangers (RFC 8499), and what it says of itself."""

    PROBE: ClassVar[str] = "dns"
    answers: bool = False
    recursion_available: bool | None = None
    """The RA bit."""
    recursive_answer: bool | None = None
    """It resolved a name it is not authoritative for."""
    version_bind: str | None = None
    rcode: str | None = None
    errors: tuple[ProbeError, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TelnetFacts:
    """Telnet (RFC 854): option negotiation seen, and the prompt as text."""

    PROBE: ClassVar[str] = "telnet"
    negotiates: bool = False
    prompt: str = ""
    login_prompt: bool = False
    errors: tuple[ProbeError, ...] = ()


Facts = (
    IdentifyFacts
    | NmapServiceFacts
    | TlsFacts
    | HttpFacts
    | RedisFacts
    | MemcachedFacts
    | FtpFacts
    | StarttlsFacts
    | SmtpFacts
    | MysqlFacts
    | PostgresFacts
    | SshFacts
    | DnsFacts
    | TelnetFacts
    | LogFacts
    | NtpFacts
    | AccessFacts
    | NameFacts
    | TlsaFacts
    | ZoneFacts
    | MailPolicyFacts
    | AssignmentRecordFacts
    | NatRecordFacts
    | WifiRecordFacts
)

_KINDS: tuple[type[Facts], ...] = (
    IdentifyFacts,
    NmapServiceFacts,
    TlsFacts,
    HttpFacts,
    RedisFacts,
    MemcachedFacts,
    FtpFacts,
    StarttlsFacts,
    SmtpFacts,
    MysqlFacts,
    PostgresFacts,
    SshFacts,
    DnsFacts,
    TelnetFacts,
    NtpFacts,
    *ACCESS,
    NameFacts,
    TlsaFacts,
    ZoneFacts,
    MailPolicyFacts,
    LogFacts,
    AssignmentRecordFacts,
    NatRecordFacts,
    WifiRecordFacts,
)

FACTS: Mapping[str, type[Facts]] = {kind.PROBE: kind for kind in _KINDS}
"""Probe name -> the type of its facts; what the store and the checks look facts up by."""

F = TypeVar("F", bound=Facts)


# --------------------------------------------------------------------------- records around the facts


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeRun:
    """One run of one probe against one endpoint: whether it ran, and what it saw."""

    probe: str
    endpoint: Endpoint
    attempt: int = 1
    """1, or 2 for the gentle second look that every deviation gets."""
    status: RunStatus
    started: datetime
    finished: datetime
    reason: str | None = None
    """Kind from :mod:`scanner.errors` when not completed; ``tool_fault`` is a fault in zijian."""
    message: str | None = None
    facts: Facts | None = None
    ledger: tuple[int, ...] = ()
    """Sequence numbers of the connections in the ledger."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceFacts:
    """All that is known of one service: the unit that checks judge."""

    endpoint: Endpoint
    target: str
    """What the authorisation or the command line named."""
    protocol: str | None = None
    """After identification; our own word first, nmap's where ours is silent."""
    tls: bool = False
    product: str | None = None
    version: str | None = None
    own_address: bool = False
    """The address belongs to the machine that scanned."""
    runs: Mapping[str, ProbeRun] = field(default_factory=dict)
    """First look: probe name -> run."""
    second: Mapping[str, ProbeRun] = field(default_factory=dict)
    """Second look, where there was one."""

    def get(self, kind: type[F]) -> F | None:
        """The facts of ``kind`` from the first look, or None."""
        run = self.runs.get(kind.PROBE)
        return run.facts if run is not None and isinstance(run.facts, kind) else None

    def need(self, kind: type[F]) -> F:
        """The facts of ``kind``; for rules that list it in ``needs``, which the runner guarantees.

        :raises LookupError: the probe did not complete.
        """
        facts = self.get(kind)
        if facts is None:
            raise LookupError(f"{kind.PROBE} did not complete on {self.endpoint.id}")
        return facts


@dataclass(frozen=True, slots=True, kw_only=True)
class HostFacts:
    """One address that was examined, under the target that named it."""

    target: str
    ip: str
    names: tuple[str, ...] = ()
    up: bool | None = None
    ports_open: tuple[str, ...] = ()
    """``port/transport``."""
    ports_scanned: str = ""
    """nmap's port specification."""
    note: str = ""
    own_address: bool = False
    services: tuple[ServiceFacts, ...] = ()
