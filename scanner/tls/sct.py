"""Signed certificate timestamps (RFC 6962): how many a list holds. Their signatures are not verified: no log is trusted here."""

from __future__ import annotations

from scanner.tls.cursor import Cursor, malformed

MOST_SCTS = 64
"""Entries counted of one list."""


def count_scts(data: bytes) -> int:
    """Entries of a SignedCertificateTimestampList (RFC 6962 §3.3).

    :raises TlsError: malformed, or empty, which the RFC does not allow.
    """
    cursor = Cursor(data, "SCT list")
    entries = Cursor(cursor.vector(2), "SCT list")
    cursor.end()
    found = 0
    while entries.left and found < MOST_SCTS:
        if not entries.vector(2):
            raise malformed("an empty SCT")
        found += 1
    if not found:
        raise malformed("an empty SCT list")
    return found
