"""Time stamps by a third party (RFC 3161): proof that a case, or its signature, was there at a time.

The answer of the authority is kept whole as ``timestamps/PART.tsr``; what it stamps is the part of that name, or
``tagmanifest-sha256.txt`` in a case without signature. ``openssl ts -verify`` reads it too.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from asn1crypto import cms, tsp
from asn1crypto.core import Asn1Value
from cryptography import x509
from rfc3161_client import (
    HashAlgorithm,
    TimestampRequestBuilder,
    VerificationError,
    VerifierBuilder,
    decode_timestamp_response,
)

from reports.casefile.bag import TIMESTAMPS, from_bytes
from reports.casefile.container import Source

MOST = 1 << 18
"""Bytes of an answer that are read."""
_HASHES = {
    "2.16.840.1.101.3.4.2.1": "sha256",
    "2.16.840.1.101.3.4.2.2": "sha384",
    "2.16.840.1.101.3.4.2.3": "sha512",
}
"""Object identifiers of RFC 8017 appendix B.1, and hashlib's names."""


@dataclass(frozen=True, slots=True)
class Stamp:
    """A time stamp that could be read."""

    time: datetime
    """When the authority says that it was made, in UTC."""
    trusted: bool
    """Whether its certificate leads to a root that was given."""


def request(data: bytes) -> bytes:
    """The request for a stamp over ``data``, in DER: with a nonce, and asking for the authority's certificates."""
    builder = TimestampRequestBuilder().data(data).hash_algorithm(HashAlgorithm.SHA256)
    return builder.nonce(nonce=True).cert_request(cert_request=True).build().as_bytes()


def part_name(name: str) -> str:
    """The name of the part that holds an answer over the part ``name``."""
    return f"{TIMESTAMPS}{name.replace('/', '-')}.tsr"


def part(name: str, answer: bytes) -> Source:
    """The part of a case that holds an answer over the part ``name``."""
    return from_bytes(part_name(name), answer)


def check(answer: bytes, data: bytes, roots: Sequence[x509.Certificate]) -> Stamp:
    """Read the answer to a request over ``data``, and hold it against the roots.

    Without roots the digest alone is held against ``data``.

    :raises ValueError: the answer is none, is not over ``data``, or its signature leads to none of the roots.
    """
    try:
        response = decode_timestamp_response(_in_order(answer))
        info = response.tst_info
        digest = _digest(data, info.message_imprint.hash_algorithm)
        if digest != info.message_imprint.message:
            raise ValueError("it stamps something else")
        if roots:
            builder = VerifierBuilder()
            for root in roots:
                builder = builder.add_root_certificate(root)
            builder.build().verify_message(response, data)
        return Stamp(info.gen_time, trusted=bool(roots))
    except VerificationError as error:
        raise ValueError(str(error)) from error


def _in_order(answer: bytes) -> bytes:
    """The answer with its certificates in the order that DER asks of a SET (X.690 §11.6).

    ``openssl ts`` and others write them as they come, which rfc3161-client refuses. They are outside what is signed.

    :raises ValueError: it cannot be read.
    """
    try:
        response = tsp.TimeStampResp.load(answer, strict=True)
        signed = response["time_stamp_token"]["content"]
        signed["certificates"] = cms.CertificateSet(sorted(signed["certificates"], key=Asn1Value.dump))
        ordered: bytes = response.dump()
    except (TypeError, KeyError) as error:
        raise ValueError(f"it is not an answer with a time stamp: {type(error).__name__}") from error
    return ordered


def _digest(data: bytes, algorithm: x509.ObjectIdentifier) -> bytes:
    name = _HASHES.get(algorithm.dotted_string)
    if name is None:
        raise ValueError(f"its hash algorithm {algorithm.dotted_string} is not known")
    return hashlib.new(name, data).digest()
