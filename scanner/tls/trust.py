"""Does a chain lead to a trusted root? Judged offline, per store, at the present time.

Reasons are short fixed strings: ``self_signed``, ``unknown_issuer``, ``incomplete_chain``, ``expired``,
``not_yet_valid``, ``expired_in_chain``, ``not_yet_valid_in_chain``, ``weak_signature``, ``wrong_purpose``,
``unreadable``, ``invalid:<OpenSSL's text>``; of chains with SM2 also ``bad_signature``, and ``undecided:<what>`` where they
use something that is not judged.

No public store holds an SM2 root: a chain with SM2 in it is judged by the chosen store alone (``custom``), and by none
where none was chosen. See :mod:`scanner.tls.sm2_trust`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import certifi
from cryptography import x509
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID
from OpenSSL import crypto

from scanner.errors import UsageError
from scanner.facts import tlcp_pair
from scanner.said import zh
from scanner.text import printable
from scanner.tls.certificates import Certificate
from scanner.tls.quiet import quiet
from scanner.tls.sm2_trust import Undecided, concerns_sm2, fault, path

SYSTEM_STORE = Path("/etc/ssl/certs/ca-certificates.crt")

_EXPIRED, _NOT_YET, _SELF_SIGNED_LEAF, _SELF_SIGNED_ROOT = 10, 9, 18, 19
_NO_ISSUER = (2, 20, 21)
_WEAK_HASHES = ("md2", "md4", "md5", "sha1")
_WRONG_PURPOSE = 26


@dataclass(frozen=True, slots=True)
class Store:
    """A trust store: as OpenSSL verifies with it, and its certificates by subject (in DER)."""

    openssl: crypto.X509Store
    by_subject: Mapping[bytes, Sequence[x509.Certificate]]


@lru_cache(maxsize=8)
def _load(path: str, changed_ns: int) -> Store:
    # ``changed_ns`` makes the cache forget a store file that was changed.
    store, by_subject = crypto.X509Store(), defaultdict[bytes, list[x509.Certificate]](list)
    with quiet():  # Of old roots with a serial number of zero, which are trusted all the same.
        for certificate in x509.load_pem_x509_certificates(Path(path).read_bytes()):
            store.add_cert(crypto.X509.from_cryptography(certificate))
            by_subject[certificate.subject.public_bytes()].append(certificate)
    return Store(store, by_subject)


def _store(path: Path) -> Store:
    return _load(str(path), path.stat().st_mtime_ns)


def stores(ca_file: Path | None) -> Mapping[str, Store]:
    """The stores to judge by: ``mozilla`` (certifi), ``system`` where there is one, ``custom`` when given.

    :raises UsageError: ``ca_file`` cannot be read or holds no certificate.
    """
    found = {"mozilla": _store(Path(certifi.where()))}
    if SYSTEM_STORE.is_file():
        try:
            found["system"] = _store(SYSTEM_STORE)
        except (OSError, ValueError):
            pass  # An unreadable system store is no store; the others still judge.
    if ca_file is not None:
        try:
            found["custom"] = _store(ca_file)
        except (OSError, ValueError) as error:
            raise UsageError(
                f"--ca-file {ca_file}：{zh(error)}", f"--ca-file {ca_file}: {error}", kind="usage"
            ) from error
    return found


def judge(chain: Sequence[Certificate], ca_file: Path | None) -> dict[str, str]:
    """Store -> ``ok`` or the reason it does not verify; empty when no certificate was sent.

    :raises UsageError: ``ca_file`` cannot be read or holds no certificate.
    """
    if not chain:
        return {}
    if concerns_sm2(chain[0]):
        return {} if ca_file is None else {"custom": _judge_sm2(chain, stores(ca_file)["custom"])}
    return {name: _judge(chain, store.openssl) for name, store in stores(ca_file).items()}


def judge_pair(chain: Sequence[Certificate], ca_file: Path | None) -> dict[str, str]:
    """Judge TLCP's two certificates, each with the authorities' beside them.

    Store -> ``ok`` when both verify, else the first reason why not. Raises as :func:`judge` does.
    """
    found: dict[str, str] = {}
    pair = tlcp_pair([item.facts for item in chain])
    authorities = [item for place, item in enumerate(chain) if place not in pair]
    for place in pair:
        for store, reason in judge([chain[place], *authorities], ca_file).items():
            if found.get(store, "ok") == "ok":
                found[store] = reason
    return found


def _judge_sm2(chain: Sequence[Certificate], store: Store) -> str:
    leaf = chain[0].parsed
    roots = [root for named in store.by_subject.values() for root in named]
    try:
        walked = path(chain[0], chain[1:], roots)
        if isinstance(walked, str):
            return "incomplete_chain" if walked == "unknown_issuer" and _looks_incomplete(chain) else walked
        if reason := fault(walked):
            return reason
        if leaf is not None and _wrong_purpose(leaf):
            return "wrong_purpose"
        return "ok"
    except Undecided as error:
        return printable(f"undecided:{error}", 120)
    except Exception as error:
        # Certificates are a stranger's bytes: whatever breaks on them is the target's doing.
        return printable(f"invalid:{type(error).__name__}", 120)


def roots_for(certificate: Certificate, ca_file: Path | None) -> list[x509.Certificate]:
    """Certificates of the stores whose subject is the issuer of ``certificate``; raises as :func:`stores` does."""
    return [
        root for store in stores(ca_file).values() for root in store.by_subject.get(certificate.issuer, ())
    ]


def _judge(chain: Sequence[Certificate], store: crypto.X509Store) -> str:
    leaf = chain[0].parsed
    if leaf is None:
        return "unreadable"
    try:
        subject = crypto.X509.from_cryptography(leaf)
        others = [crypto.X509.from_cryptography(item.parsed) for item in chain[1:] if item.parsed is not None]
        context = crypto.X509StoreContext(store, subject, others)
        verified = context.get_verified_chain()
    except crypto.X509StoreContextError as error:
        return _reason(error, chain)
    except Exception as error:
        # OpenSSL refuses some certificates that the parser let through; that is the target's doing.
        return printable(f"invalid:{type(error).__name__}", 120)
    if _wrong_purpose(leaf):
        return "wrong_purpose"
    if any(_weak(item) for item in verified[:-1]):
        return "weak_signature"
    return "ok"


def verifies_under(chain: Sequence[Certificate], anchor: Certificate) -> bool:
    """Whether the leaf leads, at the present time, to ``anchor``, be it a root or not."""
    if anchor.parsed is None:
        return False
    store = crypto.X509Store()
    try:
        store.add_cert(crypto.X509.from_cryptography(anchor.parsed))
        store.set_flags(crypto.X509StoreFlags.PARTIAL_CHAIN)
    except Exception:
        # OpenSSL refuses some certificates that the parser let through; such a one vouches for nothing.
        return False
    return _judge(chain, store) == "ok"


def _reason(error: crypto.X509StoreContextError, chain: Sequence[Certificate]) -> str:
    code, depth = error.errors[0], error.errors[1]
    where = "" if depth == 0 else "_in_chain"
    if code == _EXPIRED:
        return f"expired{where}"
    if code == _NOT_YET:
        return f"not_yet_valid{where}"
    if code == _SELF_SIGNED_LEAF:
        return "self_signed"
    if code == _SELF_SIGNED_ROOT:
        return "unknown_issuer"
    if code in _NO_ISSUER:
        return "incomplete_chain" if _looks_incomplete(chain) else "unknown_issuer"
    return printable(f"invalid:{error.errors[2]}", 120)


def _looks_incomplete(chain: Sequence[Certificate]) -> bool:
    """Whether the issuer is out there but was not sent.

    What tells it from a private CA: the last certificate we can reach from the leaf says by authority information
    access (RFC 5280 §4.2.2.1) where its issuer's certificate is fetched, as those of public CAs do.
    """
    top, rest = chain[0], [item for item in chain[1:] if item.parsed is not None]
    for _ in range(len(rest)):
        issuer = next((item for item in rest if item.subject == top.issuer), None)
        if issuer is None:
            break
        top, rest = issuer, [item for item in rest if item is not issuer]
    if top.parsed is None or top.issuer == top.subject:
        return False
    try:
        access = top.parsed.extensions.get_extension_for_class(x509.AuthorityInformationAccess).value
    except Exception:
        return False
    return any(entry.access_method == AuthorityInformationAccessOID.CA_ISSUERS for entry in access)


def _wrong_purpose(leaf: x509.Certificate) -> bool:
    """An extended key usage that leaves out server authentication (RFC 5280 §4.2.1.12)."""
    try:
        usage = leaf.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    except Exception:
        return False
    wanted = (ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE)
    return not any(purpose in usage for purpose in wanted)


def _weak(certificate: crypto.X509) -> bool:
    try:
        algorithm = certificate.to_cryptography().signature_hash_algorithm
    except Exception:
        return False
    return algorithm is not None and algorithm.name in _WEAK_HASHES
