"""What a certificate says where the strict parser refuses it: part by part, by a reader that forgives bad encodings.

``cryptography`` refuses a whole certificate for one bad byte in a name, and all extensions for one bad extension.
``asn1crypto`` parses lazily, so that what is whole can still be told. Nothing read here is used to verify anything.
Every function raises when its own part is broken, with whatever error the parser has.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

from asn1crypto import core, x509

_MOST_ATTRIBUTES = 64
"""Attributes shown of one name."""
_MOST_EXTENSIONS = 2000
_MOST_NAMES = 10_000
_LONGEST_OID = 1024
"""Bytes; real ones have ten. The time that asn1crypto takes for one grows with the square of its length."""
_LONG_OID = re.compile(rb"\x06([\x82-\x88])")
_SHORT = {
    "2.5.4.3": "CN", "2.5.4.7": "L", "2.5.4.8": "ST", "2.5.4.10": "O", "2.5.4.11": "OU", "2.5.4.6": "C",
    "2.5.4.9": "STREET", "0.9.2342.19200300.100.1.25": "DC", "0.9.2342.19200300.100.1.1": "UID",
}  # fmt: skip
"""RFC 4514 §3."""

_ESCAPED = {ord(mark): f"\\{mark}" for mark in ',+"\\<>;'}

BASIC_CONSTRAINTS, KEY_USAGE, TLS_FEATURE = "2.5.29.19", "2.5.29.15", "1.3.6.1.5.5.7.1.24"
SUBJECT_ALTERNATIVE_NAME, SCT_LIST = "2.5.29.17", "1.3.6.1.4.1.11129.2.4.2"
_STATUS_REQUEST = 5
_USAGES = (
    "digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement",
    "key_cert_sign", "crl_sign",
)  # fmt: skip
"""In the order of the bits (RFC 5280 §4.2.1.3)."""


class Lenient:
    """One certificate, read lazily. Not for one with :func:`has_long_oid` that ``cryptography`` refused.

    :raises ValueError: it is not even a sequence.
    """

    def __init__(self, der: bytes) -> None:
        self._whole: Any = x509.Certificate.load(der)
        self._tbs: Any = self._whole["tbs_certificate"]

    def version(self) -> int:
        """1 or 3 (RFC 5280 §4.1.2.1), or whatever it says."""
        return int(self._tbs["version"]) + 1

    def serial(self) -> int:
        """serialNumber."""
        return int(self._tbs["serial_number"].native)

    def subject(self) -> str:
        """The subject, written as RFC 4514 does."""
        return _name(self._tbs["subject"])

    def issuer(self) -> str:
        """The issuer, written as RFC 4514 does."""
        return _name(self._tbs["issuer"])

    def not_before(self) -> datetime:
        """notBefore, in UTC."""
        return _moment(self._tbs["validity"]["not_before"].native)

    def not_after(self) -> datetime:
        """notAfter, in UTC."""
        return _moment(self._tbs["validity"]["not_after"].native)

    def signature_oid(self) -> str:
        """signatureAlgorithm, as a dotted OID."""
        return str(self._whole["signature_algorithm"]["algorithm"].dotted)

    def rsa_numbers(self) -> tuple[int, int]:
        """Modulus and exponent of an RSA key."""
        key = self._tbs["subject_public_key_info"]["public_key"].parsed
        return int(key["modulus"].native), int(key["public_exponent"].native)

    def explicit_order_bits(self) -> int:
        """Size of the order of an EC key's curve whose parameters are written out (RFC 3279 §2.3.5)."""
        parameters = self._tbs["subject_public_key_info"]["algorithm"]["parameters"].chosen
        return int(parameters["order"].native).bit_length()

    def _extension(self, oid: str) -> bytes | None:
        """The value of an extension; None where there is none.

        :raises ValueError: there are two.
        """
        found: bytes | None = None
        extensions = self._tbs["extensions"]
        if not extensions:
            return None
        if len(extensions) > _MOST_EXTENSIONS:
            raise ValueError(f"{len(extensions)} extensions")
        for extension in extensions:
            if extension["extn_id"].dotted == oid:
                if found is not None:
                    raise ValueError("the extension is there twice")
                found = bytes(extension["extn_value"])
        return found

    def names(self) -> Iterator[tuple[str, str]]:
        """Subject alternative names: ``dns``, ``ip``, ``email``, ``uri`` or ``other``, and the value."""
        value = self._extension(SUBJECT_ALTERNATIVE_NAME)
        if value is None:
            return
        for number, name in enumerate(x509.GeneralNames.load(value)):
            if number == _MOST_NAMES:
                raise ValueError(f"more than {_MOST_NAMES} names")
            match name.name:
                case "dns_name":
                    yield "dns", _latin(name.chosen.contents)
                case "ip_address":
                    address = name.chosen.native
                    if address is None:
                        raise ValueError(f"an IP address of {len(name.chosen.contents)} bytes")
                    yield "ip", str(address)
                case "rfc822_name":
                    yield "email", _latin(name.chosen.contents)
                case "uniform_resource_identifier":
                    yield "uri", _latin(name.chosen.contents)
                case other:
                    yield "other", str(other)

    def is_ca(self) -> bool:
        """Basic constraints say that it is a CA's."""
        value = self._extension(BASIC_CONSTRAINTS)
        return value is not None and bool(x509.BasicConstraints.load(value)["ca"].native)

    def must_staple(self) -> bool:
        """The TLS feature extension asks for a staple (RFC 7633)."""
        value = self._extension(TLS_FEATURE)
        return value is not None and any(
            int(feature) == _STATUS_REQUEST for feature in x509.Features.load(value)
        )

    def key_usage(self) -> tuple[str, ...]:
        """Key usages by the names of ``cryptography``."""
        value = self._extension(KEY_USAGE)
        if value is None:
            return ()
        bits = "".join(f"{byte:08b}" for byte in _bit_string(value))
        return tuple(name for name, bit in zip(_USAGES, bits, strict=False) if bit == "1")

    def sct_list(self) -> bytes | None:
        """The embedded SCT list as TLS writes it (RFC 6962 §3.3); None where there is none."""
        value = self._extension(SCT_LIST)
        return None if value is None else bytes(core.OctetString.load(value))


def has_long_oid(der: bytes) -> bool:
    """Whether an OBJECT IDENTIFIER may be in ``der`` that would take too long to read. ``cryptography`` refuses those."""
    for match in _LONG_OID.finditer(der):
        start = match.end() + (match[1][0] & 0x7F)
        if _LONGEST_OID <= int.from_bytes(der[match.end() : start], "big") <= len(der) - start:
            return True
    return False


def _latin(content: bytes) -> str:
    """Bytes that should be ASCII; others are shown, never dropped."""
    return content.decode("utf-8", errors="backslashreplace")


def _bit_string(value: bytes) -> bytes:
    if len(value) < 3 or value[0] != 3 or value[1] != len(value) - 2:
        raise ValueError("no BIT STRING")
    return value[3:]


def _moment(value: date | datetime | None) -> datetime:
    if not isinstance(value, datetime) or value.tzinfo is None:
        raise ValueError("no time")
    return value.astimezone(UTC)


def _name(name: Any) -> str:
    parts: list[str] = []
    for relative in name.chosen:
        for attribute in relative:
            if len(parts) == _MOST_ATTRIBUTES:
                return ",".join(reversed(parts)) + ",…"
            oid = attribute["type"].dotted
            parts.append(f"{_SHORT.get(oid, oid)}={_text(attribute).translate(_ESCAPED)}")
    return ",".join(reversed(parts))


def _text(attribute: Any) -> str:
    try:
        return str(attribute["value"].native)
    except (ValueError, TypeError):
        # RFC 4514 §2.4: what has no string form is written in hexadecimal; here type and value, as they were sent.
        raw: bytes = attribute.dump()
        return "#" + raw[:64].hex()
