"""What a domain publishes about mail in its name: public DNS data, asked of the scan's DNS servers, and the policy file of MTA-STS
from its web server, and the certificate of a mail server that has signed TLSA records, where those are in the scope."""

from __future__ import annotations

import asyncio
import base64
import binascii
import ipaddress
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import dns.exception
import dns.name
import dns.rdatatype
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_der_public_key

from scanner.errors import NotOffered, ResolveError, TargetError
from scanner.facts import DkimKeyFacts, Endpoint, MailPolicyFacts, MxFacts, ProbeError, ServiceFacts
from scanner.probes import Session, mta_sts, probe_error, spf
from scanner.said import zh
from scanner.starttls import opening
from scanner.starttls.mail import Smtp
from scanner.stub_resolver import StubResolver
from scanner.text import printable
from scanner.tls.shown import shown_chain
from scanner.tls.tlsa import Association, holds
from scanner.tlsa_records import stated

SELECTORS = (
    "default", "dkim", "mail", "smtp", "selector1", "selector2", "google", "k1", "s1", "s2", "key1", "s1024", "s2048",
)  # fmt: skip
"""Those that large providers and common programs use; a key under another name stays unseen."""
_MOST_MX = 10
SMTP_PORT = 25
"""Where mail for a domain is taken (RFC 5321 §4.5.4.2)."""
_LONGEST = 2000
"""Characters of a record that are kept."""
_TAG = re.compile(r"\s*([A-Za-z][A-Za-z0-9_]*)\s*=\s*([^;]*?)\s*(?:;|$)")
_POLICIES = ("none", "quarantine", "reject")


def tags(text: str) -> dict[str, str] | None:
    """The tag list of DKIM and DMARC (RFC 6376 §3.2); None when the text is none."""
    found: dict[str, str] = {}
    at = 0
    while at < len(text.rstrip()):
        match = _TAG.match(text, at)
        if match is None or match[1].lower() in found:
            return None
        found[match[1].lower()] = match[2]
        at = match.end()
    return found


def read_dkim(selector: str, text: str) -> DkimKeyFacts | None:
    """The key of a DKIM record (RFC 6376 §3.6.1, RFC 8463); None when the record is no such thing."""
    found = tags(text)
    if found is None or "p" not in found or found.get("v", "DKIM1") != "DKIM1":
        return None
    kind = found.get("k", "rsa").lower()
    testing = "y" in found.get("t", "").split(":")
    data = re.sub(r"\s", "", found["p"])
    if not data:
        return DkimKeyFacts(selector=selector, type=kind, revoked=True, testing=testing)
    bits, error = None, ""
    try:
        raw = base64.b64decode(data, validate=True)
        if kind == "ed25519":
            bits = 256 if len(raw) == 32 else None
            error = "" if bits else "not an Ed25519 key"
        else:
            key = load_der_public_key(raw)
            if isinstance(key, (RSAPublicKey, EllipticCurvePublicKey)):
                bits = key.key_size
            else:
                error = "not an RSA key"
    except (ValueError, binascii.Error, UnsupportedAlgorithm) as problem:
        error = printable(f"unreadable key: {problem}", 120)
    return DkimKeyFacts(selector=selector, type=printable(kind, 20), bits=bits, testing=testing, error=error)


@dataclass(slots=True)
class _Look:
    session: Session
    resolver: StubResolver
    domain: str
    known: dict[str, object] = field(default_factory=dict)
    errors: list[ProbeError] = field(default_factory=list)

    async def _texts(self, name: str) -> list[str]:
        """TXT records, each joined of its parts (RFC 7208 §3.3)."""
        return [
            b"".join(record.strings).decode("utf-8", errors="replace")[:_LONGEST]
            for record in await self.resolver.records(name, dns.rdatatype.TXT)
        ]

    async def _beginning(self, name: str, begin: str) -> tuple[str, ...]:
        return tuple(
            printable(text, _LONGEST)
            for text in await self._texts(name)
            if text.replace(" ", "").lower().startswith(begin.lower())
        )

    async def receivers(self) -> None:
        """MX records, and where their hosts are. :raises NotOffered: no domain that has to do with mail."""
        records = await self.resolver.records(self.domain, dns.rdatatype.MX)
        if not records and not await self.resolver.records(self.domain, dns.rdatatype.SOA):
            raise NotOffered(f"{self.domain} has no MX records, and is not the top of a zone", kind="no_mail")
        self.known["null_mx"] = len(records) == 1 and records[0].exchange == dns.name.root
        ordered = sorted(records, key=lambda record: (record.preference, str(record.exchange)))[:_MOST_MX]
        hosts = [
            (record.preference, record.exchange.to_text(omit_final_dot=True))
            for record in ordered
            if record.exchange != dns.name.root
        ]
        self.known["mx"] = tuple([await self._receiver(host, preference) for preference, host in hosts])

    async def _receiver(self, host: str, preference: int) -> MxFacts:
        shown = printable(host, 255)
        try:
            ipaddress.ip_address(host)
        except ValueError:
            pass
        else:
            return MxFacts(host=shown, preference=preference)
        addresses: list[str] = []
        alias: bool | None = None
        try:
            for kind in (dns.rdatatype.A, dns.rdatatype.AAAA):
                answer = await self.resolver.ask(host, kind)
                chaining = answer.resolve_chaining()
                alias = bool(alias) or bool(chaining.cnames)
                if chaining.answer is not None:
                    addresses += [printable(item.address, 60) for item in chaining.answer][:8]
        except (ResolveError, dns.exception.DNSException) as error:
            self._note(f"mx:{shown}", error)
        known: dict[str, Any] = {}
        try:
            records = await stated(self.resolver, host, SMTP_PORT)
        except ResolveError as error:
            self._note(f"tlsa:{shown}", error)
        else:
            usable = tuple(record for record in records.associations if record.usable_for_mail)
            known = {"tlsa": records.texts, "tlsa_signed": records.signed, "tlsa_usable": bool(usable)}
            if records.signed and usable:
                known |= await self._held(host, addresses, usable)
        return MxFacts(
            host=shown,
            preference=preference,
            addresses=tuple(addresses),
            alias=alias,
            **known,
        )

    async def _held(self, host: str, addresses: list[str], usable: Sequence[Association]) -> dict[str, Any]:
        """Signed TLSA records against the certificate that the server shows, where it is in the scope: on one connection."""
        door = self.session.door
        asked = next((ip for ip in addresses if door.would_permit(ip, SMTP_PORT, "tcp")), None)
        if asked is None:
            return {}
        held: dict[str, Any] = {"tlsa_asked": asked}
        try:
            chain = await shown_chain(
                self.session, Endpoint(ip=asked, port=SMTP_PORT, name=host), opening(Smtp())
            )
            held["starttls"] = True
            held["tlsa_match"] = await asyncio.to_thread(holds, usable, chain, host)
        except TargetError as error:
            if error.kind == "no_starttls":
                held["starttls"] = False
            self.errors.append(probe_error(f"certificate:{printable(host, 255)}", error))
        return held

    def _note(self, step: str, error: Exception) -> None:
        if not isinstance(error, ResolveError):
            error = ResolveError(
                f"别名链不完整：{zh(error)}", f"a broken chain of names: {error}", kind="servfail"
            )
        self.errors.append(probe_error(step, error))

    async def senders(self) -> None:
        """SPF."""

        async def fetch(name: str) -> list[str]:
            return [text for text in await self._texts(name) if spf.is_record(text)]

        found = await fetch(self.domain)
        self.known["spf"] = tuple(printable(text, _LONGEST) for text in found)
        if len(found) != 1:
            self.known["spf_errors"] = (f"{len(found)} SPF records",) if found else ()
            return
        reading = spf.Reading(fetch)
        try:
            await reading.read(found[0])
        finally:
            self.known["spf_errors"] = tuple(reading.errors)
        self.known["spf_all"], self.known["spf_lookups"] = reading.all, reading.lookups

    async def keys(self) -> None:
        """DKIM keys under selectors that many use."""
        found: list[DkimKeyFacts] = []
        asked: list[str] = []
        self.known["dkim"], self.known["dkim_asked"] = (), ()
        try:
            for selector in SELECTORS:
                for text in await self._texts(f"{selector}._domainkey.{self.domain}"):
                    key = read_dkim(selector, text)
                    if key is not None:
                        found.append(key)
                        break
                asked.append(selector)
        finally:
            self.known["dkim"], self.known["dkim_asked"] = tuple(found), tuple(asked)

    async def dmarc(self) -> None:
        """DMARC, of the domain or of the nearest parent that has it."""
        labels = self.domain.split(".")
        records: tuple[str, ...] = ()
        at = self.domain
        for start in range(len(labels) - 1):
            at = ".".join(labels[start:])
            records = await self._beginning(f"_dmarc.{at}", "v=DMARC1")
            if records:
                break
        self.known["dmarc"] = records
        if not records:
            return
        self.known["dmarc_at"] = at
        errors: list[str] = []
        if len(records) > 1:
            errors.append(f"{len(records)} DMARC records")
        found = tags(records[0])
        if found is None:
            errors.append("not a list of tags")
            found = {}
        policy = found.get("p", "").lower()
        if policy not in _POLICIES:
            errors.append(f"p={printable(policy, 40)} is no policy" if policy else "p is missing")
        inherited = found.get("sp", "").lower()
        if inherited and inherited not in _POLICIES:
            errors.append(f"sp={printable(inherited, 40)} is no policy")
        if at != self.domain and inherited in _POLICIES:
            policy = inherited
        percent = found.get("pct", "100")
        if not re.fullmatch(r"[0-9]{1,3}", percent) or int(percent) > 100:
            errors.append(f"pct={printable(percent, 20)} is no percentage")
            percent = "100"
        targets = [part.strip() for part in found.get("rua", "").split(",") if part.strip()]
        if any(not re.match(r"(?i)mailto:[^@\s]+@\S+", target) for target in targets):
            errors.append("rua is not a list of mailto: addresses")
        self.known |= {
            "dmarc_policy": policy if policy in _POLICIES else None,
            "dmarc_percent": int(percent),
            "dmarc_reports": bool(targets),
            "dmarc_errors": tuple(errors),
        }

    async def transport(self) -> None:
        """MTA-STS and TLS reporting."""
        self.known["mta_sts"] = await self._beginning(f"_mta-sts.{self.domain}", "v=STSv1")
        if self.known["mta_sts"]:
            self.known["mta_sts_policy"] = await mta_sts.policy_of(self.session, self.resolver, self.domain)
        self.known["tls_reporting"] = await self._beginning(f"_smtp._tls.{self.domain}", "v=TLSRPTv1")


@dataclass(frozen=True, slots=True)
class MailPolicyProbe:
    """The probe of this module: see :class:`scanner.probes.Probe`."""

    name: str = "mail_policy"
    per_name: bool = True
    max_connections: int = 270

    def applies(self, service: ServiceFacts) -> bool:
        """Every domain; one that has nothing to do with mail is found out by asking."""
        return service.endpoint.transport == "domain"

    async def run(self, session: Session, service: ServiceFacts) -> MailPolicyFacts:
        """Ask.

        :raises NotOffered: no mail is sent or taken in this name. :raises ResolveError: that could not be told.
        """
        resolver = StubResolver(session.door, session.resolvers, self.name)
        look = _Look(session, resolver, service.endpoint.host)
        await look.receivers()
        for step, part in (
            ("spf", look.senders), ("dmarc", look.dmarc), ("transport", look.transport), ("dkim", look.keys),
        ):  # fmt: skip
            try:
                await part()
            except ResolveError as error:
                look.errors.append(probe_error(step, error))
        return MailPolicyFacts(**look.known, errors=tuple(look.errors))  # type: ignore[arg-type]


PROBE = MailPolicyProbe()
