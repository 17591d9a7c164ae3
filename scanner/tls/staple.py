"""An OCSP answer (RFC 6960), such as a server staples (RFC 6066 §8): what it says of the leaf, judged offline.

An answer counts when it is about this certificate (serial number, and hashes of the issuer's name and key), made in its
time, and signed by the issuer or by a responder that the issuer appointed; and the issuer counts when its key verifies
the leaf. Anybody may write ``good`` into an answer: what does not hold is ``invalid``, never ``good`` or ``revoked``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, padding, rsa
from cryptography.x509 import ocsp
from cryptography.x509.oid import ExtendedKeyUsageOID, SignatureAlgorithmOID

from scanner.tls.certificates import Certificate

_SKEW = timedelta(minutes=5)
_LONGEST = timedelta(days=10)
"""How long an answer counts that does not say until when (CA/Browser Forum Baseline Requirements §4.9.10)."""
_MOST_RESPONSES, _MOST_RESPONDERS, _MOST_ISSUERS = 16, 4, 8
_HASHES: Mapping[str, type[hashes.HashAlgorithm]] = {
    "sha1": hashes.SHA1, "sha224": hashes.SHA224, "sha256": hashes.SHA256, "sha384": hashes.SHA384,
    "sha512": hashes.SHA512,
}  # fmt: skip
_STATUS = {
    ocsp.OCSPCertStatus.GOOD: "good",
    ocsp.OCSPCertStatus.REVOKED: "revoked",
    ocsp.OCSPCertStatus.UNKNOWN: "unknown",
}


class _Unknown(Exception):
    """Nothing can be said of the answer, for want of a certificate or of an algorithm."""


class _Invalid(Exception):
    """The answer does not hold."""


def read_staple(
    der: bytes,
    chain: Sequence[Certificate],
    at: datetime | None = None,
    roots: Sequence[x509.Certificate] = (),
) -> tuple[str | None, str]:
    """Status of the leaf (``good``, ``revoked``, ``unknown``, ``invalid``) and, where it is not plain, why.

    ``roots`` are certificates that may have issued the leaf beside those sent. None: the issuer is not known or the
    signature is of a kind that cannot be checked here, so that nothing can be said of the answer.
    """
    leaf = chain[0].parsed if chain else None
    if leaf is None:
        return None, "the certificate cannot be parsed, so the staple cannot be checked"
    issuer = find_issuer(chain, roots)
    if issuer is None:
        return None, "the issuer's certificate was not sent, so the staple cannot be checked"
    return read_answer(der, leaf, issuer, at)


def read_answer(
    der: bytes, leaf: x509.Certificate, issuer: x509.Certificate, at: datetime | None = None
) -> tuple[str | None, str]:
    """What :func:`read_staple` says, where the leaf and its issuer are known."""
    try:
        return _read(der, leaf, issuer, at or datetime.now(UTC))
    except _Unknown as error:
        return None, str(error)
    except _Invalid as error:
        return "invalid", str(error)
    except Exception as error:
        # A stranger's bytes: the parser raises many kinds of errors, all of which mean the same here.
        return "invalid", f"{type(error).__name__}: {error}"


def staple_scts(der: bytes) -> int:
    """Signed certificate timestamps in the answer (RFC 6962 §3.3).

    :raises Exception: the answer cannot be parsed, in whatever way.
    """
    try:
        found = ocsp.load_der_ocsp_response(der).single_extensions.get_extension_for_class(
            x509.SignedCertificateTimestamps
        )
    except x509.ExtensionNotFound:
        return 0
    return len(found.value)


def find_issuer(
    chain: Sequence[Certificate], roots: Sequence[x509.Certificate] = ()
) -> x509.Certificate | None:
    """The certificate among those sent, and ``roots``, whose key verifies the leaf; None when there is none."""
    leaf = chain[0].parsed
    if leaf is None:
        return None
    sent = [item.parsed for item in chain[1:] if item.parsed is not None and item.subject == chain[0].issuer]
    if chain[0].issuer == chain[0].subject:
        sent.append(leaf)
    for candidate in [*sent, *roots][:_MOST_ISSUERS]:
        try:
            leaf.verify_directly_issued_by(candidate)
        except Exception:  # noqa: S112  # Each candidate fails in its own way; another may hold.
            continue
        return candidate
    return None


def _read(der: bytes, leaf: x509.Certificate, issuer: x509.Certificate, now: datetime) -> tuple[str, str]:
    response = ocsp.load_der_ocsp_response(der)
    if response.response_status is not ocsp.OCSPResponseStatus.SUCCESSFUL:
        raise _Invalid(f"responder said {response.response_status.name.lower()}")
    single = _about(response, leaf, issuer)
    begin, until = single.this_update_utc, single.next_update_utc
    if begin > now + _SKEW or (until or begin + _LONGEST) < now - _SKEW:
        raise _Invalid("the answer is out of date")
    _check_signature(der, response, issuer, now)
    return _STATUS[single.certificate_status], ""


def _about(
    response: ocsp.OCSPResponse, leaf: x509.Certificate, issuer: x509.Certificate
) -> ocsp.OCSPSingleResponse:
    """The part of the answer that is about the leaf."""
    serials = False
    for number, single in enumerate(response.responses):
        if number == _MOST_RESPONSES:
            break
        if single.serial_number == leaf.serial_number:
            serials = True
            if _names_issuer(single, leaf, issuer):
                return single
    raise _Invalid(
        "the answer names another issuer" if serials else "the answer is about another certificate"
    )


def _names_issuer(single: ocsp.OCSPSingleResponse, leaf: x509.Certificate, issuer: x509.Certificate) -> bool:
    """Whether the answer's hashes of the issuer's name and key (RFC 6960 §4.1.1) are this issuer's."""
    own = ocsp.OCSPRequestBuilder().add_certificate(leaf, issuer, single.hash_algorithm).build()
    return (own.issuer_name_hash, own.issuer_key_hash) == (single.issuer_name_hash, single.issuer_key_hash)


def _check_signature(
    der: bytes, response: ocsp.OCSPResponse, issuer: x509.Certificate, now: datetime
) -> None:
    algorithm: hashes.HashAlgorithm | None
    scheme: padding.PSS | padding.PKCS1v15
    if response.signature_algorithm_oid == SignatureAlgorithmOID.RSASSA_PSS:
        algorithm, scheme = _pss(der)
    else:
        try:
            algorithm, scheme = response.signature_hash_algorithm, padding.PKCS1v15()
        except UnsupportedAlgorithm:
            raise _unchecked(response.signature_algorithm_oid.dotted_string) from None
    if not any(_verifies(response, signer, algorithm, scheme) for signer in _signers(response, issuer, now)):
        raise _Invalid("the signature does not verify")


def _unchecked(algorithm: str) -> _Unknown:
    return _Unknown(f"the answer's signature ({algorithm}) is of a kind that cannot be checked here")


def _pss(der: bytes) -> tuple[hashes.HashAlgorithm, padding.PSS]:
    """How an answer is signed with RSASSA-PSS (RFC 4055 §3.1), which ``cryptography`` does not tell of answers."""
    from asn1crypto import ocsp as answers  # Few answers need it.
    from asn1crypto.algos import RSASSAPSSParams

    signed = answers.OCSPResponse.load(der).basic_ocsp_response["signature_algorithm"]
    parameters = signed["parameters"]
    if not isinstance(parameters, RSASSAPSSParams):
        raise _Invalid("the signature has no parameters of RSASSA-PSS")
    if parameters["trailer_field"].native != "trailer_field_bc":
        raise _Invalid("the signature has a trailer that RSASSA-PSS does not have")
    mask = parameters["mask_gen_algorithm"]
    names = parameters["hash_algorithm"]["algorithm"].native, mask["parameters"]["algorithm"].native
    if mask["algorithm"].native != "mgf1" or any(name not in _HASHES for name in names):
        raise _unchecked(f"RSASSA-PSS with {' and '.join(names)}")
    algorithm, masked = (_HASHES[name]() for name in names)
    return algorithm, padding.PSS(padding.MGF1(masked), parameters["salt_length"].native)


def _verifies(
    response: ocsp.OCSPResponse,
    signer: x509.Certificate,
    algorithm: hashes.HashAlgorithm | None,
    scheme: padding.PSS | padding.PKCS1v15,
) -> bool:
    """``scheme`` is how an RSA key signs."""
    key, signature, data = signer.public_key(), response.signature, response.tbs_response_bytes
    pss = isinstance(scheme, padding.PSS)
    try:
        match key:
            case rsa.RSAPublicKey() if algorithm is not None:
                key.verify(signature, data, scheme, algorithm)
            case ec.EllipticCurvePublicKey() if algorithm is not None and not pss:
                key.verify(signature, data, ec.ECDSA(algorithm))
            case ed25519.Ed25519PublicKey() | ed448.Ed448PublicKey() if algorithm is None:
                key.verify(signature, data)
            case _:
                return False
    except (InvalidSignature, UnsupportedAlgorithm, ValueError):
        return False
    return True


def _signers(
    response: ocsp.OCSPResponse, issuer: x509.Certificate, now: datetime
) -> Iterator[x509.Certificate]:
    """The issuer, and responders that it certified for this (RFC 6960 §4.2.2.2)."""
    yield issuer
    for responder in response.certificates[:_MOST_RESPONDERS]:
        if _may_respond(responder, issuer, now):
            yield responder


def _may_respond(responder: x509.Certificate, issuer: x509.Certificate, now: datetime) -> bool:
    if not responder.not_valid_before_utc - _SKEW <= now <= responder.not_valid_after_utc + _SKEW:
        return False
    try:
        responder.verify_directly_issued_by(issuer)
        usage = responder.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    except Exception:
        return False
    return ExtendedKeyUsageOID.OCSP_SIGNING in usage
