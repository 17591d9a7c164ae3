"""What the rules about STARTTLS have in common."""

from __future__ import annotations

from scanner.facts import StarttlsFacts

_NAMES = {
    "smtp": "SMTP", "imap": "IMAP", "pop3": "POP3", "ldap": "LDAP", "xmpp-client": "XMPP", "xmpp-server": "XMPP",
    "nntp": "NNTP", "sieve": "ManageSieve", "rdp": "RDP",
}  # fmt: skip


def protocol_name(facts: StarttlsFacts) -> str:
    """The protocol as people write it."""
    return _NAMES.get(facts.protocol, facts.protocol)
