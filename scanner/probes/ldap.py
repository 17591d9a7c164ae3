"""LDAP (RFC 4511): may a client that did not bind search below the directory's base.

The root DSE is read, which every client may (RFC 4512 §5.1), then one search asks for at most one entry below the first
naming context, and of it neither attributes nor values, only its presence. The entry's name is not kept.
"""

from __future__ import annotations

from dataclasses import replace

from scanner.facts import Said
from scanner.facts.access import Access, LdapFacts
from scanner.probes.access import AccessProbe, shown
from scanner.starttls.ldap import answers, search, values_of
from scanner.transport import Stream

_BASE, _WHOLE_SUBTREE = 0, 2
_NO_ATTRIBUTES = b"1.1"
"""RFC 4511 §4.5.1.8."""
_SUCCESS, _OPERATIONS_ERROR, _SIZE_LIMIT = 0, 1, 4
_WANTS_BIND = frozenset({_OPERATIONS_ERROR, 8, 13, 48, 49, 50, 53})
"""operationsError (Active Directory's word for it), strongerAuthRequired, confidentialityRequired, inappropriateAuthentication,
invalidCredentials, insufficientAccessRights, unwillingToPerform."""
_MOST_MESSAGES = 8
_TOLD = {b"vendorname": "vendor", b"vendorversion": "vendor version", b"supportedldapversion": "versions"}


async def _ask(stream: Stream) -> LdapFacts:
    wanted = (b"namingContexts", b"vendorName", b"vendorVersion", b"supportedLDAPVersion")
    entries, code, text = await answers(stream, search(2, b"", _BASE, *wanted), most=_MOST_MESSAGES)
    known = values_of(entries[0]) if entries else {}
    said = tuple(
        Said(name, shown(b", ".join(known[key][:4]))) for key, name in _TOLD.items() if known.get(key)
    )
    version = known.get(b"vendorversion", [b""])[0]
    facts = LdapFacts(
        answers=True, said=said, request="search of the root DSE", version=shown(version) or None
    )
    contexts = [context for context in known.get(b"namingcontexts", []) if context]
    if not contexts:
        access: Access | None = "authentication" if code in _WANTS_BIND else None
        return replace(facts, access=access, reply=_told(code, text))
    entries, code, text = await answers(
        stream, search(3, contexts[0], _WHOLE_SUBTREE, _NO_ATTRIBUTES), most=_MOST_MESSAGES
    )
    access = None
    if entries and code in (_SUCCESS, _SIZE_LIMIT):
        access = "open"
    elif code in _WANTS_BIND:
        access = "authentication"
    return replace(
        facts,
        access=access,
        request="anonymous search, at most one entry",
        reply=_told(code, text, len(entries)),
    )


def _told(code: int, text: bytes, entries: int = 0) -> str:
    return shown(f"{entries} entries, result {code} {text.decode('utf-8', errors='replace')}".rstrip())


PROBE = AccessProbe("ldap", "anonymous search", _ask, frozenset({"ldap"}))
