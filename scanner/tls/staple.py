"""The stapled OCSP answer (RFC 6960, RFC 6066 §8): what it says of the leaf, judged offline."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.x509 import ocsp
from cryptography.x509.oid import ExtendedKeyUsageOID

from scanner.tls.certificates import Certificate

_SKEW = timedelta(minutes=5)
_STATUS = {
    ocsp.OCSPCertStatus.GOOD: "good",
    ocsp.OCSPCertStatus.REVOKED: "revoked",
    ocsp.OCSPCertStatus.UNKNOWN: "unknown",
}


def read_staple(
    der: bytes, chain: Sequence[Certificate], at: datetime | None = None
) -> tuple[str | None, str]:
    """Status of the leaf (``good``, ``revoked``, ``unknown``, ``invalid``) and, where it is not plain, why.

    None: the chain as sent lacks the issuer, without which nothing can be said of the answer.
    """
    now = at or datetime.now(UTC)
    leaf = chain[0].parsed if chain else None
    issuer = _issuer(leaf, chain) if leaf is not None else None
    if leaf is None or issuer is None:
        return None, "the issuer's certificate was not sent, so the staple cannot be checked"
    try:
        response = ocsp.load_der_ocsp_response(der)
        if response.response_status is not ocsp.OCSPResponseStatus.SUCCESSFUL:
            return "invalid", f"responder said {response.response_status.name.lower()}"
        if response.serial_number != leaf.serial_number:
            return "invalid", "the answer is about another certificate"
        if not _names_issuer(response, issuer):
            return "invalid", "the answer names another issuer"
        until = response.next_update_utc
        if response.this_update_utc > now + _SKEW or (until is not None and until < now - _SKEW):
            return "invalid", "the answer is out of date"
        if not _signed(response, issuer):
            return "invalid", "the signature does not verify"
        return _STATUS[response.certificate_status], ""
    except Exception as error:
        # A stranger's bytes: the parser raises many kinds of errors, all of which mean the same here.
        return "invalid", f"{type(error).__name__}: {error}"


def _issuer(leaf: x509.Certificate, chain: Sequence[Certificate]) -> x509.Certificate | None:
    candidates = [item.parsed for item in chain[1:] if item.parsed is not None]
    if leaf.issuer == leaf.subject:
        candidates.append(leaf)
    return next((item for item in candidates if item.subject == leaf.issuer), None)


def _names_issuer(response: ocsp.OCSPResponse, issuer: x509.Certificate) -> bool:
    digest = hashes.Hash(response.hash_algorithm)
    digest.update(issuer.subject.public_bytes())
    return digest.finalize() == response.issuer_name_hash


def _signed(response: ocsp.OCSPResponse, issuer: x509.Certificate) -> bool:
    """By the issuer, or by a responder that the issuer certified for it (RFC 6960 §4.2.2.2)."""
    if _verifies(response, issuer):
        return True
    return any(
        _may_respond(responder, issuer) and _verifies(response, responder)
        for responder in response.certificates[:4]
    )


def _may_respond(responder: x509.Certificate, issuer: x509.Certificate) -> bool:
    try:
        responder.verify_directly_issued_by(issuer)
        usage = responder.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    except Exception:
        return False
    return ExtendedKeyUsageOID.OCSP_SIGNING in usage


def _verifies(response: ocsp.OCSPResponse, signer: x509.Certificate) -> bool:
    key, algorithm = signer.public_key(), response.signature_hash_algorithm
    try:
        match key:
            case rsa.RSAPublicKey() if algorithm is not None:
                key.verify(response.signature, response.tbs_response_bytes, padding.PKCS1v15(), algorithm)
            case ec.EllipticCurvePublicKey() if algorithm is not None:
                key.verify(response.signature, response.tbs_response_bytes, ec.ECDSA(algorithm))
            case _:
                return False
    except Exception:
        return False
    return True
