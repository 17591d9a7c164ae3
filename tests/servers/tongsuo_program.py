"""A program of its own that drives Tongsuo's library by ctypes: makes SM2 certificates, and serves TLCP and TLS.

``python tongsuo_program.py LIBRARY pki ORDER.json`` and ``python tongsuo_program.py LIBRARY serve ORDER.json``. What an
order holds is said in :mod:`tests.servers.tongsuo`, which starts this program; it imports nothing but the standard
library and runs in a process apart, so that two OpenSSLs never meet.
"""

from __future__ import annotations

import ctypes
import json
import socket
import sys
import threading
from ctypes import c_char_p, c_long, c_size_t, c_void_p
from pathlib import Path
from typing import Any

_EVP_PKEY_EC, _NID_SM2, _EVP_PKEY_SM2 = 408, 1172, 1172
_CTRL_PARAMGEN_CURVE, _CTRL_PARAM_ENC, _CTRL_SET1_ID = 0x1001, 0x1002, 0x100B
_OP_PARAMGEN, _OP_KEYGEN = 1 << 1, 1 << 2
_SM2_ID = b"1234567812345678"
_CTRL_EXTRA_CHAIN, _CTRL_MIN_PROTO, _CTRL_MAX_PROTO, _CTRL_GROUPS = 14, 123, 124, 92
_PEM, _VERIFY_PEER, _SERVER_PREFERENCE = 1, 1, 0x00400000
_MBSTRING_UTF8 = 0x1000
_BASIC, _USAGE, _SAN, _EKU, _SUBJECT_KEY, _AUTHORITY_KEY = 87, 83, 85, 126, 82, 90

_RESULTS: dict[str, Any] = dict.fromkeys(("X509_new", "X509_get_serialNumber", "X509_get_subject_name", "X509_getm_notBefore", "X509_getm_notAfter", "X509_gmtime_adj", "X509V3_EXT_conf_nid", "EVP_PKEY_CTX_new_id", "EVP_PKEY_CTX_new", "EVP_MD_CTX_new", "EVP_sm3", "EVP_sha256", "EVP_sha1", "BIO_new_file", "PEM_read_bio_X509", "TLS_server_method", "NTLS_server_method", "SSL_CTX_new", "SSL_new", "PEM_read_bio_PrivateKey"), c_void_p)  # fmt: skip
_RESULTS |= {"ERR_get_error": ctypes.c_ulong, "SSL_CTX_ctrl": c_long, "SSL_CTX_set_options": ctypes.c_ulong}


class Tongsuo:
    """The library: every call is checked, and a failure tells OpenSSL's reason."""

    def __init__(self, path: str) -> None:
        self._library = ctypes.CDLL(path)
        for name, kind in _RESULTS.items():
            getattr(self._library, name).restype = kind

    def raw(self, name: str, *arguments: Any) -> Any:
        """Call; pointers travel as ``c_void_p``."""
        return getattr(self._library, name)(*arguments)

    def __call__(self, name: str, *arguments: Any) -> Any:
        """Call, and end the program with the reason when the result is not positive (or a null pointer)."""
        found = self.raw(name, *arguments)
        if found is None or (isinstance(found, int) and found <= 0):
            raise SystemExit(f"{name}: {self.reason()}")
        return c_void_p(found) if _RESULTS.get(name) is c_void_p else found

    def reason(self) -> str:
        """What is in OpenSSL's queue of errors."""
        lines = []
        while code := self.raw("ERR_get_error"):
            line = ctypes.create_string_buffer(256)
            self.raw("ERR_error_string_n", ctypes.c_ulong(code), line, c_size_t(256))
            lines.append(line.value.decode())
        return "; ".join(lines) or "no reason given"


# --------------------------------------------------------------------------- certificates


def _generate(lib: Tongsuo, curve: int) -> c_void_p:
    context = lib("EVP_PKEY_CTX_new_id", _EVP_PKEY_EC, None)
    lib("EVP_PKEY_keygen_init", context)
    lib(
        "EVP_PKEY_CTX_ctrl",
        context,
        _EVP_PKEY_EC,
        _OP_PARAMGEN | _OP_KEYGEN,
        _CTRL_PARAMGEN_CURVE,
        curve,
        None,
    )
    key = c_void_p()
    lib("EVP_PKEY_keygen", context, ctypes.byref(key))
    return key


def _extension(lib: Tongsuo, certificate: c_void_p, context: Any, kind: int, value: str) -> None:
    made = lib("X509V3_EXT_conf_nid", None, context, kind, value.encode())
    lib("X509_add_ext", certificate, made, -1)


def _issue(lib: Tongsuo, order: dict[str, Any], made: dict[str, tuple[c_void_p, c_void_p]]) -> None:
    """Make one certificate of the order and write it with its key."""
    name = order["name"]
    sm2 = order.get("curve", "SM2") == "SM2"
    key = made[order["key_of"]][1] if "key_of" in order else _generate(lib, _NID_SM2 if sm2 else 415)
    certificate = lib("X509_new")
    lib("X509_set_version", certificate, 2)
    lib("ASN1_INTEGER_set", lib("X509_get_serialNumber", certificate), c_long(order["serial"]))
    subject = lib("X509_get_subject_name", certificate)
    for part, value in order["subject"].items():
        text = value.encode()
        lib("X509_NAME_add_entry_by_txt", subject, part.encode(), _MBSTRING_UTF8, text, len(text), -1, 0)
    issuer, signer = made.get(order["issuer"], (certificate, key)) if order["issuer"] else (certificate, key)
    lib("X509_set_issuer_name", certificate, lib("X509_get_subject_name", issuer))
    lib("X509_gmtime_adj", lib("X509_getm_notBefore", certificate), c_long(order["begins"]))
    lib("X509_gmtime_adj", lib("X509_getm_notAfter", certificate), c_long(order["ends"]))
    lib("X509_set_pubkey", certificate, key)
    context = ctypes.create_string_buffer(256)
    lib.raw("X509V3_set_ctx", context, issuer, certificate, None, None, 0)
    _extension(lib, certificate, context, _BASIC, "critical,CA:TRUE" if order["ca"] else "critical,CA:FALSE")
    _extension(lib, certificate, context, _SUBJECT_KEY, "hash")
    if order["usage"]:
        _extension(lib, certificate, context, _USAGE, f"critical,{order['usage']}")
    if order["san"]:
        _extension(lib, certificate, context, _SAN, ",".join(order["san"]))
    if order["purposes"]:
        _extension(lib, certificate, context, _EKU, order["purposes"])
    _sign(lib, certificate, signer, order["digest"], sm2_signer=order["sm2_signer"])
    folder = Path(order["folder"])
    for path, write, thing in (("crt", "PEM_write_bio_X509", certificate), ("key", "key", key)):
        bio = lib("BIO_new_file", str(folder / f"{name}.{path}").encode(), b"w")
        if write == "key":
            lib("PEM_write_bio_PrivateKey", bio, thing, None, None, 0, None, None)
        else:
            lib(write, bio, thing)
        lib("BIO_free", bio)
    made[name] = (certificate, key)


def _sign(lib: Tongsuo, certificate: c_void_p, signer: c_void_p, digest: str, *, sm2_signer: bool) -> None:
    context = lib("EVP_MD_CTX_new")
    if sm2_signer:
        lib("EVP_PKEY_set_alias_type", signer, _EVP_PKEY_SM2)
        inner = lib("EVP_PKEY_CTX_new", signer, None)
        lib("EVP_PKEY_CTX_ctrl", inner, -1, -1, _CTRL_SET1_ID, len(_SM2_ID), c_char_p(_SM2_ID))
        lib.raw("EVP_MD_CTX_set_pkey_ctx", context, inner)
    lib("EVP_DigestSignInit", context, None, lib(f"EVP_{digest}"), None, signer)
    lib("X509_sign_ctx", certificate, context)
    if sm2_signer:
        lib("EVP_PKEY_set_alias_type", signer, _EVP_PKEY_EC)


def pki(lib: Tongsuo, orders: list[dict[str, Any]]) -> None:
    """Make the certificates in the order given."""
    made: dict[str, tuple[c_void_p, c_void_p]] = {}
    for order in orders:
        _issue(lib, order, made)


# --------------------------------------------------------------------------- the server


def _context(lib: Tongsuo, order: dict[str, Any]) -> c_void_p:
    tlcp = order["tlcp"]
    context = lib("SSL_CTX_new", lib("TLS_server_method" if order["tls"] else "NTLS_server_method"))
    if order["tls"]:
        low, high = order["tls"]
        lib("SSL_CTX_ctrl", context, _CTRL_MIN_PROTO, c_long(low), None)
        lib("SSL_CTX_ctrl", context, _CTRL_MAX_PROTO, c_long(high), None)
    if tlcp:
        lib.raw("SSL_CTX_enable_ntls", context)
        for kind in ("sign", "enc"):
            if kind in tlcp:
                lib(f"SSL_CTX_use_{kind}_certificate_file", context, tlcp[kind][0].encode(), _PEM)
                lib(f"SSL_CTX_use_{kind}_PrivateKey_file", context, tlcp[kind][1].encode(), _PEM)
    if order["certificate"]:
        lib("SSL_CTX_use_certificate_file", context, order["certificate"][0].encode(), _PEM)
        lib("SSL_CTX_use_PrivateKey_file", context, order["certificate"][1].encode(), _PEM)
    for path in order["chain"]:
        bio = lib("BIO_new_file", path.encode(), b"r")
        link = lib("PEM_read_bio_X509", bio, None, None, None)
        lib("SSL_CTX_ctrl", context, _CTRL_EXTRA_CHAIN, c_long(0), link)
    if order["ciphers"]:
        lib("SSL_CTX_set_cipher_list", context, order["ciphers"].encode())
    if order["ciphersuites"]:
        lib("SSL_CTX_set_ciphersuites", context, order["ciphersuites"].encode())
    if order["groups"]:
        lib("SSL_CTX_ctrl", context, _CTRL_GROUPS, c_long(0), c_char_p(order["groups"].encode()))
    if order["strict"]:
        lib.raw("SSL_CTX_enable_sm_tls13_strict", context)
    if order["client_certificate"]:
        lib.raw("SSL_CTX_set_verify", context, _VERIFY_PEER, None)
    if order["server_preference"]:
        lib("SSL_CTX_set_options", context, ctypes.c_ulong(_SERVER_PREFERENCE))
    return context


def _answer(lib: Tongsuo, context: c_void_p, peer: socket.socket) -> None:
    with peer:
        peer.settimeout(None)
        connection = lib("SSL_new", context)
        try:
            lib("SSL_set_fd", connection, peer.fileno())
            if lib.raw("SSL_accept", connection) == 1:
                lib.raw("SSL_read", connection, ctypes.create_string_buffer(64), 64)
            else:
                print(lib.reason(), flush=True)
        finally:
            lib.raw("SSL_free", connection)


def serve(lib: Tongsuo, order: dict[str, Any]) -> None:
    """Listen until killed."""
    context = _context(lib, order)
    listener = socket.create_server((order["address"], order["port"]), backlog=64)
    while True:
        peer, _ = listener.accept()
        threading.Thread(target=_answer, args=(lib, context, peer), daemon=True).start()


def main() -> None:
    """Do what the order says."""
    library, verb, path = sys.argv[1:]
    order = json.loads(Path(path).read_text(encoding="utf-8"))
    {"pki": pki, "serve": serve}[verb](Tongsuo(library), order)


if __name__ == "__main__":
    main()
